"""Worked examples that check themselves: what came out, what must come out, and how far apart they may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stages.core.command import UserError

PLACES = 9  # of the numbers in a metrics file


@dataclass(frozen=True)
class Example:
    """A computed value beside the expected one: numbers, arrays of one shape, or texts and truth values to be equal.

    `tolerance` is the largest difference allowed, of any element; `source` says where the book or tutorial has it.
    """

    value: Any
    expected: Any
    tolerance: float = 0.0
    source: str = ""

    @property
    def difference(self) -> float:
        """The largest absolute difference of any element; of texts and truth values 0 or 1; infinite for two shapes."""
        if isinstance(self.expected, (str, bool)):
            return float(self.value != self.expected)
        value, expected = np.asarray(self.value, float), np.asarray(self.expected, float)
        if value.shape != expected.shape:
            return float("inf")
        return float(np.abs(value - expected).max(initial=0.0))

    @property
    def holds(self) -> bool:
        """True while the difference is within the tolerance; a value that is no number holds nothing."""
        return self.difference <= self.tolerance


def require_all(lesson: str, examples: Mapping[str, Example]) -> None:
    """Raise UserError that names the first example that does not hold, and counts the others."""
    broken = {name: example for name, example in examples.items() if not example.holds}
    if broken:
        name, example = next(iter(broken.items()))
        others = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
        raise UserError(f"lesson {lesson}: '{name}' gives {_plain(example.value)}, expected "
                        f"{_plain(example.expected)} within {example.tolerance:g}{others}; the code in "
                        f"stages/lessons/{lesson} or an installed library does not compute what the book says")


def as_metrics(examples: Mapping[str, Example]) -> dict[str, Any]:
    """What a metrics file holds: a block per example, in which numbers are rounded to nine places, and their count."""
    blocks = {name: {"value": _plain(example.value), "expected": _plain(example.expected),
                     "difference": round(example.difference, PLACES), "tolerance": example.tolerance,
                     "source": example.source} for name, example in examples.items()}
    return {"count": len(blocks), "examples": blocks}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, (str, bool, int)):
        return value
    return (np.asarray(value, float).round(PLACES) + 0.0).tolist()  # + 0.0: no negative zero
