"""A zip of JPEGs, read member by member in memory: nothing of it is ever unpacked to disk.

Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7 (local file header) and 4.4 (fields).
"""

import os
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from stages.core.command import UserError

ARCHIVE = "img_align_celeba.zip"
FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: the same pictures give the same archive
ENDINGS = (".jpg", ".jpeg")
# CelebA has 202,599 pictures of up to 33 kB: far more is a broken or hostile archive
MOST_PICTURES = 1_000_000
MOST_PICTURE_BYTES = 1 << 20
MOST_BYTES = 16 << 30
HEADER_BYTES, HEADER_START = 30, b"PK\x03\x04"
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags: encrypted, strongly so, or with a masked directory


class Broken(Exception):
    """One picture cannot be read: the conversion stops at it or leaves it out, as params.yaml says."""


@dataclass(frozen=True, slots=True)
class Member:
    """Where a picture lies in the archive, as the archive's directory announces."""

    name: str
    offset: int
    stored_bytes: int
    bytes: int
    deflated: bool
    checksum: int


class Archive:
    """The pictures of a zip in the archive's own order; several threads may read. To be closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        entries = _directory(path)
        self.bytes = path.stat().st_size
        for entry in entries:
            self._check_entry(entry)
        self.members = [self._member(entry) for entry in entries if _is_picture(entry)]
        self._check_whole()
        self._file = os.open(path, os.O_RDONLY)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def read(self, member: Member) -> bytes:
        """The JPEG as its publisher packed it. Raises Broken where it does not fit what the archive announces."""
        # its local header repeats the name, and may have an extra field of another length than the directory's
        start = os.pread(self._file, HEADER_BYTES, member.offset)
        if len(start) < HEADER_BYTES or not start.startswith(HEADER_START):
            raise Broken("no member begins where the archive says")
        name_bytes, extra_bytes = struct.unpack("<HH", start[26:])
        place = member.offset + HEADER_BYTES + name_bytes + extra_bytes
        content = os.pread(self._file, member.stored_bytes, place)
        if member.deflated:
            content = _inflate(content, member.bytes)
        if len(content) != member.bytes:
            raise Broken(f"{len(content):,} bytes; the archive announces {member.bytes:,}")
        if zlib.crc32(content) != member.checksum:
            raise Broken("its bytes do not fit their checksum")
        return content

    def refuse(self, name: str, what: str) -> UserError:
        """The error for one member."""
        return UserError(f"{self.path}: member '{name}' {what}; fetch or pack the archive again")

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        """Refuse what no honest archive of pictures holds."""
        if not entry.filename.isprintable():
            raise self.refuse(ascii(entry.filename)[1:-1], "has a name that cannot be printed")
        parts = re.split(r"[/\\]", entry.filename)
        if not parts[0] or ".." in parts or re.match(r"[A-Za-z]:", entry.filename):
            raise self.refuse(entry.filename, "points out of its folder; expected relative names")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise self.refuse(entry.filename, "is a link or a device; expected files and folders")
        if entry.flag_bits & ENCRYPTED:
            raise self.refuse(entry.filename, "is encrypted; expected plain files")

    def _member(self, entry: zipfile.ZipInfo) -> Member:
        """A picture's place, checked."""
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self.refuse(entry.filename, f"is compressed by method {entry.compress_type}; "
                                              "expected stored or deflated")
        for size, state in ((entry.file_size, "unpacked"), (entry.compress_size, "packed")):
            if size > MOST_PICTURE_BYTES:
                raise self.refuse(entry.filename, f"has {size:,} bytes {state}; expected at most "
                                                  f"{MOST_PICTURE_BYTES:,}")
        if not 0 <= entry.header_offset <= self.bytes - HEADER_BYTES - entry.compress_size:
            raise self.refuse(entry.filename, "lies beyond the beginning or the end of the file")
        return Member(entry.filename, entry.header_offset, entry.compress_size, entry.file_size,
                      entry.compress_type == zipfile.ZIP_DEFLATED, entry.CRC)

    def _check_whole(self) -> None:
        """Refuse an archive without pictures, with too many, with two of one name, or that packs bytes twice."""
        if not self.members:
            raise UserError(f"{self.path}: holds no JPEG; expected a zip of .jpg files; replace it")
        if len(self.members) > MOST_PICTURES or sum(member.bytes for member in self.members) > MOST_BYTES:
            raise UserError(f"{self.path}: announces {len(self.members):,} pictures; expected at most "
                            f"{MOST_PICTURES:,} of {MOST_BYTES >> 30} GiB together; replace it")
        if sum(member.stored_bytes for member in self.members) > self.bytes:
            raise UserError(f"{self.path}: announces more packed bytes than it has; replace it")
        seen: set[str] = set()
        for member in self.members:
            if member.name in seen:
                raise self.refuse(member.name, "stands twice; expected each name once")
            seen.add(member.name)


def is_picture_name(name: str) -> bool:
    """True for a JPEG by its ending; macOS adds files of its own that only look like some."""
    *folders, last = name.split("/")  # pathlib would take seconds for all of CelebA
    return last.lower().endswith(ENDINGS) and not last.startswith("._") and "__MACOSX" not in folders


def _is_picture(entry: zipfile.ZipInfo) -> bool:
    """True for a file that is a JPEG by its name."""
    return not entry.is_dir() and is_picture_name(entry.filename)


def _directory(path: Path) -> list[zipfile.ZipInfo]:
    """The archive's list of what it holds, in its own order."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except FileNotFoundError:
        raise UserError(f"{path}: not found; expected a zip of JPEGs; run the download stage first") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, struct.error, OverflowError):
        with open(path, "rb") as file:
            start = file.read(4)
        what = "truncated or damaged zip" if start == HEADER_START else f"begins with {start.hex(' ') or 'nothing'}"
        raise UserError(f"{path}: {what}; expected a zip of JPEGs; fetch it again") from None


def _inflate(content: bytes, announced: int) -> bytes:
    """The unpacked bytes, one more than announced at most: a bomb gets no memory."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, announced + 1)
    except zlib.error:
        raise Broken("its packed bytes are damaged") from None
