"""The chain rule: the slope of nested functions is the product of their slopes, each taken where it is reached."""

from collections.abc import Sequence

import torch
from torch import Tensor

from stages.lessons.examples import Example
from stages.lessons.foundations.derivatives import (
    POINTS,
    SLOPES,
    Function,
    autograd,
    central_difference,
    largest_relative_difference,
    leaky_relu,
    sigmoid,
    square,
)
from stages.lessons.foundations.sources import WEIDMAN

# functions in the order in which they are applied
CHAINS: dict[str, tuple[Function, ...]] = {
    "sigmoid_of_square": (square, sigmoid),
    "square_of_sigmoid": (sigmoid, square),
    "sigmoid_of_square_of_leaky_relu": (leaky_relu, square, sigmoid),
    "square_of_sigmoid_of_leaky_relu": (leaky_relu, sigmoid, square),
}
EXACT = 1e-12  # two exact rules may differ by rounding only
STEPPED = 2e-5  # a central difference is an approximation, and nested functions bend more


def nested(functions: Sequence[Function]) -> Function:
    """The function that applies all of them, the first one first."""

    def chain(x: Tensor) -> Tensor:
        for function in functions:
            x = function(x)
        return x

    return chain


def chain_rule(functions: Sequence[Function], x: Tensor) -> Tensor:
    """The slope of the nested functions at x: the slopes of all of them, multiplied."""
    product = torch.ones_like(x)
    for function in functions:
        product = product * SLOPES[function](x)
        x = function(x)
    return product


def two_lines(x: Tensor) -> Tensor:
    """A line of slope 3 that is 1 at 5, and into it a line of slope -2."""
    y = 3 * x - 14
    return -2 * y + 5


def slope_of_two_lines() -> Example:
    """3 * -2: the slopes multiply."""
    x = torch.tensor(5.0, requires_grad=True)
    two_lines(x).backward()
    return Example(x.grad.item(), -6.0, source=WEIDMAN)


def rule_against_autograd(name: str) -> Example:
    """The product of slopes against autograd, at 60 points of -3 to 3."""
    exact = autograd(nested(CHAINS[name]), POINTS)
    difference = largest_relative_difference(chain_rule(CHAINS[name], POINTS), exact)
    return Example(difference, 0.0, EXACT, WEIDMAN)


def rule_against_central_difference(name: str, step: float) -> Example:
    """The product of slopes against central differences of the whole chain, at the same points."""
    stepped = central_difference(nested(CHAINS[name]), POINTS, step)
    difference = largest_relative_difference(stepped, chain_rule(CHAINS[name], POINTS))
    return Example(difference, 0.0, STEPPED, WEIDMAN)
