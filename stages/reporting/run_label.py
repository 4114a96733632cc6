"""The badge of every page: which data and which budget its numbers come from."""

from typing import Any


def label(provenance: dict[str, Any], budget: str) -> str:
    """For example `stand-in digits · demo budget`, or `MNIST (official) · book budget`."""
    data = provenance["title"]
    if provenance["source"] not in ("stand_in", "rule"):  # titles that say it already
        data += f" ({provenance['source']})"
    return f"{data} · {budget} budget"
