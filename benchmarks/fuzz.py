"""Feed the parsers thousands of broken and hostile inputs, other ones on each run, and count them.

    python -m benchmarks.fuzz                     shows the counts
    python -m benchmarks.fuzz --record            writes them to benchmarks/fuzz.json, for README
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.machine import MISSING
from stages.core.files import write_json

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/fuzz.json"


def main() -> None:
    """Run the tests of fuzzing with many examples; end as they end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=3000, help="inputs for each test, 3000 if left out")
    parser.add_argument("--record", action="store_true")
    chosen = parser.parse_args()
    counts = fuzz(chosen.examples)
    print("\n".join(f"{what}: {count:,}" for what, count in sorted(counts.items())))
    print(f"{sum(counts.values()):,} inputs fuzzed, all refused in one line or read as they are")
    if chosen.record:
        write_json(RECORD, counts)


def fuzz(examples: int) -> dict[str, int]:
    """How many inputs each parser met. Ends the process where one of them was not borne."""
    with tempfile.TemporaryDirectory() as scratch:
        record = Path(scratch) / "counts.json"
        done = subprocess.run([sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", *tests()],
                              cwd=ROOT, env=os.environ | {"FUZZ_EXAMPLES": str(examples), "FUZZ_RECORD": str(record)},
                              check=False)
        if done.returncode:
            sys.exit(done.returncode)
        return json.loads(record.read_text(encoding="utf-8"))


def tests() -> list[str]:
    """The files of tests that fuzz."""
    return sorted(str(path) for path in (ROOT / "tests").glob("test_fuzz_*.py"))


def sentence() -> str:
    """README's sentence, from the recorded run; benchmarks/tables.py puts it there, at the marker `fuzz`."""
    if not RECORD.is_file():
        return MISSING
    counts: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    parts = ", ".join(f"{count:,} of {what}" for what, count in sorted(counts.items(), key=lambda item: -item[1]))
    return f"{sum(counts.values()):,} inputs were fuzzed in the recorded run (`python -m benchmarks.fuzz`): {parts}.\n"


if __name__ == "__main__":
    main()
