"""The recipe behind a GAN in words: what was trained on what and how, and where this differs from the book."""

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
Sides = tuple[int, int]


class View(Block):
    """What of each picture the networks see: the central `crop`, made smaller to `resize`; null: all, as it is."""

    crop: Sides | None = Field(default=None, strict=False)  # YAML has lists, no tuples
    resize: Sides | None = Field(default=None, strict=False)


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
    first, last, betas = training["penalty"], training["last_penalty"], training["betas"]
    penalty = f"{first:g}" if last in (None, first) else f"{first:g}, changing to {last:g} along training"
    found = {
        "Changing learning rate": "falls to nothing along half a cosine" if training["schedule"] == "cosine" else "",
        "Shuffled samples": "in each epoch anew" if training["shuffle"] else "",
        "Gradient penalties R1 and R2": penalty if first or last else "",
        "Real samples with wrong labels": f"told from those with their own, weight {training['mismatch']:g}"
        if training["mismatch"] else "",
        "Betas of Adam": f"{betas[0]:g} and {betas[1]:g}" if betas else "",
        "Moving average of the generator": f"{training['weight_average']:g} kept at each update"
        if training["weight_average"] else "",
        "Discriminator at this budget": _settings_text(training.get("discriminator")),
        "Generator at this budget": _settings_text(training.get("generator")),
        "Precision on a GPU": _precision_text(training.get("gpu_precision")),
    }
    return {name: text for name, text in found.items() if text}


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


def _settings_text(changed: dict[str, Any] | None) -> str:
    """Settings that replace a network's own."""
    return ", ".join(f"{name.replace('_', ' ')} {_value_text(value)}" for name, value in (changed or {}).items())


def _value_text(value: Any) -> str:
    """One setting."""
    return "/".join(map(str, value)) if isinstance(value, list) else str(value).replace("_", " ")


def _precision_text(name: str | None) -> str:
    """With which numbers a GPU calculates, where not with the usual ones."""
    return "" if name in (None, "float32") else f"{name}: faster, and rounded more"
