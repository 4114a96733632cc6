"""Kill `dvc repro` at random moments, let it go on, compare its outputs with an undisturbed run's, and count the kills.

    python -m benchmarks.kills                    shows the sentence
    python -m benchmarks.kills --record           writes the counts to benchmarks/kills.json, for README
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import MISSING
from stages.core.files import write_json

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/kills.json"
TEST = "tests/test_kills.py::test_twenty_kills_change_nothing"


def main() -> None:
    """Run the test that kills; end as it ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true")
    record = parser.parse_args().record
    found = kills()
    print(sentence(found), end="")
    if record:
        write_json(RECORD, found)


def kills() -> dict[str, int]:
    """The counts of one run of the test. Ends the process where it failed."""
    with tempfile.TemporaryDirectory() as scratch:
        counts = Path(scratch) / "counts.json"
        done = subprocess.run([sys.executable, "-m", "pytest", "-n0", "-q", "-m", "slow", "-p", "no:cacheprovider",
                               TEST], cwd=ROOT, env=os.environ | {"KILLS_RECORD": str(counts)}, check=False)
        if done.returncode:
            sys.exit(done.returncode)
        return json.loads(counts.read_text(encoding="utf-8"))


def sentence(found: dict[str, int] | None = None) -> str:
    """README's sentence, from the recorded run; benchmarks/tables.py puts it there, at the marker `kills`."""
    if found is None and not RECORD.is_file():
        return MISSING
    found = found or json.loads(RECORD.read_text(encoding="utf-8"))
    return (f"`dvc repro` over {found['stages']} stages was killed (SIGKILL) {found['kills']} times at random moments; "
            f"all {found['kills']} times it went on, to the {found['outputs']} outputs and the `dvc.lock` of an undisturbed "
            "run (`python -m benchmarks.kills`).\n")


if __name__ == "__main__":
    main()
