"""One update, recorded once as a flat list of tensor operations and then replayed.

At batch 1 PyTorch spends most of its time on the way to the arithmetic: walking modules, building the autograd
graph, the optimiser's hooks. Recorded, the same operations run in the same order on the same numbers, so the
weights stay the same to the last bit as with `loss.backward(); optimizer.step()` (a test holds them together).
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import nn
from torch.func import functional_call
from torch.fx.experimental.proxy_tensor import make_fx
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from stages.training.losses import Loss

RECORDABLE = ("sgd", "adam")
ADAM_BETAS = (0.9, 0.999)  # PyTorch's default
Optimizer = Literal["sgd", "adam"]
Update = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Recorded:
    """A function of its inputs that changes the tensors of `state`."""

    def __init__(self, operations: Callable[..., Any], state: Sequence[torch.Tensor]) -> None:
        self.operations, self.state = operations, list(state)

    def __call__(self, *inputs: torch.Tensor) -> Any:
        """Do all of it once."""
        with torch.no_grad():
            return self.operations(*self.state, *inputs)


def record(work: Callable[..., Any], state: Sequence[torch.Tensor], examples: Sequence[torch.Tensor]) -> Recorded:
    """Return `work(*state, *inputs)` as a function of the inputs, of the shapes of `examples`, that changes `state`."""
    # recording runs the work once: on copies, so that all starts where it stands, and so that no two inputs are one
    # tensor, which the recording could not tell apart
    copies = [tensor.clone() for tensor in [*state, *examples]]
    return Recorded(make_fx(work)(*copies).forward, state)


def record_update(network: nn.Module, loss: Loss, optimizer: Optimizer, learning_rate: float,
                  pictures: torch.Tensor, wanted: torch.Tensor) -> Recorded:
    """Return a function of (pictures, wanted) that updates `network` in place and returns the loss.

    It takes batches of the shape of the example given here only, at a constant learning rate.
    """
    weights = {name: tensor.detach() for name, tensor in network.named_parameters()}
    buffers = dict(network.named_buffers())
    state = [*weights.values(), *buffers.values(), *new_moments(weights.values(), optimizer)]

    def update(*tensors: torch.Tensor) -> torch.Tensor:
        current, (shown, expected) = tensors[:-2], tensors[-2:]
        leaves = [tensor.detach().requires_grad_() for tensor in current[: len(weights)]]
        values = [*leaves, *current[len(weights) : len(weights) + len(buffers)]]

        answers = functional_call(network, dict(zip([*weights, *buffers], values, strict=True)), (shown,))
        value = loss(answers, expected)
        gradients = torch.autograd.grad(value, leaves)
        step(optimizer, learning_rate, current[: len(weights)], gradients, current[len(values) :])
        return value.detach()

    return record(update, state, [pictures, wanted])


def new_moments(weights: Sequence[torch.Tensor], optimizer: Optimizer) -> list[torch.Tensor]:
    """What an optimiser remembers; Adam: mean of gradients, mean of squares, steps, one of each per weight tensor."""
    if optimizer == "sgd":
        return []
    zeros = [torch.zeros_like(tensor) for _ in range(2) for tensor in weights]
    return zeros + [torch.zeros((), dtype=torch.float32, device=tensor.device) for tensor in weights]


def step(optimizer: Optimizer, learning_rate: float | torch.Tensor, weights, gradients, moments,
         betas: tuple[float, float] = ADAM_BETAS) -> None:
    """The optimiser's arithmetic with PyTorch's defaults, without its bookkeeping."""
    # fused kernels walk through memory: a gradient must lie there as its weights do
    laid_out = [gradient if gradient.stride() == tensor.stride() else torch.empty_like(tensor).copy_(gradient)
                for tensor, gradient in zip(weights, gradients, strict=True)]
    count, weights, gradients = len(weights), list(weights), laid_out
    if optimizer == "adam":
        means, squares, steps = (list(moments[place * count : (place + 1) * count]) for place in range(3))
        adam(weights, gradients, means, squares, [], steps, fused=True, amsgrad=False, beta1=betas[0], beta2=betas[1],
             lr=learning_rate, weight_decay=0.0, eps=1e-8, maximize=False)
    else:
        sgd(weights, gradients, [None] * count, fused=True, weight_decay=0.0, momentum=0.0, lr=learning_rate,
            dampening=0.0, nesterov=False, maximize=False, has_sparse_grad=False)
