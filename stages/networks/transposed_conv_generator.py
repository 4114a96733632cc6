"""Our own small convolutional generator for digits: a seed becomes 7 x 7, then 14 x 14, then 28 x 28 pixels."""

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from stages.networks.layers import HiddenActivation, activation, require_shape

SMALLEST = 7  # side of the first picture


class Settings(HiddenActivation):
    """Its size."""

    family: Literal["transposed_conv_generator"]
    filters: int = Field(ge=1, le=4096)


class Trim(nn.Module):
    """Pictures [n, channels, height, width] without their outermost pixels."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """The inner part."""
        return pictures[:, :, 1:-1, 1:-1]


class TransposedConvGenerator(nn.Module):
    """Seeds [n, 80], with one-hot labels [n, 10] beside them where there are classes, to pictures [n, 1, 28, 28]."""

    def __init__(self, settings: Settings, seed_size: int, classes: int) -> None:
        super().__init__()
        many, few = settings.filters, settings.filters // 2 or 1
        # a transposed convolution costs a fraction of enlarging followed by convolution; the last one, with few pixels
        # to a filter, is faster still as a convolution to four pictures that are then interleaved
        self.layers = nn.Sequential(
            nn.Linear(seed_size + classes, many * SMALLEST**2),
            activation(settings.hidden_activation, settings.slope),
            nn.Unflatten(1, (many, SMALLEST, SMALLEST)),  # [n, 64, 7, 7]
            nn.ConvTranspose2d(many, few, kernel_size=4, stride=2, padding=1),  # [n, 32, 14, 14]
            activation(settings.hidden_activation, settings.slope),
            nn.Conv2d(few, 4, kernel_size=2, padding=1),  # [n, 4, 15, 15]
            nn.PixelShuffle(2),  # [n, 1, 30, 30]
            Trim(),  # [n, 1, 28, 28]
            nn.Sigmoid(),
        )

    def forward(self, seeds: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Pictures in 0..1."""
        return self.layers(seeds if labels is None else torch.cat([seeds, labels], dim=1))


def build(settings: Settings, shape: Sequence[int], seed_size: int, classes: int) -> nn.Module:
    """The generator, for pictures of 28 x 28 pixels only."""
    require_shape(shape, (1, 4 * SMALLEST, 4 * SMALLEST), settings.family)
    return TransposedConvGenerator(settings, seed_size, classes)
