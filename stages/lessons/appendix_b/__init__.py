"""Appendix B: GANs learn a distribution, they do not store the data."""

import math

import numpy as np
from pydantic import Field

from stages.core.parameters import Block
from stages.lessons.appendix_b import features, modes, pixels
from stages.lessons.examples import Example

BOOK = "appendix B"
HERE = "ours, for appendix B"
SIGMAS = 5  # standard errors: chance goes farther once in two million times
EXACT = 1e-12  # of sums of a few fractions
POINTS = 4000  # drawn from several modes, and from one


class Settings(Block):
    """The block `lessons.appendix_b` of params.yaml."""

    seed: int = Field(ge=0)
    rows: int = Field(ge=1, le=20)
    columns: int = Field(ge=1, le=12)
    samples: int = Field(ge=10_000, le=1_000_000)


def work_out(settings: Settings) -> dict[str, Example]:
    """Every example of the appendix."""
    return _pixels(settings) | _features(settings) | _modes(settings)


def drawn_pixels(settings: Settings) -> np.ndarray:
    """Pictures drawn pixel by pixel from the book's table, bool [samples, 3, 3]."""
    return pixels.draw(pixels.TABLE, settings.samples, np.random.default_rng(settings.seed))


def drawn_groups(settings: Settings) -> np.ndarray:
    """Pictures drawn group by group, bool [samples, 3, 3]."""
    return features.draw(features.group_by_group(), settings.samples, np.random.default_rng(settings.seed))


def drawn_points(settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Points [4000, 2] from all modes, and as many from one."""
    random = np.random.default_rng(settings.seed)
    return modes.draw(POINTS, random), modes.draw(POINTS, random, known=1)


def _pixels(settings: Settings) -> dict[str, Example]:
    """Frequencies of samples from the book's table approach it, as fast as theory says."""
    pictures, table = drawn_pixels(settings), pixels.TABLE
    errors, found = pixels.standard_errors(table, settings.samples), pictures.mean(axis=0)
    possible = errors > 0
    sizes = pixels.run_sizes(settings.samples)
    usual = [pixels.usual_error(pictures, table, size) for size in sizes]
    ratios = [error / pixels.expected_error(table, size) for error, size in zip(usual, sizes, strict=True)]
    slope = np.polyfit(np.log(sizes), np.log(usual), 1)[0]
    return {
        "frequencies_of_the_samples": Example(found, table, SIGMAS * errors.max(), BOOK),
        "largest_distance_as_a_part_of_five_standard_errors": Example(
            (np.abs(found - table)[possible] / errors[possible]).max() / SIGMAS, 0.0, 1.0, BOOK),
        "cells_with_probability_0_that_are_dark": Example(int(pictures[:, ~possible].sum()), 0, 0, BOOK),
        "error_of_runs_as_a_part_of_theory": Example(ratios, np.ones(len(sizes)), 0.15, HERE),
        "power_of_the_count_with_which_the_error_shrinks": Example(slope, -0.5, 0.08, HERE),
    }


def _features(settings: Settings) -> dict[str, Example]:
    """Groups give the same pixels as the book's table, and other pictures."""
    alone, groups = features.pixel_by_pixel(pixels.TABLE), features.group_by_group()
    drawn = features.frequencies(drawn_groups(settings))
    ends, all_four = (features.TOP_RIGHT, features.BOTTOM_LEFT), (*features.STROKE.cells, *features.CORNERS.cells)
    new = 15 / 64
    return {
        "dark_pixels_of_the_eight_pictures": Example(features.training_pictures().sum(axis=0), pixels.COUNTS, 0, BOOK),
        "pixels_of_pictures_drawn_by_groups": Example(features.marginals(groups), pixels.TABLE, EXACT, HERE),
        "two_corners_together_drawn_by_pixels": Example(features.together(alone, *ends), 1 / 8 * 2 / 8, EXACT, HERE),
        "two_corners_together_drawn_by_groups": Example(features.together(groups, *ends), 1 / 8, EXACT, HERE),
        "two_corners_together_in_the_samples": Example(
            features.together(drawn, *ends), 1 / 8, _tolerance(1 / 8, settings.samples), HERE),
        "two_groups_together": Example(features.together(groups, *all_four), 6 / 8 * 1 / 8, EXACT, HERE),
        "different_pictures_by_pixels": Example(features.possible(alone), 2**5, 0, HERE),
        "different_pictures_by_groups": Example(features.possible(groups), 3 * 3, 0, HERE),
        "share_of_new_pictures_by_groups": Example(features.share_new(groups), new, EXACT, HERE),
        "share_of_new_pictures_in_the_samples": Example(
            features.share_new(drawn), new, _tolerance(new, settings.samples), HERE),
        "share_of_the_samples_made_of_whole_groups": Example(features.share_right(drawn), 1.0, EXACT, HERE),
    }


def _modes(settings: Settings) -> dict[str, Example]:
    """A sampler of one mode: as good as the whole distribution, and a fifth of it."""
    whole, one = drawn_points(settings)
    good = 1 - math.exp(-modes.GOOD**2 / 2)  # of a normal distribution in the plane
    away = math.sqrt(math.pi) * modes.SPREAD  # mean distance of two of its points; they scatter by half of that
    return {
        "modes_covered_by_the_whole_distribution": Example(modes.covered(whole), modes.MODES, 0, BOOK),
        "modes_covered_after_collapse": Example(modes.covered(one), 1, 0, BOOK),
        "good_points_of_the_whole_distribution": Example(
            modes.good_share(whole), good, _tolerance(good, POINTS), HERE),
        "good_points_after_collapse": Example(modes.good_share(one), good, _tolerance(good, POINTS), HERE),
        "imbalance_after_collapse": Example(modes.imbalance(one), math.log(modes.MODES), EXACT, HERE),
        "distance_of_two_points_after_collapse": Example(
            modes.mean_distance(one), away, SIGMAS * 0.53 * away / math.sqrt(POINTS / 2), HERE),
    }


def _tolerance(share: float, count: int) -> float:
    """How far a share of so many samples may be from its probability."""
    return SIGMAS * float(pixels.standard_errors(np.asarray(share), count))
