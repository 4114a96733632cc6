"""CelebA's lists: text files with a row for each picture, read strictly."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stages.core.command import UserError

ATTRIBUTES, IDENTITIES, PARTITIONS = "list_attr_celeba.txt", "identity_CelebA.txt", "list_eval_partition.txt"
BOXES, LANDMARKS = "list_bbox_celeba.txt", "list_landmarks_align_celeba.txt"
LISTS = (ATTRIBUTES, IDENTITIES, BOXES, LANDMARKS, PARTITIONS)
KEPT = (ATTRIBUTES, IDENTITIES, PARTITIONS)  # what goes on to HDF5; the others are only checked
MOST_ATTRIBUTES = 200  # CelebA has 40
MOST_NAME_LETTERS = 64
MOST_LINE_BYTES = 1 << 14
MOST_PEOPLE = 2**32 - 1
BITS = {"1": 1, "-1": 0}
BOX_NUMBERS, LANDMARK_NUMBERS = 4, 10


@dataclass(frozen=True)
class Lists:
    """What the lists say of each picture, by its file name; None for a list that is not there."""

    attribute_names: list[str]
    attributes: dict[str, bytes] | None
    identities: dict[str, int] | None
    partitions: dict[str, int] | None

    def arrays(self, members: Sequence[str]) -> dict[str, np.ndarray]:
        """Attributes uint8 [n, a], identities uint32 [n], partitions uint8 [n] of these pictures, as far as known."""
        names = [_file_name(member) for member in members]
        found: dict[str, np.ndarray] = {}
        if self.attributes is not None:
            bits = b"".join(self.attributes[name] for name in names)
            found["attributes"] = np.frombuffer(bits, np.uint8).reshape(len(names), len(self.attribute_names))
        if self.identities is not None:
            found["identities"] = np.array([self.identities[name] for name in names], np.uint32)
        if self.partitions is not None:
            found["partitions"] = np.array([self.partitions[name] for name in names], np.uint8)
        return found


def read_lists(folder: Path, members: Iterable[str], wanted: Sequence[str] = LISTS) -> Lists:
    """Read the `wanted` lists that are in `folder`, a row for each picture. Raises UserError naming file and line."""
    names = [_file_name(member) for member in members]
    attribute_names: list[str] = []
    found: dict[str, dict[str, Any] | None] = dict.fromkeys(LISTS)
    for name in wanted:
        path = folder / name
        if not path.is_file():
            continue
        lines = _lines(path)
        announced = None if name in (IDENTITIES, PARTITIONS) else _count(path, lines)
        if name == ATTRIBUTES:
            attribute_names = _attribute_names(path, lines)
        elif announced is not None:
            next(lines, None)  # the names of the columns
        found[name] = _rows(path, lines, _reader(name, len(attribute_names)))
        _check_count(path, announced, len(found[name]))
        _check_names(path, found[name], names)
    return Lists(attribute_names, found[ATTRIBUTES], found[IDENTITIES], found[PARTITIONS])


def _file_name(member: str) -> str:
    """The last part of a member's name, by which lists know it."""
    return member.rpartition("/")[2]


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each line's number and its words; a line without end cannot fill the memory."""
    with open(path, "rb") as file:
        number = 0
        while line := file.readline(MOST_LINE_BYTES + 1):
            number += 1
            if len(line) > MOST_LINE_BYTES:
                raise _wrong(path, number, f"longer than {MOST_LINE_BYTES:,} bytes")
            try:
                yield number, line.decode("utf-8").split()
            except UnicodeDecodeError:
                raise _wrong(path, number, "no UTF-8 text") from None


def _count(path: Path, lines: Iterator[tuple[int, list[str]]]) -> int:
    """The first line: how many rows follow."""
    number, words = next(lines, (1, []))
    if len(words) != 1 or not words[0].isascii() or not words[0].isdecimal() or len(words[0]) > 9:
        raise _wrong(path, number, f"{_shown(words)}; expected the number of rows")
    return int(words[0])


