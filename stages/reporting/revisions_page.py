"""The page that compares two revisions of the project: settings, numbers, loss curves and samples."""

import re
from html import escape
from pathlib import Path

from IPython.display import HTML

from stages.reporting.html import show_html, show_list, show_table, show_text
from stages.reporting.revisions_changes import BETTER, UNKNOWN, WORSE, apart, counted, headline, parameters
from stages.reporting.revisions_experiment import KINDS, Comparison
from stages.reporting.revisions_side import Experiment, Side, read_sides
from stages.reporting.words import listed

WITH_PICTURES = 12  # experiments: more would make a page of over 2 MB
FACTS = {"data source": "run.source", "budget": "run.budget", "run seed": "run.seed"}


class Page:
    """What the notebook shows, read once from the folder that holds both sides."""

    def __init__(self, folder: str) -> None:
        self.sides = self.before, self.after = read_sides(Path(folder))
        both = [experiment for experiment in self.before.metrics if experiment in self.after.metrics]
        compared = {experiment: Comparison(experiment, self.before, self.after) for experiment in both}
        self.changed = sorted((one for one in compared.values() if one.differs()), key=_place)
        self.unchanged = sorted((one for one in compared.values() if not one.differs()), key=_place)
        self.parameters = parameters(self.before, self.after)

    def show_sides(self) -> None:
        """Which revisions these are, and whether anything differs."""
        show_table(["", "A", "B"], [
            ["revision", *(side.name for side in self.sides)],
            ["commit", *(_commit(side) for side in self.sides)],
            *([name, *(side.setting(key) for side in self.sides)] for name, key in FACTS.items()),
        ])
        if not (self.parameters or self.changed or any(self._alone(side) for side in self.sides)):
            show_text("Nothing differs: parameters, numbers, loss curves and samples are the same on both sides.")
        for side in self.sides:
            if newer := side.newer_parameters():
                show_html(f"<p>Some results of {escape(side.title())} are older than its parameters: {_few(newer)} "
                          "changed after the run. <code>dvc repro</code> brings them up to date.</p>")

    def show_parameters(self) -> None:
        """The parameters that differ."""
        if self.parameters:
            show_table(["parameter", "A", "B"], [[HTML(_breakable(key)), *values] for key, *values in self.parameters])
        else:
            show_text("None: params.yaml says the same on both sides.")

    def show_summary(self) -> None:
        """The experiments that differ, one row each; the others in a sentence."""
        if self.changed:
            show_table(["experiment", "most telling", "better in B", "worse in B", "neither", "kind"],
                       [self._row(one) for one in self.changed])
        else:
            show_text("None of the experiments that both sides have.")
        if alone := [text for side in self.sides for text in self._alone(side)]:
            show_list(alone)
        if self.unchanged:
            show_text(f"Unchanged: {listed(one.name for one in self.unchanged)}.")

    def show_experiments(self) -> None:
        """A section for each experiment that differs; pictures of those that changed most."""
        drawable = [one for one in self.changed if one.other_losses or one.other_samples]
        pictured = sorted(drawable, key=lambda one: -one.size())[:WITH_PICTURES]
        if len(drawable) > len(pictured):
            show_text(f"Loss curves and samples of the {len(pictured)} experiments whose numbers changed most; of the "
                      f"other {len(drawable) - len(pictured)} the numbers only, to keep the page small.")
        for one in self.changed:
            one.show(pictures=one in pictured)

    def _row(self, one: Comparison) -> list[object]:
        """An experiment in the table of all."""
        counts, best = counted(one.changes), headline((one.kind, one.name), *self.sides)
        telling = "–"
        if best:
            change = "unchanged" if best.before == best.after else " → ".join(apart(best.before, best.after))
            telling = f"{best.name()}: {change}"
        return [one.name, telling, counts[BETTER], counts[WORSE], counts[UNKNOWN], KINDS.get(one.kind, one.kind)]

    def _alone(self, side: Side) -> list[str]:
        """What only one side has, and whether the other one could build it."""
        other = self.after if side is self.before else self.before
        only = [experiment for experiment in side.metrics if experiment not in other.metrics]
        built = [name for kind, name in only if not other.has_parameters((kind, name))]
        waiting = [name for kind, name in only if other.has_parameters((kind, name))]
        return [*([f"Only in {side.title()}: {listed(built)}."] if built else []),
                *([f"Without results in {other.title()}: {listed(waiting)}; rebuild there (dvc repro)."]
                  if waiting else [])]


def _place(one: Comparison) -> tuple[int, float, Experiment]:
    """Kinds in the order of the book, in each the largest change first."""
    order = list(KINDS)
    return order.index(one.kind) if one.kind in order else len(order), -one.size(), (one.kind, one.name)


def _commit(side: Side) -> str:
    """Its hash and subject; of the workspace the commit that it started from."""
    text = f"{side.commit} {side.subject}"
    return f"{text}, and what is not committed" if side.name == "workspace" else text


def _few(keys: list[str]) -> str:
    """The first keys as HTML, and how many there are more."""
    return listed(map(_breakable, keys if len(keys) <= 4 else [*keys[:3], f"{len(keys) - 3} more"]))


def _breakable(key: str) -> str:
    """A dotted key as HTML; a narrow page breaks it after a dot or an underscore."""
    return re.sub("([._])", r"\1<wbr>", escape(key))
