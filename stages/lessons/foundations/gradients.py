"""Gradients that PyTorch finds: of one function, of steps one after the other, and along several paths."""

import torch
from torch import Tensor

from stages.lessons.examples import Example
from stages.lessons.foundations.sources import CHAPTER, TUTORIALS


def factors(x: Tensor) -> Tensor:
    """y = (x - 1)(x - 2)(x - 3)."""
    return (x - 1) * (x - 2) * (x - 3)


def factors_and_slope() -> Example:
    """y and dy/dx = 3x^2 - 12x + 11 at 3.5."""
    x = torch.tensor(3.5, requires_grad=True)
    y = factors(x)
    y.backward()
    return Example([y.item(), x.grad.item()], [1.875, 5.75], source=CHAPTER)


def polynomial(x: Tensor) -> Tensor:
    """y = 5x^3 + 2x^2 + 4x + 8."""
    return 5 * x**3 + 2 * x**2 + 4 * x + 8


def polynomial_and_slope() -> Example:
    """y and dy/dx = 15x^2 + 4x + 4 at 2."""
    x = torch.tensor(2.0, requires_grad=True)
    y = polynomial(x)
    y.backward()
    return Example([y.item(), x.grad.item()], [64.0, 72.0], source=TUTORIALS)


def two_steps(x: Tensor) -> Tensor:
    """y = x^2, then z = 2y + 3."""
    y = x**2
    return 2 * y + 3


def slope_of_two_steps() -> Example:
    """dz/dx = 2 * 2x at 3.5."""
    x = torch.tensor(3.5, requires_grad=True)
    z = two_steps(x)
    z.backward()
    return Example(x.grad.item(), 14.0, source=CHAPTER)


def two_paths(a: Tensor, b: Tensor) -> Tensor:
    """a and b go into x and into y, and both go into z."""
    x = 2 * a + 3 * b
    y = 5 * a**2 + 3 * b**3
    return 2 * x + 3 * y


def slope_of_two_paths() -> Example:
    """dz/da = 2 * 2 + 3 * 10a at 2: one part for each path from a to z."""
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    z = two_paths(a, b)
    z.backward()
    return Example(a.grad.item(), 64.0, source=CHAPTER)


def mean_of_squares(x: Tensor) -> Tensor:
    """y = x + 2, z = 3y^2, and the mean of all z."""
    y = x + 2
    z = 3 * y**2
    return z.mean()


def value_of_mean() -> Example:
    """27, as each z is 3 * 3^2."""
    return Example(mean_of_squares(torch.ones(2, 2)).item(), 27.0, source=TUTORIALS)


def gradient_of_mean() -> Example:
    """6y / 4 in each place: a gradient has the shape of what it belongs to."""
    x = torch.ones(2, 2, requires_grad=True)
    out = mean_of_squares(x)
    out.backward()
    return Example(x.grad.tolist(), [[4.5, 4.5], [4.5, 4.5]], source=TUTORIALS)
