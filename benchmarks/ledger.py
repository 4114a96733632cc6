"""Judge all claims by a run on the real MNIST at budget `book`, and keep the result for README's table.

    python -m benchmarks.ledger --from ../clone             (prints counts and contradictions)
    python -m benchmarks.ledger --from ../clone --record    (writes benchmarks/ledger.json)

`--from` is the folder of a clone in which the experiments were run, all or some: what was not run there is not judged.
The claims are this folder's, so that an edited claim needs no new run.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from benchmarks.machine import machine, versions
from stages.core.command import UserError
from stages.core.files import write_json
from stages.core.parameters import load
from stages.datasets.hdf5 import read_attribute
from stages.ledger import judging
from stages.ledger.claims import FILE, read_claims
from stages.ledger.measurements import KINDS, SAMPLES, Measurements

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/ledger.json"
BUDGET = "book"


def main() -> None:
    """Judge, print, and record where asked; a user's mistake is one line on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="folder of a clone with a run")
    parser.add_argument("--record", action="store_true", help="write benchmarks/ledger.json")
    chosen = parser.parse_args()
    try:
        found = judge_folder(chosen.folder)
        if chosen.record:
            _require_book(found, chosen.folder)
    except UserError as mistake:
        sys.exit(f"error: {mistake}")
    print(", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in found["counts"].items()))
    for one in found["contradictions"]:
        print(f"contradicted: {one['claim']}: {one['measured']}, expected {one['expected']}")
    if chosen.record:
        write_json(RECORD, found | {"machine": machine(), "versions": versions()})


def judge_folder(folder: Path) -> dict:
    """Counts, contradictions, reasons not to judge, and the runs behind the verdicts, of the run in `folder`."""
    if not (folder / SAMPLES).is_dir():
        raise UserError(f"{folder / SAMPLES}: no such folder; --from must name a clone in which dvc repro or its "
                        "stages have run")
    judgements = judging.judge_all(read_claims(ROOT / FILE), Measurements(load(ROOT / "params.yaml")["pages"], folder))
    judged = [one for one in judgements if one.verdict != judging.NOT_JUDGED]
    runs = {(run.title, run.source, run.budget) for one in judged if (run := one.run)}
    return {
        "counts": judging.counts(judgements),
        "origins": judging.counts_by_origin(judgements),
        "not_judged": dict(Counter(judging.REASONS[one.why_not] for one in judgements if one.why_not)),
        "contradictions": [{
            "claim": one.name, "page": one.claim.page, "statement": one.claim.statement, "measured": one.measured,
            "expected": one.expected, "explanation": one.claim.explanation or "",
        } for one in judgements if one.verdict == judging.CONTRADICTED],
        "runs": [{"title": title, "source": source, "budget": budget} for title, source, budget in sorted(runs)],
        "seeds": sorted(_seeds(folder)),
    }


def _seeds(folder: Path) -> set[int]:
    """The run seeds of all experiments there."""
    return {read_attribute(path, "description")["seed"]
            for kind in KINDS for path in sorted((folder / SAMPLES / kind).glob("*.h5"))}


def _require_book(found: dict, folder: Path) -> None:
    """Refuse a run that README's table is not about."""
    titles = {run["title"] for run in found["runs"] if run["budget"] == BUDGET and run["source"] in judging.REAL}
    if judging.TITLES["mnist"] not in titles:
        runs = ", ".join(f"{run['title']} at {run['budget']}" for run in found["runs"]) or "nothing"
        raise UserError(f"{folder}: holds {runs}; expected the real MNIST at budget {BUDGET}; run it with run.source "
                        f"official or local and run.budget {BUDGET}")


if __name__ == "__main__":
    main()
