"""CelebA from a user's own files, from mirrors, and drawn: what arrives is checked, what is wrong is one line."""

import hashlib
import json
import zipfile

import pytest
from celeba_files import DOWNLOADED, IMAGES, MINE, RAW, files, jpegs, lists, packed, use_local
from conftest import assert_nothing_left, assert_one_line_error, assert_refused, run_stage, serve, set_key, write_files

from stages import download
from stages.datasets import http
from stages.datasets.faces.archive import ARCHIVE
from stages.datasets.faces.lists import ATTRIBUTES, IDENTITIES


@pytest.fixture
def official(project, monkeypatch):
    """Make the official files those of `files`, and set params.yaml to fetch them from mirrors."""
    from torchvision.datasets import CelebA

    digests = [("id", hashlib.md5(content).hexdigest(), name) for name, content in files().items()]
    monkeypatch.setattr(CelebA, "file_list", digests)
    monkeypatch.setattr(http, "BACK_OFF_SECONDS", 0)
    set_key("datasets.celeba.source", "official")
    return lambda *urls: set_key("datasets.celeba.mirrors", list(urls))


def fetch():
    download.main("celeba")


def provenance():
    return json.loads((RAW / "provenance.json").read_text())


def test_official_files_in_a_local_folder_are_celeba(official):
    use_local(files())
    fetch()
    assert provenance()["title"] == "CelebA"
    assert provenance()["licence"].startswith("non-commercial research only")
    assert {name: (RAW / name).read_bytes() for name in files()} == files()
    assert set(provenance()["digests"]) == set(files())


def test_other_files_are_custom_faces_on_the_command_line(project):
    use_local({"faces.zip": packed(jpegs())})
    result = run_stage("download", "celeba")
    assert result.returncode == 0, result.stderr
    assert (provenance()["title"], provenance()["source"]) == ("custom faces", "local")
    assert provenance()["licence"].startswith("unknown")
    assert sorted(path.name for path in RAW.iterdir()) == [ARCHIVE, "provenance.json"]


@pytest.mark.parametrize("folder", ["img_align_celeba/", "", "one/two/"])
def test_a_folder_of_jpegs_is_packed_in_order_without_dates(project, folder):
    pictures = {name.replace("img_align_celeba/", folder): content for name, content in jpegs(6).items()}
    use_local(dict(reversed(pictures.items())) | {f"{folder}notes.txt": b"no picture"})
    fetch()
    with zipfile.ZipFile(RAW / ARCHIVE) as archive:
        assert archive.namelist() == list(pictures)
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {name: archive.read(name) for name in archive.namelist()} == pictures
    first = (RAW / ARCHIVE).read_bytes()
    for path in MINE.rglob("*.jpg"):
        path.touch()
    fetch()
    assert (RAW / ARCHIVE).read_bytes() == first


@pytest.mark.parametrize(("content", "reason"), [
    ({"readme.txt": b""}, "neither"),
    ({"one.zip": b"", "two.zip": b""}, "expected one zip"),
    ({"huge.jpg": bytes((1 << 20) + 1)}, "expected at most"),
])
def test_a_folder_without_one_clear_choice_is_refused(project, content, reason):
    use_local(content)
    assert_refused(fetch, str(MINE), reason)
    assert_nothing_left(RAW)


def test_a_missing_folder_is_one_line_on_the_command_line(project):
    set_key("datasets.celeba.source", "local")
    assert_one_line_error(run_stage("download", "celeba"), "data/local/celeba", "no such folder", "run.local_dir")
    assert_nothing_left(RAW)


def test_a_wrong_list_beside_the_archive_is_one_line_on_the_command_line(project):
    use_local(files() | {ATTRIBUTES: lists()[ATTRIBUTES].replace(b"-1", b"2", 1)})
    assert_one_line_error(run_stage("download", "celeba"), f"error: {MINE / ATTRIBUTES}: line 3", "expected")
    assert_nothing_left(RAW)


def test_a_wrong_list_beside_a_folder_of_jpegs_is_named_where_it_lies(project):
    use_local(jpegs() | {ATTRIBUTES: lists()[ATTRIBUTES].replace(b"-1", b"2", 1)})
    assert_refused(fetch, f"{MINE / ATTRIBUTES}: line 3")
    assert_nothing_left(RAW)


