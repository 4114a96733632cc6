"""Outputs appear whole or not at all: written aside in the same folder, then renamed."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any


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
    path.parent.mkdir(parents=True, exist_ok=True)
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
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
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
