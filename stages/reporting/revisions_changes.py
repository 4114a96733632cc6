"""What differs between two sides: parameters, and numbers with their change and whether it is for the better."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isclose
from typing import Any

import numpy as np

from stages.reporting.gan_metrics import MEASURES
from stages.reporting.revisions_side import Experiment, Side, written

BETTER, WORSE, UNKNOWN = "better", "worse", "–"
# of other experiments than GANs, and of the discriminator alone; those of GANs are in gan_metrics
DIRECTIONS = {"accuracy": "higher", "balanced_accuracy": "higher", "errors": "lower",
              "against noise: real_output": "higher", "against noise: noise_output": "lower",
              "label_accuracy_of": "higher"}
MEASURES_OF_GANS = {measure.key: measure for measure in MEASURES}
NAMES = {
    **{measure.real: f"{measure.name}, real samples" for measure in MEASURES if isinstance(measure.real, str)},
    "ideal_loss": "ideal loss", **{measure.key: measure.name for measure in MEASURES},
}
HEADLINES = ("accuracy", "frechet_distance", "valid_share", "sharpness")  # the first that an experiment has
MOST_FIGURES = 7


@dataclass(frozen=True)
class Change:
    """One measure that differs: its value on both sides, and whether B's is better."""

    key: str
    before: Any
    after: Any
    verdict: str

    def name(self) -> str:
        """The measure as words."""
        return NAMES.get(self.key) or self.key.replace("_", " ").replace(".", ", ")

    def relative(self) -> float:
        """The change as a part of A's value; infinite from 0, and where there is no number to compare."""
        if not (_is_number(self.before) and _is_number(self.after)) or self.before == 0:
            return inf
        return (self.after - self.before) / abs(self.before)

    def row(self) -> list[str]:
        """Name, verdict, A, B, change and relative change as text."""
        if not (_is_number(self.before) and _is_number(self.after)):
            return [self.name(), self.verdict, written(self.before), written(self.after), "–", "–"]
        relative = "from 0" if self.before == 0 else f"{_signed(float(f'{100 * self.relative():.2g}'))}\u00a0%"
        # differences of rounded numbers have decimals of their own
        return [self.name(), self.verdict, *apart(self.before, self.after),
                _signed(round(self.after - self.before, 6)), relative]


def parameters(before: Side, after: Side) -> list[list[str]]:
    """Rows of the parameters that differ: dotted key, A's value, B's value."""
    keys = [*before.parameters, *(key for key in after.parameters if key not in before.parameters)]
    absent = object()
    return [[key, before.setting(key), after.setting(key)] for key in keys
            if before.parameters.get(key, absent) != after.parameters.get(key, absent)]


def of_experiment(experiment: Experiment, before: Side, after: Side) -> list[Change]:
    """The measures of an experiment that differ, the largest relative change first."""
    ours, theirs = before.metrics[experiment], after.metrics[experiment]
    changes = [Change(key, ours.get(key), theirs.get(key), _verdict(key, ours, theirs))
               for key in sorted({*ours, *theirs}) if ours.get(key) != theirs.get(key)]
    return sorted(changes, key=lambda change: -abs(change.relative()))


def headline(experiment: Experiment, before: Side, after: Side) -> Change | None:
    """The change of an experiment's most telling number, also where it has not changed."""
    ours, theirs = before.metrics[experiment], after.metrics[experiment]
    key = next((key for key in HEADLINES if key in ours and key in theirs), None)
    return Change(key, ours[key], theirs[key], _verdict(key, ours, theirs)) if key else None


def counted(changes: Iterable[Change]) -> dict[str, int]:
    """How many changes are for the better, for the worse, or neither."""
    verdicts = [change.verdict for change in changes]
    return {verdict: verdicts.count(verdict) for verdict in (BETTER, WORSE, UNKNOWN)}


def apart(before: float, after: float) -> tuple[str, str]:
    """Two numbers with three figures that count, or with as many as it takes to tell them apart."""
    for figures in range(3, MOST_FIGURES + 1):
        texts = _number(before, figures), _number(after, figures)
        if texts[0] != texts[1]:
            break
    return texts


def _verdict(key: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """Whether B's value of a measure is better than A's, where it is known which direction is."""
    values = before.get(key), after.get(key)
    direction = _direction(key)
    if direction is None or not all(_is_number(value) for value in values):
        return UNKNOWN
    if direction in ("higher", "lower"):
        gain = (values[1] - values[0]) * (1 if direction == "higher" else -1)
    else:  # nearer to what real samples score, or to the ideal
        real = MEASURES_OF_GANS[key].real
        ideals = [side.get(real) if isinstance(real, str) else real for side in (before, after)]
        if None in ideals:
            return UNKNOWN
        gain = abs(values[0] - ideals[0]) - abs(values[1] - ideals[1])
    return UNKNOWN if isclose(gain, 0, abs_tol=1e-9) else BETTER if gain > 0 else WORSE


def _direction(key: str) -> str | None:
    """Which direction of a measure is better; None where that is not known."""
    measure = MEASURES_OF_GANS.get(key)
    return measure.better if measure else DIRECTIONS.get(key.split(".")[0])


def _is_number(value: Any) -> bool:
    """True for what can be subtracted."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: float, figures: int) -> str:
    """A number with so many figures; whole numbers whole."""
    if isinstance(value, int) or abs(value) >= 10 ** figures:
        return f"{value:,.0f}".replace("-", "−")
    return np.format_float_positional(value, precision=figures, fractional=False, trim="-").replace("-", "−")


def _signed(value: float) -> str:
    """A change with its sign, three figures that count."""
    return ("+" if value > 0 else "") + _number(value, 3)
