"""Appendix D: gradient steps of two players on f = x y, why they spiral outwards, and what tames them."""

import math

import numpy as np

from stages.lessons.appendix_d import averages, methods
from stages.lessons.appendix_d.settings import Settings
from stages.lessons.examples import Example

__all__ = ["Settings", "work_out"]
# the book's run, and the distances from the middle that it gives
BOOK_START, BOOK_RATE, BOOK_STEPS = (0.6, 0.7), 0.1, 499
BOOK_FIRST, BOOK_LAST = 0.922, 11.03
EXACT = 1e-9  # what rounding may change


def work_out(settings: Settings) -> dict[str, Example]:
    """Everything that the page claims, computed."""
    return {**_book(), **_spiral(settings), **_ellipse(settings), **_tamed(settings), **_averaged(settings)}


def _book() -> dict[str, Example]:
    """The book's own run."""
    distances = methods.radii(methods.walk(methods.simultaneous(BOOK_RATE), BOOK_START, BOOK_STEPS))
    source = "appendix D"
    return {
        "distance_at_the_start_in_the_book": Example(distances[0], BOOK_FIRST, 0.0005, source),
        "distance_at_the_end_in_the_book": Example(distances[-1], BOOK_LAST, 0.01, f"{source}: about"),
    }


def _spiral(settings: Settings) -> dict[str, Example]:
    """Simultaneous steps: the factor of every step, its reason, and that PyTorch does the same."""
    rate, method = settings.learning_rate, methods.simultaneous(settings.learning_rate)
    points = methods.walk(method, settings.start, settings.steps)
    distances, pulls = methods.radii(points), methods.field(points)
    factors = distances[1:] / distances[:-1]
    sines = (points * pulls).sum(axis=1) / distances**2
    by_torch = methods.walk_by_autograd(rate, settings.start, settings.steps)
    growth, values = math.sqrt(1 + rate**2), method.eigenvalues
    return {
        "smallest_and_largest_factor_of_a_step": Example([factors.min(), factors.max()], [growth] * 2, EXACT,
                                                         "appendix D; theory: the square root of 1 + rate²"),
        "real_and_imaginary_parts_of_the_eigenvalues": Example(
            [[value.real, value.imag] for value in values], [[1, -rate], [1, rate]], EXACT, "theory: 1 ± i rate"),
        "sizes_of_the_eigenvalues": Example(np.abs(values), [growth] * 2, EXACT, "theory: the factor of a step"),
        "largest_part_of_the_pull_away_from_the_middle": Example(np.abs(sines).max(), 0, EXACT,
                                                                 "theory: the field is a rotation"),
        "size_of_the_pull_over_the_distance": Example(
            (methods.radii(pulls) / distances)[[0, -1]], [1, 1], EXACT, "theory: the field is a rotation"),
        "first_step_by_autograd": Example(by_torch[1], [settings.x - rate * settings.y, settings.y + rate * settings.x],
                                          EXACT, "appendix D: x less rate times y, y plus rate times x"),
        "largest_gap_between_autograd_and_numpy": Example((methods.radii(by_torch - points) / distances).max(), 0,
                                                          EXACT, "theory: the same walk, as a part of the distance"),
    }


def _ellipse(settings: Settings) -> dict[str, Example]:
    """Alternating steps: what they keep, and how near and far they come."""
    rate, start = settings.learning_rate, settings.start
    points = methods.walk(methods.alternating(rate), start, settings.steps)
    kept, distances = averages.invariant(points, rate), methods.radii(points)
    smallest, largest = averages.ends_of_ellipse(start, rate)
    gap, source = averages.missed(start, rate), "theory: an end of the ellipse, at most half a step away"
    return {
        "change_of_the_invariant": Example((kept.max() - kept.min()) / kept[0], 0, EXACT,
                                           "theory: alternating steps keep x² + y² − rate x y"),
        "smallest_distance_of_alternating_steps": Example(distances.min(), smallest, gap, source),
        "largest_distance_of_alternating_steps": Example(distances.max(), largest, gap, source),
    }


def _tamed(settings: Settings) -> dict[str, Example]:
    """Every method: the factor that was measured and the one of its matrix, against theory."""
    found = {}
    for name, method in methods.compared(settings).items():
        factor = methods.measured_factor(methods.walk(method, settings.start, settings.steps))
        found[f"factor_of_{name}"] = Example(factor, method.factor, EXACT, "theory: formula of the page")
        found[f"largest_eigenvalue_of_{name}"] = Example(abs(method.eigenvalues[0]), method.factor, EXACT,
                                                         "theory: the size of the largest eigenvalue is the factor")
    return found


def _averaged(settings: Settings) -> dict[str, Example]:
    """Averages of the points of alternating steps, and how much smaller the ellipse of one of them is."""
    rate, kept, method = settings.learning_rate, settings.weight_average, methods.alternating(settings.learning_rate)
    points = methods.walk(method, settings.start, settings.steps)
    means, moving = averages.running_mean(points), averages.moving_average(points, kept)
    smaller = averages.steady(method, points, kept)
    ratio = math.sqrt(averages.invariant(smaller, rate)[-1] / averages.invariant(points, rate)[-1])
    return {
        "mean_of_all_points": Example(means[-1], averages.mean_in_theory(method, settings.start, settings.steps),
                                      EXACT, "theory: a geometric series"),
        "moving_average_at_the_end": Example(moving[-1], averages.moving_average_in_theory(method, points, kept),
                                             EXACT, "theory: a geometric series"),
        "ellipse_of_the_moving_average": Example(ratio, averages.shrinkage(rate, kept), EXACT,
                                                 "theory: its size as a part of that of the points"),
    }
