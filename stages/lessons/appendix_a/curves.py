"""What the pipeline's losses say of the output of a discriminator, and how strongly they push it."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from stages.training.losses import LOSSES

REAL, GENERATED = 1.0, 0.0  # targets: what the discriminator should answer


class Curve(NamedTuple):
    """At each output the loss, its slope, and its slope before the sigmoid that makes the output."""

    loss: np.ndarray
    slope: np.ndarray
    slope_before: np.ndarray


def curve(name: str, outputs: np.ndarray, target: float) -> Curve:
    """The loss of that name at each of `outputs` between 0 and 1, and both slopes by autograd."""
    before = torch.logit(torch.tensor(outputs, dtype=torch.float64)).requires_grad_()
    answers = before.sigmoid()
    # a loss is a mean: vmap takes it of one answer at a time
    losses = torch.vmap(LOSSES[name])(answers, torch.full_like(answers, target))
    slopes = torch.autograd.grad(losses.sum(), (answers, before))
    return Curve(losses.detach().numpy(), *(slope.numpy() for slope in slopes))


def at_output(name: str, output: float, target: float) -> float:
    """The loss at one output, which may be 0 or 1."""
    answer = torch.tensor([output], dtype=torch.float64)
    return LOSSES[name](answer, torch.full_like(answer, target)).item()


def pair(difference: float) -> float:
    """The relativistic loss of a pair of which the real sample is rated higher by `difference`, before any sigmoid."""
    return F.softplus(-torch.tensor(difference, dtype=torch.float64)).item()


def expected_loss(name: str, outputs: np.ndarray, real_share: float) -> np.ndarray:
    """The mean loss of one answer for all samples, of which `real_share` are real and the others generated."""
    return (real_share * curve(name, outputs, REAL).loss
            + (1 - real_share) * curve(name, outputs, GENERATED).loss)
