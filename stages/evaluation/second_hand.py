"""The best single test of a conditional GAN: train a classifier on its pictures alone, test it on real ones."""

import numpy as np
import torch

from stages.evaluation.classification import evaluate
from stages.networks import dense_classifier
from stages.training import classifier

SEED = 1
# the book's refined classifier, in shuffled mini-batches
NETWORK = dense_classifier.Settings(family="dense_classifier", hidden_units=200, layer_norm=True, slope=0.02,
                                    hidden_activation="leaky_relu", output_activation="sigmoid")
BUDGET = classifier.Budget(epochs=15, batch_size=128, learning_rate=0.005, schedule="one_cycle", shuffle=True)


def accuracy_of_training_on(images: np.ndarray, labels: np.ndarray, test: tuple[np.ndarray, np.ndarray],
                            device: torch.device, title: str) -> float:
    """Train a 784-200-10 classifier on uint8 `images` and `labels`; its accuracy on the `test` pictures and labels."""
    torch.manual_seed(SEED)
    network = dense_classifier.build(NETWORK)
    classifier.train(
        network, torch.from_numpy(images), torch.from_numpy(labels),
        loss="binary_cross_entropy", optimizer="adam", budget=BUDGET, device=device, title=title,
    )
    return evaluate(network, *test, device, softmax=False, one_by_one=False).metrics()["accuracy"]
