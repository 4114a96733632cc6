"""Outputs appear whole or not at all: written aside in the same folder, then renamed."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages.core.command import UserError

try:
    import fcntl
except ImportError:  # Windows: nothing keeps two processes apart
    fcntl = None


class BeingWritten(UserError):
    """Another process is writing the same output."""


def aside_of(path: str | Path) -> Path:
    """Where what will be `path` is written: one place, so that the next writing clears what a killed one left."""
    path = Path(path)
    return path.with_name(f".{path.name}.partial")


@contextlib.contextmanager
def whole_file(path: str | Path, keep_when_stopped: bool = False) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes the place of `path` only when the block ends well.

    What was written aside is kept after Ctrl-C where that is asked for, for the next run to go on with.
    """
    path, aside = Path(path), aside_of(path)
    with _sole_writer(path):
        kept = False
        try:
            yield aside
            settle(aside, path)
        except OSError as fault:
            _name_place(fault, path)
            raise
        except KeyboardInterrupt:
            kept = keep_when_stopped
            raise
        finally:
            if not kept:
                aside.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` to fill; it takes the place of `path` only when the block ends well."""
    path, aside = Path(path), aside_of(path)
    with _sole_writer(path):
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            yield aside
            for written in sorted(aside.rglob("*")):
                write_through(written)
            shutil.rmtree(path, ignore_errors=True)
            settle(aside, path)
        except OSError as fault:
            _name_place(fault, path)
            raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def forget(path: Path) -> None:
    """Remove a file, and what a killed process left of one; not while another process is writing it."""
    if path.parent.is_dir():
        with contextlib.suppress(OSError, BeingWritten), _sole_writer(path):
            aside_of(path).unlink(missing_ok=True)
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _sole_writer(path: Path) -> Iterator[None]:
    """Let no other process write `path` meanwhile. Raises BeingWritten where one does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = aside_of(path.with_name(f"{path.name}.lock"))  # not the file itself: HDF5 locks that one
    try:
        handle = _locked(lock)
    except BlockingIOError:
        raise BeingWritten(f"{path}: is being written by another process; wait for it or end it") from None
    except OSError as fault:
        fault.filename = str(path)
        raise
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # as on Windows, where it is open; an empty file is left
            lock.unlink(missing_ok=True)
        os.close(handle)


def _locked(lock: Path) -> int:
    """An open file with a lock, which ends with this process at the latest."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.stat(lock)):
                return handle
        except FileNotFoundError:  # its last holder has removed it in between: the next one is another file
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def settle(aside: Path, path: Path) -> None:
    """Let what was written aside take its place, so that it survives a power cut: its bytes first, then its name."""
    write_through(aside)
    os.replace(aside, path)
    write_through(path.parent)


def write_through(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk itself."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as fault:
        # some network file systems do so for folders, and a name cannot be made surer there
        if not (path.is_dir() and fault.errno in (errno.EINVAL, errno.ENOTSUP)):
            raise
    finally:
        os.close(handle)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    with whole_file(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | Path, value: Any) -> None:
    """Write JSON with sorted keys and no NaN: the same value gives the same bytes."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n")


def _name_place(fault: OSError, path: Path) -> None:
    """Say which output met a fault: a write to a full disk does not know the name of its file."""
    if fault.filename is None:
        fault.filename = str(path)