def _attribute_names(path: Path, lines: Iterator[tuple[int, list[str]]]) -> list[str]:
    """The second line of the list of attributes."""
    number, names = next(lines, (2, []))
    if not 1 <= len(names) <= MOST_ATTRIBUTES:
        raise _wrong(path, number, f"{len(names):,} attributes; expected 1 to {MOST_ATTRIBUTES}")
    for name in names:
        if len(name) > MOST_NAME_LETTERS or not name.isprintable():
            raise _wrong(path, number, f"attribute {_shown([name])}; expected at most {MOST_NAME_LETTERS} letters")
        if names.count(name) > 1:
            raise _wrong(path, number, f"attribute '{name}' stands twice")
    return names


def _reader(name: str, attributes: int) -> Callable[[list[str]], Any]:
    """What turns the words after a picture's name into its value; ValueError says what was expected."""
    if name == ATTRIBUTES:
        return lambda words: _bits(words, attributes)
    if name == IDENTITIES:
        return lambda words: _number(words, 1, MOST_PEOPLE)
    if name == PARTITIONS:
        return lambda words: _number(words, 0, 2)
    return lambda words: _whole_numbers(words, BOX_NUMBERS if name == BOXES else LANDMARK_NUMBERS)


def _rows(path: Path, lines: Iterator[tuple[int, list[str]]], read: Callable[[list[str]], Any]) -> dict[str, Any]:
    """A picture's name and value from each line."""
    rows: dict[str, Any] = {}
    for number, words in lines:
        try:
            value = read(words[1:])
        except ValueError as expected:
            raise _wrong(path, number, f"{_shown(words)}; expected a file name and {expected}") from None
        if words[0] in rows:
            raise _wrong(path, number, f"{_shown(words[:1])} stands twice")
        rows[words[0]] = value
    return rows


def _bits(words: list[str], count: int) -> bytes:
    """1 or -1 for each attribute, as bytes 1 and 0."""
    try:
        bits = bytes([BITS[word] for word in words])
    except KeyError:
        bits = b""
    if len(bits) != count:
        raise ValueError(f"1 or -1 for each of the {count} attributes")
    return bits


def _number(words: list[str], low: int, high: int) -> int:
    """One whole number in its range."""
    (value,) = _whole_numbers(words, 1)
    if not low <= value <= high:
        raise ValueError(f"a number from {low} to {high}")
    return value


def _whole_numbers(words: list[str], count: int) -> list[int]:
    """That many whole numbers."""
    if len(words) != count or not all(word.removeprefix("-").isdecimal() and len(word) < 12 for word in words):
        raise ValueError(f"{count} whole number{'s' if count > 1 else ''}")
    return [int(word) for word in words]


def _check_count(path: Path, announced: int | None, found: int) -> None:
    """Refuse a list cut off, or with more than it announces."""
    if announced is not None and announced != found:
        raise _wrong(path, 1, f"announces {announced:,} rows, but {found:,} follow")


def _check_names(path: Path, rows: dict[str, Any], names: list[str]) -> None:
    """Refuse a list of other pictures than the archive's."""
    known = set(names)
    if len(known) < len(names):
        (twice, _), *_ = Counter(names).most_common(1)
        raise UserError(f"{path}: the archive has '{twice}' in two folders; expected each name once; remove the list")
    extra = next((row for row in rows if row not in known), None)
    missing = next((name for name in names if name not in rows), None)
    if extra is not None:
        line = list(rows).index(extra) + 1 + (0 if path.name in (IDENTITIES, PARTITIONS) else 2)
        raise _wrong(path, line, f"{_shown([extra])} is not in the archive")
    if missing is not None:
        raise UserError(f"{path}: no row for '{missing}' of the archive; complete the list, or remove it")


def _shown(words: list[str]) -> str:
    """The beginning of a line, safe to print."""
    text = " ".join(words)
    return ascii(text if len(text) <= 40 else text[:40] + " ...")


def _wrong(path: Path, number: int, what: str) -> UserError:
    """The error for one line."""
    return UserError(f"{path}: line {number}: {what}; mend or remove the list")
