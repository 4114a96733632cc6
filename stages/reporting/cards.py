"""What a card of the first page shows of a page: a small picture, a number, and what that number is."""

import json
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import Field

from stages.core.parameters import Block, read_block
from stages.datasets.hdf5 import picture_blocks, read_arrays, read_split
from stages.reporting import classifier_results, gan_results
from stages.reporting.gan_kinds import read_results
from stages.reporting.gan_results import Result
from stages.reporting.html import percent
from stages.reporting.ledger_results import read_ledger, told_origins
from stages.reporting.lesson_formulas import formula_of
from stages.reporting.metrics import read_metrics
from stages.reporting.pixels import sheet, still, thumbnails

SHOWN = 8  # pictures on a card
SIDE = 48  # pixels of the longest side of a face on a card
RECORD = Path("benchmarks/basics.json")  # of the matrix products of chapter 4


class Card(NamedTuple):
    """Figure and note are text, the picture is HTML; each may be empty."""

    figure: str = ""
    note: str = ""
    picture: str = ""


class Cards:
    """Cards by the kind of page; a kind without a method of its own has a card with its title only."""

    def __init__(self, classifiers: dict[str, classifier_results.Settings],
                 gans: dict[str, gan_results.Settings]) -> None:
        self.classifier_pages = classifiers
        self.classifier_results = classifier_results.read_results(classifiers)
        self.gan_results = read_results(gans)

    def card(self, kind: str, name: str) -> Card:
        """The card of a page."""
        of_kind = getattr(self, kind, None)
        return of_kind(name) if of_kind else Card()

    def data(self, name: str) -> Card:
        """The first digits of a data set."""
        images, labels = read_split(Path(f"data/hdf5/{name}.h5"), "train")
        shown = ", ".join(map(str, labels[:SHOWN]))
        return Card(f"{len(images):,}", "training pictures",
                    strip(images[:SHOWN], f"The first digits of the data: {shown}"))

    def face_data(self, name: str) -> Card:
        """The first faces of a data set."""
        faces = next(picture_blocks(Path(f"data/hdf5/{name}.h5"), "train", block=SHOWN))
        return Card("", "what the GANs of faces learn from",
                    strip(thumbnails(faces, SIDE), f"The first {len(faces)} faces of the data"))

    def lessons(self, name: str) -> Card:
        """A formula, and how many examples were checked."""
        about = read_block(f"pages.lessons.{name}", _Lesson).about
        if name == "cuda_basics":
            speed = _speed()
            return Card(speed, f"as fast is NumPy as plain Python. {about}" if speed else about, formula_of(name))
        metrics = Path(f"reports/metrics/{name}.json")
        count = f"{len(read_metrics(metrics)['examples'])} checks" if metrics.is_file() else ""
        return Card(count, about, formula_of(name))

    def classifiers(self, name: str) -> Card:
        """Digits that it reads wrongly, and how many it reads right."""
        book = self.classifier_pages[name].book
        arrays = read_arrays(Path(f"data/samples/classifiers/{name}.h5"),
                             ["mistakes/images", "mistakes/labels", "mistakes/predictions"])
        images, *marks = (array[:SHOWN] for array in arrays.values())
        read = ", ".join(f"{true} as {answer}" for true, answer in zip(*marks, strict=True))
        return Card(percent(self.classifier_results[name].metrics["accuracy"]),
                    (f"the book, on MNIST: {book.figure()}" if book else "not in the book") +
                    ("; shown: digits read wrongly" if len(images) else ""),
                    strip(images, f"Digits read wrongly: {read}") if len(images) else "")

    def comparisons(self, _: str) -> Card:
        """The best of all classifiers."""
        results = self.classifier_results
        best = max(results, key=lambda name: results[name].metrics["accuracy"], default=None)
        return Card(f"{len(results)} classifiers", f"side by side, and beside the book; the best is {best}") if best \
            else Card()

    def attribute_classifiers(self, name: str) -> Card:
        """Faces that it has read, and how many attributes it reads right."""
        metrics = read_metrics(Path(f"reports/metrics/attribute_classifiers/{name}.json"))
        if not metrics["attributes"]:
            return Card("", "not trained: this data has no lists of attributes")
        samples = Path(f"data/samples/attribute_classifiers/{name}.h5")
        faces = read_arrays(samples, ["examples/images"])["examples/images"][:SHOWN]
        return Card(percent(metrics["accuracy"]), f"of attributes read right; a guess: {percent(metrics['majority'])}",
                    strip(thumbnails(faces, SIDE), f"{len(faces)} test faces whose attributes it reads"))

    def gans(self, name: str) -> Card:
        """What it draws, and how well."""
        return Card(*self.gan_results[name].card(), examples(self.gan_results[name]))

    def gan_comparisons(self, _: str) -> Card:
        """A digit by each GAN."""
        return self._side_by_side("digits", "GANs of digits", "who draws all digits, who has collapsed")

    def face_comparisons(self, _: str) -> Card:
        """A face by each GAN."""
        return self._side_by_side("faces", "GANs of faces",
                                  "dense against convolutional, one activation against another")

    def ledgers(self, _: str) -> Card:
        """How many claims there are, whose, and what came of them."""
        ledger = read_ledger()
        told = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in ledger.counts.items())
        return Card(f"{len(ledger.rows)} claims", f"{told}; {told_origins(ledger)}")

    def _side_by_side(self, kind: str, what: str, note: str) -> Card:
        """How many there are of a kind, and a picture by each."""
        found = [result for result in self.gan_results.values() if result.kind == kind]
        pictures = "".join(strip(thumbnails(result.examples(rows=1)[:1], SIDE), f"Drawn by {result.name}")
                           for result in found)
        return Card(f"{len(found)} {what}", f"side by side: {note}", pictures)


class _Lesson(Block):
    """A block of `pages.lessons` in params.yaml."""

    title: str = Field(min_length=1)
    about: str = Field(min_length=1)


def examples(result: Result) -> str:
    """A few generated samples as a picture."""
    if result.kind == "pattern":  # four numbers, each a square of as many grey pixels as a digit is wide
        cells = (255 * result.array("grid/outputs")[0]).round().astype("uint8")
        return strip(cells[:, None, None].repeat(28, axis=1).repeat(28, axis=2),
                     "A generated pattern of four numbers")
    pictures = result.examples(rows=1)[:SHOWN]
    return strip(thumbnails(pictures, SIDE), f"{len(pictures)} generated {result.kind}")


def strip(pictures: np.ndarray, what: str) -> str:
    """Pictures in a row, as HTML; `what` says what is seen."""
    row = sheet(pictures, columns=len(pictures))
    height, width = row.shape[:2]
    return f'<img alt="{escape(what)}" width="{width}" height="{height}" src="{still(row)}">'


def _speed() -> str:
    """How much faster NumPy multiplies matrices than plain Python, as recorded."""
    try:
        rows = json.loads(RECORD.read_text(encoding="utf-8"))["cpu"]["rows"]
        times = next(row["times_numpy"] for row in rows if row["what"] == "plain Python")
    except (OSError, ValueError, LookupError, StopIteration):
        return ""  # nothing recorded yet: the page itself says how to
    return f"{float(f'{1 / times:.2g}'):,.0f} times"
