"""Rebuild everything in a temporary clone, with an empty cache, and compare each output with a dvc.lock.

    python -m benchmarks.verify                   (make verify)
    python -m benchmarks.verify --against FILE    (make verify AGAINST=FILE)
    python -m benchmarks.verify --rebuilt FILE    compares the dvc.lock of a rebuild that was made here before
    python -m benchmarks.verify --record [MACHINE]    keeps the counts for README

Ends with status 0 where every output has the same bytes, else 1. What differs is named, and why as far as the two
locks tell: other code, other settings, an input that differs, or none of these.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.locks import compare, outputs, read_stages
from benchmarks.machine import MISSING, machine, versions, words
from stages.core import stopping
from stages.core.command import UserError
from stages.core.files import write_json
from stages.core.parameters import load

ROOT = Path(__file__).parents[1]
LOCK = "dvc.lock"
RECORD = ROOT / "benchmarks/verify.json"
SECONDS = 0.2  # between two looks for a signal
FROM_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")  # what the outer make was told is not for the inner one


def main() -> None:
    """Rebuild, compare, say what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="FILE", help="another dvc.lock than the committed one")
    parser.add_argument("--rebuilt", type=Path, metavar="FILE", help="a dvc.lock made on this machine: rebuild nothing")
    parser.add_argument("--keep", action="store_true", help="keep the clone and say where it is")
    parser.add_argument("--record", metavar="MACHINE", nargs="?", const=words(machine()), help="keep the counts in "
                        "benchmarks/verify.json; MACHINE made the lock that is compared with: this one, if left out")
    chosen = parser.parse_args()
    stopping.listen()
    place = None
    try:
        if chosen.rebuilt:
            found = compare(read_stages(chosen.rebuilt), read_stages(chosen.against or ROOT / LOCK))
        else:
            place = Path(tempfile.mkdtemp(prefix="verify-"))
            found = verify(ROOT, place / ROOT.name, chosen.against)
        _print(found, chosen.against or Path(LOCK))
        if chosen.record:
            keep(found, chosen.record)
    except UserError as mistake:
        sys.exit(f"error: {mistake}")
    except OSError as fault:
        sys.exit(f"error: {fault.filename2 or fault.filename or place}: {fault.strerror}; nothing was compared; make "
                 "room or permit access there, or name another folder in TMPDIR")
    except KeyboardInterrupt:
        sys.exit("error: interrupted; nothing was compared")
    finally:
        stopping.ignore()
        if place and chosen.keep:
            print(f"kept: {place / ROOT.name}")
        elif place:
            shutil.rmtree(place, ignore_errors=True)
    sys.exit(1 if any(found.values()) else 0)


def verify(project: Path, clone: Path, against: Path | None) -> dict[str, str]:
    """Rebuild the commit of `project` in `clone`; why each output differs, nothing where it does not."""
    expected = read_stages(against or project / LOCK)
    _require_clean(project)
    _prepare(project, clone)
    _rebuild(clone)
    return compare(read_stages(clone / LOCK), expected)


def keep(found: dict[str, str], made_on: str) -> None:
    """Add the counts of this comparison to benchmarks/verify.json, in place of an older one of the same machines."""
    here = machine() | versions()
    kept = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else []
    kept = [one for one in kept if (one["made_on"], one["machine"]) != (made_on, here)]
    outputs, same = (Counter(path.rsplit("/", 1)[0] for path in paths)
                     for paths in (found, [path for path, why in found.items() if not why]))
    write_json(RECORD, [*kept, {"made_on": made_on, "machine": here, "outputs": outputs, "same": same}])


