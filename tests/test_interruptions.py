"""Stages stopped by signals on the command line: what they say, and that they end in the same bytes afterwards."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from celeba_files import CONVERTED, RAW, jpeg
from conftest import REPOSITORY, assert_refused, run_on_small_disk, set_key, write_files
from resuming import CHECKPOINTS, FACES, SMALL, Killed, due, files_in, forget, outputs, prepare

from stages import convert
from stages.core import pace, stopping
from stages.core.command import UserError
from stages.core.files import aside_of
from stages.datasets.faces import conversion, mark, picture_file
from stages.datasets.faces.archive import ARCHIVE

RULE = "pattern_1010"
PATIENCE = 900  # seconds for a stage on a busy machine
MARK = CHECKPOINTS / "conversions/celeba.json"


def start(stage: str, name: str, seconds: float = 0.02) -> subprocess.Popen:
    """Start a stage as DVC does, with a checkpoint every so many seconds."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), pace.VARIABLE: str(seconds)}
    return subprocess.Popen([sys.executable, "-m", f"stages.{stage}", name], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def run_whole(stage: str, name: str) -> None:
    """Run a stage to its end, without a word from it."""
    process = start(stage, name, seconds=60)
    assert process.communicate(timeout=PATIENCE)[1] == "" and process.returncode == 0


def interrupt(process: subprocess.Popen, number: int, path: Path, wait: float = 0) -> str:
    """Send a signal a while after the process wrote `path` anew; what it said."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    while process.poll() is None and not (path.exists() and path.stat().st_mtime_ns > before):
        time.sleep(0.01)
    time.sleep(wait)
    process.send_signal(number)
    return process.communicate(timeout=PATIENCE)[1]


@pytest.mark.slow
@pytest.mark.parametrize(("script", "block", "experiment", "changes"), [
    ("train_classifier", "classifiers", "combined", {"epochs": 50}),
    ("train_classifier", "attribute_classifiers", "face_attributes", {"epochs": 20, "batch_size": 8}),
    ("train_gan", "gans", "mnist_conditional", {"epochs": 12}),
    ("train_gan", "gans", "mnist_best", {"epochs": 20, "batch_size": 8}),
    ("train_gan", "gans", "celeba_conv", {"epochs": 15, "batch_size": 4, **FACES, **SMALL}),
    ("train_discriminator", "gans", "mnist_conditional", {"epochs": 1}),
])
def test_a_training_killed_at_random_ends_in_the_same_bytes(converted, script, block, experiment, changes):
    prepare(block, experiment, changes)
    if script == "train_discriminator":
        set_key(f"gans.{experiment}.noise_pairs.demo", 3000)
    run_whole(script, experiment)
    undisturbed = outputs()
    forget()

    kind = "discriminators" if script == "train_discriminator" else block
    kept, moment, deaths = CHECKPOINTS / f"{kind}/{experiment}.safetensors", random.Random(experiment), 0
    for _ in range(4):  # one may end before it is killed
        process = start(script, experiment)
        assert interrupt(process, signal.SIGKILL, kept, moment.uniform(0, 0.2)) == ""
        deaths += process.returncode == -signal.SIGKILL
        if deaths == 2:
            break
    run_whole(script, experiment)
    assert deaths >= 2 and outputs() == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_training_says_how_to_go_on(converted, number, status):
    prepare("gans", RULE, {"epochs": 1000})
    process, kept = start("train_gan", RULE, seconds=1), CHECKPOINTS / f"gans/{RULE}.safetensors"
    said = interrupt(process, number, kept)
    assert process.returncode == status
    words = r"stopped: run the same command again to go on from ([\d,]+) of 60,000 iterations"
    assert said.count("\n") == 1 and (found := re.fullmatch(words, said.strip())), said
    assert files_in(CHECKPOINTS) == [kept]
    assert int(found[1].replace(",", "")) > 0


@pytest.mark.slow
def test_a_disk_that_is_full_of_checkpoints_stops_no_training(converted):
    prepare("classifiers", "baseline", {"epochs": 5})
    run_whole("train_classifier", "baseline")
    undisturbed = outputs()
    result = run_on_small_disk("data/checkpoints/classifiers", "size=64k",
                               f"{pace.VARIABLE}=0.05 $PYTHON -m stages.train_classifier baseline")
    assert result.returncode == 0
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("warning: data/checkpoints/classifiers/baseline.safetensors: no checkpoint written "
                                    "(No space left on device)")
    assert outputs() == undisturbed


def put_faces(count: int, train: int) -> None:
    """An archive of so many faces, as the download stage leaves it."""
    RAW.mkdir(parents=True)
    with zipfile.ZipFile(RAW / ARCHIVE, "w") as archive:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(f"{number:06d}.jpg"), jpeg(number % 50))
    write_files(RAW, {"provenance.json": json.dumps({"title": "random", "source": "local", "licence": "",
                                                     "digests": {}}).encode()})
    set_key("datasets.celeba.budgets.demo", {"train_images": train, "test_images": 24})


def test_a_conversion_that_is_killed_goes_on_in_the_same_file(project, monkeypatch, capsys):
    put_faces(70, train=40)
    monkeypatch.setattr(conversion, "BLOCK", 4)
    convert.main("celeba")
    undisturbed = CONVERTED.read_bytes()
    CONVERTED.unlink()
    with monkeypatch.context() as patch:
        for goes_on_from in (8, 16, 24, 32, 40, 48):  # in the training pictures, and in the test pictures
            patch.setattr(pace.Pace, "due", due([2], death=4))
            with pytest.raises(Killed):
                convert.main("celeba")
            assert sum(json.loads(MARK.read_text(encoding="utf-8"))["done"].values()) == goes_on_from
            assert aside_of(CONVERTED).is_file() and not CONVERTED.exists()
    convert.main("celeba")
    assert CONVERTED.read_bytes() == undisturbed
    assert not aside_of(CONVERTED).exists() and not files_in(CHECKPOINTS) and capsys.readouterr().err == ""


@pytest.mark.parametrize(("harm", "word"), [
    (lambda: set_key("datasets.celeba.budgets.demo.train_images", 36), "belongs to other pictures, parameters or code"),
    (lambda: MARK.write_text(MARK.read_text(encoding="utf-8")[:-40], encoding="utf-8"), "damaged"),
    (lambda: aside_of(CONVERTED).unlink(), "its pictures are gone"),
    (lambda: _flip_a_bit(aside_of(CONVERTED)), "does not fit the pictures on disk"),
    (lambda: os.truncate(aside_of(CONVERTED), 200_000), "does not fit the pictures on disk"),
])
def test_a_mark_that_does_not_fit_is_ignored_with_a_word(project, monkeypatch, capsys, harm, word):
    put_faces(70, train=40)
    monkeypatch.setattr(conversion, "BLOCK", 4)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(pace.Pace, "due", due([2], death=3))
        convert.main("celeba")
    harm()
    convert.main("celeba")
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and str(MARK) in said and word in said
    converted = CONVERTED.read_bytes()
    convert.main("celeba")
    assert CONVERTED.read_bytes() == converted


def test_a_mark_of_brackets_without_end_is_damaged(project, monkeypatch, capsys):
    put_faces(70, train=40)
    write_files(MARK.parent, {MARK.name: b"[" * 200_000})
    convert.main("celeba")
    assert "damaged, or its pictures are gone; removed" in capsys.readouterr().err


def test_a_mark_goes_with_its_pictures(project, monkeypatch, capsys):
    put_faces(70, train=40)
    monkeypatch.setattr(conversion, "BLOCK", 4)
    write = mark.Mark.advance

    def fail(self, *block) -> None:
        if self.saved:
            raise UserError("a broken picture")
        write(self, *block)

    with monkeypatch.context() as patch:
        patch.setattr(pace.Pace, "due", due([2]))
        patch.setattr(mark.Mark, "advance", fail)
        assert_refused(lambda: convert.main("celeba"), "a broken picture")
    assert not aside_of(CONVERTED).exists() and not files_in(CHECKPOINTS)
    convert.main("celeba")
    assert capsys.readouterr().err == ""


def test_a_folder_that_takes_no_mark_stops_no_conversion(project, monkeypatch, capsys):
    put_faces(70, train=40)
    CHECKPOINTS.write_text("no folder")
    monkeypatch.setattr(conversion, "BLOCK", 4)
    monkeypatch.setattr(pace.Pace, "due", lambda self: True)
    convert.main("celeba")
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith(f"warning: {MARK}: not written (")
    assert CONVERTED.is_file()


def test_a_second_signal_inside_hdf5_waits_for_the_block(project, monkeypatch):
    """What is raised where HDF5 calls back comes out as its own fault, and the pictures would be lost."""
    put_faces(70, train=40)
    convert.main("celeba")
    undisturbed = CONVERTED.read_bytes()
    CONVERTED.unlink()
    monkeypatch.setattr(conversion, "BLOCK", 4)
    write = picture_file._Shield.write

    def interrupted(self, content) -> int:
        if len(content) > 100_000 and not stopping.asked():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return write(self, content)

    stopping.listen()
    with monkeypatch.context() as patch:
        patch.setattr(picture_file._Shield, "write", interrupted)
        with pytest.raises(stopping.Stopped) as stopped:
            convert.main("celeba")
    assert stopped.value.how_to_go_on == "run the same command again to go on from 4 of 64 pictures"
    convert.main("celeba")
    assert CONVERTED.read_bytes() == undisturbed


def _flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100_000] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
def test_a_conversion_killed_and_stopped_at_random_ends_in_the_same_bytes(project):
    put_faces(2000, train=1900)
    run_whole("convert", "celeba")
    undisturbed = CONVERTED.read_bytes()
    moment = random.Random(5)
    for _ in range(3):
        CONVERTED.unlink(missing_ok=True)
        interrupt(start("convert", "celeba"), signal.SIGKILL, MARK, moment.uniform(0, 0.5))
        process = start("convert", "celeba")
        said = interrupt(process, signal.SIGINT, MARK)
        if process.returncode:  # it may have come to its end before
            assert process.returncode == 130
            assert said.startswith("stopped: run the same command again to go on from ") and said.count("\n") == 1
            assert said.endswith(" of 1,924 pictures\n")
    CONVERTED.unlink(missing_ok=True)
    run_whole("convert", "celeba")
    assert CONVERTED.read_bytes() == undisturbed
    assert not list(Path().rglob("*.partial")) and not files_in(CHECKPOINTS)
