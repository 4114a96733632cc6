"""The page of a data set of labelled pictures."""

from pathlib import Path

import numpy as np
from pydantic import Field

from stages.core.parameters import Block, read_block
from stages.core.run import Run
from stages.datasets.hdf5 import read_provenance, read_split
from stages.reporting import figures
from stages.reporting.html import show_facts, show_figure, show_table
from stages.reporting.run_label import SOURCES, label
from stages.reporting.words import PURPOSES

MIDDLE = slice(14 * 28 + 8, 14 * 28 + 20)  # row 14, columns 8 to 19 of a picture


class Settings(Block):
    """A block of `pages.data` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        path = Path(f"data/hdf5/{name}.h5")
        self.title = read_block(f"pages.data.{name}", Settings).title
        self.provenance = read_provenance(path)
        self.splits = {split: read_split(path, split) for split in ("train", "test")}
        self.badge = label(self.provenance, read_block("run", Run, ["budget"]).budget)

    def show_provenance(self) -> None:
        """Title, source, licence and size."""
        sizes = ", ".join(f"{len(labels):,} for {PURPOSES[split]}" for split, (_, labels) in self.splits.items())
        show_facts({
            "Data": self.provenance["title"], "Source": SOURCES[self.provenance["source"]],
            "Licence": self.provenance["licence"], "Pictures": sizes, "Each": "28 × 28 grey values of 0 to 255",
        })

    def show_table(self, rows: int) -> None:
        """The head of the data as the book's table: the label, then pixels; the middle ones, which hold ink."""
        images, labels = (part[:rows] for part in self.splits["train"])
        pixels = images.reshape(len(images), -1)[:, MIDDLE].tolist()
        show_table(["row", "label", *(str(column) for column in range(MIDDLE.start, MIDDLE.stop))],
                   [[row, label, *line] for row, (label, line) in enumerate(zip(labels.tolist(), pixels, strict=True))],
                   f"The first {rows} rows of the table, columns {MIDDLE.start} to {MIDDLE.stop - 1}")

    def show_record(self, record: int) -> None:
        """One row of the table as a picture."""
        images, labels = self.splits["train"]
        title = f"row {record}, label {labels[record]}"
        show_figure(figures.picture(images[record], title), f"Row {record} of the table drawn as a picture of the "
                    f"digit {labels[record]}", "The row's 784 numbers, put back into 28 rows of 28.")

    def show_classes(self, each: int) -> None:
        """The first pictures of every class, a row per class."""
        images, labels = self.splits["train"]
        chosen = [images[np.flatnonzero(labels == digit)[:each]] for digit in range(10)]
        blank = np.zeros((1, 28, 28), np.uint8)
        rows = [np.concatenate([part, np.repeat(blank, each - len(part), axis=0)]) for part in chosen]
        grid = figures.picture_grid(np.concatenate(rows), [""] * (10 * each), columns=each)
        show_figure(grid, f"Ten rows of pictures, the first {each} of each class from 0 to 9",
                    "The first pictures of each class: the same digit is never written twice alike.")

    def show_counts(self) -> None:
        """How often each class occurs."""
        counts = {split: np.bincount(labels, minlength=10) for split, (_, labels) in self.splits.items()}
        rarest, commonest = counts["train"].argmin(), counts["train"].argmax()
        show_figure(figures.class_counts(counts), "Bars: the share of each class in training and test data",
                    f"Training data: class {commonest} is the most frequent ({counts['train'][commonest]:,}), "
                    f"class {rarest} the rarest ({counts['train'][rarest]:,}).")

    def show_digests(self) -> None:
        """What identifies the data."""
        digests = {f"{part}, SHA-256 of the decompressed IDX file": digest
                   for part, digest in sorted(self.provenance["digests"].items())}
        show_facts({**digests, "as converted here, SHA-256 of pictures and labels": self.provenance["digest"]})
