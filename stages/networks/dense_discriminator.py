"""The book's dense discriminators (chapters 6, 7 and 10): one hidden layer between a sample and one output."""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from stages.networks.discriminators import Discriminator
from stages.networks.layers import HiddenActivation, activation


class Settings(HiddenActivation):
    """What differs between the book's dense discriminators."""

    family: Literal["dense_discriminator"]
    hidden_units: int = Field(ge=1, le=100_000)
    layer_norm: bool


class DenseDiscriminator(Discriminator):
    """Samples [n, *shape], with one-hot labels [n, 10] beside them where there are classes, to outputs [n, 1]."""

    def __init__(self, settings: Settings, shape: Sequence[int], classes: int) -> None:
        super().__init__()
        layers = [
            nn.Linear(math.prod(shape) + classes, settings.hidden_units),  # [n, 200]
            activation(settings.hidden_activation, settings.slope),
        ]
        if settings.layer_norm:
            layers.append(nn.LayerNorm(settings.hidden_units))
        self.layers = nn.Sequential(*layers, nn.Linear(settings.hidden_units, 1))

    def logits(self, samples: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """How real the samples look, without limits."""
        inputs = samples.flatten(1)
        return self.layers(inputs if labels is None else torch.cat([inputs, labels], dim=1))


def build(settings: Settings, shape: Sequence[int], classes: int) -> nn.Module:
    """The discriminator; 157,601 parameters from 28 x 28 pixels with LayerNorm over 200 units."""
    return DenseDiscriminator(settings, shape, classes)
