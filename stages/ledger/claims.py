"""The claims of the book and its companions, in our own words: what each rests on, and when that can be judged.

`reports/claims.yaml` holds them as plain data; nothing in it is computed but one difference or one ratio.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from stages.core import parameters
from stages.core.command import UserError
from stages.core.parameters import Block, check

FILE = Path("reports/claims.yaml")
Operator = Literal["within", "at_least", "at_most", "greater_than", "less_than"]
COMPARING = ("greater_than", "less_than")  # with another metric
Unit = Literal["number", "count", "share", "points", "times", "GiB", "bytes", "GFLOP/s", "pictures/s", "difference",
               "yes_no"]
Origin = Literal["book", "weidman", "tutorials", "own"]
Source = Literal["mnist", "celeba", "any"]
Chapter = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "A", "B", "C", "D"]


def _finite(value: float) -> float:
    """A number that is neither infinite nor undefined."""
    if not math.isfinite(value):
        raise ValueError("expected a finite number")
    return value


def _numbers(value: Any) -> Any:
    """A number, or numbers in lists."""
    if isinstance(value, list) and value:
        return [_numbers(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("expected a number, or a list of numbers")
    return _finite(value)


Finite = Annotated[float, AfterValidator(_finite)]


class Place(Block):
    """One metric: a file, and the keys that lead to it, with dots between; rows of a list go by what they are about."""

    file: str = Field(min_length=1)
    metric: str = Field(min_length=1)


class Measured(Place):
    """The metric that a claim rests on, or its difference from another, or its ratio to another."""

    minus: Place | None = None
    over: Place | None = None


class Expected(Block):
    """What the metric has to be: near a value, on one side of it, or on one side of another metric.

    `because` names the reason for the tolerance, one of the file's `reasons`; `sides` is the unit of a ratio's sides.
    """

    operator: Operator
    value: Annotated[Any, AfterValidator(_numbers)] = None
    tolerance: Annotated[Finite, Field(ge=0)] = 0.0
    other: Place | None = None
    unit: Unit = "number"
    sides: Unit | None = None
    because: str


class Conditions(Block):
    """When the claim can be judged: by which budgets, on which data, and whether only a GPU can tell."""

    budgets: Literal["book", "any"]
    source: Source
    gpu: bool = False


class Claim(Block):
    """A claim, and who makes it; `explanation` is what we think is behind it where it turns out to be contradicted."""

    chapter: Chapter
    page: str
    origin: Origin
    statement: str = Field(min_length=1)
    measured: Measured
    expected: Expected
    judged_at: Conditions
    explanation: str | None = None

    def places(self) -> list[Place]:
        """All metrics that it needs, the measured one first."""
        asked = (self.measured, self.measured.minus, self.measured.over, self.expected.other)
        return [place for place in asked if place]


class _File(Block):
    """The file as it stands, its claims not looked at yet."""

    reasons: dict[str, str]
    claims: dict[str, Any]


@dataclass(frozen=True)
class Ledger:
    """Named reasons for tolerances, and the claims by name."""

    reasons: dict[str, str]
    claims: dict[str, Claim]


def read_claims(path: Path = FILE) -> Ledger:
    """Read all claims. Raises UserError with one line that names the claim and the key."""
    try:
        file = check(parameters.load(path), _File, "")
        # each by itself, so that a message can list the keys that it may have
        claims = {name: check(claim, Claim, f"claims.{name}") for name, claim in file.claims.items()}
    except UserError as mistake:  # of a reader that knows params.yaml only
        message = str(mistake).removeprefix(f"{parameters.FILE}: ").removeprefix(".")
        raise UserError(f"{path}: {message}") from None
    for name, claim in claims.items():
        if complaint := _complaint(claim, file.reasons):
            raise UserError(f"{path}: claims.{name}.{complaint}")
    return Ledger(file.reasons, claims)


def _complaint(claim: Claim, reasons: Mapping[str, str]) -> str | None:
    """What keys say together that makes no sense, None for a sound claim."""
    expected, measured = claim.expected, claim.measured
    if measured.minus and measured.over:
        return "measured has both minus and over; expected one of them; remove the other"
    if expected.because not in reasons:
        return f"expected.because is '{expected.because}'; expected one of: {', '.join(reasons)}; choose one or add it"
    if expected.sides and not measured.over:
        return "expected.sides is the unit of the two sides of a ratio; remove it, or give measured `over`"
    if expected.operator in COMPARING:
        return None if expected.other and expected.value is None else \
            f"expected: {expected.operator} compares with another metric; give `other`, and no `value`"
    if expected.value is None or expected.other:
        return f"expected: {expected.operator} compares with a number; give `value`, and no `other`"
    if expected.operator != "within" and expected.tolerance:
        return f"expected.tolerance is {expected.tolerance:g}; only `within` has one; put it into `value`"
    return None
