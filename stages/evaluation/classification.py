"""What a classifier is worth: accuracy, the confusion matrix, precision and recall, its worst mistakes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from stages.core.progress import progress_bar
from stages.datasets.pictures import to_unit_range

CLASSES = 10
BATCH = 1000


@dataclass(frozen=True)
class Evaluation:
    """Outputs [n, 10] of a classifier beside the labels [n], and the numbers that follow from them."""

    outputs: np.ndarray
    labels: np.ndarray

    @property
    def predictions(self) -> np.ndarray:
        """The class with the largest output, [n]."""
        return self.outputs.argmax(axis=1)

    def metrics(self) -> dict[str, float | int]:
        """`accuracy` in 0..1, `errors` and `images` as counts."""
        errors = int((self.predictions != self.labels).sum())
        images = len(self.labels)
        return {"accuracy": round(1 - errors / images, 6), "errors": errors, "images": images}

    def confusion(self) -> np.ndarray:
        """Counts [10, 10]: row is the true class, column the predicted one."""
        counts = np.zeros((CLASSES, CLASSES), dtype=np.int64)
        np.add.at(counts, (self.labels, self.predictions), 1)
        return counts

    def per_class(self) -> list[dict[str, float | int]]:
        """`label precision recall images` for each class; a share of nothing counts as 0."""
        counts = self.confusion()
        rows = []
        for label in range(CLASSES):
            right, predicted, images = counts[label, label], counts[:, label].sum(), counts[label].sum()
            precision, recall = right / max(predicted, 1), right / max(images, 1)
            rows.append({"label": label, "precision": round(float(precision), 6), "recall": round(float(recall), 6),
                         "images": int(images)})
        return rows

    def worst_mistakes(self, most: int) -> np.ndarray:
        """Indices of the mistakes whose wrong output is largest, the most confident first."""
        wrong = np.flatnonzero(self.predictions != self.labels)
        confidence = self.outputs[wrong].max(axis=1)
        return wrong[np.argsort(-confidence, kind="stable")][:most]


def evaluate(network: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device, *, softmax: bool,
             one_by_one: bool) -> Evaluation:
    """Run uint8 pictures [n, 28, 28] through a classifier.

    `softmax` turns the outputs of a network trained on logits into probabilities. `one_by_one` says that it was
    trained at batch 1, see `_normalise_by_the_picture`.
    """
    network = network.to(device).eval()
    batch = 1 if one_by_one and _normalise_by_the_picture(network) else BATCH
    pictures = torch.from_numpy(images)
    outputs = []
    with torch.inference_mode(), progress_bar(len(pictures), "evaluate", "image") as bar:
        for block in pictures.split(BATCH):
            for shown in to_unit_range(block.to(device)).split(batch):
                answers = network(shown)
                outputs.append((answers.softmax(dim=1) if softmax else answers).cpu())
            bar.update(len(block))
    return Evaluation(torch.cat(outputs).numpy(), labels)


def _normalise_by_the_picture(network: nn.Module) -> bool:
    """Let batch normalisation use each picture's own statistics, and say whether the network has any.

    At batch 1 a network has only ever seen pictures normalised by themselves. The book tests it in that state too
    (its classes never call `eval()`); running averages over single pictures fit no picture and cost a point.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    for layer in layers:
        layer.train()
    return bool(layers)
