"""The judge of faces: trained on attributes that are coloured bars, measured, and skipped where there are none."""

import hashlib
import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from conftest import assert_nothing_left, assert_one_line_error, assert_refused, run_stage, set_key

from stages import evaluate_classifier, train_classifier
from stages.datasets import hdf5
from stages.evaluation.attributes import Evaluation
from stages.networks.families import build_network
from stages.training import classifier_feed
from stages.training.determinism import prepare
from stages.training.weights import load_network, read_description, save_network

DATA = Path("data/hdf5/celeba.h5")
NAMES = ["Red", "Green", "Blue"]
NETWORK = {"family": "attribute_classifier", "filters": 4, "features": 16, "dropout": 0.1}
BUDGET = {"epochs": 6, "batch_size": 32, "learning_rate": 0.01, "schedule": "one_cycle", "shuffle": True}
WEIGHTS = Path("data/models/attribute_classifiers/bars.safetensors")
METRICS = Path("reports/metrics/attribute_classifiers/bars.json")
SAMPLES = Path("data/samples/attribute_classifiers/bars.h5")


def draw_bars(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy pictures of 40 x 36 in which each attribute is a bar of one colour; the last of three is rare."""
    random = np.random.default_rng(seed)
    attributes = (random.random((count, 3)) < (0.5, 0.4, 0.1)).astype(np.uint8)
    images = random.integers(60, 120, (count, 40, 36, 3), dtype=np.uint8)
    for colour in range(3):
        images[attributes[:, colour] == 1, 8 + 8 * colour : 14 + 8 * colour, 8:28, colour] = 230
    return images, attributes


def write_faces(path: Path, *, train: int = 400, test: int = 100, lists: bool = True, title: str = "bars") -> None:
    """A file as `convert celeba` writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = hashlib.sha256()
    with h5py.File(path, "w") as file:
        for seed, (split, count) in enumerate({"train": train, "test": test}.items()):
            images, attributes = draw_bars(count, seed)
            file[f"{split}/images"] = images
            content.update(images.tobytes())
            if lists:
                file[f"{split}/attributes"] = attributes
        provenance = {"title": title, "source": "local", "licence": "", "digests": {},
                      "attributes": NAMES if lists else []}
        file.attrs["provenance"] = json.dumps(provenance)
        file.attrs["digest"] = json.dumps(content.hexdigest())


@pytest.fixture
def bars(project) -> Path:
    """A project with a classifier `bars`, and its pictures."""
    set_key("attribute_classifiers", {"bars": {
        "data": "celeba", "view": {"crop": [40, 32], "resize": [20, 16]}, "network": NETWORK,
        "loss": "binary_cross_entropy", "optimizer": "adamw", "budgets": {"demo": BUDGET},
    }})
    write_faces(DATA)
    return project


@pytest.fixture
def trained(bars) -> Path:
    train_classifier.main("bars")
    return bars


def test_attributes_that_are_coloured_bars_are_learnt(trained):
    evaluate_classifier.main("bars")
    metrics = json.loads(METRICS.read_text(encoding="utf-8"))
    assert set(metrics) == {"accuracy", "majority", "balanced_accuracy", "attributes", "images"}
    assert (metrics["attributes"], metrics["images"]) == (3, 100)
    assert metrics["majority"] < 0.75 < 0.95 < metrics["accuracy"]
    assert metrics["balanced_accuracy"] > 0.9
    table = pd.read_csv("reports/per_attribute/bars.csv")
    assert list(table["attribute"]) == NAMES
    assert list(table["images"]) == draw_bars(100, 1)[1].sum(axis=0).tolist()
    losses = pd.read_csv("reports/losses/attribute_classifiers/bars.csv")
    assert list(losses.columns) == ["update", "loss"]
    assert losses["loss"].iloc[-1] < 0.5 * losses["loss"].iloc[0]

    arrays = hdf5.read_arrays(SAMPLES, ["examples/images", "examples/attributes", "examples/outputs"])
    assert [array.shape for array in arrays.values()] == [(24, 20, 16, 3), (24, 3), (24, 3)]
    assert hdf5.read_attribute(SAMPLES, "attribute_names") == NAMES
    assert hdf5.read_attribute(SAMPLES, "skipped") == ""
    description = hdf5.read_attribute(SAMPLES, "description")
    assert (description["attributes"], description["view"]) == (NAMES, {"crop": [40, 32], "resize": [20, 16]})
    assert hdf5.read_attribute(SAMPLES, "layers")[-1]["output"] == [3]


def test_same_seed_same_bytes(trained):
    before = WEIGHTS.read_bytes()
    train_classifier.main("bars")
    assert WEIGHTS.read_bytes() == before


def test_the_network_of_the_judge_has_features_and_answers_in_0_to_1():
    prepare(1, threads=1, device="cpu")
    network = build_network(NETWORK, "network", outputs=40).eval()
    pictures = torch.rand(2, 3, 64, 64)
    assert network.features(pictures).shape == (2, 16)
    assert torch.equal(network(pictures), network.head(network.features(pictures)))
    assert network(pictures).shape == (2, 40)
    assert network(pictures).min() > 0 and network(pictures).max() < 1


def test_weights_with_sizes_come_back_as_they_were(tmp_path):
    sizes = {"outputs": 5, "shape": [3, 20, 33]}
    network = build_network(NETWORK, "network", **sizes).eval()
    save_network(tmp_path / "weights", network, {"network": NETWORK, "sizes": sizes})
    loaded, _ = load_network(tmp_path / "weights")
    pictures = torch.rand(2, 3, 20, 33)
    assert torch.equal(loaded(pictures), network(pictures))


def test_targets_of_attributes_are_themselves_smoothed_between_yes_and_no():
    attributes = torch.tensor([[0, 1], [1, 1]], dtype=torch.uint8)
    assert torch.equal(classifier_feed.targets_of(attributes, 0), attributes.float())
    assert torch.allclose(classifier_feed.targets_of(attributes, 0.2), torch.tensor([[0.1, 0.9], [0.9, 0.9]]))
    assert torch.equal(classifier_feed.targets_of(torch.tensor([3], dtype=torch.uint8), 0), torch.eye(10)[3:4])


def test_accuracy_beside_the_guess_of_what_most_training_pictures_have():
    actual = np.array([[1, 0, 1], [1, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=np.uint8)
    outputs = np.array([[0.9, 0.1, 0.2], [0.4, 0.1, 0.2], [0.9, 0.6, 0.2], [0.1, 0.1, 0.2]], dtype=np.float32)
    training = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 0]], dtype=np.uint8)  # few have the first, most test ones do
    rows = Evaluation(["A", "B", "C"], outputs, actual, training).per_attribute()
    assert rows[0] == {"attribute": "A", "accuracy": 0.75, "majority": 0.25, "balanced_accuracy": 0.833333,
                       "share": 0.75, "read_share": 0.5, "images": 3}
    # no test picture has the second: what is left is how often its absence is seen
    assert (rows[1]["accuracy"], rows[1]["majority"], rows[1]["balanced_accuracy"]) == (0.75, 1.0, 0.75)
    assert (rows[2]["accuracy"], rows[2]["balanced_accuracy"]) == (0.75, 0.5)  # always no
    metrics = Evaluation(["A", "B", "C"], outputs, actual, training).metrics()
    assert metrics == {"accuracy": 0.75, "majority": 0.666667, "balanced_accuracy": 0.694444, "attributes": 3,
                       "images": 4}


