"""What alternating steps keep, and what the averages of their points are: as measured, and in theory."""

import math

import numpy as np

from stages.lessons.appendix_d.methods import UNIT, Method


def invariant(points: np.ndarray, rate: float) -> np.ndarray:
    """x² + y² − rate x y of points [..., 2]: alternating steps never change it, so they stay on an ellipse."""
    x, y = points[..., 0], points[..., 1]
    return x**2 + y**2 - rate * x * y


def ends_of_ellipse(start: tuple[float, float], rate: float) -> tuple[float, float]:
    """The smallest and the largest distance from the middle on the ellipse through `start`."""
    kept = float(invariant(np.array(start), rate))
    return math.sqrt(kept / (1 + rate / 2)), math.sqrt(kept / (1 - rate / 2))


def missed(start: tuple[float, float], rate: float) -> float:
    """By how much at most the points of a walk miss the ends of the ellipse, between two of which they may fall."""
    smallest, largest = ends_of_ellipse(start, rate)
    half_a_step = rate**2 / 4  # the squared sine of half the angle of a step
    return (largest**2 - smallest**2) * half_a_step / (2 * smallest) + 1e-12


def running_mean(points: np.ndarray) -> np.ndarray:
    """The mean of all points so far."""
    return points.cumsum(axis=0) / np.arange(1, len(points) + 1)[:, None]


def mean_in_theory(method: Method, start: tuple[float, float], steps: int) -> np.ndarray:
    """The mean of the start and `steps` points after it, as the sum of a geometric series of matrices."""
    power = np.linalg.matrix_power(method.matrix, steps + 1)
    return (power - UNIT) @ np.linalg.solve(method.matrix - UNIT, np.array(start)) / (steps + 1)


def moving_average(points: np.ndarray, kept: float) -> np.ndarray:
    """At each step a share of the old average is kept and the rest is the new point: as for a generator's weights."""
    averages = [points[0]]
    for point in points[1:]:
        averages.append(averages[-1] + (1 - kept) * (point - averages[-1]))
    return np.array(averages)


def steady(method: Method, points: np.ndarray, kept: float) -> np.ndarray:
    """What the moving average is at points [n, 2] after endless steps before them: on a smaller ellipse."""
    return points @ ((1 - kept) * np.linalg.inv(UNIT - kept * np.linalg.inv(method.matrix))).T


def moving_average_in_theory(method: Method, points: np.ndarray, kept: float) -> np.ndarray:
    """Where the moving average of a walk ends: on the smaller ellipse, but for what is left of its start."""
    first, *_, last = steady(method, points, kept)
    return last + kept ** (len(points) - 1) * (points[0] - first)


def shrinkage(rate: float, kept: float) -> float:
    """How large the ellipse of the moving average is, as a part of that of the points."""
    cosine = 1 - rate**2 / 2  # of the angle of a step
    return (1 - kept) / math.sqrt(1 - 2 * kept * cosine + kept**2)