def table() -> str:
    """README's table of comparisons; benchmarks/tables.py puts it there, at the marker `verify`."""
    if not RECORD.is_file():
        return MISSING
    kept = json.loads(RECORD.read_text(encoding="utf-8"))
    rows = ["| `dvc.lock` made on | rebuilt on | outputs compared | the same bytes | other bytes |",
            "|---|---|--:|--:|--:|"]
    for one in kept:
        outputs, same = (sum(one[which].values()) for which in ("outputs", "same"))
        rows.append(f"| {one['made_on']} | {words(one['machine'])} | {outputs} | {same} | {outputs - same} |")
    return "\n".join([*rows, "", f"The shipped default, PyTorch {kept[-1]['machine']['torch']}.", ""])


def _require_clean(project: Path) -> None:
    """Refuse what the clone would not have."""
    changed = _git(project, "status", "--porcelain").splitlines()
    if changed:
        others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise UserError(f"{changed[0][3:]}{others}: not committed; what is rebuilt is a commit; commit or remove it")


def _prepare(project: Path, clone: Path) -> None:
    """A clone without a single output, its cache empty and its own, with this Python's packages."""
    _git(project, "clone", "--quiet", "--no-hardlinks", str(project), str(clone))
    print(f"rebuilding {_git(clone, 'log', '-1', '--format=%h %s').strip()} in {clone}", flush=True)
    (clone / ".dvc/config.local").write_text("[cache]\n    dir = cache\n", encoding="utf-8")
    if (clone / LOCK).is_file():
        for path in outputs(read_stages(clone / LOCK)):
            (clone / path).unlink(missing_ok=True)
        (clone / LOCK).unlink()
    (clone / ".venv").symlink_to(sys.prefix)
    _link_own(project, clone)


def _link_own(project: Path, clone: Path) -> None:
    """What is the user's own, and params.yaml names from the project on, is found from the clone on, too."""
    run = load(project / "params.yaml").get("run")
    for key in ("local_dir", "inception_weights"):
        if isinstance(run, dict) and isinstance(named := run.get(key), str) and named:
            _link(project, clone, named)


def _link(project: Path, clone: Path, named: str) -> None:
    """A file or folder by its name from the project on."""
    place = Path(os.path.normpath(clone / named))
    if (project / named).exists() and clone.parent in place.parents and not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to((project / named).resolve())


def _rebuild(clone: Path) -> None:
    """`make repro`, with its own words and bars on this terminal."""
    environment = {name: value for name, value in os.environ.items() if name not in FROM_MAKE}
    command = ["make", "--old-file", ".venv/.installed", "repro"]
    with stopping.gently(patient=True):  # a signal lets the stages wind down before their clone is removed
        try:
            make = subprocess.Popen(command, cwd=clone, env=environment)
        except FileNotFoundError:
            raise UserError("make: not found; install it") from None
        status = _ended(make)
    if status:
        raise UserError(f"make repro in a clone ended with status {status}, see above; nothing was compared")


def _ended(make: subprocess.Popen) -> int:
    """Its status, when it has come to its end."""
    told = False
    while True:
        try:
            return make.wait(SECONDS)
        except subprocess.TimeoutExpired:
            if stopping.asked() and not told:
                make.terminate()  # make tells its stages so, which it does not for SIGINT
                told = True


def _print(found: dict[str, str], lock: Path) -> None:
    """Each output, this machine, and the sum."""
    print(f"compared with {lock}:")
    for path, reason in found.items():
        print(f"  differs  {path}: {reason}" if reason else f"  same     {path}")
    here = machine() | versions()
    print(f"this machine: {words(here)}, Python {here['python']}, PyTorch {here['torch']}")
    print(f"{sum(bool(reason) for reason in found.values())} of {len(found)} outputs differ")


def _git(folder: Path, *told: str) -> str:
    """What git says. Raises UserError where it cannot."""
    try:
        done = subprocess.run(["git", *told], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UserError("git: not found; install it") from None
    if done.returncode:
        raise UserError(f"git {told[0]}: {done.stderr.strip()}; a git clone of the project is needed")
    return done.stdout


if __name__ == "__main__":
    main()
