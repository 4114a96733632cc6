"""Taking the data from a folder of the user's own: what it lacks, and bad files, are one line each."""

import gzip
import json
import struct
import time
import tracemalloc
from pathlib import Path

import pytest
from conftest import (
    RAW,
    TEST_IMAGES,
    assert_nothing_left,
    assert_one_line_error,
    assert_refused,
    random_files,
    random_splits,
    run_on_small_disk,
    run_stage,
    set_key,
    write_files,
)
from mnist_files import FIRST, assert_downloaded, digests, fetch

from stages.datasets.digits import idx
from stages.datasets.mnist import FILES


@pytest.fixture
def local(project):
    """Set params.yaml to take these files from a local folder, whatever their digests."""
    set_key("run.source", "local")
    set_key("run.local_dir", "mine")
    set_key("datasets.mnist.digests", {})
    return lambda files: write_files(Path("mine/mnist"), files)


def test_a_full_disk_while_downloading_is_one_line(local):
    local(random_files())
    result = run_on_small_disk("data/raw", "size=16k", '"$PYTHON" -m stages.download mnist; code=$?; ls -A data/raw; '
                               "exit $code")
    assert_one_line_error(result, "data/raw", "No space left", "make room")
    assert result.stdout == ""


def test_a_missing_local_folder_is_named_on_the_command_line(project):
    set_key("run.source", "local")
    set_key("run.local_dir", "nowhere")
    assert_one_line_error(run_stage("download", "mnist"), "nowhere/mnist", "run.local_dir", *FILES.values())
    assert_nothing_left(RAW)


def test_the_home_of_nobody_is_a_missing_folder(local):
    set_key("run.local_dir", "~no-such-user/data")
    assert_refused(fetch, "~no-such-user/data/mnist", "no such folder")


def test_an_incomplete_local_folder_names_what_it_lacks(local):
    local({FIRST: random_files()[FIRST]})
    assert_refused(fetch, "mine/mnist", *[name for name in FILES.values() if name != FIRST], "with or without .gz")
    assert_nothing_left(RAW)


def test_plain_files_are_taken_too(local):
    local({name.removesuffix(".gz"): gzip.decompress(content) for name, content in random_files().items()})
    fetch()
    assert_downloaded()


def test_names_may_lie_about_compression(local):
    files = random_files()
    lying = {name.removesuffix(".gz"): content for name, content in files.items()}
    lying[FIRST] = gzip.decompress(files[FIRST])
    del lying[FIRST.removesuffix(".gz")]
    local(lying)
    fetch()
    assert {(RAW / name).read_bytes()[:2] for name in FILES.values()} == {b"\x1f\x8b"}
    assert_downloaded()


def test_custom_data_is_called_custom(local):
    local(random_files())
    fetch()
    provenance = json.loads((RAW / "provenance.json").read_text())
    assert provenance["title"] == "custom"
    assert provenance["licence"].startswith("unknown")
    assert provenance["digests"] == digests(random_files())


def test_a_wrong_digest_is_one_line_on_the_command_line(local):
    local(random_files())
    set_key("datasets.mnist.digests", digests(random_files()) | {"train_images": "0" * 64})
    assert_one_line_error(run_stage("download", "mnist"), FIRST, "0" * 64, "datasets.mnist.digests.train_images")
    assert_nothing_left(RAW)


