"""The book's convolutional generators (chapter 9, notebooks 14 and 15): from a seed to a face."""

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from stages.core.command import UserError
from stages.networks.layers import BatchNorm2d, HiddenActivation, activation, require_no_labels

DOUBLINGS = 8  # three strides of two


class Settings(HiddenActivation):
    """The book's choices that can be changed without another network."""

    family: Literal["conv_generator"]
    filters: int = Field(ge=1, le=4096)
    kernel: int = Field(ge=4, le=64)


class ConvGenerator(nn.Module):
    """Seeds [n, 100] to pictures [n, 3, 128, 128], by way of as many channels at 11 x 11."""

    def __init__(self, settings: Settings, shape: Sequence[int], seed_size: int) -> None:
        super().__init__()
        filters, kernel, (channels, *sides) = settings.filters, settings.kernel, shape
        height, width = (_first_side(side, settings) for side in sides)

        def hidden() -> nn.Module:
            return activation(settings.hidden_activation, settings.slope)

        self.layers = nn.Sequential(
            nn.Linear(seed_size, channels * height * width), hidden(),  # [n, 363]
            nn.Unflatten(1, (channels, height, width)),  # [n, 3, 11, 11]
            nn.ConvTranspose2d(channels, filters, kernel, stride=2), BatchNorm2d(filters), hidden(),  # [n, 256, 28, 28]
            nn.ConvTranspose2d(filters, filters, kernel, stride=2), BatchNorm2d(filters), hidden(),  # [n, 256, 62, 62]
            nn.ConvTranspose2d(filters, channels, kernel, stride=2, padding=1),  # [n, 3, 128, 128]
            BatchNorm2d(channels), nn.Sigmoid(),
        )

    def forward(self, seeds: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Pictures in 0..1."""
        return self.layers(seeds)


def build(settings: Settings, shape: Sequence[int], seed_size: int, classes: int) -> nn.Module:
    """The generator; 4,330,816 parameters from 100 numbers to 3 x 128 x 128 with 256 filters of 8 x 8."""
    require_no_labels(classes, settings.family)
    return ConvGenerator(settings, shape, seed_size)


def _first_side(side: int, settings: Settings) -> int:
    """The side of the first picture from which three transposed convolutions lead to `side`."""
    spread = 7 * settings.kernel - 16  # what kernels add beyond doubling: 40 pixels at 8 x 8
    if side <= spread or (side - spread) % DOUBLINGS:
        possible = ", ".join(str(spread + DOUBLINGS * first) for first in (1, 2, 3))
        raise UserError(f"params.yaml: family {settings.family} with kernel {settings.kernel} makes pictures of "
                        f"{possible} ... pixels a side; the data has {side}; change the view or the kernel")
    return (side - spread) // DOUBLINGS