@pytest.mark.slow
def test_data_without_lists_is_skipped_with_the_reason(bars):
    write_faces(DATA, lists=False)
    result = run_stage("train_classifier", "bars")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "bars: not trained: bars has no list of attributes, so nothing can be learnt from it\n"
    description = read_description(WEIGHTS)
    assert description["skipped"] == "bars has no list of attributes, so nothing can be learnt from it."
    assert description["attributes"] == []
    losses = Path("reports/losses/attribute_classifiers/bars.csv")
    assert losses.read_text(encoding="utf-8") == "update,loss\n"

    result = run_stage("evaluate_classifier", "bars")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(METRICS.read_text(encoding="utf-8")) == {"attributes": 0, "images": 100}
    table = Path("reports/per_attribute/bars.csv").read_text(encoding="utf-8")
    assert table == "attribute,accuracy,majority,balanced_accuracy,share,read_share,images\n"
    assert hdf5.read_attribute(SAMPLES, "skipped") == description["skipped"]
    assert hdf5.read_arrays(SAMPLES, ["examples/images", "examples/outputs"])["examples/outputs"].shape == (24, 0)


def test_an_unknown_name_is_refused_with_the_names_of_both_kinds(bars):
    assert_one_line_error(run_stage("train_classifier", "barz"),
                          "no 'barz' in classifiers or attribute_classifiers; they have: baseline, bce, bars;")


def test_weights_of_other_data_are_not_evaluated(trained):
    write_faces(DATA, train=80, title="newer")
    assert_refused(lambda: evaluate_classifier.main("bars"),
                   f"{WEIGHTS}: the classifier was trained on other data (bars, digest", "(newer, digest")
    assert_nothing_left(METRICS, SAMPLES)


@pytest.mark.parametrize(("key", "value", "parts"), [
    ("loss", "cross_entropy", ("attribute_classifiers.bars.loss is 'cross_entropy'", "binary_cross_entropy")),
    ("view", {"crop": [50, 32]}, ("attribute_classifiers.bars.view.crop is [50, 32]", "40 x 36 pixels")),
    ("network", {"family": "attribute_classifier", "filters": 4}, ("attribute_classifiers.bars.network.features",)),
    ("colour", "red", ("attribute_classifiers.bars.colour is unknown", "accepted keys: data, view")),
])
def test_wrong_settings_are_refused_with_their_key(bars, key, value, parts):
    set_key(f"attribute_classifiers.bars.{key}", value)
    assert_refused(lambda: train_classifier.main("bars"), *parts)
    assert_nothing_left(WEIGHTS)
