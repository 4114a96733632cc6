"""Measure a trained classifier on the test pictures: metrics, per-class figures, confusion matrix, mistakes."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from stages.core import command
from stages.core.files import write_json, write_text
from stages.core.parameters import has_name, import_module, read_block
from stages.core.run import Run
from stages.datasets.hdf5 import read_split, write_arrays
from stages.datasets.pictures import to_unit_range
from stages.evaluation.classification import Evaluation, evaluate
from stages.evaluation.layers import describe_layers
from stages.training.determinism import prepare
from stages.training.weights import load_network

BOOK_RECORD = 19  # the test record whose ten outputs the book shows
MISTAKES_SHOWN = 20


def main(experiment: str) -> None:
    """Write metrics, predictions and per-class figures below `reports/`, and the input of the page.

    For a name in `attribute_classifiers`: metrics and per-attribute figures, and the input of its page.
    """
    if has_name("attribute_classifiers", experiment):
        # by name, as families of networks: an edit to it evaluates no classifier of digits again
        import_module("stages.evaluation", "attributes").main(experiment)
        return
    run = read_block("run", Run, ["device", "threads"])
    device = prepare(seed=0, threads=run.threads, device=run.device)
    weights = Path(f"data/models/classifiers/{experiment}.safetensors")
    network, description = load_network(weights, needs=["loss", "training"])
    images, labels = read_split(Path("data/hdf5/mnist.h5"), "test")

    layers = describe_layers(network, to_unit_range(torch.from_numpy(images[:1])))
    evaluation = evaluate(
        network, images, labels, device,
        softmax=description["loss"] == "cross_entropy", one_by_one=description["training"]["batch_size"] == 1,
    )

    write_json(f"reports/metrics/classifiers/{experiment}.json", evaluation.metrics())
    _write_table(f"reports/per_class/{experiment}.csv", evaluation.per_class())
    answers = {"actual": evaluation.labels, "predicted": evaluation.predictions}
    _write_table(f"reports/predictions/{experiment}.csv", answers)
    attributes = {"description": description, "layers": layers}
    _write_samples(Path(f"data/samples/classifiers/{experiment}.h5"), evaluation, images, attributes)


def _write_table(path: str, rows: list[dict] | dict[str, np.ndarray]) -> None:
    """Write a CSV file."""
    write_text(path, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))


def _write_samples(path: Path, evaluation: Evaluation, images: np.ndarray, attributes: dict) -> None:
    """What the page shows beyond numbers: the book's record and the worst mistakes."""
    worst = evaluation.worst_mistakes(MISTAKES_SHOWN)
    arrays = {
        "record/image": images[BOOK_RECORD],
        "record/label": evaluation.labels[BOOK_RECORD : BOOK_RECORD + 1],
        "record/outputs": evaluation.outputs[BOOK_RECORD],
        "mistakes/images": images[worst],
        "mistakes/labels": evaluation.labels[worst],
        "mistakes/predictions": evaluation.predictions[worst],
        "mistakes/outputs": evaluation.outputs[worst].max(axis=1),
        "confusion": evaluation.confusion(),
    }
    write_arrays(path, arrays, attributes)


if __name__ == "__main__":
    command.run(main)
