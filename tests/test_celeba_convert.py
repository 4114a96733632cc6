"""From JPEGs to HDF5: the right pictures in the right order, broken ones named or passed over, memory bounded."""

import hashlib
import io
import json
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
from celeba_files import (
    CONVERTED,
    IMAGES,
    NAMES,
    RAW,
    TEST,
    TRAIN,
    bits,
    files,
    jpeg,
    jpegs,
    packed,
    picture,
    use_local,
)
from conftest import (
    REPOSITORY,
    assert_nothing_left,
    assert_one_line_error,
    assert_refused,
    run_on_small_disk,
    run_stage,
    set_key,
    write_files,
)
from PIL import Image

from stages import convert
from stages.datasets import hdf5
from stages.datasets.faces import conversion
from stages.datasets.faces.archive import ARCHIVE


@pytest.fixture
def raw(project):
    """A function that puts files where the download stage leaves them."""
    def put(content):
        use_local({})
        write_files(RAW, content)
        (RAW / "provenance.json").write_text(json.dumps({"title": "random", "source": "local", "licence": "",
                                                         "digests": {}}))

    return put


def convert_faces():
    convert.main("celeba")


def decoded(number):
    """A picture as it comes out of its JPEG."""
    return np.asarray(Image.open(io.BytesIO(jpeg(number))))


def with_member(number, content):
    """The archive's pictures, one of them replaced."""
    members = jpegs()
    members[f"img_align_celeba/{number + 1:06d}.jpg"] = content
    return {ARCHIVE: packed(members)}


def as_jpeg(mode):
    content = io.BytesIO()
    Image.fromarray(picture(1)).convert(mode).save(content, "JPEG")
    return content.getvalue()


def images(split, **part):
    return np.concatenate(list(hdf5.picture_blocks(CONVERTED, split, **part)))


def skipped():
    return hdf5.read_provenance(CONVERTED)["skipped"]


def test_download_and_convert_on_the_command_line(project):
    use_local(files())
    for stage in ("download", "convert"):
        result = run_stage(stage, "celeba")
        assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(images("train"), [decoded(number) for number in range(TRAIN)])
    np.testing.assert_array_equal(images("test"), [decoded(number) for number in range(IMAGES - TEST, IMAGES)])
    names, attributes = hdf5.read_attributes(CONVERTED, "test")
    assert names == NAMES
    np.testing.assert_array_equal(attributes, [bits(number) for number in range(IMAGES - TEST, IMAGES)])
    with h5py.File(CONVERTED) as file:
        assert file["train/images"].chunks is None
        np.testing.assert_array_equal(file["train/identities"], np.arange(2000, 2000 + TRAIN))
        assert file["test/partitions"].dtype == np.uint8


def test_without_lists_there_are_no_attributes(raw):
    raw({ARCHIVE: files()[ARCHIVE]})
    convert_faces()
    names, attributes = hdf5.read_attributes(CONVERTED, "train")
    assert names == [] and attributes.shape == (TRAIN, 0)
    assert_refused(lambda: hdf5.read_split(CONVERTED, "train"), str(CONVERTED), "'train/labels'")


def test_all_means_every_picture_but_the_test_ones(raw):
    raw(files())
    set_key("datasets.celeba.budgets.demo.train_images", "all")
    convert_faces()
    assert hdf5.picture_shape(CONVERTED, "train") == (IMAGES - TEST, 218, 178, 3)
    assert hdf5.picture_shape(CONVERTED, "test") == (TEST, 218, 178, 3)


@pytest.mark.parametrize("value", ["some", 0, 1.5, True, None, 10**9])
def test_another_number_of_pictures_is_refused(raw, value):
    raw(files())
    set_key("datasets.celeba.budgets.demo.train_images", value)
    assert_refused(convert_faces, "datasets.celeba.budgets.demo.train_images", repr(value), "or all")


def test_parts_of_pictures_are_read_in_blocks(raw):
    raw(files())
    convert_faces()
    whole = images("test")
    rows, columns = slice(45, 173), slice(25, 153)
    blocks = list(hdf5.picture_blocks(CONVERTED, "test", rows, columns, block=7))
    assert [len(block) for block in blocks] == [7, 7, 7, 3]
    np.testing.assert_array_equal(np.concatenate(blocks), whole[:, rows, columns])


@pytest.mark.parametrize("compression", ["none", "lzf", "gzip"])
def test_two_conversions_give_the_same_bytes(raw, compression):
    raw(files())
    set_key("datasets.celeba.compression", compression)
    found = []
    for _ in range(2):
        convert_faces()
        found.append(hashlib.sha256(CONVERTED.read_bytes()).hexdigest())
        time.sleep(1.1 * (len(found) == 1))
    assert found[0] == found[1]
    np.testing.assert_array_equal(images("train"), [decoded(number) for number in range(TRAIN)])
    with h5py.File(CONVERTED) as file:
        assert file["train/images"].chunks == (None if compression == "none" else (1, 218, 178, 3))


