"""`dvc repro` killed at random moments, with all that it started: the next ones go on, and end in the same dvc.lock."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_pipeline import YAML, change, run
from small_site import make_small

from stages.core import pace
from stages.rebuilding import mending

pytestmark = pytest.mark.slow
KILLS = 20
# of each kind of stage that takes a while, one or two
TARGETS = ("convert_celeba", "train_classifier@baseline", "train_discriminator@pattern_1010",
           "train_gan@mnist_improved", "train_gan@celeba_conv", "evaluate_gan@pattern_1010",
           "explore_seeds@pattern_1010")
REPRO = ("dvc", "repro", *TARGETS)
MEND = ("make", "--old-file", ".venv/.installed", "mend")


def start(folder: Path, *targets: str, seconds: float) -> subprocess.Popen:
    """`dvc repro` in a process group of its own, with frequent checkpoints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(["dvc", "repro", *targets], cwd=folder, text=True,
                            env=os.environ | {"PATH": path, pace.VARIABLE: str(seconds)}, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, start_new_session=True)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    """The small pipeline twice: for an undisturbed run, and for one that is killed again and again."""
    folder = tmp_path_factory.mktemp("kills")
    make_small(folder / "calm")
    shutil.copytree(folder / "calm", folder / "killed", symlinks=True)
    return folder / "calm", folder / "killed"


def test_twenty_kills_change_nothing(folders, monkeypatch):
    calm, killed = folders
    began = time.monotonic()
    run(*REPRO, cwd=calm)
    seconds = time.monotonic() - began

    monkeypatch.chdir(killed)
    moment, deaths = random.Random(20), 0
    while deaths < KILLS:
        process = start(killed, *TARGETS, seconds=0.2)
        try:
            said, _ = process.communicate(timeout=moment.uniform(0.03, 0.2) * seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            deaths += 1
            mending.mend_notes()
        else:
            assert process.returncode == 0, said
            require_same(killed, calm)
            begin_again(killed)
    run(*REPRO, cwd=killed)
    require_same(killed, calm)
    assert "up to date" in run("dvc", "status", *TARGETS, cwd=killed)
    if path := os.environ.get("KILLS_RECORD"):  # see benchmarks/kills.py
        counts = {"kills": deaths, "stages": len(TARGETS), "outputs": len(results(calm))}
        Path(path).write_text(json.dumps(counts), encoding="utf-8")


@pytest.mark.parametrize("name", [".dvc/tmp/rwlock", "dvc.lock"])
def test_what_a_killed_dvc_leaves_cut_off_is_mended(folders, name):
    calm, _ = folders
    target = "draw@pattern_1010"
    run("dvc", "repro", target, cwd=calm)
    whole = (calm / "dvc.lock").read_text(encoding="utf-8")
    (calm / name).write_text('{"write": {"data/hdf5/pattern' if "rwlock" in name else whole[:1111], encoding="utf-8")
    run(*MEND, cwd=calm)
    run("dvc", "repro", target, cwd=calm)
    assert "up to date" in run("dvc", "status", target, cwd=calm)
    (calm / "dvc.lock").write_text(whole, encoding="utf-8")


def test_ctrl_c_under_dvc_says_how_to_go_on(folders):
    calm, _ = folders
    change(calm, "classifiers.combined.budgets.demo.epochs", 30)
    weights = calm / "data/models/classifiers/combined.safetensors"
    kept = calm / "data/checkpoints/classifiers/combined.safetensors"
    process = start(calm, "train_classifier@combined", seconds=0.01)
    while process.poll() is None and not kept.exists():
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode != 0 and not weights.exists(), said
    assert "Traceback" not in said
    assert "stopped: run the same command again to go on from " in said and "updates" in said
    run("dvc", "repro", "train_classifier@combined", cwd=calm)
    assert weights.exists() and not kept.exists()


def require_same(killed: Path, calm: Path) -> None:
    # a stage stands where it was added: after those that were there when DVC came back from a loss
    assert YAML.load(killed / "dvc.lock") == YAML.load(calm / "dvc.lock")
    assert results(killed) == results(calm)
    assert not list(killed.rglob("*.partial"))
    assert not [path for path in (killed / "data/checkpoints").rglob("*") if path.is_file()]


def begin_again(folder: Path) -> None:
    """Nothing of what a run made is left, nor of what DVC knows of it."""
    for path in results(folder):
        (folder / path).unlink()
    (folder / "dvc.lock").unlink()
    for part in ("cache", "tmp"):
        shutil.rmtree(folder / ".dvc" / part)


def results(folder: Path) -> dict[str, bytes]:
    """All that the stages wrote."""
    places = [path for part in ("data/hdf5", "data/models", "data/samples", "data/progress", "reports/metrics",
                                "reports/losses") for path in (folder / part).rglob("*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in places if path.is_file()}
