"""What the pages say of GANs: the book's facts from params.yaml, and the results of evaluation."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from stages.core.parameters import Block
from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.reporting.classifier_results import ORIGINS
from stages.reporting.metrics import read_metrics
from stages.reporting.run_label import label, require_one_run

DIGITS = 10
DIGEST_SHOWN = 12  # digits: enough to tell data sets apart
COLLAPSED_MODES = 3  # a GAN with so few of the ten digits has collapsed
COLLAPSED_RATIO = 0.2  # so has one whose pictures differ by less than a fifth of what real ones differ by
DISTRIBUTIONS = {
    "normal": "from the normal distribution", "uniform": "anywhere between 0 and 1", "constant": "always 0.5",
}
LOSSES = {
    "mean_squared_error": "mean squared error",
    "binary_cross_entropy": "binary cross entropy",
    "relativistic": "relativistic: each real sample against a generated one",
}


class Book(Block):
    """The book's experiment: where it stands, what it says, and the recipe behind it."""

    chapter: int = Field(ge=1, le=10)
    notebook: str
    says: str
    origin: Literal["published", "text"]
    output: tuple[float, ...] | None = Field(strict=False)  # YAML has lists, no tuples
    alone: str
    samples: int = Field(ge=1)
    epochs: int = Field(ge=1)
    loss: str
    optimizer: str
    learning_rate: float = Field(gt=0)
    seed_size: int = Field(ge=1)
    seed_distribution: str
    discriminator_layers: str
    discriminator_parameters: int = Field(ge=1)
    generator_layers: str
    generator_parameters: int = Field(ge=1)

    def source(self) -> str:
        """Where the finding is from."""
        return f"The book (chapter {self.chapter}, notebook {self.notebook}, {ORIGINS[self.origin]})"


class Settings(Block):
    """A block of `pages.gans` in params.yaml: what the page says, and the book's facts."""

    title: str = Field(min_length=1)
    about: str
    book: Book | None


