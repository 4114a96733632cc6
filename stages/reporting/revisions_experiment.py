"""What a comparison of revisions shows of one experiment: its numbers, loss curves and samples, A beside B."""

import pandas as pd

from stages.core.command import UserError
from stages.reporting import revisions_figures
from stages.reporting.gan_figures import PLAYERS
from stages.reporting.gan_samples import show_heading
from stages.reporting.html import show_html, show_table, show_text
from stages.reporting.metrics import read_table
from stages.reporting.revisions_changes import Change, apart, of_experiment
from stages.reporting.revisions_samples import samples_of
from stages.reporting.revisions_side import Experiment, Side
from stages.reporting.words import listed

KINDS = {"classifiers": "classifier", "attribute_classifiers": "attribute classifier", "gans": "GAN",
         "lessons": "lesson"}


class Comparison:
    """One experiment that both sides have."""

    def __init__(self, experiment: Experiment, before: Side, after: Side) -> None:
        self.kind, self.name = experiment
        self.sides = (before, after)
        self.losses = f"reports/losses/{self.kind}/{self.name}.csv"
        self.samples = f"data/samples/{self.kind}/{self.name}.h5"
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
            show_table(["measure", "B is", "A", "B", "change", "relative"], [change.row() for change in self.changes])
        else:
            show_text("Its numbers are the same on both sides.")
        if pictures and self.other_losses:
            self._show_losses()
        if pictures and self.other_samples:
            show_html(revisions_figures.in_a_row(
                [samples_of((self.kind, self.name), self.samples, side) for side in self.sides]
            ))

    def _show_losses(self) -> None:
        """The loss curves of both sides over each other."""
        tables = {side.letter: table for side in self.sides if (table := self._table(side)) is not None}
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

    def _table(self, side: Side) -> pd.DataFrame | None:
        """The losses of one side; None, and a word about it, where they cannot be read."""
        place = side.file(self.losses)
        try:
            table = read_table(place).select_dtypes("number") if place else pd.DataFrame()
        except UserError:
            table = pd.DataFrame()
        if table.empty:
            show_text(f"{side.title()}: {self.losses} is missing or damaged: rebuild it there.")
        return None if table.empty else table

    def _ends(self, tables: dict[str, pd.DataFrame], name: str) -> list[str]:
        """Where the curves of one loss end, in words."""
        last = {letter: float(revisions_figures.smoothed(table[name]).iloc[-1]) for letter, table in tables.items()}
        texts = apart(*last.values()) if len(last) == 2 else [f"{value:.3g}" for value in last.values()]
        return [f"{text} in {letter}" for letter, text in zip(last, texts, strict=True)]

    def _bytes(self, side: Side) -> bytes | None:
        """The record of losses as it is."""
        place = side.file(self.losses)
        return place.read_bytes() if place else None
