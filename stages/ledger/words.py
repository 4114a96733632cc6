"""Measured and expected values as a reader has them."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from stages.ledger.claims import COMPARING, Claim, Expected, Place

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
GIVEN = 6  # figures that count in an expected number: as it stands in claims.yaml


def _plain(value: float, figures: int) -> str:
    """The figures that count; of a very small number the power of ten as print has it."""
    digits, _, power = f"{value:.{figures}g}".partition("e")
    if not power:
        return digits
    if int(power) > 0:
        return f"{float(digits) * 10 ** int(power):,.0f}"
    ten = f"10{str(int(power)).translate(SUPERSCRIPTS)}"
    return ten if digits == "1" else f"{digits} × {ten}"


def _bytes(value: float, figures: int) -> str:
    """Bytes in the largest binary unit that leaves a whole number."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if value >= 1024 ** power:
            return f"{_plain(value / 1024 ** power, figures)} {unit}"
    return f"{value:.0f} bytes"


EXACT = 1e-6  # a tolerance up to this is for rounding only, and not worth a word
FORMATS: dict[str, Callable[[float, int], str]] = {  # of a value, and of how many figures count
    "number": _plain,
    "count": lambda value, _: f"{value:,.0f}",
    "share": lambda value, _: f"{100 * value:.2f} %",
    "points": lambda value, _: f"{100 * value:.2f} points",
    "times": lambda value, _: f"{value:,.3g} times" if value < 1000 else f"{value:,.0f} times",
    "GiB": lambda value, _: f"{value:.2f} GiB",
    "bytes": _bytes,
    "GFLOP/s": lambda value, figures: f"{_plain(value, figures)} GFLOP/s",
    "pictures/s": lambda value, figures: f"{_plain(value, figures)} pictures/s",
    "difference": lambda value, figures: f"{_plain(value, figures)} apart" if value else "no difference",
    "yes_no": lambda value, _: "no" if value else "yes",
}
PART_UNITS = {"points": "share", "times": "number"}  # of the two sides of a difference or ratio
TOLERANCES = {"share": "points"}
KEYS_OF_FORM = ("examples", "rows", "value")  # of a metric: they say where it stands, not what it is


def rounded(value: Any, figures: int) -> Any:
    """A number, or numbers in lists, with so many figures that count."""
    return [rounded(item, figures) for item in value] if isinstance(value, list) else float(f"{value:.{figures}g}")


def write(value: Any, unit: str, figures: int = GIVEN) -> str:
    """A number with its unit, or numbers as a list."""
    if isinstance(value, list):
        return f"[{', '.join(write(item, unit, figures) for item in value)}]"
    return FORMATS[unit](value, figures).replace("-", "−")


def measured_text(value: Any, expected: Expected, parts: list[Any], sign: str, figures: int) -> str:
    """What was measured; of a difference or ratio the two sides as well."""
    text = write(value, expected.unit, figures)
    if len(parts) < 2:
        return text
    unit = expected.sides or PART_UNITS.get(expected.unit, expected.unit)
    return f"{text} ({f' {sign} '.join(write(part, unit, figures) for part in parts)})"


def expected_text(claim: Claim, other: Any, figures: int) -> str:
    """What a claim wants; `other` is the metric that it compares with, None where that was not measured."""
    expected = claim.expected
    if expected.operator in COMPARING:
        value = "the other" if other is None else write(other, expected.unit, figures)
        side = "more" if expected.operator == "greater_than" else "less"
        return f"{side} than {value} ({_name(claim)})".removesuffix(" ()")
    text = write(expected.value, expected.unit)
    if expected.operator == "within":
        margin = write(expected.tolerance, TOLERANCES.get(expected.unit, expected.unit))
        return text if expected.tolerance <= EXACT else f"{text} ± {margin}"
    return text if expected.unit == "yes_no" else f"{expected.operator.replace('_', ' ')} {text}"


def _name(claim: Claim) -> str:
    """What the other metric is, in as far as the measured one is not that: an experiment, or a quantity."""
    ours, others = claim.measured, claim.expected.other
    if ours.file != others.file:
        return PurePath(others.file).stem
    keys = [key for key in _keys(others) if key not in _keys(ours)]
    # names of experiments stay as they are written everywhere
    return " ".join(keys) if "rows" in others.metric.split(".") else " ".join(keys).replace("_", " ")


def _keys(place: Place) -> list[str]:
    """The keys of a metric that say what it is."""
    return [key for key in place.metric.split(".") if key not in KEYS_OF_FORM]
