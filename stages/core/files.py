"""Outputs appear whole or not at all: written aside in the same folder, then renamed."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes the place of `path` only when the block ends well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.partial")
    try:
        yield aside
        # a rename before the bytes are on disk could survive a power cut without them
        with open(aside, "rb") as written:
            os.fsync(written.fileno())
        os.replace(aside, path)
    except OSError as fault:
        _name_place(fault, path)
        raise
    finally:
        aside.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` to fill; it takes the place of `path` only when the block ends well."""
    path = Path(path)
    aside = path.with_name(f".{path.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
        shutil.rmtree(path, ignore_errors=True)
        os.replace(aside, path)
    except OSError as fault:
        _name_place(fault, path)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


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