@pytest.mark.parametrize("train", [30, 17])
def test_asking_for_more_pictures_than_there_are_is_refused(raw, train):
    raw(files())
    set_key("datasets.celeba.budgets.demo.train_images", train)
    assert_refused(convert_faces, ARCHIVE, "40 pictures", "datasets.celeba.budgets.demo", f"train_images {train}",
                   "lower them")
    assert_nothing_left(CONVERTED)


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "no JPEG"),
    (b"GIF89a", "no JPEG"),
    (jpeg(2)[:-400], "damaged JPEG"),
    (jpeg(2)[:400], "JPEG"),
    (as_jpeg("CMYK"), "CMYK"),
])
def test_a_broken_picture_names_its_member(raw, content, reason):
    raw(with_member(2, content))
    assert_refused(convert_faces, ARCHIVE, "img_align_celeba/000003.jpg", reason, "datasets.celeba.corrupt: skip")
    assert_nothing_left(CONVERTED)


def test_a_broken_picture_is_one_line_on_the_command_line(raw):
    raw(with_member(2, jpeg(2)[:-400]))
    assert_one_line_error(run_stage("convert", "celeba"), ARCHIVE, "000003.jpg", "damaged JPEG", "corrupt: skip")
    assert_nothing_left(CONVERTED)


@pytest.mark.parametrize("size", [{"height": 178, "width": 218}, {"height": 217}, {"width": 64}])
@pytest.mark.parametrize("corrupt", ["stop", "skip"])
def test_a_picture_of_another_size_is_refused(raw, size, corrupt):
    raw(with_member(2, jpeg(2, **size)))
    set_key("datasets.celeba.corrupt", corrupt)
    assert_refused(convert_faces, "000003.jpg", "high and", "expected 218 x 178")
    assert_nothing_left(CONVERTED)


def test_a_grey_picture_gets_three_equal_colours(raw):
    raw(with_member(2, as_jpeg("L")))
    convert_faces()
    grey = images("train")[2]
    np.testing.assert_array_equal(grey, np.repeat(grey[..., :1], 3, axis=2))
    assert grey.std() > 0


def test_broken_pictures_are_passed_over_and_counted(raw):
    members = jpegs()
    for number in (0, 5, 6, IMAGES - 1, IMAGES - 3):
        members[f"img_align_celeba/{number + 1:06d}.jpg"] = b"broken"
    raw(files() | {ARCHIVE: packed(members)})
    set_key("datasets.celeba.corrupt", "skip")
    convert_faces()
    train = [number for number in range(IMAGES) if number not in (0, 5, 6)][:TRAIN]
    test = [number for number in range(IMAGES) if number not in (IMAGES - 1, IMAGES - 3)][-TEST:]
    np.testing.assert_array_equal(images("train"), [decoded(number) for number in train])
    np.testing.assert_array_equal(images("test"), [decoded(number) for number in test])
    np.testing.assert_array_equal(hdf5.read_attributes(CONVERTED, "train")[1], [bits(number) for number in train])
    assert skipped() == 5

    set_key("datasets.celeba.budgets.demo.train_images", "all")
    convert_faces()
    assert hdf5.picture_shape(CONVERTED, "train")[0] == IMAGES - TEST - 5
    set_key("datasets.celeba.budgets.demo.train_images", IMAGES - TEST)
    assert_refused(convert_faces, "40 pictures, 5 of them broken", "lower them")


def test_the_order_does_not_depend_on_cores_or_blocks(raw, monkeypatch):
    raw(files())
    convert_faces()
    first = CONVERTED.read_bytes()
    monkeypatch.setattr(conversion, "BLOCK", 7)
    monkeypatch.setattr(conversion, "PART", 2)
    monkeypatch.setattr(conversion, "cores", lambda: 5)
    convert_faces()
    assert CONVERTED.read_bytes() == first


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("size", ["8k", "1m", "3m"])
def test_a_full_disk_is_one_line(raw, size, compression):
    if (size, compression) == ("3m", "gzip"):
        size = "100k"
    raw(files())
    set_key("datasets.celeba.compression", compression)
    result = run_on_small_disk("data/hdf5", f"size={size}",
                               '"$PYTHON" -m stages.convert celeba; code=$?; ls -A data/hdf5; exit $code')
    assert_one_line_error(result, str(CONVERTED), "No space left", "make room")
    assert result.stdout == ""


def test_a_full_disk_while_downloading_is_one_line(project):
    use_local(files())
    result = run_on_small_disk("data/raw", "size=64k", '"$PYTHON" -m stages.download celeba; code=$?; '
                               "ls -A data/raw; exit $code")
    assert_one_line_error(result, "No space left")
    assert result.stdout == ""


def test_memory_does_not_grow_with_the_pictures(raw):
    """2,000 pictures are 230 MB; conversion keeps two blocks of 30 MB."""
    raw({ARCHIVE: packed(dict.fromkeys((f"{number:06d}.jpg" for number in range(2000)), jpeg(1)))})
    set_key("datasets.celeba.budgets.demo.train_images", 1900)
    script = ("import resource; import h5py; from stages import convert; from stages.datasets.faces import conversion;"
              "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; convert.main('celeba');"
              "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)")
    result = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True,
                            text=True, timeout=100, check=False)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) < 120_000, "kilobytes"
