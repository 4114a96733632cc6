"""CelebA's lists, read strictly: a wrong line is named with its file and number."""

import numpy as np
import pytest
from celeba_files import IMAGES, NAMES, bits, lists, names
from conftest import assert_refused, write_files

from stages.datasets.faces.lists import ATTRIBUTES, BOXES, IDENTITIES, LANDMARKS, LISTS, PARTITIONS, read_lists


def read(folder, content, members=None):
    write_files(folder, content)
    return read_lists(folder, members or [f"img_align_celeba/{name}" for name in names()])


def test_the_lists_are_read_by_name(tmp_path):
    found = read(tmp_path, lists())
    assert found.attribute_names == NAMES
    arrays = found.arrays(["a/000003.jpg", "000001.jpg"])
    np.testing.assert_array_equal(arrays["attributes"], [bits(2), bits(0)])
    np.testing.assert_array_equal(arrays["identities"], [2002, 2000])
    np.testing.assert_array_equal(arrays["partitions"], [0, 0])
    assert [array.dtype for array in arrays.values()] == [np.uint8, np.uint32, np.uint8]


def test_lists_may_be_left_out(tmp_path):
    assert read(tmp_path / "none", {}).arrays(["000001.jpg"]) == {}
    one = read(tmp_path / "one", {IDENTITIES: lists()[IDENTITIES]})
    assert set(one.arrays(["000001.jpg"])) == {"identities"}
    assert one.attribute_names == []


def test_windows_line_ends_are_welcome(tmp_path):
    content = {name: text.replace(b"\n", b"\r\n") for name, text in lists().items()}
    assert read(tmp_path, content).attribute_names == NAMES


def edited(number, change):
    """A change of one line, counted from 1."""
    def edit(text):
        lines = text.split(b"\n")
        lines[number - 1] = change(lines[number - 1])
        return b"\n".join(lines)

    return edit


def line(number, content):
    return edited(number, lambda _: content)


@pytest.mark.parametrize(("name", "spoil", "parts"), [
    (ATTRIBUTES, line(1, b"41"), ["line 1", "announces 41 rows, but 40 follow"]),
    (ATTRIBUTES, line(1, b"many"), ["line 1", "'many'", "expected the number of rows"]),
    (ATTRIBUTES, line(1, "²".encode()), ["line 1", "expected the number of rows"]),
    (ATTRIBUTES, lambda text: b"", ["line 1", "expected the number of rows"]),
    (ATTRIBUTES, line(2, b""), ["line 2", "0 attributes"]),
    (ATTRIBUTES, line(2, b" ".join(b"a%d" % place for place in range(201))), ["line 2", "201 attributes"]),
    (ATTRIBUTES, line(2, b"A B A"), ["line 2", "'A' stands twice"]),
    (ATTRIBUTES, line(2, b"A B " + b"C" * 65), ["line 2", "at most 64 letters"]),
    (ATTRIBUTES, line(2, b"A B C\x1b[2J"), ["line 2", "\\x1b[2J"]),
    (ATTRIBUTES, line(5, b"000003.jpg 1 0 1"), ["line 5", "1 or -1 for each of the 3"]),
    (ATTRIBUTES, line(5, b"000003.jpg 1 1"), ["line 5", "1 or -1 for each of the 3"]),
    (ATTRIBUTES, line(5, b"000003.jpg 1 1 1 1"), ["line 5", "1 or -1 for each of the 3"]),
    (ATTRIBUTES, line(5, b""), ["line 5", "expected a file name"]),
    (ATTRIBUTES, line(5, b"000002.jpg 1 1 1"), ["line 5", "000002.jpg", "stands twice"]),
    (ATTRIBUTES, line(5, b"other.jpg 1 1 1"), ["line 5", "other.jpg", "not in the archive"]),
    (ATTRIBUTES, line(5, b"\xff\xfe 1 1 1"), ["line 5", "no UTF-8"]),
    (ATTRIBUTES, line(5, b"x" * 20_000), ["line 5", "longer than 16,384 bytes"]),
    (IDENTITIES, line(1, b"000001.jpg 0"), ["line 1", "a number from 1 to"]),
    (IDENTITIES, line(1, b"000001.jpg -5"), ["line 1", "a number from 1 to"]),
    (IDENTITIES, line(1, b"000001.jpg 4294967296"), ["line 1", "a number from 1 to"]),
    (IDENTITIES, line(1, b"000001.jpg five"), ["line 1", "whole number"]),
    (IDENTITIES, line(2, b"other.jpg 3"), ["line 2", "other.jpg", "not in the archive"]),
    (IDENTITIES, lambda text: b"\n".join(text.split(b"\n")[:-2]) + b"\n", ["no row for '000040.jpg'"]),
    (IDENTITIES, lambda text: b"", ["no row for '000001.jpg'"]),
    (PARTITIONS, line(7, b"000007.jpg 3"), ["line 7", "a number from 0 to 2"]),
    (BOXES, line(4, b"000002.jpg 1 2 3"), ["line 4", "4 whole numbers"]),
    (LANDMARKS, line(4, b"000002.jpg 1 2 3 4"), ["line 4", "10 whole numbers"]),
    (LANDMARKS, line(1, b"3"), ["line 1", "announces 3 rows"]),
])
def test_a_wrong_line_is_named(tmp_path, name, spoil, parts):
    assert_refused(lambda: read(tmp_path, {name: spoil(lists()[name])}), name, *parts)


def test_a_name_in_two_folders_has_no_row_of_its_own(tmp_path):
    members = [f"a/{name}" for name in names()] + ["b/000001.jpg"]
    assert_refused(lambda: read(tmp_path, {IDENTITIES: lists()[IDENTITIES]}, members), "'000001.jpg' in two folders")


def test_all_five_lists_are_known():
    assert set(lists()) == set(LISTS)
    assert all(text.count(b"\n") >= IMAGES for text in lists().values())
