"""An HDF5 file of pictures larger than the memory: written block by block, whole or not at all."""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from stages.core.files import whole_file

Blocks = tuple[int, Iterable[np.ndarray]]  # how many pictures come, and the pictures uint8 [k, height, width, 3]


def write_pictures(path: Path, splits: Mapping[str, Blocks], arrays: Mapping[str, np.ndarray], provenance: dict,
                   shape: tuple[int, int, int], compression: str | None) -> None:
    """Write the pictures of each split, further arrays, their provenance and a digest of it all.

    Contiguous and uncompressed, or compressed in chunks of one picture where `compression` is gzip or lzf.
    """
    with whole_file(path) as aside, _shielded(aside) as (file, check):
        content = hashlib.sha256()
        for split, (count, blocks) in splits.items():
            _write_split(file, f"{split}/images", (count, *shape), compression, _hashed(blocks, content), check)
        for name, array in arrays.items():
            file[name] = array
            content.update(array.tobytes())
        for name, value in (("provenance", provenance), ("digest", content.hexdigest())):
            file.attrs[name] = json.dumps(value, sort_keys=True)


def _write_split(file: h5py.File, name: str, shape: tuple[int, ...], compression: str | None,
                 blocks: Iterable[np.ndarray], check: Callable[[], None]) -> None:
    """Write the pictures of one split, as many as announced."""
    chunks = (1, *shape[1:]) if compression else None
    pictures = file.create_dataset(name, shape, np.uint8, chunks=chunks, compression=compression, fill_time="never")
    done = 0
    for block in blocks:
        pictures[done : done + len(block)] = block
        done += len(block)
        check()
    assert done == shape[0], f"{done} pictures of the announced {shape[0]} in {name}"


def _hashed(blocks: Iterable[np.ndarray], content: Any) -> Iterator[np.ndarray]:
    """The same blocks, each taken into the digest on its way."""
    for block in blocks:
        content.update(block)
        yield block


@contextlib.contextmanager
def _shielded(path: Path) -> Iterator[tuple[h5py.File, Callable[[], None]]]:
    """A new HDF5 file, and a function that raises the fault of the disk where there was one."""
    with open(path, "w+b", buffering=0) as raw:
        shield = _Shield(raw)
        try:
            with h5py.File(shield, "w") as file:
                yield file, shield.check
        finally:
            shield.check()


class _Shield:
    """The file as HDF5 sees it, always in order: HDF5 crashes when a disk is full, so the fault waits here."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.fault: OSError | None = None

    def check(self) -> None:
        """Raise what the disk said."""
        if self.fault:
            raise self.fault

    def write(self, content: Any) -> int:
        """Write all of it, or pretend to after a fault."""
        rest = memoryview(content).cast("B")
        while rest and not self.fault:
            try:
                rest = rest[self.file.write(rest) :]  # a nearly full disk takes a part first
            except OSError as fault:
                self.fault = fault
        return len(content)

    def truncate(self, size: int) -> int:
        """Set the length of the file."""
        try:
            return self.file.truncate(size)
        except OSError as fault:
            self.fault = self.fault or fault
            return size

    def read(self, size: int) -> bytes:
        """Read back; h5py tells a file from a name by this."""
        content = bytearray(size)
        self.readinto(content)
        return bytes(content)

    def readinto(self, buffer: Any) -> int:
        """Read back; zeros for what a full disk did not take."""
        view = memoryview(buffer).cast("B")
        done = self.file.readinto(view)
        view[done:] = bytes(len(view) - done)
        return len(view)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """The present place."""
        return self.file.tell()

    def flush(self) -> None:
        """Nothing waits: the file is unbuffered."""
