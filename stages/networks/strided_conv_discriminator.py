"""Our own small convolutional discriminator for digits: 28 x 28 pixels shrink to 14 x 14, 7 x 7, one output."""

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from stages.networks.discriminators import Discriminator
from stages.networks.layers import HiddenActivation, activation, require_shape

SMALLEST = 7  # side of the last picture


class Settings(HiddenActivation):
    """Its size."""

    family: Literal["strided_conv_discriminator"]
    filters: int = Field(ge=1, le=4096)
    features: int = Field(ge=1, le=4096)


class StridedConvDiscriminator(Discriminator):
    """Pictures [n, 1, 28, 28] to outputs [n, 1]; with classes, each label looks for features of its own."""

    needs_no_label = True

    def __init__(self, settings: Settings, classes: int) -> None:
        super().__init__()
        few, many = settings.filters, 2 * settings.filters

        def hidden() -> nn.Module:
            return activation(settings.hidden_activation, settings.slope)

        self.features = nn.Sequential(
            nn.Conv2d(1, few, kernel_size=4, stride=2, padding=1), hidden(),  # [n, 16, 14, 14]
            nn.Conv2d(few, many, kernel_size=4, stride=2, padding=1), hidden(),  # [n, 32, 7, 7]
            nn.Flatten(),  # [n, 1568]
            nn.Linear(many * SMALLEST**2, settings.features), hidden(),  # [n, 128]
        )
        self.head = nn.Linear(settings.features, 1)
        # Miyato and Koyama, "cGANs with projection discriminator", 2018
        self.projection = nn.Linear(classes, settings.features, bias=False) if classes else None

    def logits(self, samples: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """How real the pictures look, without limits."""
        features = self.features(samples)
        answers = self.head(features)
        if labels is None:
            return answers
        return answers + (features * self.projection(labels)).sum(dim=1, keepdim=True)


def build(settings: Settings, shape: Sequence[int], classes: int) -> nn.Module:
    """The discriminator, for pictures of 28 x 28 pixels only."""
    require_shape(shape, (1, 4 * SMALLEST, 4 * SMALLEST), settings.family)
    return StridedConvDiscriminator(settings, classes)
