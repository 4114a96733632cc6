"""What the pages say of GANs: the book's facts from params.yaml, and the results of evaluation."""

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from stages.core.parameters import Block
from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.reporting.classifier_results import ORIGINS
from stages.reporting.gan_recipe import Sizes, View
from stages.reporting.metrics import read_metrics
from stages.reporting.run_label import label
from stages.reporting.words import share

DIGEST_SHOWN = 12  # digits: enough to tell data sets apart
NEAR = 0.1  # of the ideal loss: so near is at it
FEW = 0.5  # of what real samples score in coverage: less, and most of the data is not drawn
COLLAPSED_RATIO = 0.2  # a GAN whose pictures differ by less than a fifth of what real ones differ by has collapsed


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
    view: View | None = None
    generator: Sizes = Sizes()
    discriminator: Sizes = Sizes()
    memory_now: float | None = Field(default=None, gt=0)  # GiB of the GPU after training
    memory_peak: float | None = Field(default=None, gt=0)  # GiB of the GPU at most
    seconds: float | None = Field(default=None, gt=0)
    device: str | None = None

    def source(self) -> str:
        """Where the finding is from."""
        # a notebook prints numbers; pictures it shows
        origin = "shown in the author's notebook" if self.origin == "published" and not self.output else \
            ORIGINS[self.origin]
        return f"The book (chapter {self.chapter}, notebook {self.notebook}, {origin})"


class Settings(Block):
    """A block of `pages.gans` in params.yaml: what the page says, and the book's facts."""

    title: str = Field(min_length=1)
    about: str
    book: Book | None


class Result:
    """What evaluation found out about one GAN; a subclass knows what its samples are."""

    kind: ClassVar[str]  # pattern | digits | faces
    comparison: ClassVar[tuple[str, str] | None] = None  # page of all such GANs, and its name

    def __init__(self, name: str) -> None:
        self.name = name
        self.samples = Path(f"data/samples/gans/{name}.h5")
        self.description: dict[str, Any] = read_attribute(self.samples, "description")
        self.layers = read_attribute(self.samples, "layers")
        self.metrics: dict[str, Any] = read_metrics(Path(f"reports/metrics/gans/{name}.json"))
        self.badge = label(self.description["data"], self.description["budget"])
        self.conditional = bool(self.description["classes"])
        # whose features compare pictures; the 1010 rule needs no judge, nor has data without attributes one
        self.judge = None if self.kind == "pattern" else read_attribute(self.samples, "judge")

    def attribute(self, name: str) -> Any:
        """Another finding of the evaluation."""
        return read_attribute(self.samples, name)

    def array(self, name: str) -> np.ndarray:
        """Samples or figures kept by the evaluation."""
        return read_arrays(self.samples, [name])[name]

    def variety(self) -> float:
        """How far its pictures lie apart, as a fraction of real ones; 1 where real ones are all the same."""
        return self.metrics.get("pairwise_distance_ratio", 1)

    def collapsed(self) -> bool:
        """True where it always draws nearly the same picture."""
        return self.variety() < COLLAPSED_RATIO

    def ahead(self) -> str | None:
        """The player with the upper hand at the end, by the losses; None where both are near the ideal."""
        discriminator, generator = (self.metrics[f"{player}_loss"] / self.metrics["ideal_loss"] - 1
                                    for player in ("discriminator", "generator"))
        if max(abs(discriminator), abs(generator)) <= NEAR:
            return None
        return "discriminator" if discriminator < 0 or generator > 0 else "generator"

    def faults(self) -> str:
        """What is plainly wrong with its samples, as a clause; empty where nothing is."""
        if self.collapsed():
            return f"they differ from one another {share(self.variety())} as much as real ones do"
        ours, real = self.metrics.get("coverage", 1), self.metrics.get("coverage_real", 1)
        return (f"only {share(ours)} of the real ones have one of them close by (coverage; real ones among themselves: "
                f"{share(real)})") if ours < FEW * real else ""

    def judged_by(self) -> str:
        """In which space distances are measured, for a reader who knows other such numbers."""
        judge = self.judge
        return (f"Distances are measured in the {judge['features']} features of our own classifier "
                f"“{judge['experiment']}”, trained on {judge['title']} (digest {judge['digest'][:DIGEST_SHOWN]}). This "
                "is a Frechet classifier distance, not the Inception distance (FID) of other publications: compare it "
                "only with numbers of the same judge.")

    def measured(self) -> list[str]:
        """What the numbers rest on, in paragraphs."""
        counts = self.attribute("samples")
        around = f"; precision, recall, density and coverage, which look for the nearest neighbours, with " \
                 f"{counts['neighbourhoods']:,} of each" if "neighbourhoods" in counts else ""
        return [*([self.judged_by()] if self.judge else []),
                f"Judged: {counts['generated']:,} generated pictures, against {counts['test']:,} test pictures and "
                f"{counts['train']:,} training pictures{around}, variety with {counts['paired']:,}, copying with "
                f"{counts['memorisation']:,} generated and {counts['held_out']:,} test pictures."]

    def examples(self, rows: int) -> np.ndarray:
        """So many rows of generated pictures."""
        raise NotImplementedError

    def card(self) -> tuple[str, str]:
        """Its most telling number and a note, for a card that leads to its page."""
        raise NotImplementedError

    def verdict(self) -> str:
        """What became of it, to follow its name."""
        raise NotImplementedError

    def headline(self) -> list[tuple[str, str]]:
        """Its most telling numbers, each with what it is."""
        raise NotImplementedError
