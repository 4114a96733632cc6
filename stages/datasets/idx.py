"""IDX, MNIST's file format: a big-endian header, then bytes; gzipped or not.

Source: http://yann.lecun.com/exdb/mnist/ ("the IDX file format").
"""

import gzip
import hashlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np

from stages.core.command import UserError

IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049
IMAGE_SIDE = 28
CLASSES = 10
# MNIST has 60,000; EMNIST, the largest of its kind, 814,255: more is a broken or hostile header
MOST_RECORDS = 1_000_000


def read_images(path: Path) -> np.ndarray:
    """Read the pictures of an IDX file: uint8 [count, 28, 28]. Raises UserError naming the file."""
    content = _read(path, header_bytes=16, record_bytes=IMAGE_SIDE**2)
    magic, count, rows, columns = struct.unpack(">4i", content[:16])
    _expect(path, "magic number", magic, IMAGES_MAGIC)
    _expect(path, "picture height", rows, IMAGE_SIDE)
    _expect(path, "picture width", columns, IMAGE_SIDE)
    _expect(path, "number of bytes", len(content), 16 + count * IMAGE_SIDE**2)
    return np.frombuffer(content, np.uint8, offset=16).reshape(count, IMAGE_SIDE, IMAGE_SIDE)


def read_labels(path: Path) -> np.ndarray:
    """Read the labels of an IDX file: uint8 [count], each 0 to 9. Raises UserError naming the file."""
    content = _read(path, header_bytes=8, record_bytes=1)
    magic, count = struct.unpack(">2i", content[:8])
    _expect(path, "magic number", magic, LABELS_MAGIC)
    _expect(path, "number of bytes", len(content), 8 + count)
    labels = np.frombuffer(content, np.uint8, offset=8)
    if count and labels.max() >= CLASSES:
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


def digest(path: Path) -> str:
    """SHA-256 of the decompressed bytes, so that any honest gzip of the same data passes."""
    return hashlib.sha256(_read(path, header_bytes=16, record_bytes=IMAGE_SIDE**2)).hexdigest()


def _read(path: Path, header_bytes: int, record_bytes: int) -> bytes:
    """The decompressed bytes of a file, never more than a plausible data set has."""
    most = header_bytes + MOST_RECORDS * record_bytes
    try:
        with open(path, "rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            reader = gzip.GzipFile(fileobj=file) if zipped else io.BufferedReader(file)
            content = reader.read(most + 1)
    except FileNotFoundError:
        raise UserError(f"{path}: not found; expected an IDX file; run the download stage first") from None
    except EOFError:
        raise UserError(f"{path}: truncated gzip, its end is missing; fetch the file again") from None
    except (gzip.BadGzipFile, zlib.error) as broken:
        raise UserError(f"{path}: damaged gzip ({broken}); fetch the file again") from None
    if len(content) < header_bytes:
        raise UserError(f"{path}: {len(content)} bytes; expected an IDX header of {header_bytes}; fetch it again")
    if len(content) > most:
        raise UserError(f"{path}: more than {MOST_RECORDS:,} records; expected an MNIST-like data set")
    return content


def _expect(path: Path, what: str, found: int, expected: int) -> None:
    """Refuse a header that does not fit."""
    if found != expected:
        raise UserError(f"{path}: {what} is {found}; expected {expected} for IDX data like MNIST; fetch it again")
