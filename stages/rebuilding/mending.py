"""Put right what DVC does not: what a killed one leaves cut off, and what a disk has changed in its cache.

DVC writes its lock of readers and dvc.lock in place, and refuses to start where one is cut off, or where the lock
names a process that is gone, but whose number another one has, as after a power cut. The stages that dvc.lock loses
come back from its cache of runs. An object of the cache that is read-only, as DVC leaves it, it never hashes again.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
from dvc.exceptions import DvcException
from dvc.lock import make_lock
from dvc.output import Output
from dvc.repo import Repo, lock_repo
from dvc.rwlock import SCHEMA
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils.serialize import load_yaml
from voluptuous import Invalid

from stages.core.files import write_text
from stages.core.progress import progress_bar

LOCK, ASIDE = Path("dvc.lock"), Path("dvc.lock.cut_off")
TEMPORARY, READERS = Path(".dvc/tmp"), Path(".dvc/tmp/rwlock")


def mend_notes() -> None:
    """Look at both files, and say what was mended. Ends with 1 where a person has to decide."""
    mend_readers()
    mend_lock()


def mend_cache() -> None:
    """Remove every object of the cache whose bytes have another digest than its name, with what was checked out of it.

    It is put back from the workspace where the output there is whole; else the next `dvc repro` makes it again.
    """
    repo = Repo(_wait_for_lock=True)
    root = Path(repo.cache.local.path)
    objects = [path for path in sorted(root.glob("??/*")) if path.is_file()]
    with lock_repo(repo):
        damaged = set()
        with progress_bar(len(objects), "cache", "object") as bar:
            for path in objects:
                name = path.parent.name + path.name
                if _digest(path) != name.removesuffix(".dir"):
                    damaged.add(name)
                    path.unlink()
                bar.update(1)
        for out in repo.index.outs:
            if damaged & _names(out, root):
                whole = "put back from the workspace" if _put_back(out) else "removed; make repro makes it again"
                print(f"mended: {out.def_path}: damaged in DVC's cache; {whole}", file=sys.stderr)
    print(f"{len(damaged)} of {len(objects)} objects of DVC's cache were damaged")


def mend_readers() -> None:
    """Remove DVC's lock of readers where it is cut off, and from a whole one the processes that are gone."""
    if not READERS.exists():
        return
    with make_lock(str(TEMPORARY / "rwlock.lock"), tmp_dir=str(TEMPORARY)):  # DVC's own, while it writes the file
        try:
            held = SCHEMA(json.loads(READERS.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return
        except (ValueError, Invalid):
            READERS.unlink()
            print(f"mended: {READERS} was cut off; removed", file=sys.stderr)
            return
        if gone := {holder["pid"] for holder in _holders(held) if _is_gone(holder["pid"])}:
            write_text(READERS, json.dumps(_without(held, gone)))
            print(f"mended: {READERS} named processes that are gone: {', '.join(map(str, sorted(gone)))}",
                  file=sys.stderr)


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


def _holders(held: dict[str, Any]) -> list[dict[str, Any]]:
    """Who writes and who reads, of all paths, in DVC's lock of readers."""
    return [*held["write"].values(), *(one for readers in held["read"].values() for one in readers)]


def _without(held: dict[str, Any], gone: set[int]) -> dict[str, Any]:
    """The same lock without those processes."""
    return {"write": {path: one for path, one in held["write"].items() if one["pid"] not in gone},
            "read": {path: left for path, readers in held["read"].items()
                     if (left := [one for one in readers if one["pid"] not in gone])}}


def _is_gone(pid: int) -> bool:
    """True where no process has that number, a dead one that nobody has waited for, or one that holds no lock here.

    That is one at work elsewhere that began after the lock was last written: its number was another's before.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        if process.create_time() <= READERS.stat().st_mtime:
            return False
        return not Path(process.cwd()).is_relative_to(Path.cwd())
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:  # another user's, begun after the lock was written
        return True


def _digest(path: Path) -> str:
    """MD5, the digest that DVC names objects by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _names(out: Output, root: Path) -> set[str]:
    """The objects that hold an output: one, or that of a folder and those of its files."""
    name = out.hash_info.value or ""
    folder = root / name[:2] / name[2:]
    if not name.endswith(".dir") or not folder.is_file():
        return {name}
    return {name, *(file["md5"] for file in json.loads(folder.read_text(encoding="utf-8")))}


def _put_back(out: Output) -> bool:
    """Whether the workspace has an output whole, which is then in the cache again; else it is removed there too."""
    place = Path(out.fs_path)
    if place.is_file() and _digest(place) == out.hash_info.value:
        out.commit()
        return True
    out.remove()
    return False
