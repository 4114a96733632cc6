"""Damaged or missing intermediate files, full disks, missing devices: one line each, nothing half-written in place."""

import errno
import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import (
    CONVERTED,
    RAW,
    TEST_IMAGES,
    TRAIN_IMAGES,
    assert_nothing_left,
    assert_one_line_error,
    assert_refused,
    random_files,
    run_on_small_disk,
    run_stage,
    set_key,
    write_files,
)

from stages import convert
from stages.core import command
from stages.datasets import hdf5
from stages.datasets.hdf5 import read_provenance, read_split
from stages.datasets.mnist import FILES

WEIGHTS = Path("data/models/classifiers/baseline.safetensors")
BASELINE = {"family": "dense_classifier", "hidden_units": 8, "hidden_activation": "sigmoid",
            "output_activation": "sigmoid", "layer_norm": False}


@pytest.fixture
def raw(project):
    """What the download stage leaves."""
    write_files(RAW, random_files())
    (RAW / "provenance.json").write_text(json.dumps({"title": "random", "source": "local", "digests": {}}))
    return RAW


@pytest.fixture
def weights(project):
    """A trained network's file, as the training stage writes it."""
    from stages.networks.families import build_network
    from stages.training.weights import save_network

    description = {"network": BASELINE, "loss": "mean_squared_error", "training": {"batch_size": 1}}
    save_network(WEIGHTS, build_network(BASELINE, "network"), description)
    return WEIGHTS


@pytest.fixture
def load():
    from stages.training.weights import load_network

    return lambda: load_network(WEIGHTS)


def test_converting_before_downloading_is_one_line_on_the_command_line(project):
    assert_one_line_error(run_stage("convert", "mnist"), str(RAW / FILES["train_images"]), "not found", "download")
    assert_nothing_left(CONVERTED)


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff"])
def test_a_damaged_provenance_is_refused(raw, content):
    (raw / "provenance.json").unlink()
    if content is not None:
        (raw / "provenance.json").write_bytes(content)
    assert_refused(lambda: convert.main("mnist"), "provenance.json", "missing or damaged", "download")
    assert_nothing_left(CONVERTED)


@pytest.mark.parametrize(("split", "there"), [("train", TRAIN_IMAGES), ("test", TEST_IMAGES)])
def test_asking_for_more_pictures_than_there_are_is_refused(raw, split, there):
    set_key(f"datasets.mnist.budgets.demo.{split}_images", 1000)
    assert_refused(lambda: convert.main("mnist"), FILES[f"{split}_images"], f"{there} pictures",
                   f"datasets.mnist.budgets.demo.{split}_images", "1,000", "lower it")
    assert_nothing_left(CONVERTED)


def test_asking_for_more_pictures_is_one_line_on_the_command_line(raw):
    set_key("datasets.mnist.budgets.demo.train_images", TRAIN_IMAGES + 1)
    assert_one_line_error(run_stage("convert", "mnist"), "datasets.mnist.budgets.demo.train_images", "lower it")
    assert_nothing_left(CONVERTED)


