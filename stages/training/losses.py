"""Losses by the names of params.yaml."""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F

LossName = Literal["mean_squared_error", "binary_cross_entropy", "cross_entropy"]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

LOSSES: dict[LossName, Loss] = {
    "mean_squared_error": F.mse_loss,  # outputs and targets alike, mean over all places
    "binary_cross_entropy": F.binary_cross_entropy,  # outputs in 0..1
    "cross_entropy": F.cross_entropy,  # outputs are logits, targets probabilities
}
