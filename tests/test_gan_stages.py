"""The stages that draw patterns and train GANs: what they write, the same bytes twice, one line for a mistake."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import (
    CONVERTED,
    assert_nothing_left,
    assert_one_line_error,
    assert_refused,
    delete_key,
    run_stage,
    set_key,
)
from PIL import Image

from stages import draw, train_discriminator, train_gan
from stages.datasets.hdf5 import read_arrays, read_attribute, read_provenance, read_samples
from stages.networks.layers import BatchNorm2d
from stages.training import noise
from stages.training.gan_weights import load_gan

PATTERN = Path("data/hdf5/pattern_1010.h5")
IMPROVED, CONDITIONAL, RULE = "mnist_improved", "mnist_conditional", "pattern_1010"


def outputs(key: str) -> list[Path]:
    return [Path(f"data/models/gans/{key}.safetensors"), Path(f"data/progress/gans/{key}.h5"),
            Path(f"reports/losses/gans/{key}.csv")]


def outputs_alone(key: str) -> list[Path]:
    return [Path(f"data/samples/discriminators/{key}.h5"), Path(f"reports/losses/discriminators/{key}.csv"),
            Path(f"reports/metrics/discriminators/{key}.json")]


def digests(paths: list[Path]) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.fixture
def gans(converted):
    """Digits without meaning and few patterns, and budgets of one short epoch."""
    for key in (RULE, IMPROVED, CONDITIONAL):
        set_key(f"gans.{key}.budgets.demo.epochs", 1)
        set_key(f"gans.{key}.noise_pairs.demo", 20)
    set_key("patterns.pattern_1010.budgets.demo", {"train_samples": 60, "test_samples": 20})
    draw.main(RULE)


def test_patterns_follow_their_rule_and_are_the_same_again(project):
    draw.main(RULE)
    before = PATTERN.read_bytes()
    provenance, (train, none), (test, _) = read_provenance(PATTERN), *(read_samples(PATTERN, part) for part in
                                                                      ("train", "test"))
    assert train.shape == (10_000, 4) and test.shape == (1000, 4) and none is None
    low, high = np.array(provenance["ranges"], dtype=np.float32).T
    for samples in (train, test):
        assert (low <= samples).all() and (samples <= high).all()
        np.testing.assert_allclose(samples.mean(axis=0), (low + high) / 2, atol=0.01)
        assert abs(np.corrcoef(samples.T) - np.eye(4)).max() < 0.1
    assert not np.isin(test[:, 0], train[:, 0]).all()

    draw.main(RULE)
    assert PATTERN.read_bytes() == before
    set_key("patterns.pattern_1010.seed", 2)
    draw.main(RULE)
    assert PATTERN.read_bytes() != before


@pytest.mark.parametrize(("key", "value", "parts"), [
    ("ranges", [[0.8, 0.2]], ("ranges.0", "low below high")),
    ("ranges", [[0.8, 1.2]], ("ranges.0.1", "1.2", "less than or equal to 1")),
    ("ranges", [], ("ranges", "at least 1")),
    ("seed", -1, ("seed", "greater than or equal to 0")),
    ("budgets.demo.train_samples", 0, ("budgets.demo.train_samples", "greater than or equal to 1")),
])
def test_a_rule_that_cannot_be_is_refused(project, key, value, parts):
    set_key(f"patterns.pattern_1010.{key}", value)
    assert_refused(lambda: draw.main(RULE), "params.yaml: patterns.pattern_1010", *parts)
    assert_nothing_left(PATTERN)


@pytest.mark.parametrize("key", [RULE, IMPROVED, CONDITIONAL])
def test_training_writes_weights_losses_and_a_film_and_the_same_bytes_again(gans, key):
    train_gan.main(key)
    first = digests(outputs(key))
    gan, description = load_gan(outputs(key)[0])
    assert gan.classes == (10 if key == CONDITIONAL else 0)
    assert description["iterations"] == 60 and description["data"]["digest"]
    assert description["parameters"]["generator"] == sum(weights.numel() for weights in gan.generator.parameters())

    frames = 10 if key == RULE else 50
    film = read_arrays(outputs(key)[1], ["iterations", "pictures", "labels"])
    assert len(film["iterations"]) == frames + 1 and film["iterations"][0] == 0 and film["iterations"][-1] == 60
    shown = {RULE: (1, 4), IMPROVED: (16, 28, 28), CONDITIONAL: (20, 28, 28)}[key]
    assert film["pictures"].shape == (frames + 1, *shown)
    assert film["labels"].tolist() == ([*range(10)] * 2 if key == CONDITIONAL else [])

    losses = pd.read_csv(outputs(key)[2])
    assert losses.columns.tolist() == ["iteration", "discriminator_real", "discriminator_fake", "generator"]
    assert losses["iteration"].tolist() == list(range(5, 61, 5))
    train_gan.main(key)
    assert digests(outputs(key)) == first


def test_a_discriminator_alone_normalises_each_sample_by_itself(gans, monkeypatch):
    """Samples come one by one, whatever the batches of the GAN: averages over real ones and noise would fit neither."""
    set_key(f"gans.{IMPROVED}.discriminator", {"family": "conv_discriminator", "filters": 4, "kernel": 4,
                                               "hidden_activation": "leaky_relu", "slope": 0.2})
    set_key(f"gans.{IMPROVED}.budgets.demo.batch_size", 4)
    seen = []
    monkeypatch.setattr(noise, "outputs", lambda gan, *_: seen.append(gan.discriminator) or np.zeros(4))
    train_discriminator.main(IMPROVED)
    layers = [layer for layer in seen[0].modules() if isinstance(layer, BatchNorm2d)]
    assert layers and all(layer.by_picture for layer in layers)


@pytest.mark.parametrize("key", [RULE, IMPROVED, CONDITIONAL])
def test_a_discriminator_alone_learns_to_tell_samples_from_noise(gans, key):
    set_key(f"gans.{key}.noise_pairs.demo", 2000 if key == RULE else 60)
    if key == RULE:
        set_key(f"gans.{key}.budgets.demo.learning_rate", 0.1)
    train_discriminator.main(key)
    first = digests(outputs_alone(key))
    samples, losses, metrics = outputs_alone(key)
    kept = read_arrays(samples, ["real/samples", "real/outputs", "noise/samples", "noise/outputs",
                                 "untrained/pictures"])
    assert {len(array) for array in kept.values()} == {4}
    assert kept["untrained/pictures"].dtype == kept["noise/samples"].dtype == kept["real/samples"].dtype
    found = json.loads(metrics.read_text(encoding="utf-8"))
    assert found["samples"] == (20 if key == RULE else 30)
    assert read_attribute(samples, "description")["pairs"] == (2000 if key == RULE else 60)
    table = pd.read_csv(losses)
    assert table.columns.tolist() == ["pair", "real", "noise"] and table["pair"].iloc[0] == 5
    if key == RULE:  # the pictures of these tests are noise themselves
        assert found["real_output"] > 0.5 > found["noise_output"]
    train_discriminator.main(key)
    assert digests(outputs_alone(key)) == first


def test_a_loss_that_is_no_longer_finite_stops_and_keeps_the_last_good_pictures(gans):
    for old in outputs(IMPROVED):
        old.parent.mkdir(parents=True, exist_ok=True)
        old.write_bytes(b"old")
    # without a sigmoid nothing holds a relativistic discriminator back
    set_key(f"gans.{IMPROVED}.budgets.demo", {
        "loss": "relativistic", "optimizer": "sgd", "learning_rate": 1000.0, "epochs": 20, "batch_size": 1,
        "shuffle": False, "penalty": 1000.0,
    })
    result = run_stage("train_gan", IMPROVED)
    assert_one_line_error(result, f"{IMPROVED}: a loss is no longer finite at iteration", "lower", "learning_rate",
                          f"logs/{IMPROVED}.png")
    with Image.open(f"logs/{IMPROVED}.png") as picture:
        assert picture.size == (16 * 28, 28)
    assert [old.read_bytes() for old in outputs(IMPROVED)] == [b"old"] * 3
    assert not list(Path().rglob("*.partial"))


@pytest.mark.parametrize(("change", "value", "parts"), [
    ("seeds.length", 0, ("gans.mnist_improved.seeds.length is 0", "greater than or equal to 1")),
    ("seeds.distribution", "gauss", ("seeds.distribution is 'gauss'", "'normal', 'uniform' or 'constant'")),
    ("generator.family", "dense_discriminator", ("generator.family", "expected one of: ", "dense_generator")),
    ("discriminator.family", "dense_classifier", ("discriminator.family", "expected one of: ", "dense_discriminator")),
    ("generator.hidden_unit", 5, ("generator.hidden_unit is unknown", "hidden_units")),
    ("discriminator.slope", None, ("slope belongs to leaky_relu",)),
    ("budgets.demo.loss", "hinge", ("budgets.demo.loss is 'hinge'", "relativistic")),
    ("budgets.demo.betas", [0, 1.5], ("budgets.demo.betas.1 is 1.5", "less than 1")),
    ("budgets.demo.penalty", 1.0, ("penalty belongs to the loss relativistic",)),
    ("budgets.demo.generator", {"family": "dense_generator"}, ("generator.family cannot differ between budgets",)),
    ("budgets.demo.mismatch", 1.0, ("mismatch belongs to the loss relativistic",)),
    ("budgets.demo.view", {"resize": [14, 14]}, ("budgets.demo.view is for colour pictures", "remove it")),
    ("budgets.demo.generator", {"filters": 3}, ("gans.mnist_improved.generator.filters is unknown", "hidden_units")),
    ("budgets.demo.batch_size", 50, ("batch_size 50", "at least 50 are needed", "lower batch_size or raise epochs")),
    ("data", "nothing", ("data/hdf5/nothing.h5", "not found")),
    ("frames", 0, ("gans.mnist_improved.frames is 0",)),
])
def test_a_block_that_cannot_be_is_refused_before_any_training(gans, change, value, parts):
    set_key(f"gans.{IMPROVED}.{change}", value)
    assert_refused(lambda: train_gan.main(IMPROVED), *parts)
    assert_nothing_left(*outputs(IMPROVED))


def test_a_momentum_for_an_optimizer_without_any_is_refused(gans):
    set_key(f"gans.{RULE}.budgets.demo.betas", [0.5, 0.999])
    assert_refused(lambda: train_gan.main(RULE), "betas belongs to the optimizer adam", "remove it")


def test_a_discriminator_that_needs_labels_does_not_learn_them_on_the_side(gans):
    set_key(f"gans.{IMPROVED}.budgets.demo", {"loss": "relativistic", "optimizer": "adam", "learning_rate": 0.001,
                                              "epochs": 1, "batch_size": 1, "shuffle": False, "mismatch": 1.0})
    for stage in (train_gan, train_discriminator):
        assert_refused(lambda stage=stage: stage.main(IMPROVED), "dense_discriminator cannot judge without a label",
                       "remove mismatch")


def test_labels_for_data_without_any_are_refused(gans):
    set_key(f"gans.{RULE}.budgets.demo.loss", "relativistic")
    set_key(f"gans.{RULE}.budgets.demo.mismatch", 0.5)
    assert_refused(lambda: train_gan.main(RULE), "gans.pattern_1010: mismatch is 0.5", "no labels", "remove it")
    set_key(f"gans.{RULE}.conditional", True)
    assert_refused(lambda: train_gan.main(RULE), "gans.pattern_1010: conditional is true", "no labels", "to false")


def test_wrong_labels_for_the_books_loss_are_refused(gans):
    set_key(f"gans.{CONDITIONAL}.budgets.demo.mismatch", 1.0)
    for stage in (train_gan, train_discriminator):
        assert_refused(lambda stage=stage: stage.main(CONDITIONAL), "mismatch belongs to the loss relativistic",
                       "remove it")


def test_a_family_for_pictures_refuses_patterns(gans):
    network = {"family": "transposed_conv_generator", "filters": 4, "hidden_activation": "gelu"}
    set_key(f"gans.{RULE}.generator", network)
    assert_refused(lambda: train_gan.main(RULE), "transposed_conv_generator", "1 x 28 x 28", "the data has 4")


def test_a_missing_key_and_an_unknown_experiment_are_named(gans):
    assert_refused(lambda: train_gan.main("mnist_worst"), "no 'mnist_worst' in gans", IMPROVED)
    delete_key(f"gans.{IMPROVED}.seeds")
    assert_refused(lambda: train_discriminator.main(IMPROVED), "gans.mnist_improved.seeds is missing; add it")


def test_training_before_converting_is_refused(project):
    assert_refused(lambda: train_gan.main(IMPROVED), str(CONVERTED), "not found", "run the stage that writes it")


def test_weights_cut_off_or_of_another_shape_are_refused(gans):
    train_gan.main(RULE)
    path = outputs(RULE)[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert_refused(lambda: load_gan(path), str(path), "damaged", "train again")
    path.write_bytes(whole.replace(b'\\"shape\\": [4]', b'\\"shape\\": [5]'))
    assert_refused(lambda: load_gan(path), str(path), "do not fit the network", "train again")


def test_a_pattern_file_of_another_kind_is_refused(gans):
    from stages.datasets.hdf5 import write_arrays

    write_arrays(PATTERN, {"train/samples": np.zeros((10, 4))}, {"provenance": {}, "digest": ""})
    assert_refused(lambda: train_gan.main(RULE), str(PATTERN), "float64", "expected float32")
