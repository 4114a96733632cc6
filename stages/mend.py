"""Put right what a killed DVC leaves cut off, and then refuses to start with: its lock of readers, and dvc.lock.

    python -m stages.mend                         (make mend; a part of make repro)

DVC writes both in place. The stages that dvc.lock loses come back from DVC's cache of runs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.lock import make_lock
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils.serialize import load_yaml
from voluptuous import Invalid

from stages.core.files import write_text

LOCK, ASIDE = Path("dvc.lock"), Path("dvc.lock.cut_off")
TEMPORARY, READERS = Path(".dvc/tmp"), Path(".dvc/tmp/rwlock")


def main() -> None:
    """Look at both files, and say what was mended. Ends with 1 where a person has to decide."""
    mend_readers()
    mend_lock()


def mend_readers() -> None:
    """Remove a lock of readers that is no JSON: who held it is gone."""
    if _cut_off():
        with make_lock(str(TEMPORARY / "rwlock.lock"), tmp_dir=str(TEMPORARY)):  # DVC's own, while it writes the file
            if _cut_off():
                READERS.unlink()
                print(f"mended: {READERS} was cut off; removed", file=sys.stderr)


def mend_lock() -> None:
    """Put the last committed dvc.lock in the place of one that is cut off, which is kept aside."""
    if not LOCK.exists():
        return
    text = LOCK.read_text(encoding="utf-8", errors="replace")
    if any(line.startswith("<<<<<<< ") for line in text.splitlines()):
        sys.exit(f"error: {LOCK}: holds both sides of a merge; choose one, such as by `git checkout --ours {LOCK}`, "
                 "then run the same command again")
    try:
        COMPILED_LOCKFILE_SCHEMA(load_yaml(str(LOCK)))
    except (DvcException, Invalid):
        os.replace(LOCK, ASIDE)
        committed = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], capture_output=True, text=True, check=False)
        if committed.returncode == 0:
            write_text(LOCK, committed.stdout)
        now = "the last committed one is back" if committed.returncode == 0 else "git has none, so all runs again"
        print(f"mended: {LOCK} was cut off and is now {ASIDE}; {now}", file=sys.stderr)


def _cut_off() -> bool:
    """True for a lock of readers that DVC cannot read."""
    try:
        json.loads(READERS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except ValueError:
        return True
    return False


if __name__ == "__main__":
    main()