def header(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def pictures(count, *shape, announced=None):
    return header(2051, announced or count, *shape) + bytes(count * shape[0] * shape[1])


def labels(*values, announced=None):
    return header(2049, len(values) if announced is None else announced) + bytes(values)


@pytest.mark.parametrize(("part", "content", "reasons"), [
    ("train_images", b"", ["begins with nothing", "magic number"]),
    ("train_images", b"\0\0\x08", ["begins with 00 00 08", "magic number"]),
    ("train_images", b"<html>", ["begins with 3c 68 74 6d", "magic number 2051"]),
    ("train_images", header(2050, 1, 28, 28) + bytes(784), ["begins with 00 00 08 02", "2051"]),
    ("train_images", header(2051, 1), ["8 bytes", "header of 16"]),
    ("train_images", labels(1, 2), ["magic number is 2049", "2051"]),
    ("train_labels", pictures(1, 28, 28), ["magic number is 2051", "2049"]),
    ("train_images", pictures(2, 28, 28, announced=3), ["number of bytes is 1584", "2368"]),
    ("train_images", pictures(2, 28, 28, announced=1), ["holds more than the 1 records"]),
    ("train_images", pictures(2, 32, 28), ["picture height is 32", "28"]),
    ("train_images", pictures(2, 28, 27), ["picture width is 27", "28"]),
    ("train_images", header(2051, 2**32 - 1, 28, 28), ["announces 4,294,967,295 records", "1,000,000"]),
    ("train_labels", labels(1, 2, announced=3), ["number of bytes is 10", "11"]),
    ("train_labels", labels(0, 9, 10, 11), ["label 10 at record 2", "0 to 9"]),
])
@pytest.mark.parametrize("zipped", [True, False])
def test_bad_idx_data_names_file_and_fault(local, part, content, reasons, zipped):
    name = FILES[part] if zipped else FILES[part].removesuffix(".gz")
    files = random_files()
    del files[FILES[part]]
    local(files | {name: gzip.compress(content) if zipped else content})
    assert_refused(fetch, f"mine/mnist/{name}", *reasons)
    assert_nothing_left(RAW)


def test_labels_and_pictures_of_different_number_are_refused(local):
    images, _ = random_splits()["test"]
    local(random_files() | {FILES["test_images"]: idx.compress(idx.encode_images(images[:-1]))})
    assert_refused(fetch, FILES["test_labels"], f"{TEST_IMAGES} labels", FILES["test_images"],
                   f"{TEST_IMAGES - 1} pictures")
    assert_nothing_left(RAW)


@pytest.mark.parametrize(("spoil", "reason"), [
    (lambda content: content[:-9], "truncated gzip"),
    (lambda content: content[:5], "truncated gzip"),
    (lambda content: content[:100] + bytes(50) + content[150:], "damaged gzip"),
    (lambda content: content[:-8] + b"\0" * 4 + content[-4:], "damaged gzip"),
    (lambda content: content + b"no gzip", "damaged gzip"),
])
def test_a_damaged_gzip_is_refused(local, spoil, reason):
    files = random_files()
    local(files | {FIRST: spoil(files[FIRST])})
    assert_refused(fetch, f"mine/mnist/{FIRST}", reason, "again")
    assert_nothing_left(RAW)


def test_a_damaged_gzip_is_one_line_on_the_command_line(local):
    files = random_files()
    local(files | {FIRST: files[FIRST][:-9]})
    assert_one_line_error(run_stage("download", "mnist"), f"mine/mnist/{FIRST}", "truncated gzip")
    assert_nothing_left(RAW)


@pytest.mark.parametrize("start", [b"", header(2051, 60_000, 28, 28), header(2049, 60_000)])
def test_a_small_file_that_unpacks_to_gigabytes_is_refused_at_once(local, start):
    zeros = gzip.compress(bytes(64 << 20), compresslevel=1)
    bomb = gzip.compress(start) + 40 * zeros
    assert len(bomb) < 16 << 20
    local(random_files() | {FIRST: bomb})

    began = time.perf_counter()
    tracemalloc.start()
    try:
        assert_refused(fetch, f"mine/mnist/{FIRST}")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200 << 20
    assert time.perf_counter() - began < 10
    assert_nothing_left(RAW)


def test_the_real_files_pass_their_digests(project, real_mnist):
    set_key("run.source", "local")
    set_key("run.local_dir", str(real_mnist))
    result = run_stage("download", "mnist")
    assert result.returncode == 0, result.stderr
    provenance = json.loads((RAW / "provenance.json").read_text())
    assert (provenance["title"], provenance["source"]) == ("MNIST", "local")
