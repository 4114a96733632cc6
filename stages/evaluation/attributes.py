"""What a classifier of attributes is worth: how often it is right, and how often a guess would be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from stages.core.files import write_json, write_text
from stages.core.parameters import check, read_block
from stages.core.progress import progress_bar
from stages.core.run import Run
from stages.datasets.hdf5 import read_attributes, read_provenance, write_arrays
from stages.datasets.pictures import to_unit_range
from stages.datasets.views import View, read_views
from stages.evaluation.judge import require_same_data
from stages.evaluation.layers import describe_layers
from stages.training.determinism import prepare
from stages.training.weights import load_network, read_description

BATCH = 500
SHOWN = 24
COLUMNS = ["attribute", "accuracy", "majority", "balanced_accuracy", "share", "read_share", "images"]


@dataclass(frozen=True)
class Evaluation:
    """Outputs [n, attributes] in 0..1 beside what is true, 0 or 1, and beside the training pictures' attributes."""

    names: list[str]
    outputs: np.ndarray
    actual: np.ndarray
    training: np.ndarray

    @property
    def answers(self) -> np.ndarray:
        """Yes or no, [n, attributes]."""
        return self.outputs > 0.5

    def metrics(self) -> dict[str, float | int]:
        """Means over attributes of `accuracy majority balanced_accuracy`, and counts `attributes images`."""
        if not self.names:
            return {"attributes": 0, "images": len(self.actual)}
        means = {name: round(float(values.mean()), 6) for name, values in self._of_each().items()}
        return means | {"attributes": len(self.names), "images": len(self.actual)}

    def per_attribute(self) -> list[dict[str, Any]]:
        """The same for each attribute, with the shares of pictures that have it and are said to, and their count."""
        shares = {"share": self.actual.mean(axis=0), "read_share": self.answers.mean(axis=0)}
        columns = {name: np.round(values, 6).tolist() for name, values in (self._of_each() | shares).items()}
        columns["images"] = self.actual.sum(axis=0).tolist()
        return [{"attribute": attribute} | {name: values[place] for name, values in columns.items()}
                for place, attribute in enumerate(self.names)]

    def _of_each(self) -> dict[str, np.ndarray]:
        """Shares [attributes] of right answers: of ours, and of always giving what most training pictures have.

        The balanced one is the mean over pictures with the attribute and pictures without: guessing gives a half.
        """
        right, actual = self.answers == self.actual, self.actual.astype(bool)
        guess = self.training.mean(axis=0) > 0.5
        recalls = [_mean_where(right, actual), _mean_where(right, ~actual)]
        return {"accuracy": right.mean(axis=0), "majority": (actual == guess).mean(axis=0),
                "balanced_accuracy": np.nanmean(recalls, axis=0)}


def main(experiment: str) -> None:
    """Write metrics and the table of attributes below `reports/`, and the input of the page.

    Without attributes, or with a classifier that was not trained for want of them, these say so and hold no numbers.
    """
    run = read_block("run", Run, ["device", "threads"])
    device = prepare(seed=0, threads=run.threads, device=run.device)
    weights = Path(f"data/models/attribute_classifiers/{experiment}.safetensors")
    description = read_description(weights, needs=["attributes", "data", "data_set", "view"])
    data = Path(f"data/hdf5/{description['data_set']}.h5")
    require_same_data("classifier", weights, description, read_provenance(data), data)
    pictures = read_views(data, "test", check(description["view"], View, "view"), device)

    layers: list[dict[str, Any]] = []
    evaluation = Evaluation([], *[np.zeros((len(pictures), 0), np.uint8)] * 3)
    if "skipped" not in description:
        network, _ = load_network(weights)
        names, actual = read_attributes(data, "test")
        layers = describe_layers(network, to_unit_range(pictures[:1].cpu()))
        evaluation = Evaluation(names, read(network, pictures, device), actual, read_attributes(data, "train")[1])

    write_json(f"reports/metrics/attribute_classifiers/{experiment}.json", evaluation.metrics())
    table = pd.DataFrame(evaluation.per_attribute(), columns=COLUMNS)
    write_text(f"reports/per_attribute/{experiment}.csv", table.to_csv(index=False, lineterminator="\n"))
    arrays = {
        "examples/images": pictures[:SHOWN].cpu().numpy(), "examples/attributes": evaluation.actual[:SHOWN],
        "examples/outputs": evaluation.outputs[:SHOWN].astype(np.float32),
    }
    attributes = {"description": description, "layers": layers, "attribute_names": evaluation.names,
                  "skipped": description.get("skipped", "")}
    write_arrays(Path(f"data/samples/attribute_classifiers/{experiment}.h5"), arrays, attributes)


def read(network: nn.Module, pictures: torch.Tensor, device: torch.device) -> np.ndarray:
    """What a classifier says of uint8 pictures [n, height, width, 3], float32 [n, attributes] in 0..1."""
    network = network.to(device).eval()
    outputs = []
    with torch.inference_mode(), progress_bar(len(pictures), "evaluate", "image") as bar:
        for block in pictures.split(BATCH):
            outputs.append(network(to_unit_range(block.to(device))).cpu())
            bar.update(len(block))
    return torch.cat(outputs).numpy()


def _mean_where(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The mean of each column over the chosen places; NaN where none is."""
    counts = chosen.sum(axis=0)
    return np.divide((values & chosen).sum(axis=0), counts, out=np.full(len(counts), np.nan), where=counts > 0)
