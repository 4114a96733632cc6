"""Trainings that are killed and go on: every output the same to the last byte as without any disturbance."""

import json
import random
import struct
from pathlib import Path

import pytest
from conftest import assert_refused, set_key, write_files
from resuming import CHECKPOINTS, FACES, SMALL, Killed, due, files_in, forget, outputs, prepare

from stages import train_classifier, train_discriminator, train_gan
from stages.core import code, pace
from stages.training import checkpoint

SCRIPTS = {"train_classifier": train_classifier, "train_gan": train_gan, "train_discriminator": train_discriminator}
RULE = "pattern_1010"
KEPT = CHECKPOINTS / f"gans/{RULE}.safetensors"
# script, block of params.yaml, experiment, and what is changed to make it small
CASES = [
    ("train_classifier", "classifiers", "baseline", {"epochs": 2}),  # batch 1, recorded, no moments
    ("train_classifier", "classifiers", "combined", {"epochs": 2}),  # batch 1, recorded, Adam
    ("train_classifier", "classifiers", "reference", {"epochs": 3, "batch_size": 8, "weight_average": 0.9}),
    ("train_classifier", "attribute_classifiers", "face_attributes", {"epochs": 3, "batch_size": 8}),
    ("train_gan", "gans", "pattern_1010", {"epochs": 2}),
    ("train_gan", "gans", "mnist_conditional", {"epochs": 2}),  # batch 1, recorded, Adam, labels
    ("train_gan", "gans", "mnist_best", {"epochs": 3, "batch_size": 8}),  # pairs, penalties, schedule, moving average
    ("train_gan", "gans", "celeba_conv", {"epochs": 6, "batch_size": 4, **FACES, **SMALL}),  # batch normalisation
    ("train_discriminator", "gans", "mnist_conditional", {"epochs": 2}),
    ("train_discriminator", "gans", "celeba_conv", {"epochs": 6, "batch_size": 4, **FACES, **SMALL}),
]


