"""Metrics files and tables, read for a page."""

import json
from pathlib import Path

import pandas as pd

from stages.core.command import UserError


def read_metrics(path: Path) -> dict[str, float | int]:
    """The metrics that an evaluation stage wrote."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise UserError(f"{path}: missing or damaged; run the evaluation stage again (dvc repro does)") from None


def read_table(path: Path) -> pd.DataFrame:
    """A table that a stage wrote as CSV."""
    try:
        return pd.read_csv(path)
    except (OSError, ValueError):  # ValueError: what pandas cannot parse
        raise UserError(f"{path}: missing or damaged; run the stage that writes it again (dvc repro does)") from None
