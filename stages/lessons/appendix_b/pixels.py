"""Pictures of 3 x 3 pixels from a table of probabilities: each pixel is dark or not, whatever the others are."""

from collections.abc import Sequence

import numpy as np

COUNTS = np.array([[6, 0, 1], [0, 7, 0], [2, 0, 1]])  # the book's: of eight pictures so many have that pixel dark
PICTURES = 8
TABLE = COUNTS / PICTURES


def draw(probabilities: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Draw pictures, bool [count, height, width] with True for dark, pixel by pixel."""
    return random.random((count, *probabilities.shape)) < probabilities


def standard_errors(probabilities: np.ndarray, count: int) -> np.ndarray:
    """How far frequencies of `count` samples usually lie from their probabilities: sqrt(p (1 - p) / count)."""
    return np.sqrt(probabilities * (1 - probabilities) / count)


def errors_along(pictures: np.ndarray, probabilities: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """Distances of frequencies from probabilities after the first so many pictures, [len(counts), height, width]."""
    dark = np.cumsum(pictures, axis=0)[np.asarray(counts) - 1]
    return np.abs(dark / np.reshape(counts, (-1, 1, 1)) - probabilities)


def usual_error(pictures: np.ndarray, probabilities: np.ndarray, size: int) -> float:
    """The error of `size` samples, root of the mean square over all pixels and over as many runs as there are."""
    runs = len(pictures) // size
    found = pictures[: runs * size].reshape(runs, size, *probabilities.shape).mean(axis=1)
    return float(np.sqrt(np.mean((found - probabilities) ** 2)))


def expected_error(probabilities: np.ndarray, size: int) -> float:
    """What `usual_error` must be by theory."""
    return float(np.sqrt(np.mean(standard_errors(probabilities, size) ** 2)))


def run_sizes(count: int) -> list[int]:
    """Sizes of runs of which `count` samples hold a hundred at least: 10, 30, 100, 300 and so on."""
    sizes = (lead * 10**power for power in range(1, len(str(count))) for lead in (1, 3))
    return [size for size in sizes if count // size >= 100]
