"""`make verify` rebuilds a commit elsewhere and says which outputs have other bytes, and why."""

import copy
import re
from pathlib import Path

import pytest
import small_pipeline
from conftest import assert_refused
from small_pipeline import DRAWN, REPORT, WEIGHTS

from benchmarks import locks, verify


def lock_of(**digests: str) -> dict:
    """The stages of a small dvc.lock: data, weights trained on it, and a page of them."""
    def file(path: str) -> dict:
        return {"path": path, "md5": digests.get(path.split(".")[0].replace("/", "_"), "a" * 32), "size": 1}

    return {
        "draw": {"cmd": "draw", "deps": [file("stages/draw.py")], "outs": [file("data/hdf5.h5")]},
        "train": {"cmd": "train", "deps": [file("data/hdf5.h5"), file("stages/train.py")],
                  "params": {"params.yaml": {"run.threads": 2, "run.seed": 1}}, "outs": [file("data/models.st")]},
        "report": {"cmd": "report", "deps": [file("data/models.st")], "outs": [file("reports/html/page.html")]},
    }


def test_equal_locks_have_no_reason_to_differ():
    assert locks.compare(lock_of(), lock_of()) == {"data/hdf5.h5": "", "data/models.st": "",
                                                   "reports/html/page.html": ""}


def test_what_differs_is_led_back_to_its_beginning():
    found = locks.compare(lock_of(data_models="b" * 32, reports_html_page="c" * 32), lock_of())
    assert found["data/hdf5.h5"] == ""
    assert found["data/models.st"].startswith("from the same inputs: another kind of processor or another PyTorch")
    assert found["reports/html/page.html"] == "follows from data/models.st"


def test_other_code_and_other_settings_are_named():
    found = locks.compare(lock_of(data_models="b" * 32, stages_train="d" * 32), lock_of())
    assert found["data/models.st"] == "other code: stages/train.py"
    settings = copy.deepcopy(lock_of(data_models="b" * 32))
    settings["train"]["params"]["params.yaml"]["run.threads"] = 4
    assert locks.compare(settings, lock_of())["data/models.st"] == "other settings: run.threads"


def test_an_output_of_one_lock_only_differs():
    fewer = lock_of()
    del fewer["report"]
    assert locks.compare(fewer, lock_of())["reports/html/page.html"] == "only there, made by report"
    assert locks.compare(lock_of(), fewer)["reports/html/page.html"] == "only here, made by report"


@pytest.mark.parametrize("content", ["", "[]", "stages: 1", "stages: {a: {outs: [{}]}}", "stages: {a: 1}", "{", "\0"])
def test_what_is_no_lock_is_refused(tmp_path, content):
    (tmp_path / "other.lock").write_text(content, encoding="utf-8")
    assert_refused(lambda: locks.read_stages(tmp_path / "other.lock"), "other.lock: is no dvc.lock", "restore")
    assert_refused(lambda: locks.read_stages(tmp_path / "none.lock"), "none.lock: not found", "make repro")


def test_a_tree_with_changes_is_refused(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    small_pipeline.run("git", "init", "-q", cwd=project)
    (project / "dvc.lock").write_text("stages: {}", encoding="utf-8")
    (project / "new.txt").write_text("", encoding="utf-8")
    clone = tmp_path / "clone"
    assert_refused(lambda: verify.verify(project, clone, None), "dvc.lock and 1 more: not committed", "remove it")
    assert not clone.exists()


@pytest.mark.slow
def test_a_rebuild_elsewhere_and_later_gives_the_same_bytes(small_project, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    said = small_pipeline.run("make", "--old-file", ".venv/.installed", "verify", cwd=small_project)
    outputs = len(small_pipeline.contents(small_project))
    assert f"\n0 of {outputs} outputs differ" in said
    assert f"same     {WEIGHTS}" in said and f"same     {REPORT}" in said
    assert set(re.findall(r"Running stage '(.+?)'", said)) == small_pipeline.NAMES, "it began with something"
    assert not list(tmp_path.iterdir()), "the clone stayed"
    assert small_pipeline.run("git", "status", "--porcelain", cwd=small_project) == ""


@pytest.mark.slow
def test_a_stage_that_is_not_deterministic_is_found_and_named(small_project, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    place = small_pipeline.copy(small_project, tmp_path / "project")
    with (place / "stages/train_gan.py").open("a", encoding="utf-8") as file:
        file.write("    Path('data/progress/gans/pattern_1010.h5').write_text(str(__import__('time').time_ns()))\n")
    small_pipeline.repro(place)
    small_pipeline.commit(place, "writes the time")
    said = small_pipeline.run("python", "-m", "benchmarks.verify", "--keep", cwd=place, status=1)
    outputs = len(small_pipeline.contents(place))
    assert f"\n1 of {outputs} outputs differ" in said
    assert "differs  data/progress/gans/pattern_1010.h5: from the same inputs" in said and "not deterministic" in said
    (kept,) = re.findall(r"^kept: (.+)$", said, flags=re.MULTILINE)
    assert small_pipeline.contents(Path(kept))[DRAWN] == (small_project / DRAWN).read_bytes()
    against = small_pipeline.run("make", "--old-file", ".venv/.installed", "verify",
                                 f"AGAINST={small_project / 'dvc.lock'}", cwd=place, status=2)
    assert "other code: stages/train_gan.py" in against and f"same     {DRAWN}" in against
