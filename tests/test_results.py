"""The committed results of the shipped default show the book's story: a rebuild that breaks it is not committed."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ACCURACY = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["accuracy"]
    for path in (ROOT / "reports/metrics/classifiers").glob("*.json")
}


@pytest.mark.parametrize("refinement", ["bce", "leaky_relu", "adam", "layer_norm"])
def test_each_refinement_beats_the_baseline_and_all_together_beat_each(refinement):
    assert ACCURACY["baseline"] < ACCURACY[refinement] < ACCURACY["combined"]


def test_convolution_beats_all_and_the_reference_beats_it():
    assert ACCURACY["combined"] < ACCURACY["cnn"] < ACCURACY["reference"]


def test_the_stand_in_is_neither_trivial_nor_impossible():
    assert 0.3 < ACCURACY["baseline"] < 0.9
    assert 0.9 < ACCURACY["combined"] < 0.98
    assert 0.95 < ACCURACY["reference"] < 0.999


GANS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "reports/metrics/gans").glob("*.json")
}


def test_the_generator_of_1010_has_learnt_the_rule():
    metrics = GANS["pattern_1010"]
    assert metrics["valid_share"] == 1
    for number, published in zip(("first", "second", "third", "fourth"), (0.939, 0.053, 0.939, 0.047), strict=True):
        assert abs(metrics["mean_output"][number] - published) < 0.1
    assert abs(metrics["discriminator_loss"] - 0.25) < 0.03 and abs(metrics["generator_loss"] - 0.25) < 0.03


def test_the_first_gan_of_digits_collapses_and_its_successors_do_not():
    assert GANS["mnist_first"]["modes_covered"] <= 3
    assert GANS["mnist_first"]["pairwise_distance_ratio"] < 0.2
    for key in ("mnist_improved", "mnist_conditional", "mnist_best", "mnist_conditional_best"):
        assert GANS[key]["modes_covered"] >= 8 and GANS[key]["pairwise_distance_ratio"] > 0.8


def test_each_gan_comes_nearer_to_real_pictures_than_the_one_before_and_none_is_perfect():
    distances = [GANS[key]["frechet_distance"] for key in ("mnist_first", "mnist_improved", "mnist_best")]
    assert distances == sorted(distances, reverse=True)
    assert all(metrics["frechet_distance"] > 2 * metrics["frechet_floor"] for key, metrics in GANS.items()
               if key != "pattern_1010")


def test_conditional_gans_draw_what_they_are_asked_for():
    assert 0.5 < GANS["mnist_conditional"]["label_accuracy"] < GANS["mnist_conditional_best"]["label_accuracy"]
    assert 0.9 < GANS["mnist_conditional_best"]["label_accuracy"] < 1
    assert 0.8 < GANS["mnist_conditional_best"]["gan_train_accuracy"] < 1


def test_no_gan_copies_its_training_pictures():
    for metrics in GANS.values():
        assert metrics.get("copies_share", 0) <= metrics.get("copies_share_real", 0) + 0.01
