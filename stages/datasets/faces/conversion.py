"""JPEGs of an archive to blocks of pixels, on all cores."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

import h5py
import numpy as np
import simplejpeg

from stages.core.code import code_digest
from stages.core.command import UserError
from stages.core.cores import cores
from stages.datasets.faces.archive import Archive, Broken, Member

HEIGHT, WIDTH = 218, 178
BLOCK = 256  # pictures, 30 MB: two of them are in memory at a time
PART = 16  # pictures that a thread takes at a time


def key_of(chosen: Mapping[str, Sequence[Member]], provenance: dict[str, Any]) -> str:
    """One digest of all that decides what pictures come out."""
    members = {split: [(member.name, member.checksum) for member in part] for split, part in chosen.items()}
    versions = [simplejpeg.__version__, h5py.__version__]
    decides = [members, provenance, versions, code_digest(("core", "datasets"), "convert.py")]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def decode(archive: Archive, member: Member, picture: np.ndarray) -> None:
    """Decode a JPEG to RGB into `picture`. Raises Broken, and UserError for a picture of another size."""
    content = archive.read(member)
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(content)
    except ValueError:
        raise Broken("no JPEG, or its header is damaged") from None
    if (height, width) != (HEIGHT, WIDTH):
        raise UserError(f"{archive.path}: member '{member.name}' is {height} high and {width} wide; expected "
                        f"{HEIGHT} x {WIDTH}, as all of CelebA's aligned pictures; scale or remove it")
    if colours in ("CMYK", "YCCK"):
        raise Broken("colours for print (CMYK); expected RGB or grey")
    try:
        simplejpeg.decode_jpeg(content, buffer=picture)
    except ValueError as fault:
        raise Broken(f"damaged JPEG: {fault}") from None


class Converter:
    """Decodes the pictures of an archive on all cores. To be closed."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.pool = ThreadPoolExecutor(cores())

    def close(self) -> None:
        """Drop what was not begun, and wait for the rest."""
        self.pool.shutdown(cancel_futures=True)

    def blocks(self, members: Sequence[Member], progress: Callable[[int], object],
               first: int = 0) -> Iterator[np.ndarray]:
        """Pictures uint8 [up to BLOCK, 218, 178, 3] from the `first` on; each block holds until the next one."""
        progress(first)
        members = members[first:]
        buffers = [np.empty((min(BLOCK, len(members)), HEIGHT, WIDTH, 3), np.uint8) for _ in range(2)]
        begun = self._begin(members[:BLOCK], buffers[0])
        for place, start in enumerate(range(0, len(members), BLOCK)):
            # the next block is decoded while the caller writes this one
            ready, begun = begun, self._begin(members[start + BLOCK : start + 2 * BLOCK], buffers[(place + 1) % 2])
            for part in ready:
                part.result()
            count = min(BLOCK, len(members) - start)
            yield buffers[place % 2][:count]
            progress(count)

    def usable(self, members: Iterable[Member], count: int,
               progress: Callable[[int], object]) -> tuple[list[Member], int]:
        """The first `count` members that can be decoded, and how many before the last of them cannot."""
        members, found, broken = iter(members), [], 0
        while len(found) < count and (some := list(islice(members, BLOCK))):
            for member, good in zip(some, self.pool.map(self._is_good, some, chunksize=PART), strict=True):
                if len(found) < count:
                    found += [member] * good
                    broken += not good
            progress(len(some))
        return found, broken

    def _begin(self, members: Sequence[Member], pictures: np.ndarray) -> list[Future[None]]:
        """Start to decode members into `pictures`."""
        return [self.pool.submit(self._decode, members[start : start + PART], pictures[start : start + PART])
                for start in range(0, len(members), PART)]

    def _decode(self, members: Sequence[Member], pictures: np.ndarray) -> None:
        """Decode a few members, and stop at the first that cannot be."""
        for member, picture in zip(members, pictures, strict=False):
            try:
                decode(self.archive, member, picture)
            except Broken as reason:
                raise UserError(f"{self.archive.path}: member '{member.name}': {reason}; fetch it again, "
                                "or set datasets.celeba.corrupt: skip") from None

    def _is_good(self, member: Member) -> bool:
        """True for a member that can be decoded."""
        try:
            decode(self.archive, member, np.empty((HEIGHT, WIDTH, 3), np.uint8))
        except Broken:
            return False
        return True
