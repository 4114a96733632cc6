"""Measured and expected values as a reader has them."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from stages.ledger.claims import Claim

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _plain(value: float) -> str:
    """Six figures that count; of a very small number the power of ten as print has it."""
    figures, _, power = f"{value:.6g}".partition("e")
    if not power:
        return figures
    ten = f"10{str(int(power)).translate(SUPERSCRIPTS)}"
    return ten if figures == "1" else f"{figures} × {ten}"


EXACT = 1e-6  # a tolerance up to this is for rounding only, and not worth a word
FORMATS: dict[str, Callable[[float], str]] = {
    "number": _plain,
    "count": lambda value: f"{value:,.0f}",
    "share": lambda value: f"{100 * value:.2f} %",
    "points": lambda value: f"{100 * value:.2f} points",
    "times": lambda value: f"{value:,.3g} times" if value < 1000 else f"{value:,.0f} times",
    "GiB": lambda value: f"{value:.2f} GiB",
}
PART_UNITS = {"points": "share", "times": "number"}  # of the two sides of a difference or ratio
TOLERANCES = {"share": "points"}


def write(value: Any, unit: str) -> str:
    """A number with its unit, or numbers as a list."""
    if isinstance(value, list):
        return f"[{', '.join(write(item, unit) for item in value)}]"
    return FORMATS[unit](value).replace("-", "−")


def measured_text(value: Any, unit: str, parts: list[Any], sign: str) -> str:
    """What was measured; of a difference or ratio the two sides as well."""
    text = write(value, unit)
    if len(parts) < 2:
        return text
    return f"{text} ({f' {sign} '.join(write(part, PART_UNITS.get(unit, unit)) for part in parts)})"


def expected_text(claim: Claim, other: Any) -> str:
    """What a claim wants; `other` is the metric that it compares with, None where that was not measured."""
    expected = claim.expected
    if expected.operator == "greater_than":
        names = [PurePath(place.file).stem for place in (claim.measured, expected.other)]
        whose = f" ({names[1]})" if names[0] != names[1] else ""
        return f"more than {'the other' if other is None else write(other, expected.unit)}{whose}"
    text = write(expected.value, expected.unit)
    if expected.operator == "within":
        margin = write(expected.tolerance, TOLERANCES.get(expected.unit, expected.unit))
        return text if expected.tolerance <= EXACT else f"{text} ± {margin}"
    return f"{expected.operator.replace('_', ' ')} {text}"
