"""Three functions, how steep they are, and two ways to find out: a small step to both sides, and autograd."""

from collections.abc import Callable

import torch
from torch import Tensor

from stages.lessons.examples import Example
from stages.lessons.foundations.sources import WEIDMAN

Function = Callable[[Tensor], Tensor]

LEAK = 0.2
RELATIVE = 1e-6  # difference allowed between a central difference and autograd
# the kink of leaky ReLU is at 0: an even number of points leaves it out
POINTS = torch.linspace(-3, 3, 60, dtype=torch.float64)


def square(x: Tensor) -> Tensor:
    """A parabola."""
    return x**2


def leaky_relu(x: Tensor) -> Tensor:
    """Two straight lines that meet at 0, the left one nearly flat."""
    return torch.maximum(LEAK * x, x)


def sigmoid(x: Tensor) -> Tensor:
    """Any number, pressed into 0 to 1."""
    return torch.sigmoid(x)


def square_slope(x: Tensor) -> Tensor:
    """The derivative of `square`."""
    return 2 * x


def leaky_relu_slope(x: Tensor) -> Tensor:
    """The derivative of `leaky_relu`, which has none at 0."""
    return torch.where(x > 0, torch.ones_like(x), LEAK)


def sigmoid_slope(x: Tensor) -> Tensor:
    """The derivative of `sigmoid`."""
    return sigmoid(x) * (1 - sigmoid(x))


SLOPES: dict[Function, Function] = {square: square_slope, leaky_relu: leaky_relu_slope, sigmoid: sigmoid_slope}


def central_difference(function: Function, x: Tensor, step: float) -> Tensor:
    """The slope of `function` at each x, from its values one step before and one step after."""
    return (function(x + step) - function(x - step)) / (2 * step)


def autograd(function: Function, x: Tensor) -> Tensor:
    """The slope of `function` at each x as PyTorch finds it: it follows the computation back."""
    x = x.detach().requires_grad_()
    function(x).sum().backward()  # each place of the sum depends on one x only
    return x.grad


def largest_relative_difference(value: Tensor, exact: Tensor) -> float:
    """How far apart two tensors are, as a part of the second."""
    return ((value - exact).abs() / exact.abs()).max().item()


def against_autograd(function: Function, step: float) -> Example:
    """Central differences of `function` against autograd, at 60 points of -3 to 3."""
    difference = largest_relative_difference(central_difference(function, POINTS, step), autograd(function, POINTS))
    return Example(difference, 0.0, RELATIVE, WEIDMAN)


def kink_of_leaky_relu(step: float) -> Example:
    """At 0 the slope is 0.2 on the left and 1 on the right; the central difference gives the mean of both."""
    kink = torch.zeros((), dtype=torch.float64)
    sides = [(leaky_relu(kink) - leaky_relu(kink - step)) / step, (leaky_relu(kink + step) - leaky_relu(kink)) / step]
    both = central_difference(leaky_relu, kink, step)
    return Example([side.item() for side in (*sides, both)], [0.2, 1.0, 0.6], 1e-9, WEIDMAN)
