"""`make verify` rebuilds a commit elsewhere and says which outputs have other bytes, and why."""

import copy
import errno
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import small_pipeline
import yaml
from conftest import assert_refused, write_files
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


def with_input(path: str, digest: str, output: str = "b", **digests: str) -> dict:
    """A lock whose page depends on one more path."""
    made = lock_of(reports_html_page=output * 32, **digests)
    made["report"]["deps"].append({"path": path, "md5": digest * 32})
    return made


@pytest.mark.parametrize("folder", ["data", "data/hdf5.h5"])
def test_what_follows_from_a_folder_of_outputs_says_so(folder):
    found = locks.compare(with_input(folder, "b", data_hdf5="b" * 32), with_input(folder, "c", "a"))
    assert found["reports/html/page.html"] == f"follows from {folder}"


@pytest.mark.parametrize("path", ["requirements.txt", "reports/claims.yaml", "data/hdf5", "models.st"])
def test_an_input_that_is_no_output_is_named(path):
    found = locks.compare(with_input(path, "b", data_models="b" * 32), with_input(path, "c", "a", data_models="b" * 32))
    assert found["reports/html/page.html"] == f"other input: {path}"
    for ours, theirs in ((with_input(path, "b"), lock_of()), (lock_of(reports_html_page="b" * 32),
                                                              with_input(path, "c", "a"))):
        assert locks.compare(ours, theirs)["reports/html/page.html"] == f"other input: {path}"


def test_another_command_is_named():
    changed = lock_of(data_models="b" * 32)
    changed["train"]["cmd"] = "train --faster"
    assert locks.compare(changed, lock_of())["data/models.st"] == "other command: train --faster"


def test_an_output_of_one_lock_only_differs():
    fewer = lock_of()
    del fewer["report"]
    assert locks.compare(fewer, lock_of())["reports/html/page.html"] == "only there, made by report"
    assert locks.compare(lock_of(), fewer)["reports/html/page.html"] == "only here, made by report"


@pytest.mark.parametrize("content", ["", "[]", "stages: 1", "stages: {a: {outs: [{}]}}", "stages: {a: 1}", "{", "\0",
                                     "stages: {a: {outs: [{path: b}]}}"])
def test_what_is_no_lock_is_refused(tmp_path, content):
    (tmp_path / "other.lock").write_text(content, encoding="utf-8")
    assert_refused(lambda: locks.read_stages(tmp_path / "other.lock"), "other.lock: is no dvc.lock", "restore")
    assert_refused(lambda: locks.read_stages(tmp_path / "none.lock"), "none.lock: not found", "make repro")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_rebuild_winds_down_before_its_clone_is_removed(tmp_path, number):
    """The signal comes to this process only, as from `kill`; at a terminal the stages get it, too."""
    tools, ended = tmp_path / "tools", tmp_path / "ended"
    tools.mkdir()
    (tools / "make").write_text(f"#!/bin/sh\ntrap 'sleep 1; pwd > {ended}; exit 1' TERM\ntouch {tmp_path}/begun\n"
                                "while :; do sleep 0.1; done\n")
    (tools / "make").chmod(0o755)
    project = tmp_path / "project"
    files = {"dvc.lock": b"stages: {}", "params.yaml": b"run: {local_dir: data/local, inception_weights: own/w.st}",
             ".gitignore": b"own/", ".dvc/config": b""}
    for name, content in files.items():
        write_files((project / name).parent, {Path(name).name: content})
    for words in (["init", "-q"], ["config", "user.email", "a@example.org"], ["config", "user.name", "a"]):
        small_pipeline.run("git", *words, cwd=project)
    small_pipeline.commit(project, "made")
    write_files(project / "own", {"w.st": b"weights"})
    code = (f"from pathlib import Path; from benchmarks import verify; verify.ROOT = Path({str(project)!r}); "
            "verify.main()")
    (tmp_path / "tmp").mkdir()
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(tmp_path / "tmp"),
                                "PYTHONPATH": str(verify.ROOT)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, text=True, stderr=subprocess.PIPE)
    while process.poll() is None and not (tmp_path / "begun").exists():
        time.sleep(0.01)
    assert [path.read_bytes() for path in (tmp_path / "tmp").glob("*/*/own/w.st")] == [b"weights"]
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and said == "error: interrupted; nothing was compared\n"
    assert ended.read_text().startswith(str(tmp_path / "tmp")) and not os.listdir(tmp_path / "tmp")


@pytest.mark.parametrize(("harm", "words"), [
    (lambda patch: patch.setenv("PATH", "/nowhere"), "git: not found"),
    (lambda patch: patch.setattr(tempfile, "mkdtemp", full), "No space left on device; nothing was compared"),
])
def test_what_a_rebuild_lacks_is_one_line(monkeypatch, harm, words):
    harm(monkeypatch)
    monkeypatch.setattr(sys, "argv", ["verify"])
    with pytest.raises(SystemExit) as ended:
        verify.main()
    assert words in ended.value.code and "\n" not in ended.value.code


def full(**_: str) -> str:
    raise OSError(errno.ENOSPC, "No space left on device", "/tmp")


def test_a_tree_with_changes_is_refused(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    small_pipeline.run("git", "init", "-q", cwd=project)
    (project / "dvc.lock").write_text("stages: {}", encoding="utf-8")
    (project / "new.txt").write_text("", encoding="utf-8")
    clone = tmp_path / "clone"
    assert_refused(lambda: verify.verify(project, clone, None), "dvc.lock and 1 more: not committed", "remove it")
    assert not clone.exists()


def test_locks_of_two_machines_are_compared_and_counted_without_a_rebuild(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(verify, "RECORD", tmp_path / "verify.json")
    for name, lock in (("here", lock_of(data_models="b" * 32, reports_html_page="c" * 32)), ("there", lock_of())):
        (tmp_path / name).write_text(yaml.safe_dump({"stages": lock}), encoding="utf-8")
    for against, status in (("there", 1), ("here", 0), ("here", 0)):
        monkeypatch.setattr(sys, "argv", ["verify", "--rebuilt", str(tmp_path / "here"), "--against",
                                          str(tmp_path / against), "--record", f"the machine {against}"])
        with pytest.raises(SystemExit) as ended:
            verify.main()
        assert ended.value.code == status
    said = capsys.readouterr().out
    assert "differs  data/models.st: from the same inputs" in said and "2 of 3 outputs differ" in said
    there, here = (one["same"] for one in json.loads(verify.RECORD.read_text()))
    assert there == {"data": 1} and here == {"data": 2, "reports/html": 1}
    assert "| the machine there | " in verify.table() and " | 3 | 1 | 2 |" in verify.table()
    assert verify.table().count("| the machine here | ") == 1 and " | 3 | 3 | 0 |" in verify.table()


@pytest.mark.slow
def test_a_rebuild_elsewhere_and_later_gives_the_same_bytes(small_project, tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path_factory.mktemp("torch")))  # PyTorch's own, not the clone
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
