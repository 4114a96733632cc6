"""The concepts of the page of foundations in three views: as a formula, as a diagram and as code."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import networkx as nx
import torch

from stages.lessons.foundations import chains, derivatives, gradients, matrices
from stages.lessons.foundations.graph import record


@dataclass(frozen=True)
class Concept:
    """One concept: formulas in LaTeX, the code that runs, its computation graph, and what to look at there."""

    formulas: tuple[str, ...]
    code: tuple[Callable, ...]
    graph: Callable[[], nx.MultiDiGraph]
    look: str


def _number(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def _chain(name: str, x: float) -> Callable[[], nx.MultiDiGraph]:
    """The graph of nested functions at x."""
    return partial(record, chains.nested(chains.CHAINS[name]), "y", x=_number(x))


def _of_matrices(function: Callable, output: str, pair: tuple[torch.Tensor, torch.Tensor]) -> Callable:
    """The graph of a function of X and W."""
    return partial(record, function, output, X=pair[0], W=pair[1])


CONCEPTS = {
    "factors": Concept(
        (r"y = (x - 1)(x - 2)(x - 3)", r"\frac{dy}{dx} = 3x^2 - 12x + 11"),
        (gradients.factors, gradients.factors_and_slope),
        partial(record, gradients.factors, "y", x=_number(3.5)),
        "x is used three times. Three gradients come back to it, and their sum is dy/dx: 0.75 + 1.25 + 3.75 = 5.75."),
    "two_steps": Concept(
        (r"y = x^2, \quad z = 2y + 3", r"\frac{dz}{dx} = \frac{dz}{dy} \cdot \frac{dy}{dx} = 2 \cdot 2x = 4x"),
        (gradients.two_steps, gradients.slope_of_two_steps),
        partial(record, gradients.two_steps, "z", x=_number(3.5)),
        "Read the lower numbers from right to left: 1 goes in at z, Mul 2 makes 2 of it, Pow 2 makes 14."),
    "two_lines": Concept(
        (r"f_1(5) = 1, \quad f_1'(5) = 3, \quad f_2'(1) = -2",
         r"\frac{d}{dx} f_2(f_1(x)) = f_2'(f_1(x)) \cdot f_1'(x) = -2 \cdot 3 = -6"),
        (chains.two_lines, chains.slope_of_two_lines),
        partial(record, chains.two_lines, "z", x=_number(5.0)),
        "The upper numbers say where each function is reached, the lower ones how the slopes multiply."),
    "sigmoid_of_square": Concept(
        (r"y = \sigma(x^2)", r"\frac{dy}{dx} = \sigma'(x^2) \cdot 2x, \quad \sigma'(u) = \sigma(u)(1 - \sigma(u))"),
        (derivatives.square, derivatives.sigmoid, chains.nested, chains.chain_rule, chains.rule_against_autograd),
        _chain("sigmoid_of_square", 1.5),
        "The sigmoid hands back its slope where it was reached; the square multiplies it by 2x."),
    "square_of_sigmoid_of_leaky_relu": Concept(
        (r"y = \left(\sigma(l(x))\right)^2, \quad l(x) = \max(0.2x, x)",
         r"\frac{dy}{dx} = 2\sigma(l(x)) \cdot \sigma'(l(x)) \cdot l'(x)"),
        (derivatives.leaky_relu, derivatives.leaky_relu_slope, derivatives.sigmoid_slope),
        _chain("square_of_sigmoid_of_leaky_relu", -1.0),
        "Maximum lets one path win: all of the gradient goes there, and the other gets 0."),
    "two_paths": Concept(
        (r"x = 2a + 3b, \quad y = 5a^2 + 3b^3, \quad z = 2x + 3y",
         r"\frac{dz}{da} = \frac{\partial z}{\partial x} \cdot \frac{\partial x}{\partial a} + "
         r"\frac{\partial z}{\partial y} \cdot \frac{\partial y}{\partial a} = 2 \cdot 2 + 3 \cdot 10a = 4 + 30a"),
        (gradients.two_paths, gradients.slope_of_two_paths),
        partial(record, gradients.two_paths, "z", a=_number(2.0), b=_number(1.0)),
        "Two paths lead from a to z. 4 comes back through 2a and 60 through the square: dz/da is 64."),
    "sigmoid_of_sum": Concept(
        (r"s = \sigma(x + y)", r"\frac{\partial s}{\partial x} = \frac{\partial s}{\partial y} = \sigma'(x + y)"),
        (matrices.sigmoid_of_sum, matrices.slopes_of_sigmoid_of_sum),
        partial(record, matrices.sigmoid_of_sum, "s", x=_number(2.0), y=_number(-1.5)),
        "An addition hands what comes back to both of its inputs, unchanged."),
    "mean_of_squares": Concept(
        (r"y = x + 2, \quad z = 3y^2, \quad \mathrm{out} = \frac{1}{4} \sum_i z_i",
         r"\frac{\partial\,\mathrm{out}}{\partial x_i} = \frac{1}{4} \cdot 6 (x_i + 2)"),
        (gradients.mean_of_squares, gradients.gradient_of_mean),
        partial(record, gradients.mean_of_squares, "out", x=torch.ones(2, 2)),
        "Edges with more than one number show their shape: each gradient has the shape of its value."),
    "product": Concept(
        (r"N = XW", r"\frac{\partial N}{\partial X} = W^T, \quad \frac{\partial N}{\partial W} = X^T"),
        (matrices.product, matrices.product_gradient_for_x, matrices.product_gradient_for_w),
        _of_matrices(matrices.product, "N", matrices.row_and_column()),
        "Mm is PyTorch's word for the product of matrices: one row times one column gives one number."),
    "summed_layer": Concept(
        (r"N = XW, \quad S = \sigma(N), \quad L = \sum_{ij} S_{ij}",
         r"\frac{\partial L}{\partial N} = \sigma'(N), \quad \frac{\partial L}{\partial X} = "
         r"\frac{\partial L}{\partial N} W^T, \quad \frac{\partial L}{\partial W} = X^T \frac{\partial L}{\partial N}"),
        (matrices.product, matrices.layer, matrices.summed_layer, matrices.gradients_by_hand, matrices.gradients),
        _of_matrices(matrices.summed_layer, "L", matrices.matrices()),
        "Every gradient has the shape of its value, so W of 3×2 gets one number for each of its six weights."),
}
