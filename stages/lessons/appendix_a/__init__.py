"""Appendix A: the loss of a discriminator that cannot tell, and what a loss does near 0 and 1."""

import math

import numpy as np

from stages.lessons.appendix_a import curves
from stages.lessons.appendix_a.curves import GENERATED, REAL
from stages.lessons.appendix_a.settings import Settings
from stages.lessons.examples import Example

__all__ = ["Settings", "work_out"]
UNSURE = 0.5  # the answer of a discriminator that cannot tell
IDEALS = {"mean_squared_error": 0.25, "binary_cross_entropy": math.log(2)}
LARGEST = 100.0  # of binary cross entropy in PyTorch, which takes no logarithm for less than -100
EXACT = 1e-9  # what rounding may change


def work_out(settings: Settings) -> dict[str, Example]:
    """Everything that the page claims of the losses, computed."""
    found = {}
    for name in IDEALS:
        found |= _unsure(name) | _balanced(name, settings)
    return {**found, **_pairs(), **_mistakes(settings.mistake), **_walls()}


def _unsure(name: str) -> dict[str, Example]:
    """The ideal loss, and how strongly it pushes there, for a real and for a generated sample."""
    real, generated = (curves.curve(name, np.array([UNSURE]), target) for target in (REAL, GENERATED))
    slope = {"mean_squared_error": 1.0, "binary_cross_entropy": 2.0}[name]
    return {
        f"{name}_of_an_unsure_discriminator": Example(
            [real.loss[0], generated.loss[0]], [IDEALS[name]] * 2, EXACT, "appendix A: 0.25, or ln 2"),
        f"slope_of_{name}_at_the_ideal": Example([real.slope[0], generated.slope[0]], [-slope, slope], EXACT,
                                          "theory: the derivative of the formula"),
    }


def _balanced(name: str, settings: Settings) -> dict[str, Example]:
    """The best single answer, by the share of real samples; half of each make 0.5 the best."""
    outputs, step = settings.outputs, 1 / (settings.points + 1)
    best = [outputs[np.argmin(curves.expected_loss(name, outputs, share))] for share in settings.real_shares]
    balanced = outputs[np.argmin(curves.expected_loss(name, outputs, UNSURE))]
    slopes = [curves.curve(name, np.array([UNSURE]), target).slope[0] for target in (REAL, GENERATED)]
    return {
        f"best_answer_by_{name}_in_a_balanced_game": Example(
            balanced, UNSURE, step / 2 + EXACT, "appendix A; found among the drawn outputs, half a step exact"),
        f"slope_of_both_{name}_at_the_best_answer": Example(sum(slopes), 0, EXACT,
                                                            "theory: the lowest point is flat"),
        f"best_answers_by_{name}_for_the_shares_of_real_samples": Example(
            best, list(settings.real_shares), step / 2 + EXACT, "theory: the share itself, half a step exact"),
    }


def _pairs() -> dict[str, Example]:
    """The loss of our own GANs."""
    return {"relativistic_loss_of_a_pair_rated_alike": Example(curves.pair(0), math.log(2), EXACT,
                                                               "theory: ln(1 + e^0)")}


def _mistakes(output: float) -> dict[str, Example]:
    """How strongly each loss pushes a discriminator that is sure, and wrong."""
    squared, entropy = (curves.curve(name, np.array([output]), REAL) for name in IDEALS)
    source, flat = "theory: the derivative of the formula", output * (1 - output)  # slope of the sigmoid there
    return {
        "mean_squared_error_of_a_sure_mistake": Example(squared.loss[0], (1 - output) ** 2, EXACT, "its formula"),
        "binary_cross_entropy_of_a_sure_mistake": Example(entropy.loss[0], -math.log(output), EXACT, "its formula"),
        "slope_of_mean_squared_error_there": Example(squared.slope[0], -2 * (1 - output), EXACT, source),
        "slope_of_binary_cross_entropy_there": Example(entropy.slope[0], -1 / output, 1e-6, source),
        "slope_of_mean_squared_error_before_the_sigmoid": Example(squared.slope_before[0], -2 * (1 - output) * flat,
                                                                  EXACT, source),
        "slope_of_binary_cross_entropy_before_the_sigmoid": Example(entropy.slope_before[0], output - 1, EXACT, source),
    }


def _walls() -> dict[str, Example]:
    """The largest losses: a real sample that is answered with 0."""
    return {
        "largest_mean_squared_error": Example(curves.at_output("mean_squared_error", 0.0, REAL), 1, EXACT,
                                              "its formula"),
        "largest_binary_cross_entropy": Example(curves.at_output("binary_cross_entropy", 0.0, REAL), LARGEST, EXACT,
                                                "PyTorch's documentation: no logarithm below -100"),
    }
