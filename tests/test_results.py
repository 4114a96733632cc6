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