def test_two_runs_at_different_times_give_the_same_bytes(project):
    found = []
    for name in ("one", "two"):
        time.sleep(1.1 * len(found))
        folder = project / name
        folder.mkdir()
        shutil.copy("params.yaml", folder)
        for stage in ("download", "convert"):
            result = run_stage(stage, "mnist", cwd=folder)
            assert result.returncode == 0, result.stderr
        files = [path for path in sorted((folder / "data").rglob("*")) if path.is_file()]
        found.append({path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
    assert found[0] == found[1]
    assert set(found[0]) == {CONVERTED, *(RAW / name for name in [*FILES.values(), "provenance.json"])}


def test_a_full_disk_while_converting_is_one_line(raw):
    result = run_on_small_disk("data/hdf5", "size=32k",
                               '"$PYTHON" -m stages.convert mnist; code=$?; ls -A data/hdf5; exit $code')
    assert_one_line_error(result, str(CONVERTED), "No space left", "make room")
    assert result.stdout == ""


def test_a_full_disk_of_any_user_leaves_nothing(raw, monkeypatch, capsys):
    def full(path: Path, content: bytes) -> None:
        path.open("wb").close()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(sys, "argv", ["convert.py", "mnist"])
    with pytest.raises(SystemExit) as ended:
        command.run(convert.main)
    assert ended.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"error: {CONVERTED}: No space left on device; make room")
    assert_nothing_left(CONVERTED)


def test_a_full_disk_keeps_the_old_file(raw):
    script = ('for i in 1 2; do "$PYTHON" -m stages.convert mnist; done; code=$?; '
              "sha256sum < data/hdf5/mnist.h5; ls -A data/hdf5; exit $code")
    convert.main("mnist")
    digest = hashlib.sha256(CONVERTED.read_bytes()).hexdigest()
    shutil.rmtree("data/hdf5")
    result = run_on_small_disk("data/hdf5", "size=100k", script)
    assert_one_line_error(result, str(CONVERTED), "No space left")
    assert result.stdout == f"{digest}  -\nmnist.h5\n"


def test_a_disk_that_cannot_be_written_is_one_line(raw):
    result = run_on_small_disk("data/hdf5", "size=1m",
                               'mount -o remount,ro data/hdf5; "$PYTHON" -m stages.convert mnist')
    assert_one_line_error(result, "data/hdf5", "Read-only file system", "permit access")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(raw):
    CONVERTED.parent.mkdir(parents=True)
    CONVERTED.parent.chmod(0o500)
    assert_one_line_error(run_stage("convert", "mnist"), "data/hdf5", "Permission denied", "permit access")
    CONVERTED.parent.chmod(0o700)
    assert_nothing_left(CONVERTED)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def replace_by_text(path):
    path.write_text("label,pixel1,pixel2\n5,0,0\n")


def empty(path):
    path.write_bytes(b"")


def edit(change):
    """Change the open HDF5 file."""
    def spoil(path):
        with h5py.File(path, "r+") as file:
            change(file)

    return spoil


def without(name):
    return edit(lambda file: file.__delitem__(name))


def holding(name, values):
    def change(file):
        del file[name]
        file[name] = values

    return edit(change)


def without_attribute(name):
    return edit(lambda file: file.attrs.__delitem__(name))


def with_attribute(name, value):
    return edit(lambda file: file.attrs.__setitem__(name, value))


@pytest.mark.parametrize(("spoil", "reason"), [
    (Path.unlink, "not found"),
    (empty, "no HDF5 file"),
    (cut, "truncated"),
    (replace_by_text, "no HDF5 file"),
    (without("train"), "'train/images'"),
    (without("train/labels"), "'train/labels'"),
    (holding("train/images", np.zeros((TRAIN_IMAGES, 28, 28), np.float32)), "expected uint8"),
    (holding("train/labels", np.zeros(TRAIN_IMAGES, np.int64)), "expected uint8"),
    (holding("train/labels", np.zeros(3, np.uint8)), "one label for each picture"),
    (holding("train/labels", np.zeros((TRAIN_IMAGES, 10), np.uint8)), "one label for each picture"),
    (holding("train/images", np.uint8(0)), "one label for each picture"),
    (holding("train/labels", np.uint8(0)), "one label for each picture"),
])
def test_a_damaged_hdf5_file_is_refused(converted, spoil, reason):
    spoil(converted)
    assert_refused(lambda: read_split(converted, "train"), str(converted), reason)


@pytest.mark.parametrize(("spoil", "reason"), [
    (without_attribute("provenance"), "'provenance'"),
    (without_attribute("digest"), "'digest'"),
    (with_attribute("provenance", "{"), "'provenance'"),
    (with_attribute("digest", 3), "'digest'"),
])
def test_a_file_without_provenance_is_refused(converted, spoil, reason):
    spoil(converted)
    assert_refused(lambda: read_provenance(converted), str(converted), reason, "delete it")


def test_training_on_text_is_one_line_on_the_command_line(converted):
    replace_by_text(converted)
    assert_one_line_error(run_stage("train_classifier", "baseline"), str(CONVERTED), "no HDF5 file", "delete it")
    assert_nothing_left("data/models", "reports")


def test_a_loss_that_is_no_number_is_one_line_on_the_command_line(converted):
    set_key("classifiers.baseline.network.hidden_activation", "leaky_relu")
    set_key("classifiers.baseline.network.output_activation", "leaky_relu")
    set_key("classifiers.baseline.network.slope", 0.02)
    set_key("classifiers.baseline.budgets.demo.learning_rate", 1000)
    assert_one_line_error(run_stage("train_classifier", "baseline"), "baseline: the loss is", "at update", "lower the")
    assert_nothing_left("data/models", "reports/losses")


def test_a_write_that_fails_keeps_the_old_file(converted):
    before = converted.read_bytes()
    with pytest.raises(TypeError):
        hdf5.write_arrays(converted, {"one": np.zeros(3), "two": np.array([object()])}, {})
    assert converted.read_bytes() == before
    assert_nothing_left()


def test_cuda_without_a_cuda_device_is_refused(converted):
    import torch

    from stages import train_classifier

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    set_key("run.device", "cuda")
    assert_refused(lambda: train_classifier.main("baseline"), "run.device", "'cuda'", "auto or cpu")
    assert_nothing_left("data/models", "reports")


def test_evaluating_before_training_is_one_line_on_the_command_line(converted):
    assert_one_line_error(run_stage("evaluate_classifier", "baseline"), str(WEIGHTS), "not found", "train")
    assert_nothing_left("data/samples", "reports")


def save(tensors, metadata):
    import safetensors.torch

    WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(tensors, WEIGHTS, metadata=metadata)


@pytest.mark.parametrize("size", [0, 4, 100, -1])
def test_truncated_weights_are_refused(weights, load, size):
    weights.write_bytes(weights.read_bytes()[:size])
    assert_refused(load, str(WEIGHTS), "damaged", "train again")


@pytest.mark.parametrize("metadata", [
    None, {"format": "pt"}, {"experiment": "{"}, {"experiment": "[]"}, {"experiment": "{}"},
    {"experiment": '{"network": {}}'}, {"experiment": '{"network": {"family": "transformer"}}'},
])
def test_weights_of_other_software_are_refused(project, load, metadata):
    import torch

    save({"1.weight": torch.zeros(8, 784)}, metadata)
    assert_refused(load, str(WEIGHTS))


def test_weights_of_another_shape_are_refused(weights, load):
    import torch

    metadata = {"experiment": json.dumps({"network": BASELINE})}
    save({"1.weight": torch.zeros(9, 784), "1.bias": torch.zeros(9), "3.weight": torch.zeros(10, 9),
          "3.bias": torch.zeros(10)}, metadata)
    assert_refused(load, str(WEIGHTS), "do not fit", "train again")


def test_weights_of_another_network_are_refused(weights, load):
    import torch

    save({"0.weight": torch.zeros(8, 784)}, {"experiment": json.dumps({"network": BASELINE})})
    assert_refused(load, str(WEIGHTS), "do not fit", "train again")


def test_intact_weights_are_loaded(weights, load):
    network, description = load()
    assert description["network"] == BASELINE
    assert not network.training
