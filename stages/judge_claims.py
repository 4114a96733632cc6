"""Judge the claims of the book and its companions: confirmed, contradicted, or not judged and why."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from stages.core import command
from stages.core.files import write_json, write_text
from stages.core.parameters import load, require_name
from stages.ledger.claims import read_claims
from stages.ledger.judging import REASONS, Judgement, counts, judge_all
from stages.ledger.measurements import Measurements

COLUMNS = ("claim", "chapter", "page", "origin", "statement", "verdict", "measured", "expected", "reason", "tolerance",
           "explanation", "data", "source", "budget")


def main(name: str) -> None:
    """Write `reports/metrics/<name>.json`, how many claims have each verdict, and `reports/ledger/<name>.csv`.

    A claim on an experiment that was not run here is not judged: a metrics file counts only beside its samples in
    `data/samples`, which say of which data and budget it is.
    """
    require_name("pages.ledgers", name)
    ledger = read_claims()
    judgements = judge_all(ledger, Measurements(load()["pages"]))

    write_text(Path(f"reports/ledger/{name}.csv"), _table(judgements, ledger.reasons))
    write_json(Path(f"reports/metrics/{name}.json"), counts(judgements))


def _table(judgements: Sequence[Judgement], reasons: dict[str, str]) -> str:
    """A row per claim, as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in judgements:
        claim, run = one.claim, one.run
        rows.writerow([
            one.name, claim.chapter, claim.page, claim.origin, claim.statement, one.verdict, one.measured, one.expected,
            REASONS.get(one.why_not, ""), reasons[claim.expected.because], claim.explanation or "",
            *((run.title, run.source, run.budget) if run else ("", "", "")),
        ])
    return text.getvalue()


if __name__ == "__main__":
    command.run(main, argument="ledger")
