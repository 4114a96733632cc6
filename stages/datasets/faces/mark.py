"""How far a file of pictures is written: a small file beside it, so that a conversion goes on where it was killed."""

import hashlib
import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from stages.core import stopping
from stages.core.files import forget, write_json
from stages.core.pace import Pace

FOLDER = Path("data/checkpoints/conversions")
READ_BYTES = 16 << 20


class Mark:
    """Counts the pictures of each data set that are on disk, uncompressed, and knows where in the file they begin.

    `key` stands for all that decides what is written: a mark of another one is not used. Where not `on`, there is none.
    """

    def __init__(self, target: Path, key: str, shape: tuple[int, ...], total: int, *, on: bool) -> None:
        self.path, self.key, self.shape, self.total = FOLDER / f"{target.stem}.json", key, shape, total
        self.pace = Pace(most_share=1)  # what it waits for is written once anyway
        self.on = on and not self.pace.never
        self.done: dict[str, int] = {}
        self.places: dict[str, int] = {}
        self.content = hashlib.sha256()  # of the pictures so far
        self.saved = 0  # pictures that the mark on disk knows of
        self._failed = False

    def load(self, aside: Path) -> None:
        """Go on with the file that is there, if it holds what the mark says."""
        if not self.on or not self.path.is_file():
            return
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if kept["key"] != self.key:
                raise _Unusable("belongs to other pictures, parameters or code")
            content = self._read_back(aside, kept["done"], kept["places"])
            if content.hexdigest() != kept["digest"]:
                raise _Unusable("does not fit the pictures on disk")
            self.done, self.places, self.content = kept["done"], kept["places"], content
            self.saved = sum(self.done.values())
        except _Unusable as reason:
            self._refuse(str(reason))
        except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
            self._refuse("damaged, or its pictures are gone")

    def first(self, aside: Path, name: str) -> np.ndarray:
        """The first picture of a data set, from the file."""
        with open(aside, "rb") as file:
            file.seek(self.places[name])
            return np.fromfile(file, np.uint8, math.prod(self.shape)).reshape(1, *self.shape)

    def advance(self, name: str, block: np.ndarray, place: int) -> None:
        """Count a block of pictures of a data set that begins at `place` in the file."""
        self.content.update(block)
        self.done[name] = self.done.get(name, 0) + len(block)
        self.places[name] = place

    def save_if_due(self, file: BinaryIO) -> None:
        """Write the mark where it is time, after the pictures; and end here where that was asked for."""
        if self.on and self.pace.due():
            with self.pace.measured():
                os.fsync(file.fileno())
                self._write()
        if number := stopping.asked():
            start = f"go on from {self.saved:,} of {self.total:,} pictures" if self.saved else \
                "start from the beginning"
            raise stopping.Stopped(number, f"run the same command again to {start}")

    def remove(self) -> None:
        """Forget it: the file is in its place, or gone."""
        forget(self.path)

    def _write(self) -> None:
        """Write the mark; a disk that does not take it is no reason to end a conversion."""
        try:
            write_json(self.path, {"key": self.key, "done": self.done, "places": self.places,
                                   "digest": self.content.hexdigest()})
            self.saved = sum(self.done.values())
        except OSError as fault:
            if not self._failed:
                print(f"warning: {self.path}: not written ({fault.strerror}); the conversion goes on, and could not be "
                      "gone on with", file=sys.stderr)
            self._failed = True

    def _read_back(self, aside: Path, done: Mapping[str, int], places: Mapping[str, int]) -> Any:
        """The digest of the pictures that should be there."""
        content, buffer = hashlib.sha256(), bytearray(READ_BYTES)
        with open(aside, "rb", buffering=0) as file:
            for name in sorted(done, key=places.__getitem__):  # as they were written
                file.seek(places[name])
                left = done[name] * math.prod(self.shape)
                while left and (read := file.readinto(memoryview(buffer)[:left])):
                    content.update(memoryview(buffer)[:read])
                    left -= read
        return content

    def _refuse(self, reason: str) -> None:
        """Say why it is not used."""
        self.remove()
        print(f"note: {self.path}: {reason}; removed, and the conversion starts from the beginning", file=sys.stderr)


class _Unusable(Exception):
    """Why a mark is of no use."""
