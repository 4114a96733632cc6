"""What a comparison of revisions shows of one experiment: its numbers, loss curves and samples, A beside B."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from stages.core.command import UserError
from stages.datasets.hdf5 import read_arrays
from stages.reporting import gan_figures, revisions_figures
from stages.reporting.gan_figures import PLAYERS
from stages.reporting.gan_samples import show_heading
from stages.reporting.html import show_figure, show_html, show_table, show_text
from stages.reporting.metrics import read_table
from stages.reporting.revisions_changes import Change, apart, of_experiment
from stages.reporting.revisions_side import Experiment, Side
from stages.reporting.words import listed

KINDS = {"classifiers": "classifier", "attribute_classifiers": "attribute classifier", "gans": "GAN",
         "lessons": "lesson"}
PATTERNS, MISTAKES, MISTAKE_COLUMNS = 4, 10, 5
MISSING = "not in the cache: dvc pull or rebuild"


class Comparison:
    """One experiment that both sides have."""

    def __init__(self, experiment: Experiment, before: Side, after: Side) -> None:
        self.kind, self.name = experiment
        self.sides = (before, after)
        self.losses, self.samples = f"reports/losses/{self.kind}/{self.name}.csv", \
            f"data/samples/{self.kind}/{self.name}.h5"
        self.changes: list[Change] = of_experiment(experiment, before, after)
        self.other_losses = len({self._bytes(side) for side in self.sides}) > 1
        self.other_samples = len({side.samples.get(self.samples) for side in self.sides}) > 1

    def differs(self) -> bool:
        """Whether anything of it does."""
        return bool(self.changes) or self.other_losses or self.other_samples

    def size(self) -> float:
        """The largest relative change of its numbers."""
        return max((abs(change.relative()) for change in self.changes), default=0)

    def show(self, pictures: bool) -> None:
        """A section of its own; without pictures its numbers alone."""
        show_heading(f"{self.name}, {KINDS.get(self.kind, self.kind)}")
        if self.changes:
            show_table(["measure", "A", "B", "change", "relative", "B is"], [change.row() for change in self.changes])
        else:
            show_text("Its numbers are the same on both sides.")
        if pictures and self.other_losses:
            self._show_losses()
        if pictures and self.other_samples:
            self._show_samples()

    def _show_losses(self) -> None:
        """The loss curves of both sides over each other."""
        tables, notes = {}, []
        for side in self.sides:
            place = side.file(self.losses)
            try:
                if place is None:
                    notes.append(f"{side.title()}: {self.losses} is missing: rebuild it there.")
                else:
                    tables[side.letter] = read_table(place)
            except UserError:
                notes.append(f"{side.title()}: {self.losses} is damaged: rebuild it there.")
        for note in notes:
            show_text(note)
        over, *names = next(iter(tables.values())).columns if tables else [""]
        names = [name for name in names if all(name in table and over in table for table in tables.values())]
        if not names:
            show_text("There are no two loss curves to lay over each other.")
            return
        ends = [f"{PLAYERS[name][0] if name in PLAYERS else name} {listed(self._ends(tables, name))}" for name in names]
        dashed, solid = (side.title() for side in self.sides)
        show_html(revisions_figures.few_colours(
            revisions_figures.loss_curves(tables, over, names),
            f"Loss curves of {self.name}, {dashed} dashed and {solid} solid; at the end {'; '.join(ends)}",
            f"Loss, running means. Dashed: {dashed}. Solid: {solid}.",
        ))

    def _ends(self, tables: dict, name: str) -> list[str]:
        """Where the curves of one loss end, in words."""
        last = {letter: float(revisions_figures.smoothed(table[name]).iloc[-1]) for letter, table in tables.items()}
        texts = apart(*last.values()) if len(last) == 2 else [f"{value:.3g}" for value in last.values()]
        return [f"{text} in {letter}" for letter, text in zip(last, texts, strict=True)]

    def _show_samples(self) -> None:
        """What both sides have drawn, or read wrongly, next to each other; why not where it cannot be shown."""
        files = [side.file(self.samples) for side in self.sides]
        if self.kind == "gans" and self._shows_patterns([file for file in files if file]):
            return
        draw = self._grid if self.kind == "gans" else self._mistakes
        show_html(revisions_figures.in_a_row(
            [self._framed(side, file, draw) for side, file in zip(self.sides, files, strict=True)]
        ))

    def _framed(self, side: Side, file: Path | None, draw: Callable[[Side, Path], str]) -> str:
        """The pictures of one side, or what is to be said in place of them."""
        if file is None:
            why = MISSING if self.samples in side.samples else "not made yet: dvc repro"
            return revisions_figures.framed("", f"{side.title()}: {self.samples} is {why}.")
        try:
            return draw(side, file)
        except UserError as mistake:
            why = str(mistake).replace(f"{side.folder}/", "")
            return revisions_figures.framed("", f"{side.title()}: {why}")

    def _grid(self, side: Side, file: Path) -> str:
        """Pictures that a GAN has drawn."""
        pictures = revisions_figures.grid(file)
        return revisions_figures.drawn(
            pictures, revisions_figures.columns(pictures),
            f"{len(pictures)} pictures that {self.name} has drawn on side {side.title()}", f"{side.title()}: samples."
        )

    def _mistakes(self, side: Side, file: Path) -> str:
        """The mistakes that a classifier was surest of."""
        found = read_arrays(file, ["mistakes/images", "mistakes/labels", "mistakes/predictions"])
        images, *classes = (array[:MISTAKES] for array in found.values())
        if not len(images):
            return revisions_figures.framed("", f"{side.title()}: no mistakes.")
        read = [f"{true} as {taken}" for true, taken in zip(*classes, strict=True)]
        return revisions_figures.drawn(
            images, MISTAKE_COLUMNS, f"{len(images)} test pictures read wrongly on side {side.title()}: {listed(read)}",
            f"{side.title()}: the mistakes it was surest of: {listed(read)}."
        )

    def _shows_patterns(self, files: list[Path]) -> bool:
        """Show the patterns of both sides as rows of one figure; False where they are pictures, or not there."""
        try:
            outputs = {side: read_arrays(side.file(self.samples), ["grid/outputs"])["grid/outputs"][:PATTERNS]
                       for side in self.sides if side.file(self.samples)}
        except UserError:
            return False
        if len(outputs) < 2 or len({values.shape[1:] for values in outputs.values()}) > 1:
            return False
        titles = [side.letter for side, values in outputs.items() for _ in values]
        means = [f"{listed([f'{value:.2f}' for value in values.mean(axis=0)])} in {side.title()}"
                 for side, values in outputs.items()]
        show_figure(gan_figures.patterns(np.concatenate(list(outputs.values())), titles),
                    f"Patterns that {self.name} has made, on average {listed(means)}",
                    "Patterns of its own, a row each: 0 is white, 1 is black.")
        return True

    def _bytes(self, side: Side) -> bytes | None:
        """The record of losses as it is."""
        place = side.file(self.losses)
        return place.read_bytes() if place else None
