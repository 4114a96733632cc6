"""The badge of every page: which data and which budget its numbers come from."""

from typing import Any


def label(provenance: dict[str, Any], budget: str) -> str:
    """For example `stand-in digits · demo budget`, or `MNIST (official) · book budget`."""
    data = provenance["title"]
    if provenance["source"] != "stand_in":
        data += f" ({provenance['source']})"
    return f"{data} · {budget} budget"
