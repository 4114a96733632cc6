"""Metrics files, read for a page."""

import json
from pathlib import Path

from stages.core.command import UserError


def read_metrics(path: Path) -> dict[str, float | int]:
    """The metrics that an evaluation stage wrote."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise UserError(f"{path}: missing or damaged; run the evaluation stage again (dvc repro does)") from None
