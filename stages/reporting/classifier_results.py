"""What the pages say of classifiers: the book's facts from params.yaml, and the results of evaluation."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from stages.core.parameters import Block
from stages.datasets.hdf5 import read_attribute
from stages.reporting.html import percent
from stages.reporting.metrics import read_metrics
from stages.reporting.run_label import label, require_one_run

ORIGINS = {"published": "printed by the author's notebook", "text": "in the book's prose, rounded"}
# what the book has where a training does more; what is not named here it does not use
BOOKS_WAY = {"changing learning rate": "constant", "shuffled pictures": "in the order of the file"}
OPTIMISERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}


class Book(Block):
    """The book's experiment: where it stands, what it says, and the recipe behind it."""

    chapter: int = Field(ge=1, le=10)
    notebook: str | None
    accuracy: float = Field(ge=0, le=1)
    origin: Literal["published", "text"]
    epochs: int = Field(ge=1)
    layers: str
    parameters: int = Field(ge=1)
    loss: str
    optimizer: str
    learning_rate: float = Field(gt=0)

    def figure(self) -> str:
        """The accuracy as exactly as the book gives it."""
        return percent(self.accuracy) if self.origin == "published" else f"about {100 * self.accuracy:.0f} %"

    def source(self) -> str:
        """Where the figure is from."""
        notebook = f", notebook {self.notebook}" if self.notebook else ""
        return f"the book (chapter {self.chapter}{notebook}), {ORIGINS[self.origin]}"


class Settings(Block):
    """A block of `pages.classifiers` in params.yaml: what the page says, and the book's facts."""

    title: str = Field(min_length=1)
    about: str
    book: Book | None


class Result:
    """What evaluation found out about one classifier."""

    def __init__(self, name: str) -> None:
        samples = Path(f"data/samples/classifiers/{name}.h5")
        self.description = read_attribute(samples, "description")
        self.layers = read_attribute(samples, "layers")
        self.metrics = read_metrics(Path(f"reports/metrics/classifiers/{name}.json"))
        self.badge = label(self.description["data"], self.description["budget"])


def read_results(names: Iterable[str]) -> dict[str, Result]:
    """The results of several classifiers. Raises UserError where they are not of the same data and budget."""
    results = {name: Result(name) for name in names}
    require_one_run("classifiers", {
        name: (result.description["data"], result.description["budget"]) for name, result in results.items()
    })
    return results


def extras(training: dict[str, Any]) -> dict[str, str]:
    """What a training does beyond the book's, by name; empty for the book's own way."""
    kept = training["weight_average"]
    cycle = f"rises for {100 * training['warm_up']:g} % of the updates, then falls to nearly nothing"
    found = {
        "changing learning rate": cycle if training["schedule"] == "one_cycle" else "",
        "shuffled pictures": "in each epoch anew" if training["shuffle"] else "",
        "label smoothing": f"{training['label_smoothing']:g}" if training["label_smoothing"] else "",
        "weight decay": f"{training['weight_decay']:g}" if training["weight_decay"] else "",
        "moving average of the weights": f"judged in their place; at each update {kept:g} of it stays, and "
        f"{round(1 - kept, 9):g} comes from the new weights" if kept else "",
        "random distortion of pictures": f"strength {training['distortion']:g}" if training["distortion"] else "",
    }
    return {name: text for name, text in found.items() if text}
