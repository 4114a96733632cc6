"""README's table of all claims, from the last recorded run: counts by origin, and what is contradicted by name."""

import json
from pathlib import Path

from benchmarks.machine import words
from stages.reporting.ledger_results import ORIGINS

RECORD = Path(__file__).parents[1] / "benchmarks/ledger.json"
MISSING = "No run is recorded yet.\n"


def ledger_table() -> str:
    """How many claims have each verdict, the contradicted ones, and the run behind them."""
    if not RECORD.is_file():
        return MISSING
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    why_not = ", ".join(f"{reason}: {count}" for reason, count in sorted(found["not_judged"].items()))
    rows = [f"| {verdict.replace('_', ' ')} | {count} | {_by_origin(found, verdict)} | "
            f"{why_not if verdict == 'not_judged' else ''} |" for verdict, count in found["counts"].items()]
    head = ["verdict", "claims", *ORIGINS.values(), ""]
    contradictions = [_told(one) for one in found["contradictions"]] or ["- Nothing is contradicted."]
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 2)}---|", *rows, "",
             "What is contradicted:", "", *contradictions, ""]
    return "\n".join([*lines, _conditions(found), ""])


def _by_origin(found: dict, verdict: str) -> str:
    """How many claims of each origin have a verdict, as cells."""
    return " | ".join(str(found["origins"][origin][verdict]) for origin in ORIGINS)


def _told(one: dict[str, str]) -> str:
    """A contradicted claim, as a point of a list."""
    told = f"- `{one['claim']}`: {one['statement']} Expected {one['expected']}, measured {one['measured']}."
    return f"{told} {one['explanation']}".rstrip()


def _conditions(found: dict) -> str:
    """What was run, and where it was judged."""
    runs = "; ".join(f"{run['title']} (source `{run['source']}`), budget `{run['budget']}`" for run in found["runs"]
                     if run["source"] != "rule")
    seeds = ", ".join(map(str, found["seeds"]))
    return f"{runs}; run seed {seeds}; {words(found['machine'])}, PyTorch {found['versions']['torch']}."
