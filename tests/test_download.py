"""Getting the data over a bad network: one line each, nothing half-fetched in place."""

import gzip

import numpy as np
import pytest
from conftest import (
    DOWNLOADED,
    RAW,
    TRAIN_IMAGES,
    assert_nothing_left,
    assert_one_line_error,
    assert_refused,
    random_files,
    run_stage,
    serve,
    set_key,
    write_files,
)
from mnist_files import FIRST, assert_downloaded, digests, fetch

from stages.datasets import http, mnist
from stages.datasets.digits import idx
from stages.datasets.mnist import FILES

BLOCK_BYTES = 8  # kept when a transfer breaks off: whole blocks only


@pytest.fixture
def official(project, monkeypatch):
    """Set params.yaml to download from these mirrors the files of `random_files`."""
    monkeypatch.setattr(http, "BACK_OFF_SECONDS", 0)
    monkeypatch.setattr(http, "BLOCK_BYTES", BLOCK_BYTES)
    set_key("run.source", "official")
    set_key("datasets.mnist.digests", digests(random_files()))
    return lambda *urls: set_key("datasets.mnist.mirrors", list(urls))


def rest(content, block_bytes=BLOCK_BYTES):
    """The range asked for after `content` broke off in the middle."""
    return f"bytes={len(content) // 2 // block_bytes * block_bytes}-"


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
