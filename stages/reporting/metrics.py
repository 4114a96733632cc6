"""Metrics files and tables, read for a page."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core.command import UserError

if TYPE_CHECKING:
    import pandas as pd


def read_metrics(path: Path) -> dict[str, float | int]:
    """The metrics that an evaluation stage wrote."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise UserError(f"{path}: missing or damaged; run the evaluation stage again (dvc repro does)") from None


def read_table(path: Path) -> "pd.DataFrame":
    """A table that a stage wrote as CSV."""
    import pandas as pd  # a page without tables need not load it

    try:
        return pd.read_csv(path)
    except (OSError, ValueError):  # ValueError: what pandas cannot parse
        raise UserError(f"{path}: missing or damaged; run the stage that writes it again (dvc repro does)") from None