@pytest.mark.parametrize(("script", "block", "experiment", "changes"), CASES)
def test_a_training_that_is_killed_and_goes_on_ends_in_the_same_bytes(converted, monkeypatch, script, block, experiment,
                                                                     changes):
    prepare(block, experiment, changes)
    iterations, chance = [], random.Random(experiment)
    monkeypatch.setattr(pace.Pace, "due", lambda self: bool(iterations.append(1)))
    SCRIPTS[script].main(experiment)
    undisturbed = outputs()
    forget()

    for _ in range(3):
        life = chance.randint(3, len(iterations) // 3)
        monkeypatch.setattr(pace.Pace, "due", due(chance.sample(range(1, life), k=2), death=life))
        with pytest.raises(Killed):
            SCRIPTS[script].main(experiment)
    monkeypatch.setattr(pace.Pace, "due", due([]))
    SCRIPTS[script].main(experiment)
    assert outputs() == undisturbed


@pytest.fixture
def interrupted(converted, monkeypatch) -> dict[str, str]:
    """A training killed after it saved, and what it would have written."""
    prepare("gans", RULE, {"epochs": 2})
    train_gan.main(RULE)
    undisturbed = outputs()
    forget()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(pace.Pace, "due", due([40], death=50))
        train_gan.main(RULE)
    assert files_in(CHECKPOINTS) == [KEPT]
    return undisturbed


def test_a_checkpoint_is_used_without_a_word(interrupted, monkeypatch, capsys):
    shown = []
    original = checkpoint.Checkpoint.load
    monkeypatch.setattr(checkpoint.Checkpoint, "load", lambda self: shown.append(original(self)) or shown[0])
    train_gan.main(RULE)
    assert shown == [40] and outputs() == interrupted
    assert capsys.readouterr().err == ""


def test_a_changed_parameter_never_goes_on_from_an_old_checkpoint(interrupted, capsys):
    set_key(f"gans.{RULE}.budgets.demo.learning_rate", 0.02)
    train_gan.main(RULE)
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and str(KEPT) in said and "other parameters, data, code or machine; removed" in said
    changed = outputs()
    assert changed != interrupted
    forget()
    train_gan.main(RULE)
    assert outputs() == changed


@pytest.mark.parametrize("key", ["run.seed", "run.threads", f"gans.{RULE}.frames", f"patterns.{RULE}.seed"])
def test_nor_does_another_seed_or_number_of_threads_or_other_data(interrupted, capsys, key):
    set_key(key, 3)
    from stages import draw

    draw.main(RULE)
    train_gan.main(RULE)
    assert "removed, and training starts from the beginning" in capsys.readouterr().err


def test_nor_does_other_code(interrupted, monkeypatch, capsys):
    monkeypatch.setattr(checkpoint, "code_digest", lambda *_: "edited")
    train_gan.main(RULE)
    assert "other parameters, data, code or machine" in capsys.readouterr().err


def test_the_stage_scripts_are_part_of_the_code(tmp_path, monkeypatch):
    monkeypatch.setattr(code, "__file__", str(tmp_path / "core/code.py"))
    write_files(tmp_path / "core", {"a.py": b"1"})
    write_files(tmp_path, {"train_gan.py": b"1", "draw.py": b"1"})
    digests = [code.code_digest(("core",), checkpoint.SCRIPTS)]
    for name in ("draw.py", "train_gan.py", "core/a.py"):
        (tmp_path / name).write_text("2")
        digests.append(code.code_digest(("core",), checkpoint.SCRIPTS))
    assert digests[0] == digests[1] and len(set(digests)) == 3


@pytest.mark.parametrize("name", ["ONEDNN_MAX_CPU_ISA", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS"])
def test_nor_does_another_processor_as_the_libraries_see_it(interrupted, monkeypatch, capsys, name):
    monkeypatch.setenv(name, "AVX2")
    train_gan.main(RULE)
    assert "other parameters, data, code or machine" in capsys.readouterr().err


def test_nor_does_another_processor(interrupted, monkeypatch, capsys):
    monkeypatch.setattr(checkpoint, "_processor", lambda: "another")
    train_gan.main(RULE)
    assert "other parameters, data, code or machine" in capsys.readouterr().err


@pytest.mark.parametrize("length", [0, 7, 100, -1])
def test_a_truncated_checkpoint_is_ignored_with_a_word(interrupted, capsys, length):
    KEPT.write_bytes(KEPT.read_bytes()[:length])
    train_gan.main(RULE)
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "a truncated or damaged checkpoint; removed" in said
    assert outputs() == interrupted


def test_a_bit_that_flipped_anywhere_is_found(interrupted, capsys):
    whole, place = KEPT.read_bytes(), random.Random(1)
    key = json.loads(json.loads(whole[8 : 8 + struct.unpack("<Q", whole[:8])[0]])["__metadata__"]["checkpoint"])["key"]
    tensors = checkpoint._read(KEPT, key)
    for _ in range(300):
        changed = bytearray(whole)
        changed[place.randrange(len(whole))] ^= 1 << place.randrange(8)
        KEPT.write_bytes(changed)
        try:
            found = checkpoint._read(KEPT, key)
        except checkpoint._Unusable:
            continue
        # a digit of the header may change nothing, such as a space
        assert all(found[name].equal(tensor) for name, tensor in tensors.items()) and found.keys() == tensors.keys()
    changed = bytearray(whole)
    changed[-3] ^= 1
    KEPT.write_bytes(changed)
    train_gan.main(RULE)
    assert "a truncated or damaged checkpoint; removed" in capsys.readouterr().err
    assert outputs() == interrupted


def test_a_checkpoint_of_another_version_is_ignored_with_a_word(interrupted, monkeypatch, capsys):
    monkeypatch.setattr(checkpoint, "VERSION", 2)
    train_gan.main(RULE)
    assert "a checkpoint of another version of this pipeline; removed" in capsys.readouterr().err
    assert outputs() == interrupted


def test_a_folder_that_takes_no_checkpoint_stops_no_training(converted, monkeypatch, capsys):
    prepare("gans", RULE, {"epochs": 2})
    train_gan.main(RULE)
    undisturbed = outputs()
    CHECKPOINTS.rename("elsewhere") if CHECKPOINTS.exists() else None
    CHECKPOINTS.write_text("no folder")
    monkeypatch.setattr(pace.Pace, "due", lambda self: True)
    train_gan.main(RULE)
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith(f"warning: {KEPT}: no checkpoint written")
    CHECKPOINTS.unlink()
    assert outputs() == undisturbed


def test_what_a_killed_run_left_half_written_is_cleared(interrupted):
    for path in (KEPT, Path(f"data/models/gans/{RULE}.safetensors"), Path(f"reports/losses/gans/{RULE}.csv")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f".{path.name}.partial").write_bytes(b"half")
    train_gan.main(RULE)
    assert outputs() == interrupted


def test_checkpoints_can_be_switched_off(converted, monkeypatch):
    monkeypatch.setenv(pace.VARIABLE, "0")
    prepare("gans", RULE, {"epochs": 2})
    monkeypatch.setattr(checkpoint.Checkpoint, "save", lambda *_: pytest.fail("saved"))
    train_gan.main(RULE)
    assert outputs()


@pytest.mark.parametrize("value", ["often", "-1", "nan", "1e10"])
def test_seconds_that_are_none_are_refused(converted, monkeypatch, value):
    monkeypatch.setenv(pace.VARIABLE, value)
    prepare("gans", RULE, {"epochs": 2})
    assert_refused(lambda: train_gan.main(RULE), f"CHECKPOINT_SECONDS is '{value}'", "0 for none", "unset it")


def test_a_checkpoint_that_takes_long_is_written_less_often(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    steady = pace.Pace()
    waits = []
    for seconds in (0.125, 5.0):
        began = now[0]
        while not steady.due():
            now[0] += 1
        waits.append(now[0] - began)
        with steady.measured():
            now[0] += seconds
    began = now[0]
    while not steady.due():
        now[0] += 1
    assert waits == [60, 60] and now[0] - began == 500  # 5 seconds are 1 % of it
