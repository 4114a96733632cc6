"""Getting the data over a bad network and from bad files: one line each, nothing half-fetched in place."""

import gzip
import hashlib
import json
import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from conftest import (
    DOWNLOADED,
    RAW,
    TEST_IMAGES,
    TRAIN_IMAGES,
    assert_nothing_left,
    assert_one_line_error,
    assert_refused,
    random_files,
    random_splits,
    run_on_small_disk,
    run_stage,
    serve,
    set_key,
    write_files,
)

from stages import download
from stages.datasets import http, mnist
from stages.datasets.digits import idx
from stages.datasets.mnist import FILES

FIRST = FILES["train_images"]
BLOCK_BYTES = 8  # kept when a transfer breaks off: whole blocks only


@pytest.fixture
def official(project, monkeypatch):
    """Set params.yaml to download from these mirrors the files of `random_files`."""
    monkeypatch.setattr(http, "BACK_OFF_SECONDS", 0)
    monkeypatch.setattr(http, "BLOCK_BYTES", BLOCK_BYTES)
    set_key("run.source", "official")
    set_key("datasets.mnist.digests", digests(random_files()))
    return lambda *urls: set_key("datasets.mnist.mirrors", list(urls))


@pytest.fixture
def local(project):
    """Set params.yaml to take these files from a local folder, whatever their digests."""
    set_key("run.source", "local")
    set_key("run.local_dir", "mine")
    set_key("datasets.mnist.digests", {})
    return lambda files: write_files(Path("mine/mnist"), files)


def digests(files):
    return {part: hashlib.sha256(gzip.decompress(files[name])).hexdigest() for part, name in FILES.items()}


def fetch():
    download.main("mnist")


def rest(content, block_bytes=BLOCK_BYTES):
    """The range asked for after `content` broke off in the middle."""
    return f"bytes={len(content) // 2 // block_bytes * block_bytes}-"


def assert_downloaded(files=None):
    """The four files are in place, are the given ones or `random_files`, and nothing else is left."""
    for name, content in (files or random_files()).items():
        assert gzip.decompress((RAW / name).read_bytes()) == gzip.decompress(content)
    assert sorted(path.name for path in RAW.iterdir()) == sorted([*FILES.values(), "provenance.json"])
    assert_nothing_left(DOWNLOADED)


def html(request, content):
    request.send(200, b"<html>accept our cookies</html>", Content_Type="text/html; charset=utf-8")


def not_found(request, content):
    request.send(404, b"not here")


def broken_server(request, content):
    request.send(503, b"later")


def other_bytes(request, content):
    request.send(200, gzip.compress(b"something else"))


