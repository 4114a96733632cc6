"""Which run the numbers of a page come from: its badge, and that results which stand side by side are of one run."""

from collections.abc import Mapping
from typing import Any

from stages.core.command import UserError

SOURCES = {
    "stand_in": "drawn by this pipeline, in place of the real data",
    "official": "the official mirrors",
    "local": "a local folder",
}


def label(provenance: dict[str, Any], budget: str) -> str:
    """For example `stand-in digits · demo budget`, or `MNIST (official) · book budget`."""
    return f"{data_label(provenance)} · {budget} budget"


def data_label(provenance: dict[str, Any]) -> str:
    """Which data, and where it is from unless its title says so."""
    said = provenance["source"] in ("stand_in", "rule")
    return provenance["title"] if said else f"{provenance['title']} ({provenance['source']})"


def require_one_run(kind: str, runs: Mapping[str, Any]) -> None:
    """Raise UserError where the runs behind the results of a kind, by name, are not all equal."""
    first = next(iter(runs), None)
    for name, run in runs.items():
        if run != runs[first]:
            raise UserError(f"data/samples/{kind}/{name}.h5: is of another run than that of '{first}'; run dvc repro, "
                            f"or remove its block from pages.{kind} in params.yaml")
