"""`python -m stages.rebuild` on a pipeline of shell commands: what `dvc repro` would do, side by side; and its ends."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import REPOSITORY
from dvc.lock import make_lock
from small_pipeline import YAML, run, start, write

pytestmark = pytest.mark.slow
HERE = {"PYTHONPATH": str(REPOSITORY)}
REBUILD = ("python", "-m", "stages.rebuild")
# first stands last in dvc.yaml, so that the order of the file is not that of the work
STAGES = {
    "last": {"cmd": "cat one two > last", "deps": ["one", "two"], "outs": ["last"]},
    "one": {"cmd": "cat first > one", "deps": ["first"], "outs": ["one"]},
    "two": {"cmd": "cat first first > two", "deps": ["first"], "params": ["amount"], "outs": ["two"]},
    "first": {"cmd": "cat source > first", "deps": ["source"], "outs": ["first"]},
}


@pytest.fixture
def project(tmp_path) -> Path:
    run("git", "init", "-q", cwd=tmp_path)
    run("dvc", "init", "-q", cwd=tmp_path)
    (tmp_path / "source").write_text("a\n", encoding="utf-8")
    write(tmp_path / "params.yaml", {"amount": 1e-4})
    write(tmp_path / "dvc.yaml", {"stages": STAGES})
    return tmp_path


def rebuild(project: Path, *options: str, status: int = 0) -> str:
    return run(*REBUILD, *options, cwd=project, status=status, **HERE)


def ran(said: str) -> list[str]:
    return re.findall(r"Running stage '(.+?)'", said)


def lock_of(project: Path) -> dict:
    return YAML.load((project / "dvc.lock").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lanes", ["1", "2"])
def test_it_does_what_dvc_repro_does_and_writes_the_lock_in_the_order_of_the_file(project, lanes):
    said = rebuild(project, "--lanes", lanes)
    assert sorted(ran(said)) == sorted(STAGES) and ran(said)[0] == "first" and ran(said)[-1] == "last"
    assert "4 of 4 stages were out of date" in said
    assert list(lock_of(project)["stages"]) == list(STAGES)
    assert (project / "last").read_text(encoding="utf-8") == "a\na\na\n"
    assert "up to date" in run("dvc", "status", cwd=project)

    written = lock_of(project)
    (project / "dvc.lock").unlink()
    run("dvc", "repro", "--force", cwd=project)
    assert lock_of(project) == written
    before = (project / "dvc.lock").read_bytes()
    assert "everything is up to date" in rebuild(project)
    assert (project / "dvc.lock").read_bytes() == before


def test_a_changed_parameter_reruns_what_depends_on_it_and_the_old_value_brings_the_old_results_back(project):
    rebuild(project)
    before = (project / "dvc.lock").read_bytes()
    write(project / "params.yaml", {"amount": 2})
    assert ran(rebuild(project)) == ["two"]  # it writes the same bytes: nothing after it
    write(project / "params.yaml", {"amount": 1e-4})
    assert ran(rebuild(project)) == []
    assert (project / "dvc.lock").read_bytes() == before


def test_a_failed_stage_is_named_and_what_was_done_is_kept(project):
    write(project / "dvc.yaml", {"stages": STAGES | {"two": STAGES["two"] | {"cmd": "echo 'error: no' >&2; exit 3"}}})
    said = rebuild(project, status=1)
    assert "error: no" in said and "error: stage 'two': " in said and "Traceback" not in said
    assert "last" not in ran(said) and not (project / "last").exists()
    assert {"first"} <= set(lock_of(project)["stages"]) <= {"first", "one"}
    write(project / "dvc.yaml", {"stages": STAGES})
    assert "first" not in ran(rebuild(project)) and (project / "last").exists()


@pytest.mark.parametrize(("content", "words"), [("stages: [", "dvc.yaml"), ("stages: {a: {outs: [b]}}", "dvc.yaml"),
                                               ("stages: {a: {cmd: x, deps: [b], outs: [b]}}", "error")])
def test_a_broken_dvc_yaml_is_refused_without_a_traceback(project, content, words):
    (project / "dvc.yaml").write_text(content, encoding="utf-8")
    said = rebuild(project, status=1)
    assert words in said and "Traceback" not in said


def slow_pipeline(project: Path) -> None:
    """A first stage, and two that take a while and end well when they are asked to stop."""
    wait = ("trap 'exit 130' INT; trap 'exit 143' TERM; cat first > {0}; "
            "while test ! -e go; do sleep 0.05; done")
    slow = {name: STAGES[name] | {"cmd": wait.format(name)} for name in ("one", "two")}
    write(project / "dvc.yaml", {"stages": STAGES | slow})


def wait_for(*paths: Path) -> None:
    for _ in range(1200):
        if all(path.exists() for path in paths):
            return
        time.sleep(0.05)
    raise AssertionError(f"one of {paths} did not come")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_stages_and_says_how_to_go_on(project, number, status):
    slow_pipeline(project)
    process = start(*REBUILD, cwd=project, **HERE)
    wait_for(project / "one", project / "two")
    os.kill(process.pid, number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == status and "Traceback" not in said, said
    assert "stopped: 1 stages are done; run the same command again to go on" in said
    assert list(lock_of(project)["stages"]) == ["first"]
    (project / "go").touch()
    assert sorted(ran(rebuild(project))) == ["last", "one", "two"]


def test_killed_it_leaves_no_stage_behind_and_loses_none_that_was_done(project):
    slow_pipeline(project)
    process = start(*REBUILD, cwd=project, **HERE)
    wait_for(project / "one", project / "two")
    process.kill()
    process.communicate(timeout=60)
    for _ in range(200):
        if not alive(project):
            break
        time.sleep(0.05)
    assert not alive(project)
    (project / "go").touch()
    said = rebuild(project)
    assert sorted(ran(said)) == ["last", "one", "two"] and "'first' is cached" in said
    assert list(lock_of(project)["stages"]) == list(STAGES)


def test_a_killed_lane_is_reported_and_no_stage_stays_behind(project):
    slow_pipeline(project)
    process = start(*REBUILD, cwd=project, **HERE)
    wait_for(project / "one", project / "two")
    lane = next(pid for pid in alive(project) if "spawn_main" in command_of(pid))
    os.kill(lane, signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and "a process of this rebuild was killed" in said and "LANES=1" in said
    assert "Traceback" not in said and not alive(project)
    (project / "go").touch()
    rebuild(project)
    assert list(lock_of(project)["stages"]) == list(STAGES)


@pytest.mark.parametrize("seconds", [0, 0.5, 1.5])
def test_a_signal_while_lanes_begin_stops_them_as_well(project, seconds):
    slow_pipeline(project)
    process = start(*REBUILD, cwd=project, **HERE)
    while len(alive(project)) < 3 and process.poll() is None:  # it and what starts its lanes
        time.sleep(0.02)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said and "stopped: " in said, said
    assert not alive(project)


def test_a_signal_stops_it_while_another_dvc_holds_the_lock(project):
    rebuild(project)
    (project / "source").write_text("b\n", encoding="utf-8")
    with make_lock(str(project / ".dvc/tmp/lock"), tmp_dir=str(project / ".dvc/tmp")):
        process = start(*REBUILD, cwd=project, **HERE)
        time.sleep(6)
        assert process.poll() is None, "it waits"
        os.kill(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said, said
    assert sorted(ran(rebuild(project))) == sorted(STAGES)


def alive(folder: Path) -> list[int]:
    """The processes that run in a folder."""
    found = subprocess.run(["pgrep", "-f", "."], capture_output=True, text=True, check=False).stdout.split()
    inside = []
    for pid in found:
        try:
            if Path(os.readlink(f"/proc/{pid}/cwd")) == folder:
                inside.append(int(pid))
        except OSError:
            continue
    return inside


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()
