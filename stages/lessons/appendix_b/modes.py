"""A distribution with several modes, and a sampler that knows only one: each of its points is good, most are missing.

Points [n, 2] lie around the corners of a regular polygon, as often around each; the first corner stands on the right.
"""

import numpy as np

MODES = 5
SPREAD = 0.12  # standard deviation around a corner; corners are 1 from the origin
GOOD = 3  # spreads from a corner: farther away is bad
LEAST = 0.01  # of the points: with no more than that a mode is lost, as with the pipeline's digits


def corners() -> np.ndarray:
    """The middles of the modes, [5, 2]."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def draw(count: int, random: np.random.Generator, known: int = MODES) -> np.ndarray:
    """Draw points, [count, 2], from the first `known` modes."""
    chosen = random.integers(known, size=count)
    return corners()[chosen] + SPREAD * random.standard_normal((count, 2))


def nearest(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mode that each point belongs to, [n], and its distance from the middle, [n]."""
    distances = np.linalg.norm(points[:, None] - corners(), axis=2)
    return distances.argmin(axis=1), distances.min(axis=1)


def shares(points: np.ndarray) -> np.ndarray:
    """The share of the points that belongs to each mode, [5]."""
    return np.bincount(nearest(points)[0], minlength=MODES) / len(points)


def covered(points: np.ndarray) -> int:
    """How many modes have more than 1 % of the points."""
    return int((shares(points) > LEAST).sum())


def good_share(points: np.ndarray) -> float:
    """The share of points that lie where real ones may: within three spreads of a mode."""
    return float((nearest(points)[1] <= GOOD * SPREAD).mean())


def imbalance(points: np.ndarray) -> float:
    """How far the modes' shares are from equal ones, as Kullback-Leibler divergence: 0 to ln 5."""
    found = shares(points)
    found = found[found > 0]
    return float((found * np.log(MODES * found)).sum())


def mean_distance(points: np.ndarray) -> float:
    """The mean distance of two points: of each in the first half from its partner in the second."""
    first, second = np.split(points[: len(points) // 2 * 2], 2)
    return float(np.linalg.norm(first - second, axis=1).mean())