class Result:
    """What evaluation found out about one GAN."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.samples = Path(f"data/samples/gans/{name}.h5")
        self.description: dict[str, Any] = read_attribute(self.samples, "description")
        self.layers = read_attribute(self.samples, "layers")
        self.metrics: dict[str, Any] = read_metrics(Path(f"reports/metrics/gans/{name}.json"))
        self.badge = label(self.description["data"], self.description["budget"])
        self.of_digits = "ranges" not in self.description["data"]  # what follows a rule is no picture
        self.conditional = bool(self.description["classes"])
        # what digits are judged by; the 1010 rule needs no judge
        self.judge = read_attribute(self.samples, "judge") if self.of_digits else None

    def attribute(self, name: str) -> Any:
        """Another finding of the evaluation."""
        return read_attribute(self.samples, name)

    def array(self, name: str) -> np.ndarray:
        """Samples or figures kept by the evaluation."""
        return read_arrays(self.samples, [name])[name]

    def examples(self, rows: int) -> np.ndarray:
        """So many rows of ten generated pictures; of a conditional GAN the digits from 0 to 9."""
        grid = self.array("grid/images")
        if self.conditional:
            grid = grid.reshape(DIGITS, -1, *grid.shape[1:]).swapaxes(0, 1).reshape(grid.shape)
        return grid[: rows * DIGITS]

    def collapsed(self) -> bool:
        """True where it draws few digits, or always nearly the same picture."""
        return self.metrics["modes_covered"] <= COLLAPSED_MODES or self.variety() < COLLAPSED_RATIO

    def variety(self) -> float:
        """How far its pictures lie apart, as a part of real ones; 1 where real ones are all the same."""
        return self.metrics.get("pairwise_distance_ratio", 1)

    def card(self) -> tuple[str, str]:
        """Its most telling number and a note, for a card that leads to its page."""
        if not self.of_digits:
            return share(self.metrics["valid_share"]), "of its patterns are as the rule wants them"
        asked = f"; {share(self.metrics['label_accuracy'])} read as asked for" if self.conditional else ""
        ours, real = self.metrics["frechet_distance"], self.metrics["frechet_floor"]
        note = f"Frechet distance {number(ours)}; real pictures {number(real)}{asked}"
        return f"{self.metrics['modes_covered']} of {DIGITS} digits", note

    def judged_by(self) -> str:
        """In which space distances are measured, for a reader who knows other such numbers."""
        judge = self.judge
        return (f"Distances are measured in the {judge['features']} features of our own classifier "
                f"“{judge['experiment']}”, trained on {judge['title']} (digest {judge['digest'][:DIGEST_SHOWN]}). This "
                "is a Frechet classifier distance, not the Inception distance (FID) of other publications: compare it "
                "only with numbers of the same judge.")

    def missing(self) -> list[str]:
        """The digits that it hardly ever draws."""
        least = self.attribute("samples")["mode_share"]
        return [str(digit) for digit in np.flatnonzero(self.array("histogram/generated") <= least)]

    def verdict(self) -> str:
        """What became of it, to follow its name."""
        if not self.of_digits:
            return f"makes {share(self.metrics['valid_share'])} of its patterns as the rule wants them"
        modes, clear = self.metrics["modes_covered"], share(1 - self.metrics["unsure_share"])
        if self.collapsed():
            return (f"has collapsed: {modes} of {DIGITS} modes, and its pictures differ from one another "
                    f"{share(self.variety())} as much as real ones do")
        drawn = (f"draws all {DIGITS} digits" if modes == DIGITS else
                 f"draws {modes} of {DIGITS} digits (it lacks the {listed(self.missing())})")
        obeyed = f", {share(self.metrics['label_accuracy'])} as the digit asked for" if self.conditional else ""
        return f"{drawn}; the judge reads {clear} of its pictures with certainty{obeyed}"

    def headline(self) -> list[tuple[str, str]]:
        """Its most telling numbers, each with what it is."""
        ours = self.metrics
        if not self.of_digits:
            return [
                (share(ours["valid_share"]), "of its patterns are as the rule wants them"),
                (number(ours["range_distance"]), "mean distance from the ranges of the rule; 0 is best"),
            ]
        facts = [
            (f"{ours['modes_covered']} of {DIGITS}", "digits drawn"),
            (number(ours["frechet_distance"]), "Frechet distance from real pictures; real ones among themselves: "
                                               f"{number(ours['frechet_floor'])}"),
        ]
        if self.conditional:
            facts.append((share(ours["label_accuracy"]), "are read as the digit asked for"))
        return facts


def read_results(names: Iterable[str]) -> dict[str, Result]:
    """The results of several GANs. Raises UserError where those of the same data are not of the same run."""
    results = {name: Result(name) for name in names}
    require_one_run("gans", {name: result.description["budget"] for name, result in results.items()})
    for data_set in sorted({result.description["data_set"] for result in results.values()}):
        require_one_run("gans", {
            name: (result.description["data"], result.judge and result.judge["digest"])
            for name, result in results.items() if result.description["data_set"] == data_set
        })
    return results


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
    }
    return {name: text for name, text in found.items() if text}


def seed_text(size: int, distribution: str) -> str:
    """What a generator starts from."""
    return f"{size} {'numbers' if size > 1 else 'number'}, {DISTRIBUTIONS[distribution]}"


def share(value: float) -> str:
    """A share of 1 as per cent, never broken before the sign."""
    return f"{100 * value:.1f}\u00a0%"


def number(value: float) -> str:
    """A measure with three figures that count; of a small one two, six places at most."""
    if abs(value) >= 100:
        text = f"{value:,.0f}"
    elif abs(value) >= 0.001:
        text = f"{value:#.3g}"
    else:
        text = np.format_float_positional(round(value, 6), precision=2, fractional=False, trim="-")
    return text.replace("-", "−")


def listed(words: Iterable[str]) -> str:
    """Words as a sentence has them: `1, 2 and 3`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
