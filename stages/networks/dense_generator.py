"""The book's dense generators (chapters 6, 7 and 10): one hidden layer between a seed and a sample."""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from stages.networks.layers import HiddenActivation, activation


class Settings(HiddenActivation):
    """What differs between the book's dense generators."""

    family: Literal["dense_generator"]
    hidden_units: int = Field(ge=1, le=100_000)
    layer_norm: bool


class DenseGenerator(nn.Module):
    """Seeds [n, 100], with one-hot labels [n, 10] beside them where there are classes, to samples [n, *shape]."""

    def __init__(self, settings: Settings, shape: Sequence[int], seed_size: int, classes: int) -> None:
        super().__init__()
        layers = [
            nn.Linear(seed_size + classes, settings.hidden_units),  # [n, 200]
            activation(settings.hidden_activation, settings.slope),
        ]
        if settings.layer_norm:
            layers.append(nn.LayerNorm(settings.hidden_units))
        layers += [nn.Linear(settings.hidden_units, math.prod(shape)), nn.Sigmoid()]  # [n, 784]
        self.layers = nn.Sequential(*layers)
        self.shape = tuple(shape)

    def forward(self, seeds: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Samples in 0..1."""
        inputs = seeds if labels is None else torch.cat([seeds, labels], dim=1)
        return self.layers(inputs).view(-1, *self.shape)


def build(settings: Settings, shape: Sequence[int], seed_size: int, classes: int) -> nn.Module:
    """The generator; 178,184 parameters from 100 numbers to 28 x 28 pixels with LayerNorm over 200 units."""
    return DenseGenerator(settings, shape, seed_size, classes)
