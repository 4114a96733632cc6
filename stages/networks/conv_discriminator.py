"""The book's convolutional discriminators (chapter 9, notebooks 14 and 15): from a face to an output."""

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from stages.core.command import UserError
from stages.networks.discriminators import Discriminator
from stages.networks.layers import BatchNorm2d, HiddenActivation, activation, require_no_labels


class Settings(HiddenActivation):
    """The book's choices that can be changed without another network."""

    family: Literal["conv_discriminator"]
    filters: int = Field(ge=1, le=4096)
    kernel: int = Field(ge=2, le=64)


class ConvDiscriminator(Discriminator):
    """Pictures [n, 3, 128, 128] to outputs [n, 1]."""

    def __init__(self, settings: Settings, shape: Sequence[int]) -> None:
        super().__init__()
        filters, kernel, (channels, *sides) = settings.filters, settings.kernel, shape
        height, width = (_last_side(side, settings) for side in sides)

        def hidden() -> nn.Module:
            return activation(settings.hidden_activation, settings.slope)

        self.layers = nn.Sequential(
            nn.Conv2d(channels, filters, kernel, stride=2), BatchNorm2d(filters), hidden(),  # [n, 256, 61, 61]
            nn.Conv2d(filters, filters, kernel, stride=2), BatchNorm2d(filters), hidden(),  # [n, 256, 27, 27]
            nn.Conv2d(filters, channels, kernel, stride=2), hidden(),  # [n, 3, 10, 10]
            nn.Flatten(),  # [n, 300]
            nn.Linear(channels * height * width, 1),
        )

    def logits(self, samples: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """How real the pictures look, without limits."""
        return self.layers(samples)


def build(settings: Settings, shape: Sequence[int], classes: int) -> nn.Module:
    """The discriminator; 4,294,448 parameters from 3 x 128 x 128 with 256 filters of 8 x 8."""
    require_no_labels(classes, settings.family)
    return ConvDiscriminator(settings, shape)


def _last_side(side: int, settings: Settings) -> int:
    """What three strided convolutions leave of `side`."""
    left = side
    for _ in range(3):
        left = (left - settings.kernel) // 2 + 1
    if left < 1:
        raise UserError(f"params.yaml: family {settings.family} with kernel {settings.kernel} leaves nothing of "
                        f"pictures of {side} pixels a side; choose a larger view or a smaller kernel")
    return left
