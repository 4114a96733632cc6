"""An HDF5 file of pictures larger than the memory: written block by block, whole or not at all."""

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from stages.core import stopping
from stages.core.files import aside_of, whole_file
from stages.datasets.faces.mark import Mark

# how many pictures come, and the pictures uint8 [k, height, width, 3] from a place on
Blocks = tuple[int, Callable[[int], Iterable[np.ndarray]]]


def write_pictures(path: Path, splits: Mapping[str, Blocks], arrays: Mapping[str, np.ndarray], provenance: dict,
                   shape: tuple[int, int, int], compression: str | None, key: str = "") -> None:
    """Write the pictures of each split, further arrays, their provenance and a digest of it all.

    Contiguous and uncompressed, or compressed in chunks of one picture where `compression` is gzip or lzf. Uncompressed
    pictures that a killed run has written for the same `key` are not written again.
    """
    total = sum(count for count, _ in splits.values())
    mark = Mark(path, key, shape, total, on=compression is None)
    try:
        with whole_file(path, keep_when_stopped=mark.on) as aside:
            mark.load(aside)
            # HDF5 calls the shield: what is raised there comes out as another fault, and the file is lost
            with stopping.gently(patient=True), _shielded(aside, goes_on=bool(mark.done)) as (file, shield):
                for split, (count, blocks) in splits.items():
                    pictures = _new_pictures(file, f"{split}/images", (count, *shape), compression)
                    _fill(pictures, blocks, mark, shield, aside)
                for name, array in arrays.items():
                    file[name] = array
                    mark.content.update(array.tobytes())
                for name, value in (("provenance", provenance), ("digest", mark.content.hexdigest())):
                    file.attrs[name] = json.dumps(value, sort_keys=True)
    finally:
        if not aside_of(path).exists():  # in its place, or removed after a fault
            mark.remove()


def _new_pictures(file: h5py.File, name: str, shape: tuple[int, ...], compression: str | None) -> h5py.Dataset:
    """An empty data set; nothing of it is on disk before something is written."""
    chunks = (1, *shape[1:]) if compression else None
    return file.create_dataset(name, shape, np.uint8, chunks=chunks, compression=compression, fill_time="never")


def _fill(pictures: h5py.Dataset, blocks: Callable[[int], Iterable[np.ndarray]], mark: Mark, shield: "_Shield",
          aside: Path) -> None:
    """Write the pictures of one split that are not there yet, as many as announced."""
    name = pictures.name.removeprefix("/")
    done = mark.done.get(name, 0)
    if done:  # a data set gets its place in the file with its first picture: where it was, for the file grows the same
        pictures[:1] = mark.first(aside, name)
        assert pictures.id.get_offset() == mark.places[name], "other pictures would be overwritten"
    for block in blocks(done):
        pictures[done : done + len(block)] = block
        done += len(block)
        shield.check()
        mark.advance(name, block, pictures.id.get_offset() or 0)
        mark.save_if_due(shield.file)
    assert done == len(pictures), f"{done} pictures of the announced {len(pictures)} in {name}"


@contextlib.contextmanager
def _shielded(path: Path, goes_on: bool) -> Iterator[tuple[h5py.File, "_Shield"]]:
    """A new HDF5 file, over one that was begun where it goes on, and its shield, which raises the fault of the disk."""
    with open(path, "r+b" if goes_on else "w+b", buffering=0) as raw:
        shield = _Shield(raw)
        try:
            with h5py.File(shield, "w") as file:
                yield file, shield
        finally:
            shield.check()


class _Shield:
    """The file as HDF5 sees it, new and always in order.

    HDF5 crashes when a disk is full, so the fault waits here; and it would read what a killed run has left, so the file
    ends where this run has come to.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.end = 0
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
        self.end = max(self.end, self.file.tell())
        return len(content)

    def truncate(self, size: int) -> int:
        """Set the length of the file."""
        self.end = size
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
        return self.file.seek(*((self.end + offset, os.SEEK_SET) if whence == os.SEEK_END else (offset, whence)))

    def tell(self) -> int:
        """The present place."""
        return self.file.tell()

    def flush(self) -> None:
        """Nothing waits: the file is unbuffered."""
