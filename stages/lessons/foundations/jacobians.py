"""A function of many numbers with many results has no single gradient, but a Jacobian: a slope for each pair."""

from functools import reduce

import torch
from torch import Tensor
from torch.autograd.functional import jacobian

from stages.lessons.examples import Example
from stages.lessons.foundations.graph import operations
from stages.lessons.foundations.sources import TUTORIALS

SIZE = 1000  # the doubling ends where the norm reaches it


def start(length: float = 3.0) -> Tensor:
    """Three numbers of that norm: 1, 2, 2, or a multiple."""
    return torch.tensor([1.0, 2.0, 2.0], dtype=torch.float64) * length / 3


def weights() -> Tensor:
    """The tutorial's v: how much each of the three results counts."""
    return torch.tensor([0.1, 1.0, 0.0001], dtype=torch.float64)


def double(x: Tensor) -> Tensor:
    """One step."""
    return 2 * x


def doubled(x: Tensor) -> Tensor:
    """2x, doubled again until its norm reaches 1000."""
    y = double(x)
    while y.detach().norm() < SIZE:
        y = double(y)
    return y


def backward_on_a_vector() -> Example:
    """Three results, and no word on how much each counts: PyTorch refuses."""
    refusal = "RuntimeError: grad can be implicitly created only for scalar outputs"
    y = doubled(start().requires_grad_())
    try:
        y.backward()
        answer = "no error"
    except RuntimeError as error:
        answer = f"RuntimeError: {error}"
    return Example(answer, refusal, source=TUTORIALS)


def number_of_doublings() -> Example:
    """Counted in the graph that PyTorch built; 2 ** 9 is 512."""
    x = start().requires_grad_()
    return Example(operations(doubled(x)), 9, source=TUTORIALS)


def vector_jacobian_product() -> Example:
    """With v, `backward` gives v times the Jacobian: 512 v."""
    x, v = start().requires_grad_(), weights()
    y = doubled(x)
    y.backward(v)
    return Example(x.grad, [51.2, 512.0, 0.0512], 1e-12, TUTORIALS)


def product_of_jacobians() -> Example:
    """Each step has the Jacobian 2I; all of them multiplied are 512 I."""
    x = start()
    steps = [jacobian(double, x) for _ in range(operations(doubled(x.requires_grad_())))]
    whole = reduce(torch.matmul, steps)
    return Example(whole, 512 * torch.eye(3), source=TUTORIALS)


def jacobian_of_all_steps() -> Example:
    """The same Jacobian, of the whole function at once."""
    return Example(jacobian(doubled, start()), 512 * torch.eye(3), source=TUTORIALS)


def doubling_from_other_starts() -> Example:
    """Norms of 0.3, 3 and 30 need 12, 9 and 6 doublings: 2 ** n times v, whatever n is."""
    found = []
    for length in (0.3, 3.0, 30.0):
        x, v = start(length).requires_grad_(), weights()
        doubled(x).backward(v)
        found.append((x.grad / v).tolist())
    return Example(found, [[4096.0] * 3, [512.0] * 3, [64.0] * 3], 1e-9, TUTORIALS)
