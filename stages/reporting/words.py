"""Numbers and lists as a sentence has them."""

from collections.abc import Iterable

import numpy as np

PURPOSES = {"train": "training", "test": "testing"}  # of the two parts of a data set
BYTE_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def share(value: float) -> str:
    """A share of 1 as per cent, never broken before the sign."""
    return f"{100 * value:.1f}\u00a0%"


def unbroken(text: str) -> str:
    """A text whose numbers are never broken before a per cent sign."""
    return text.replace(" %", "\u00a0%")


def number(value: float) -> str:
    """A measure with three figures that count; of a small one two, six places at most."""
    if abs(value) >= 100:
        text = f"{value:,.0f}"
    elif abs(value) >= 0.001:
        text = f"{value:#.3g}"
    else:
        text = np.format_float_positional(round(value, 6), precision=2, fractional=False, trim="-")
    return text.replace("-", "−")


def in_bytes(count: float) -> str:
    """An amount of memory in the largest unit of which it has one."""
    place = 0
    while count >= 1024 and place < len(BYTE_UNITS) - 1:
        count, place = count / 1024, place + 1
    text = f"{count:,.0f}" if count >= 100 or not place else f"{count:.3g}"
    return f"{text}\u00a0{BYTE_UNITS[place]}"


def listed(words: Iterable[str]) -> str:
    """Words as a sentence has them: `1, 2 and 3`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def spoken(name: str) -> str:
    """The name of an attribute as words: `Wearing_Hat` is `wearing hat`."""
    return name.replace("_", " ").lower()
