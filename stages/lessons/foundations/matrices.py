"""Two inputs and products of matrices: what one layer of a network does, and its gradients by hand."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from stages.lessons.examples import Example
from stages.lessons.foundations.derivatives import sigmoid, sigmoid_slope
from stages.lessons.foundations.sources import WEIDMAN

EXACT = 1e-12
STEPPED = 1e-6  # between a central difference and autograd
FOUR_PLACES = 5e-5  # of what the book prints
ROW_SEED, MATRIX_SEED = 190203, 190204  # the book's, so that its printed gradients can be compared


def row_and_column() -> tuple[Tensor, Tensor]:
    """The book's X of one row and W of one column, three numbers each."""
    return _normal(ROW_SEED, (1, 3), (3, 1))


def matrices() -> tuple[Tensor, Tensor]:
    """The book's X of 3 x 3 and W of 3 x 2 numbers."""
    return _normal(MATRIX_SEED, (3, 3), (3, 2))


def sigmoid_of_sum(x: Tensor, y: Tensor) -> Tensor:
    """Two inputs: add, then press into 0 to 1."""
    return sigmoid(x + y)


def slopes_of_sigmoid_of_sum() -> Example:
    """An addition passes the slope on to both inputs, unchanged."""
    x, y = torch.tensor([2.0, -1.5], dtype=torch.float64)
    by_autograd = gradients(sigmoid_of_sum, x, y)
    slope = sigmoid_slope(x + y).item()
    return Example([slope_of.item() for slope_of in by_autograd], [slope, slope], EXACT, WEIDMAN)


def product(x: Tensor, w: Tensor) -> Tensor:
    """N = XW: every row of X meets every column of W."""
    return x @ w


def layer(x: Tensor, w: Tensor) -> Tensor:
    """S = sigmoid(XW): a layer of a network without bias."""
    return sigmoid(product(x, w))


def summed_layer(x: Tensor, w: Tensor) -> Tensor:
    """L = the sum of sigmoid(XW): one number, as a loss is."""
    return layer(x, w).sum()


def gradients_by_hand(x: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
    """dL/dX and dL/dW of `summed_layer`: the slope at N, times the other factor turned over."""
    n = product(x, w)
    dl_dn = sigmoid_slope(n)  # the sum passes 1 to each place
    return dl_dn @ w.T, x.T @ dl_dn


def gradients(function: Callable[[Tensor, Tensor], Tensor], x: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of one number for both inputs, as PyTorch finds them."""
    x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
    function(x, w).backward()
    return x.grad, w.grad


def central_differences(function: Callable[[Tensor], Tensor], x: Tensor, step: float) -> Tensor:
    """The gradient of one number for x, by a step to both sides in one place after the other."""
    slopes = torch.zeros_like(x)
    for place in np.ndindex(*x.shape):
        nudge = torch.zeros_like(x)
        nudge[place] = step
        slopes[place] = (function(x + nudge) - function(x - nudge)) / (2 * step)
    return slopes


def product_gradient_for_x() -> Example:
    """N = XW with one row and one column: dN/dX is W turned over."""
    x, w = row_and_column()
    return Example(gradients(product, x, w)[0], w.T, EXACT, WEIDMAN)


def product_gradient_for_w() -> Example:
    """N = XW with one row and one column: dN/dW is X turned over."""
    x, w = row_and_column()
    return Example(gradients(product, x, w)[1], x.T, EXACT, WEIDMAN)


def layer_gradient_for_x() -> Example:
    """sigmoid(XW) with one row and one column, by hand against autograd."""
    x, w = row_and_column()
    return Example(gradients(layer, x, w)[0], gradients_by_hand(x, w)[0], EXACT, WEIDMAN)


def layer_gradient_for_w() -> Example:
    """sigmoid(XW) with one row and one column, by hand against autograd."""
    x, w = row_and_column()
    return Example(gradients(layer, x, w)[1], gradients_by_hand(x, w)[1], EXACT, WEIDMAN)


def sum_of_layer() -> Example:
    """The number that the book prints."""
    return Example(summed_layer(*matrices()).item(), 2.3755, FOUR_PLACES, WEIDMAN)


def summed_gradient_as_printed() -> Example:
    """dL/dX, as the book prints it."""
    printed = [[0.2489, -0.3748, 0.0112], [0.126, -0.2781, -0.1395], [0.2299, -0.3662, -0.0225]]
    return Example(gradients(summed_layer, *matrices())[0], printed, FOUR_PLACES, WEIDMAN)


def summed_gradient_for_x() -> Example:
    """dL/dX = dL/dN times W turned over, against autograd."""
    return Example(gradients(summed_layer, *matrices())[0], gradients_by_hand(*matrices())[0], EXACT, WEIDMAN)


def summed_gradient_for_w() -> Example:
    """dL/dW = X turned over times dL/dN, against autograd."""
    return Example(gradients(summed_layer, *matrices())[1], gradients_by_hand(*matrices())[1], EXACT, WEIDMAN)


def stepped_gradient_for_x(step: float) -> Example:
    """dL/dX by central differences, nine times two steps, against autograd."""
    x, w = matrices()
    stepped = central_differences(lambda changed: summed_layer(changed, w), x, step)
    return Example(stepped, gradients(summed_layer, x, w)[0], STEPPED, WEIDMAN)


def stepped_gradient_for_w(step: float) -> Example:
    """dL/dW by central differences, six times two steps, against autograd."""
    x, w = matrices()
    stepped = central_differences(lambda changed: summed_layer(x, changed), w, step)
    return Example(stepped, gradients(summed_layer, x, w)[1], STEPPED, WEIDMAN)


def _normal(seed: int, *shapes: tuple[int, ...]) -> tuple[Tensor, ...]:
    """Random numbers as NumPy's old generator draws them, which is frozen."""
    draw = np.random.RandomState(seed)
    return tuple(torch.from_numpy(draw.randn(*shape)) for shape in shapes)
