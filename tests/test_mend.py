"""What a killed DVC leaves cut off, as `python -m stages.mend` finds it."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from conftest import REPOSITORY
from small_pipeline import commit, run

pytestmark = pytest.mark.slow
HERE = {"PYTHONPATH": str(REPOSITORY)}
READERS = Path(".dvc/tmp/rwlock")
WHOLE = """\
schema: '2.0'
stages:
  a:
    cmd: echo a > b
    outs:
    - path: b
      hash: md5
      md5: abc
      size: 2
"""


@pytest.fixture
def project(tmp_path) -> Path:
    run("git", "init", "-q", cwd=tmp_path)
    run("git", "config", "user.email", "tests@example.org", cwd=tmp_path)
    run("git", "config", "user.name", "tests", cwd=tmp_path)
    run("dvc", "init", "-q", cwd=tmp_path)
    (tmp_path / ".dvc/tmp").mkdir(exist_ok=True)
    (tmp_path / "dvc.lock").write_text(WHOLE, encoding="utf-8")
    return tmp_path


def mend(project: Path, status: int = 0) -> str:
    return run("python", "-m", "stages.mend", cwd=project, status=status, **HERE)


def test_what_is_whole_stays(project):
    (project / READERS).write_text("{}", encoding="utf-8")
    assert mend(project) == "0 of 0 objects of DVC's cache were damaged\n"
    assert (project / "dvc.lock").read_text(encoding="utf-8") == WHOLE and (project / READERS).exists()


@pytest.mark.parametrize("content", ["", "{", '{"write": {"data/hdf5', "[]", '{"write": {"a": {"pid": "1"}}}'])
def test_a_lock_of_readers_that_is_cut_off_is_removed(project, content):
    (project / READERS).write_text(content, encoding="utf-8")
    assert "mended: .dvc/tmp/rwlock was cut off; removed" in mend(project)
    assert not (project / READERS).exists()


def hold(project: Path, pid: int, changed: float) -> str:
    """Let a process hold DVC's lock of two paths since a moment; the lock's text."""
    holder = {"pid": pid, "cmd": "dvc repro"}
    path = project / READERS
    path.write_text(json.dumps({"write": {str(project / "b"): holder}, "read": {"c": [holder]}}), encoding="utf-8")
    os.utime(path, (changed, changed))
    return path.read_text(encoding="utf-8")


@pytest.fixture
def sleeper():
    """Begins a process in a folder; it ends with the test."""
    begun = []
    yield lambda folder: begun.append(subprocess.Popen(["sleep", "300"], cwd=folder)) or begun[-1]
    for process in begun:
        process.kill()
        process.wait()


def test_a_number_that_another_process_has_since_the_power_cut_holds_no_lock(project, sleeper):
    other = sleeper("/")
    hold(project, other.pid, time.time() - 3600)
    assert f"mended: .dvc/tmp/rwlock named processes that are gone: {other.pid}\n" in mend(project)
    assert json.loads((project / READERS).read_text(encoding="utf-8")) == {"write": {}, "read": {}}


def test_a_killed_process_that_nobody_waited_for_holds_no_lock(project, sleeper):
    killed = sleeper(project)
    killed.kill()
    while Path(f"/proc/{killed.pid}/stat").read_text().split()[2] != "Z":
        time.sleep(0.01)
    hold(project, killed.pid, time.time())
    (project / "dvc.yaml").write_text("stages: {a: {cmd: echo a > b, outs: [b]}}", encoding="utf-8")
    blocked = run("dvc", "repro", cwd=project, status=255)
    assert "is busy" in blocked and str(killed.pid) in blocked, "DVC sees that itself: this needs no mending"
    said = run("python", "-m", "stages.rebuild", cwd=project, **HERE)
    assert f"named processes that are gone: {killed.pid}\n" in said and "1 of 1 stages" in said


@pytest.mark.parametrize(("place", "age"), [(".", 3600), ("/", -3600)])
def test_who_is_at_work_keeps_the_lock(project, sleeper, place, age):
    """At work here, or since before the lock was written: also where the clock was changed meanwhile."""
    text = hold(project, sleeper(project / place).pid, time.time() - age)
    assert "gone" not in mend(project)
    assert (project / READERS).read_text(encoding="utf-8") == text


def test_what_dvc_cannot_read_is_one_line(project):
    (project / ".dvc/config").write_text("[cache", encoding="utf-8")
    said = mend(project, status=1)
    assert said.startswith("error: ") and said.count("\n") == 1 and "nothing more was mended" in said, said


@pytest.mark.parametrize("length", [0, 20, 33, 80])
def test_a_lock_that_is_cut_off_gives_way_to_the_committed_one_and_is_kept(project, length):
    commit(project, "whole")
    (project / "dvc.lock").write_text(WHOLE[:length], encoding="utf-8")
    assert "mended: dvc.lock was cut off and is now dvc.lock.cut_off; the last committed one is back" in mend(project)
    assert (project / "dvc.lock").read_text(encoding="utf-8") == WHOLE
    assert (project / "dvc.lock.cut_off").read_text(encoding="utf-8") == WHOLE[:length]
    run("git", "diff", "--quiet", cwd=project)


def test_where_git_has_none_it_says_so(project):
    (project / "dvc.lock").write_text(WHOLE[:33], encoding="utf-8")
    assert "git has none, so all runs again" in mend(project)
    assert not (project / "dvc.lock").exists()


def test_both_sides_of_a_merge_are_left_to_a_person(project):
    merge = f"<<<<<<< HEAD\n{WHOLE}=======\n{WHOLE}>>>>>>> other\n"
    (project / "dvc.lock").write_text(merge, encoding="utf-8")
    said = mend(project, status=1)
    assert "error: dvc.lock: holds both sides of a merge; choose one" in said and "Traceback" not in said
    assert (project / "dvc.lock").read_text(encoding="utf-8") == merge
