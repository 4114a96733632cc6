"""IDX, MNIST's file format: a big-endian header, then bytes; gzipped or not.

Source: http://yann.lecun.com/exdb/mnist/ ("the IDX file format").
"""

import gzip
import hashlib
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from stages.core.command import UserError

IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049
IMAGE_SIDE = 28
CLASSES = 10
# MNIST has 60,000; EMNIST, the largest of its kind, 814,255: more is a broken or hostile header
MOST_RECORDS = 1_000_000
BLOCK_BYTES = 1 << 20
LAYOUTS = {IMAGES_MAGIC: (16, IMAGE_SIDE**2), LABELS_MAGIC: (8, 1)}  # bytes of the header, bytes of one record


def read_images(path: Path) -> np.ndarray:
    """Read the pictures of an IDX file: uint8 [count, 28, 28]. Raises UserError naming the file."""
    content = _read(path)
    _expect(path, "magic number", _magic_and_count(content)[0], IMAGES_MAGIC)
    return np.frombuffer(content, np.uint8, offset=16).reshape(-1, IMAGE_SIDE, IMAGE_SIDE)


def read_labels(path: Path) -> np.ndarray:
    """Read the labels of an IDX file: uint8 [count], each 0 to 9. Raises UserError naming the file."""
    content = _read(path)
    _expect(path, "magic number", _magic_and_count(content)[0], LABELS_MAGIC)
    labels = np.frombuffer(content, np.uint8, offset=8)
    if len(labels) and labels.max() >= CLASSES:
        place = int(np.argmax(labels >= CLASSES))
        raise UserError(f"{path}: label {labels[place]} at record {place}; expected 0 to 9; mend or replace the file")
    return labels


def encode_images(images: np.ndarray) -> bytes:
    """IDX bytes of uint8 pictures [count, 28, 28]."""
    return struct.pack(">4i", IMAGES_MAGIC, *images.shape) + images.tobytes()


def encode_labels(labels: np.ndarray) -> bytes:
    """IDX bytes of uint8 labels [count]."""
    return struct.pack(">2i", LABELS_MAGIC, len(labels)) + labels.tobytes()


def compress(content: bytes) -> bytes:
    """gzip without a time stamp: the same content gives the same bytes; level 1 takes a tenth of level 9's time."""
    return gzip.compress(content, compresslevel=1, mtime=0)


def is_gzipped(path: Path) -> bool:
    """True where the file begins as gzip does, whatever its name."""
    with open(path, "rb") as file:
        return file.read(2) == b"\x1f\x8b"


def digest(path: Path) -> str:
    """SHA-256 of the decompressed bytes, so that any honest gzip of the same data passes."""
    return hashlib.sha256(_read(path)).hexdigest()


def _read(path: Path) -> bytes:
    """The decompressed bytes of a file, as many as its own header announces: a small file cannot fill the memory."""
    try:
        with gzip.open(path) if is_gzipped(path) else open(path, "rb") as file:
            content = file.read(8)
            magic, count = _magic_and_count(content)
            header_bytes, record_bytes = LAYOUTS.get(magic, (8, 0))
            # one byte more shows a file that is longer, and makes gzip compare its checksum at the end
            content += _read_up_to(file, header_bytes - 8 + min(count, MOST_RECORDS) * record_bytes + 1)
    except FileNotFoundError:
        raise UserError(f"{path}: not found; expected an IDX file; run the download stage first") from None
    except EOFError:
        raise UserError(f"{path}: truncated gzip, its end is missing; fetch the file again") from None
    except (gzip.BadGzipFile, zlib.error) as broken:
        raise UserError(f"{path}: damaged gzip ({broken}); fetch the file again") from None
    _check_header(path, content)
    return content


def _read_up_to(file: BinaryIO, most: int) -> bytes:
    """The next bytes, block by block: asked for all at once, a short file would get the memory that it announces."""
    blocks = []
    while most > 0 and (block := file.read(min(most, BLOCK_BYTES))):
        blocks.append(block)
        most -= len(block)
    return b"".join(blocks)


def _check_header(path: Path, content: bytes) -> None:
    """Refuse what is no IDX file of 28 x 28 pictures or of labels, or not as long as it says."""
    magic, count = _magic_and_count(content)
    if magic not in LAYOUTS:
        raise UserError(
            f"{path}: begins with {content[:4].hex(' ') or 'nothing'}; expected IDX data with magic number "
            f"{IMAGES_MAGIC} (pictures) or {LABELS_MAGIC} (labels); replace the file"
        )
    header_bytes, record_bytes = LAYOUTS[magic]
    if len(content) < header_bytes:
        raise UserError(f"{path}: {len(content)} bytes; expected an IDX header of {header_bytes}; fetch it again")
    if magic == IMAGES_MAGIC:
        rows, columns = struct.unpack(">2I", content[8:16])
        _expect(path, "picture height", rows, IMAGE_SIDE)
        _expect(path, "picture width", columns, IMAGE_SIDE)
    if count > MOST_RECORDS:
        raise UserError(f"{path}: announces {count:,} records; expected at most {MOST_RECORDS:,}; replace the file")
    expected = header_bytes + count * record_bytes
    if len(content) > expected:
        raise UserError(f"{path}: holds more than the {count:,} records it announces; replace the file")
    _expect(path, "number of bytes", len(content), expected)


def _magic_and_count(content: bytes) -> tuple[int, int]:
    """The two numbers with which every IDX file begins; zeros where it is shorter."""
    return struct.unpack(">2I", content[:8].ljust(8, b"\0"))


def _expect(path: Path, what: str, found: int, expected: int) -> None:
    """Refuse a header that does not fit."""
    if found != expected:
        raise UserError(f"{path}: {what} is {found}; expected {expected} for IDX data like MNIST; replace the file")
