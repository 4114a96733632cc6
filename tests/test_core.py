"""Outputs that only one process writes, and signals: when they wait, and when they are left alone."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, assert_refused

from stages.core import files, stopping

WRITER = """
import sys
from stages.core.files import whole_file
with whole_file('out/a.txt') as aside:
    aside.write_text('first')
    print('writing', flush=True)
    sys.stdin.readline()
"""
STAGE = """
import os, signal, sys
from stages.core import command, stopping
def stage(name):
    {body}
sys.argv = ['stage.py', 'a']
command.run(stage)
"""


def start(code: str, **more) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


@pytest.fixture
def writer(tmp_path, monkeypatch):
    """Another process in the middle of writing out/a.txt."""
    monkeypatch.chdir(tmp_path)
    process = start(WRITER)
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.communicate()


def write(text: str = "second") -> None:
    files.write_text("out/a.txt", text)


def test_two_processes_do_not_write_one_output(writer):
    assert_refused(write, "out/a.txt: is being written by another process; wait for it or end it")
    files.write_text("out/b.txt", "another output")
    files.forget(Path("out/a.txt"))
    writer.communicate("\n")
    assert writer.returncode == 0 and Path("out/a.txt").read_text() == "first"
    write()
    assert sorted(os.listdir("out")) == ["a.txt", "b.txt"] and Path("out/a.txt").read_text() == "second"


def test_a_process_that_was_killed_while_writing_blocks_nobody(writer):
    writer.kill()
    writer.communicate()
    assert files.aside_of("out/a.txt").read_text() == "first"
    write()
    assert os.listdir("out") == ["a.txt"]


def test_a_folder_is_written_by_one_process_only(tmp_path):
    with files.whole_folder(tmp_path / "data") as aside:
        (aside / "a.txt").write_text("whole")
        with pytest.raises(files.BeingWritten), files.whole_folder(tmp_path / "data"):
            pass
    assert [path.name for path in tmp_path.rglob("*")] == ["data", "a.txt"]


def test_a_lock_that_was_removed_in_between_is_taken_anew(tmp_path, monkeypatch):
    taken, lock = [], fcntl.flock

    def removed(handle: int, how: int) -> None:
        lock(handle, how)
        if not taken:
            next(tmp_path.glob(".*.lock.partial")).unlink()
        taken.append(handle)

    monkeypatch.setattr(fcntl, "flock", removed)
    files.write_text(tmp_path / "a.txt", "whole")
    assert len(taken) == 2 and os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(("number", "fails"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_a_file_system_that_syncs_no_folders_will_do(tmp_path, monkeypatch, number, fails):
    def fsync(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    if fails:
        with pytest.raises(OSError, match="Input/output"):
            files.write_text(tmp_path / "a.txt", "whole")
    else:
        files.write_text(tmp_path / "a.txt", "whole")
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_a_second_signal_waits_only_where_the_block_is_patient():
    stopping.listen()
    with pytest.raises(stopping.Stopped), stopping.gently():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("waited")
    reached = []
    with pytest.raises(stopping.Stopped) as stopped, stopping.gently(patient=True):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        reached.append(stopping.asked())
    assert reached == [signal.SIGTERM] and stopped.value.number == signal.SIGTERM and not stopping.asked()


def test_a_signal_that_was_ignored_stays_so():
    body = "os.kill(os.getpid(), signal.SIGINT); print('went on')"
    process = start(STAGE.format(body=body), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    said, errors = process.communicate(timeout=60)
    assert (process.returncode, said, errors) == (0, "went on\n", "")


@pytest.mark.parametrize(("body", "status", "words"), [
    ("import atexit; atexit.register(os.kill, os.getpid(), signal.SIGTERM)", 0, ""),
    ("os.kill(os.getpid(), signal.SIGTERM)", 143, "stopped: run the same command again"),
    ("import atexit; atexit.register(os.kill, os.getpid(), signal.SIGINT); raise stopping.Stopped(15)", 143, "stopped"),
])
def test_a_signal_after_the_end_changes_nothing(body, status, words):
    process = start(STAGE.format(body=body))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status and errors.startswith(words) and errors.count("\n") == bool(words)


@pytest.mark.parametrize(("fault", "status", "words"), [
    ("RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has ...')", 1, "a: not enough memory; lower"),
    ("RuntimeError('DefaultCPUAllocator: can\\'t allocate memory: you tried ...')", 1, "a: not enough memory; lower"),
    ("MemoryError()", 1, "a: not enough memory; lower"),
    ("RuntimeError('a fault of ours')", 1, ""),
])
def test_too_little_memory_of_any_kind_says_what_to_lower(fault, status, words):
    process = start(STAGE.format(body=f"raise {fault}"))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert errors.startswith(f"error: {words}") == bool(words) and ("Traceback" in errors) != bool(words)
