"""What a killed DVC leaves cut off, as `python -m stages.mend` finds it."""

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


@pytest.mark.parametrize("content", ["", "{", '{"write": {"data/hdf5'])
def test_a_lock_of_readers_that_is_cut_off_is_removed(project, content):
    (project / READERS).write_text(content, encoding="utf-8")
    assert "mended: .dvc/tmp/rwlock was cut off; removed" in mend(project)
    assert not (project / READERS).exists()


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
