"""Archives of pictures that are broken or hostile: one line that names the member, and nothing is unpacked."""

import contextlib
import io
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from celeba_files import MINE, RAW, jpeg, jpegs, packed, use_local
from conftest import assert_nothing_left, assert_one_line_error, assert_refused, run_stage

from stages.datasets.faces import archive
from stages.datasets.faces.archive import ARCHIVE, Archive, Broken

FIRST = "img_align_celeba/000001.jpg"


@pytest.fixture
def opened(tmp_path):
    """A function that opens an archive of these bytes; all are closed with the test."""
    with contextlib.ExitStack() as stack:
        def open_archive(content):
            path = tmp_path / "faces.zip"
            path.write_bytes(content)
            return stack.enter_context(contextlib.closing(Archive(path)))

        yield open_archive


def zipped(*entries):
    """A zip of entries (ZipInfo or name, bytes)."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for entry, member in entries:
            file.writestr(entry, member)
    return content.getvalue()


def with_mode(name, mode):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


def directory_edited(content, place, layout, value):
    """Change a field of the first entry of a zip's directory."""
    spoiled = bytearray(content)
    struct.pack_into(layout, spoiled, content.index(b"PK\x01\x02") + place, value)
    return bytes(spoiled)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_in_the_order_of_the_archive(opened, method):
    members = dict(sorted(jpegs(5).items(), reverse=True))
    faces = opened(packed(members, method))
    assert {member.name: faces.read(member) for member in faces.members} == members
    assert [member.name for member in faces.members] == list(members)


def test_what_is_no_jpeg_is_left_out(opened):
    faces = opened(zipped(("a/", b""), ("a/b/1.JPG", b"1"), ("readme.txt", b""), ("__MACOSX/a/b/._1.JPG", b""),
                          ("a/._1.jpg", b""), ("a/2.jpeg", b"2"), ("huge.bin", bytes(archive.MOST_PICTURE_BYTES + 1))))
    assert [member.name for member in faces.members] == ["a/b/1.JPG", "a/2.jpeg"]


@pytest.mark.parametrize("name", ["/etc/1.jpg", "../1.jpg", "a/../../1.jpg", "C:/1.jpg", "..\\1.jpg", "\\\\host\\1.jpg",
                                  "../readme.txt"])
def test_names_out_of_the_folder_are_refused(opened, name):
    assert_refused(lambda: opened(zipped((FIRST, b""), (name, b""))), "faces.zip", name, "points out of its folder")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(opened, kind):
    assert_refused(lambda: opened(zipped((FIRST, b""), (with_mode("1.jpg", kind | 0o777), b"/etc/passwd"))),
                   "'1.jpg'", "is a link or a device")


def test_a_name_that_cannot_be_printed_is_refused(opened):
    assert_refused(lambda: opened(zipped(("a\x1b[2J.jpg", b""))), "a\\x1b[2J.jpg", "cannot be printed")


def test_names_that_stand_twice_are_refused(opened):
    with pytest.warns(UserWarning, match="Duplicate"):
        content = zipped((FIRST, b"1"), (FIRST, b"2"))
    assert_refused(lambda: opened(content), FIRST, "stands twice")


@pytest.mark.parametrize(("place", "layout", "value", "reason"), [
    (8, "<H", 1, "is encrypted"),
    (10, "<H", 12, "method 12"),
    (24, "<I", archive.MOST_PICTURE_BYTES + 1, "bytes unpacked; expected at most"),
    (20, "<I", archive.MOST_PICTURE_BYTES + 1, "bytes packed; expected at most"),
    (20, "<I", archive.MOST_PICTURE_BYTES, "or the end of the file"),
    (42, "<I", 1 << 30, "or the end of the file"),
])
def test_a_directory_that_announces_what_cannot_be_is_refused(opened, place, layout, value, reason):
    content = directory_edited(packed(jpegs(3)), place, layout, value)
    assert_refused(lambda: opened(content), "faces.zip", FIRST, reason)


def test_bytes_that_are_packed_twice_are_refused(opened):
    """Members that share their bytes unpack to more than any honest zip."""
    content = bytearray(packed({f"{number}.jpg": bytes(1000) for number in range(20)}))
    place = 0
    for _ in range(20):
        place = content.index(b"PK\x01\x02", place)
        struct.pack_into("<II", content, place + 20, 15_000, 15_000)
        struct.pack_into("<I", content, place + 42, 0)
        place += 4
    assert_refused(lambda: opened(bytes(content)), "more packed bytes than it has")


def test_too_many_pictures_are_refused(opened, monkeypatch):
    monkeypatch.setattr(archive, "MOST_PICTURES", 4)
    assert_refused(lambda: opened(packed(jpegs(5))), "announces 5 pictures")
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    assert_refused(lambda: opened(packed(jpegs(3))), "announces 3 pictures")


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "begins with nothing"),
    (b"Rar!\x1a\x07", "begins with 52 61 72 21"),
    (b"<html>quota</html>", "begins with"),
    (packed(jpegs(3))[:-30], "truncated or damaged zip"),
    (packed(jpegs(3))[:5000], "truncated or damaged zip"),
    (packed({}), "holds no JPEG"),
    (packed({"readme.txt": b"none"}), "holds no JPEG"),
])
def test_what_is_no_archive_of_pictures_is_refused(opened, content, reason):
    assert_refused(lambda: opened(content), "faces.zip", reason, "expected a zip of")


def test_a_hostile_archive_is_one_line_on_the_command_line(project):
    use_local({ARCHIVE: zipped(("../../1.jpg", jpeg(1)))})
    assert_one_line_error(run_stage("download", "celeba"), f"error: {MINE / ARCHIVE}: member '../../1.jpg' points out")
    assert_nothing_left(RAW)
    assert [path.name for path in MINE.iterdir()] == [ARCHIVE]


def test_a_bomb_gets_no_memory(opened):
    zeros = bytes(256 << 20)
    content = bytearray(packed({"1.jpg": zeros}, zipfile.ZIP_DEFLATED))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 1000)
    faces = opened(bytes(content))
    tracemalloc.start()
    try:
        with pytest.raises(Broken, match="1,001 bytes; the archive announces 1,000"):
            faces.read(faces.members[0])
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("change", "reason"), [
    (lambda content: content.replace(b"PK\x03\x04", b"PK\x03\x05", 1), "no member begins"),
    (lambda content: content.replace(b"JFIF", b"JFIX", 1), "checksum"),
    (lambda content: directory_edited(content, 16, "<I", 7), "checksum"),
])
def test_a_damaged_member_is_broken(opened, change, reason):
    faces = opened(change(packed(jpegs(2))))
    with pytest.raises(Broken, match=reason):
        faces.read(faces.members[0])
    assert zlib.crc32(faces.read(faces.members[1])) == faces.members[1].checksum


def test_damaged_deflated_bytes_are_broken(opened):
    content = bytearray(packed(jpegs(1), zipfile.ZIP_DEFLATED))
    content[100:120] = bytes(20)
    faces = opened(bytes(content))
    with pytest.raises(Broken):
        faces.read(faces.members[0])
