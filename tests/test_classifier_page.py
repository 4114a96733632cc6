"""Page and card of a classifier, from small files: what the book has instead, where convolutions are explained."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from gan_files import DATA, shown_by

from stages.core.files import write_json, write_text
from stages.datasets.hdf5 import write_arrays
from stages.reporting import cards, classifier_results
from stages.reporting.classifiers_page import Page

BOOK = {"chapter": 9, "notebook": "13", "accuracy": 0.98, "origin": "text", "epochs": 3, "layers": "Conv2d",
        "parameters": 10, "loss": "cross_entropy", "optimizer": "adam", "learning_rate": 0.001}
TRAINING = {"epochs": 3, "batch_size": 1, "learning_rate": 0.001, "schedule": "one_cycle", "warm_up": 0.3,
            "shuffle": True, "label_smoothing": 0.0, "weight_decay": 0.05, "weight_average": 0.99, "distortion": 0.0}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A folder with the results of one classifier; what it returns writes them, with these layers and mistakes."""
    monkeypatch.chdir(tmp_path)
    page = {"title": "Convolution", "about": "Filters.", "book": BOOK}
    Path("params.yaml").write_text(yaml.safe_dump({"pages": {"classifiers": {"small": page}}}), encoding="utf-8")

    def write(layer: str, mistakes: int) -> None:
        description = {"experiment": "small", "data": DATA, "budget": "demo", "loss": "cross_entropy", "seed": 1,
                       "optimizer": "adam", "training": TRAINING, "images": 60, "parameters": 10}
        arrays = {"record/image": np.zeros((28, 28), np.uint8), "record/label": np.array([3]),
                  "record/outputs": np.eye(10)[3], "confusion": np.eye(10, dtype=int),
                  "mistakes/images": np.zeros((mistakes, 28, 28), np.uint8),
                  "mistakes/labels": np.full(mistakes, 4), "mistakes/predictions": np.full(mistakes, 9),
                  "mistakes/outputs": np.ones(mistakes)}
        write_arrays(Path("data/samples/classifiers/small.h5"), arrays, {
            "description": description, "layers": [{"layer": layer, "output": [10], "parameters": 10}]})
        write_json("reports/metrics/classifiers/small.json", {"accuracy": 0.9, "errors": 1, "images": 10})
        write_text("reports/losses/classifiers/small.csv", "update,loss\n10,0.5\n")
        write_text("reports/per_class/small.csv", "label,precision,recall,images\n0,1,1,1\n")

    return write


def test_what_the_book_has_instead_is_said(written, monkeypatch):
    written("Conv2d(1, 2)", mistakes=0)
    told = shown_by(monkeypatch, Page("small").show_against_the_book)
    assert "then falls to nearly nothing here, constant in the book." in told
    assert "Shuffled pictures: in each epoch anew here, in the order of the file in the book." in told
    assert "Weight decay: 0.05 here, not used in the book." in told and "none in the book" not in told
    assert "at each update 0.99 of it stays, and 0.01 comes from the new weights here" in told


@pytest.mark.parametrize(("layer", "linked"), [("Conv2d(1, 2)", True), ("Linear(1, 2)", False)])
def test_convolutions_are_explained_behind_a_link(written, monkeypatch, layer, linked):
    written(layer, mistakes=0)
    assert ('href="appendix_c.html"' in shown_by(monkeypatch, Page("small").show_network)) == linked


@pytest.mark.parametrize("mistakes", [0, 3])
def test_a_card_says_which_digits_it_shows(written, mistakes):
    written("Linear(1, 2)", mistakes)
    pages = {"small": classifier_results.Settings(title="A", about="", book=None)}
    card = cards.Cards(pages, {}).classifiers("small")
    assert card.note == "not in the book" + ("; shown: digits read wrongly" if mistakes else "")
    assert bool(card.picture) == bool(mistakes)