def test_the_source_of_one_data_set_leaves_the_others_alone(project):
    set_key("run.source", "local")
    set_key("run.local_dir", "nowhere")
    set_key("datasets.mnist.source", "stand_in")
    download.main("mnist")
    assert json.loads((RAW.with_name("mnist") / "provenance.json").read_text())["source"] == "stand_in"
    assert_refused(fetch, "nowhere/celeba")


def test_faces_are_drawn_without_a_network(project):
    set_key("datasets.celeba.stand_in", {"seed": 1, "images": 30})
    fetch()
    assert (provenance()["title"], provenance()["source"]) == ("stand-in faces", "stand_in")
    assert {path.name for path in RAW.iterdir()} == {*files(), "provenance.json"}


def test_mirrors_give_all_six_files(official, start_mirror):
    mirror = start_mirror(files())
    official(mirror.url)
    fetch()
    assert [name for name, _ in mirror.requests] == list(files())
    assert (provenance()["title"], provenance()["source"]) == ("CelebA", "official")
    assert_nothing_left(DOWNLOADED)


def test_no_mirrors_means_google_drive_by_the_ids_of_torchvision(official, start_mirror, monkeypatch):
    from stages.datasets import celeba

    asked = []

    def fetch_nothing(urls, target, *_):
        asked.extend(urls)
        write_files(target.parent, {target.name: files()[target.name]})

    monkeypatch.setattr(http, "fetch", fetch_nothing)
    official()
    fetch()
    assert asked == [celeba.DRIVE.format("id")] * 6


def quota_page(request, content):
    request.send(200, b"<!DOCTYPE html><html><title>Google Drive - Quota exceeded</title></html>",
                 Content_Type="text/html; charset=utf-8")


def disguised_page(request, content):
    request.send(200, b"\n<html><title>Quota exceeded</title></html>", Content_Type="application/octet-stream")


@pytest.mark.parametrize("answer", [quota_page, disguised_page])
def test_a_page_instead_of_the_archive_says_how_to_fetch_it_by_hand(official, start_mirror, answer):
    mirror = start_mirror(files(), answer)
    official(mirror.url)
    assert_refused(fetch, ARCHIVE, mirror.host, "an HTML page instead of the file", IDENTITIES, "by hand",
                   "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html", "data/local/celeba/",
                   "datasets.celeba.source: local")
    assert_nothing_left(RAW, DOWNLOADED / ARCHIVE, DOWNLOADED / f"{ARCHIVE}.part")


def test_a_quota_page_is_one_line_on_the_command_line(project, start_mirror):
    set_key("datasets.celeba.source", "official")
    set_key("datasets.celeba.mirrors", [start_mirror(files(), quota_page).url])
    assert_one_line_error(run_stage("download", "celeba"), ARCHIVE, "an HTML page", "by hand")
    assert_nothing_left(RAW)


def test_other_files_than_the_official_ones_are_refused(official, start_mirror):
    official(start_mirror(files() | {IDENTITIES: b"000001.jpg 1\n"}).url)
    assert_refused(fetch, IDENTITIES, "MD5", "expected", hashlib.md5(files()[IDENTITIES]).hexdigest())
    assert_nothing_left(RAW)


def test_what_was_fetched_stays_until_all_of_it_is_in_its_place(official, start_mirror, monkeypatch):
    from stages.datasets import celeba

    def stopped(*_):
        raise KeyboardInterrupt

    official(start_mirror(files()).url)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(celeba, "write_json", stopped)
        fetch()
    assert_nothing_left(RAW)
    mirror = start_mirror(files())
    official(mirror.url)
    fetch()
    assert not mirror.requests and not DOWNLOADED.exists()


def test_what_was_fetched_before_an_interruption_is_used(official, start_mirror):
    def half(request, content):
        if request.path.endswith(IDENTITIES):
            request.send(200, content[: len(content) // 2], Content_Length=str(len(content)))
        else:
            serve(request, content)

    official(start_mirror(files(), half).url)
    assert_refused(fetch, IDENTITIES, "broke off")
    mirror = start_mirror(files())
    official(mirror.url)
    fetch()
    asked = [name for name, _ in mirror.requests]
    assert ARCHIVE not in asked and ATTRIBUTES not in asked and asked[0] == IDENTITIES
    with zipfile.ZipFile(RAW / ARCHIVE) as archive:
        assert len(archive.namelist()) == IMAGES
