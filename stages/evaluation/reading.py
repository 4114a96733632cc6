"""What the judge reads in generated pictures: modes, the histogram of classes, doubts, labels as asked."""

import numpy as np
import torch

CLASSES = 10
MODE_SHARE = 0.01  # a class below this share is not covered
SURE = 0.8  # the judge is unsure of a picture where no class reaches this; smoothed labels keep it from 1 itself


def most_likely(probabilities: torch.Tensor) -> torch.Tensor:
    """The class that the judge reads in each picture, [n], from its probabilities [n, 10]."""
    return probabilities.argmax(dim=1)


def shares(classes: torch.Tensor | np.ndarray) -> np.ndarray:
    """The share of each class, float64 [10]."""
    return np.bincount(np.asarray(classes), minlength=CLASSES) / len(classes)


def modes_covered(generated: np.ndarray) -> int:
    """How many classes have more than 1 % of the generated pictures, from their shares [10]."""
    return int((generated > MODE_SHARE).sum())


def class_divergence(generated: np.ndarray, real: np.ndarray, real_count: int) -> float:
    """Kullback-Leibler divergence of shares [10] from the real ones, in nats.

    Half a picture is added to each real class, so that a class missing there leaves it finite.
    """
    expected = (real * real_count + 0.5) / (real_count + 0.5 * CLASSES)
    present = generated > 0
    return float(np.sum(generated[present] * np.log(generated[present] / expected[present])))


def divergence_floor(count: int) -> float:
    """What `class_divergence` is on average for `count` pictures drawn from the real shares themselves."""
    return (CLASSES - 1) / (2 * count)


def unsure_share(probabilities: torch.Tensor) -> float:
    """The share of pictures of which the judge is unsure, from its probabilities [n, 10]."""
    return (probabilities.amax(dim=1) < SURE).double().mean().item()


def label_accuracy(classes: torch.Tensor, asked: torch.Tensor) -> tuple[float, dict[str, float]]:
    """The share of pictures read as the label asked for, of all and of each label."""
    right = (classes == asked).double()
    return right.mean().item(), {str(label): right[asked == label].mean().item() for label in asked.unique().tolist()}
