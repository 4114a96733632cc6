"""Broken and hostile archives of faces, their lists and their JPEGs: one line, little memory, nothing unpacked."""

import contextlib
import io
import zipfile

import fuzzing
import numpy as np
import pytest
from celeba_files import jpeg, lists, names, packed
from fuzzing import contained, fuzz, mutated
from hypothesis import given
from hypothesis import strategies as st

from stages.core.command import UserError
from stages.datasets.faces import conversion, local
from stages.datasets.faces.archive import Archive, Broken, is_picture_name
from stages.datasets.faces.lists import LISTS, read_lists

FEW = 3
MEMBERS = {name: b"\xff\xd8 no picture " + bytes(number) for number, name in enumerate(names(FEW))}
STORED, DEFLATED = (packed(MEMBERS, method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
EVIL = ("../a.jpg", "/etc/a.jpg", "C:\\a.jpg", "a/../../b.jpg", "\x1b[2Ja.jpg", "a\nb.jpg", "<script>.jpg", ".jpg",
        "\u202egpj.a.jpg", "a" * 300 + ".jpg", "a\0b.jpg", "\\\\server\\a.jpg", "a.jpg/", "é.jpg")
NAME = st.sampled_from(EVIL) | st.text(min_size=1, max_size=20).map(lambda name: name + ".jpg")
LINE_ENDS = ("\n", "\r\n", " ", "\x0b", "\u2028", "\x85")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    yield from fuzzing.growth_checked(tmp_path_factory.mktemp("faces"))


def read_all(path) -> list[bytes]:
    """Open an archive and read each picture of it, as the stages do; what could be read."""
    found = []
    with contextlib.closing(Archive(path)) as archive:
        for member in archive.members:
            with contextlib.suppress(Broken):
                found.append(archive.read(member))
    return found


@pytest.mark.parametrize("content", [STORED, DEFLATED], ids=["stored", "deflated"])
@fuzz
@given(data=st.data())
def test_an_archive_with_changes(folder, content, data):
    (folder / "faces.zip").write_bytes(data.draw(mutated(content)))
    found = contained("zip", lambda: read_all(folder / "faces.zip"))
    assert all(one in MEMBERS.values() for one in found or []), "bytes that fit no checksum"
    assert [path.name for path in folder.iterdir() if path.suffix in (".jpg", ".zip")] == ["faces.zip"]


@fuzz
@given(chosen=st.lists(NAME, min_size=1, max_size=4, unique=True))
def test_an_archive_with_names_that_lead_elsewhere(folder, chosen):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in chosen:
            entry = zipfile.ZipInfo("x")
            entry.filename = name.encode("utf-8", "replace").decode()
            archive.writestr(entry, b"no picture")
    (folder / "names.zip").write_bytes(content.getvalue())
    contained("zip", lambda: read_all(folder / "names.zip"))


@pytest.mark.parametrize("name", LISTS)
@fuzz
@given(data=st.data())
def test_a_list_with_changes(folder, name, data):
    place = folder / "lists"
    place.mkdir(exist_ok=True)
    (place / name).write_bytes(data.draw(mutated(lists(FEW)[name], header=40)))
    found = contained("list", lambda: read_lists(place, names(FEW), [name]).arrays(names(FEW)))
    for array in (found or {}).values():
        assert len(array) == FEW and array.dtype in (np.uint8, np.uint32)


@fuzz
@given(words=st.lists(st.text(max_size=10), max_size=30), ends=st.sampled_from(LINE_ENDS))
def test_a_list_of_words_at_random(folder, words, ends):
    place = folder / "words"
    place.mkdir(exist_ok=True)
    for name in LISTS:
        (place / name).write_text(f"{FEW}{ends}{ends.join(words)}", encoding="utf-8", errors="replace", newline="")
        contained("list", lambda name=name: read_lists(place, names(FEW), [name]))


@fuzz
@given(data=st.data())
def test_a_jpeg_with_changes(folder, data):
    (folder / "jpeg.zip").write_bytes(packed({"000001.jpg": data.draw(mutated(jpeg(1), header=700))}))
    picture = np.empty((conversion.HEIGHT, conversion.WIDTH, 3), np.uint8)

    def decode():
        with contextlib.closing(Archive(folder / "jpeg.zip")) as archive:
            conversion.decode(archive, archive.members[0], picture)

    contained("JPEG", decode, allowed=(Broken,))


@fuzz
@given(name=st.text(min_size=1, max_size=12))
def test_a_folder_of_pictures_with_any_names(folder, name):
    place = folder / "own"
    place.mkdir(exist_ok=True)
    try:
        path = place / f"{name.replace('/', '_')}.jpg"
        path.write_bytes(b"x")
    except (OSError, ValueError):
        return  # no name of a file on this system
    try:
        fuzzing.COUNTS["folder of pictures"] += 1
        local.pack_pictures(place, folder / "own.zip")
        assert [entry.filename for entry in zipfile.ZipFile(folder / "own.zip").infolist()] == [path.name]
    except UserError as mistake:
        assert str(mistake).isprintable() and (not path.name.isprintable() or not is_picture_name(path.name))
    finally:
        path.unlink()
