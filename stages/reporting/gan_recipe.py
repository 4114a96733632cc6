"""The recipe behind a GAN in words: what was trained on what and how, and where this differs from the book."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from stages.core.parameters import Block
from stages.reporting.classifier_results import OPTIMISERS

DISTRIBUTIONS = {
    "normal": "from the normal distribution", "uniform": "anywhere between 0 and 1", "constant": "always 0.5",
}
LOSSES = {
    "mean_squared_error": "mean squared error",
    "binary_cross_entropy": "binary cross entropy",
    "relativistic": "relativistic: each real sample against a generated one",
}
LABELS = "Labels of real samples"
AVERAGE = "Moving average of the generator"
# what the book has where a training does more; what is not named here it does not use
BOOKS_WAY = {"Changing learning rate": "constant", "Shuffled samples": "in the order of the file",
             "Precision on a GPU": "float32"}
BETAS = (0.9, 0.999)  # Adam's own, which the book leaves as they are
Sides = tuple[int, int]


class View(Block):
    """What of each picture the networks see: the central `crop`, made smaller to `resize`; null: all, as it is."""

    crop: Sides | None = Field(default=None, strict=False)  # YAML has lists, no tuples
    resize: Sides | None = Field(default=None, strict=False)


class Sizes(Block):
    """The book's own settings of a network, those of them that a budget here replaces."""

    hidden_units: int | None = Field(default=None, ge=1)
    filters: int | None = Field(default=None, ge=1)

    def among(self, replaced: Iterable[str]) -> dict[str, int]:
        """Those by these names that the book's network has."""
        known = {"hidden_units": self.hidden_units, "filters": self.filters}
        return {name: known[name] for name in replaced if known.get(name)}


def view_text(crop: Sides | None, resize: Sides | None) -> str:
    """A view in words; sides are height and width."""
    part = f"the central {sides(crop)} pixels" if crop else "the whole picture"
    return f"{part}, scaled to {sides(resize)}" if resize and resize != crop else part


def sides(lengths: Sides) -> str:
    """Height and width."""
    return f"{lengths[0]} × {lengths[1]}"


def seed_text(length: int, distribution: str) -> str:
    """What a generator starts from."""
    return f"{length} {'numbers' if length > 1 else 'number'}, {DISTRIBUTIONS[distribution]}"


def kinds_of(layers: list[dict[str, Any]]) -> str:
    """The kinds of layers in order."""
    return " ".join(row["layer"].split("(")[0] for row in layers)


def extras(training: dict[str, Any]) -> dict[str, str]:
    """What a training does beyond the book's, by name; empty for the book's own way."""
    first, last, betas, kept = (training[key] for key in ("penalty", "last_penalty", "betas", "weight_average"))
    later = "" if last in (None, first) else f", changing to {last:g} along training"
    found = {
        "Changing learning rate": "falls to nothing along half a cosine" if training["schedule"] == "cosine" else "",
        "Shuffled samples": "in each epoch anew" if training["shuffle"] else "",
        "Gradient penalties R1 and R2": f"strength {first:g}{later}; on the discriminator's slopes at real "
        "samples (R1) and at generated ones (R2)" if first or last else "",
        LABELS: "the discriminator also learns to rate a real sample with its own label above the same with one drawn "
        f"at random; this loss counts {training['mismatch']:g} times the main one" if training["mismatch"] else "",
        "Betas of Adam": _betas_text(betas) if betas else "",
        AVERAGE: f"draws what is shown; at each update {kept:g} of it stays, and {round(1 - kept, 9):g} comes from the "
        "new weights" if kept else "",
        "Discriminator at this budget": _settings_text(training.get("discriminator")),
        "Generator at this budget": _settings_text(training.get("generator")),
        "Precision on a GPU": _precision_text(training.get("gpu_precision")),
    }
    return {name: text for name, text in found.items() if text}


def books_way(name: str, training: dict[str, Any], optimizer: str, networks: dict[str, Sizes]) -> str:
    """What the book has in the place of one of the extras, where it trains with that optimiser.

    `networks` has the sizes of the book's "generator" and "discriminator".
    """
    player = name.removesuffix(" at this budget").lower()
    if player in networks:
        return _settings_text(networks[player].among(training[player])) or "unchanged"
    if name == "Betas of Adam" and optimizer == "adam":
        return _betas_text(BETAS)
    return BOOKS_WAY.get(name, "not used")


def settings(described: dict[str, Any]) -> dict[str, object]:
    """How a GAN was trained, for a list of facts."""
    training = described["training"]
    return {
        **seen(described),
        "Loss": LOSSES[described["loss"]], "Optimiser": OPTIMISERS[training["optimizer"]],
        "Learning rate": f"{training['learning_rate']:g}", "Training samples": f"{described['images']:,}",
        "Batch size": f"{training['batch_size']:,}", "Epochs": f"{training['epochs']:,}",
        "Iterations": f"{described['iterations']:,}",
        "Seed of the generator": seed_text(**described["seeds"]),
        "Run seed": described["seed"],
        **extras(training),
    }


def seen(described: dict[str, Any]) -> dict[str, str]:
    """What of each picture the networks see, where they may see a part only: of pictures in colour."""
    view = described.get("view")
    return {"Each picture": view_text(view["crop"], view["resize"])} if view and in_colour(described) else {}


def in_colour(described: dict[str, Any]) -> bool:
    """True for a GAN of pictures in colour, by the shape of its samples, channels first."""
    return len(described["shape"]) == 3 and described["shape"][0] == 3


def _betas_text(betas: Sequence[float]) -> str:
    """Both, as a sentence has them."""
    return f"{betas[0]:g} and {betas[1]:g}"


def _settings_text(changed: dict[str, Any] | None) -> str:
    """Settings that replace a network's own."""
    return ", ".join(f"{name.replace('_', ' ')} {_value_text(value)}" for name, value in (changed or {}).items())


def _value_text(value: Any) -> str:
    """One setting."""
    return "/".join(map(str, value)) if isinstance(value, list) else str(value).replace("_", " ")


def _precision_text(name: str | None) -> str:
    """With which numbers a GPU calculates, where not with the usual ones."""
    return "" if name in (None, "float32") else f"{name}: faster, and rounded more"
