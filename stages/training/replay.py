"""One update, recorded once as a flat list of tensor operations and then replayed.

At batch 1 PyTorch spends most of its time on the way to the arithmetic: walking modules, building the autograd
graph, the optimiser's hooks. Recorded, the same operations run in the same order on the same numbers, so the
weights stay the same to the last bit as with `loss.backward(); optimizer.step()` (a test holds them together).
"""

from collections.abc import Callable
from typing import Literal

import torch
from torch import nn
from torch.func import functional_call
from torch.fx.experimental.proxy_tensor import make_fx
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from stages.training.losses import Loss

RECORDABLE = ("sgd", "adam")
Update = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def record_update(network: nn.Module, loss: Loss, optimizer: Literal["sgd", "adam"], learning_rate: float,
                  pictures: torch.Tensor, wanted: torch.Tensor) -> Update:
    """Return a function of (pictures, wanted) that updates `network` in place and returns the loss.

    It takes batches of the shape of the example given here only, at a constant learning rate.
    """
    weights = {name: tensor.detach() for name, tensor in network.named_parameters()}
    buffers = dict(network.named_buffers())
    moments = _moments(weights) if optimizer == "adam" else []
    state = [*weights.values(), *buffers.values(), *moments]

    def update(*tensors: torch.Tensor) -> torch.Tensor:
        current, (shown, expected) = tensors[:-2], tensors[-2:]
        leaves = [tensor.detach().requires_grad_() for tensor in current[: len(weights)]]
        values = [*leaves, *current[len(weights) : len(weights) + len(buffers)]]

        answers = functional_call(network, dict(zip([*weights, *buffers], values, strict=True)), (shown,))
        value = loss(answers, expected)
        gradients = torch.autograd.grad(value, leaves)
        _step(optimizer, learning_rate, current[: len(weights)], gradients, current[len(values) :])
        return value.detach()

    # recording runs the update once: on copies, so that the network starts where it stands
    copies = [tensor.clone() for tensor in state]
    recorded = make_fx(update)(*copies, pictures, wanted).forward

    def replay(shown: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return recorded(*state, shown, expected)

    return replay


def _moments(weights: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    """Adam's state: mean of gradients, mean of squares, steps; one of each per weight tensor."""
    zeros = [torch.zeros_like(tensor) for _ in range(2) for tensor in weights.values()]
    return zeros + [torch.zeros((), dtype=torch.float32, device=tensor.device) for tensor in weights.values()]


def _step(optimizer: str, learning_rate: float, weights, gradients, moments) -> None:
    """The optimiser's arithmetic with PyTorch's defaults, without its bookkeeping."""
    count, weights, gradients = len(weights), list(weights), list(gradients)
    if optimizer == "adam":
        means, squares, steps = (list(moments[place * count : (place + 1) * count]) for place in range(3))
        adam(weights, gradients, means, squares, [], steps, fused=True, amsgrad=False, beta1=0.9, beta2=0.999,
             lr=learning_rate, weight_decay=0.0, eps=1e-8, maximize=False)
    else:
        sgd(weights, gradients, [None] * count, fused=True, weight_decay=0.0, momentum=0.0, lr=learning_rate,
            dampening=0.0, nesterov=False, maximize=False, has_sparse_grad=False)