def half_without_range(request, content):
    """Break off in the middle, unless asked for the rest."""
    if request.headers.get("Range"):
        serve(request, content)
    else:
        request.send(200, content[: len(content) // 2], Content_Length=str(len(content)))


def half_always(request, content):
    request.send(200, content[: len(content) // 2], Content_Length=str(len(content)))


def huge_announced(request, content):
    request.send(200, content, Content_Length=str(10**12))


def test_an_unreachable_mirror_is_named_on_the_command_line(official):
    official("http://127.0.0.1:1/mnist/")
    result = run_stage("download", "mnist")
    assert_one_line_error(result, FIRST, "127.0.0.1:1", "not reachable", "check the network", "run.source: local")
    assert_nothing_left(RAW)


def test_an_html_page_is_refused_on_the_command_line(official, start_mirror):
    mirror = start_mirror(random_files(), html)
    official(mirror.url)
    assert_one_line_error(run_stage("download", "mnist"), FIRST, mirror.host, "HTML page instead of the file")
    assert_nothing_left(RAW, DOWNLOADED / FIRST, DOWNLOADED / f"{FIRST}.part")


def test_a_transfer_that_breaks_off_is_resumed_on_the_command_line(official, start_mirror):
    def half_of_the_first(request, content):
        (half_without_range if request.path.endswith(FIRST) else serve)(request, content)

    files = random_files(train_images=400)
    mirror = start_mirror(files, half_of_the_first)
    official(mirror.url)
    set_key("datasets.mnist.digests", digests(files))
    result = run_stage("download", "mnist")
    assert result.returncode == 0, result.stderr
    assert mirror.requests[:2] == [(FIRST, None), (FIRST, rest(files[FIRST], block_bytes=1 << 16))]
    assert_downloaded(files)


@pytest.mark.parametrize(("answer", "reason", "attempts"), [
    (html, "HTML page", 1),
    (not_found, "HTTP status 404", 1),
    (broken_server, "HTTP status 503", http.ATTEMPTS),
    (other_bytes, "magic number", 1),
    (half_always, "broke off", http.ATTEMPTS),
    (huge_announced, "bytes announced; expected at most", 1),
])
def test_a_bad_mirror_gives_its_reason_and_the_next_one_is_tried(official, start_mirror, answer, reason, attempts):
    bad, good = start_mirror(random_files(), answer), start_mirror(random_files())
    official(bad.url)
    assert_refused(fetch, FIRST, bad.host, reason)
    assert bad.requests[0] == (FIRST, None)
    assert len(bad.requests) == attempts
    assert_nothing_left(RAW)

    official(bad.url, good.url)
    fetch()
    assert_downloaded()


def test_all_mirrors_are_named_when_none_works(official, start_mirror):
    first, second = start_mirror({}), start_mirror({}, html)
    official(first.url, second.url)
    assert_refused(fetch, f"{first.host}: HTTP status 404", f"{second.host}: an HTML page")


def test_other_data_than_expected_names_both_digests(official, start_mirror):
    official(start_mirror(random_files()).url)
    expected = digests(random_files()) | {"test_labels": "0" * 64}
    set_key("datasets.mnist.digests", expected)
    assert_refused(fetch, FILES["test_labels"], digests(random_files())["test_labels"], "0" * 64,
                   "datasets.mnist.digests.test_labels", "digests: {}")
    assert_nothing_left(RAW, DOWNLOADED / FILES["test_labels"], DOWNLOADED / f"{FILES['test_labels']}.part")


def test_a_server_that_ignores_ranges_sends_all_again(official, start_mirror):
    sent = []

    def once_half(request, content):
        (request.send(200, content) if sent else half_always(request, content))
        sent.append(True)

    mirror = start_mirror(random_files(), once_half)
    official(mirror.url)
    fetch()
    assert mirror.requests[1] == (FIRST, rest(random_files()[FIRST]))
    assert_downloaded()


def test_a_file_without_announced_size_stops_at_the_limit(official, start_mirror, monkeypatch):
    def endless(request, content):
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(bytes(1 << 16))

    monkeypatch.setattr(mnist, "MOST_DOWNLOAD_BYTES", 1 << 18)
    official(start_mirror(random_files(), endless).url)
    assert_refused(fetch, FIRST, "more than the expected 262,144 bytes")
    assert_nothing_left(RAW, DOWNLOADED / f"{FIRST}.part")


def test_an_interrupted_download_goes_on_where_it_stopped(official, start_mirror):
    files, last = random_files(), FILES["test_labels"]
    flaky = start_mirror(files, lambda request, content: (half_always if request.path.endswith(last) else serve)(
        request, content))
    official(flaky.url)
    assert_refused(fetch, last, "broke off")
    assert_nothing_left(RAW)
    kept = {path.name for path in DOWNLOADED.iterdir()}
    assert kept == {*FILES.values()} - {last} | {f"{last}.part"}

    mirror = start_mirror(files)
    official(mirror.url)
    fetch()
    assert mirror.requests == [(last, rest(files[last]))]
    assert_downloaded()


def test_a_whole_part_is_used_without_asking_for_more(official, start_mirror):
    def nothing_after(request, content):
        request.send(416, b"") if request.headers.get("Range") else serve(request, content)

    write_files(DOWNLOADED, {f"{FIRST}.part": random_files()[FIRST]})
    official(start_mirror(random_files(), nothing_after).url)
    fetch()
    assert_downloaded()


def test_a_part_of_another_file_is_fetched_again_from_the_beginning(official, start_mirror):
    write_files(DOWNLOADED, {f"{FIRST}.part": b"x" * 100})
    mirror = start_mirror(random_files())
    official(mirror.url)
    fetch()
    assert mirror.requests[:2] == [(FIRST, "bytes=100-"), (FIRST, None)]
    assert_downloaded()


def test_a_file_kept_from_other_settings_is_not_passed_off_as_the_expected_one(official, start_mirror):
    labels = idx.compress(idx.encode_labels(np.zeros(TRAIN_IMAGES, np.uint8)))
    write_files(DOWNLOADED, {FILES["train_labels"]: labels})
    official(start_mirror(random_files()).url)
    fetch()
    assert_downloaded()


def test_no_mirrors_means_those_of_torchvision(official, start_mirror, monkeypatch):
    from torchvision.datasets import MNIST

    mirror = start_mirror(random_files())
    monkeypatch.setattr(MNIST, "mirrors", [mirror.url])
    official()
    fetch()
    assert len(mirror.requests) == 4
    assert_downloaded()


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
