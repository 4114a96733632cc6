"""Our own discriminator of faces: the picture is refined and halved until it is small, then a number is read off."""

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import nn

from stages.networks.discriminators import Discriminator
from stages.networks.layers import HiddenActivation, Refinement, activation, require_no_labels, smallest_sides

Filters = Annotated[int, Field(ge=1, le=4096)]


class Settings(HiddenActivation):
    """Its size: `filters` from half the picture's size to the smallest, and refinements at each size."""

    family: Literal["residual_discriminator"]
    filters: list[Filters] = Field(min_length=1, max_length=10)
    refinements: int = Field(ge=0, le=16)
    features: int = Field(ge=1, le=4096)


class ResidualDiscriminator(Discriminator):
    """Pictures [n, 3, 64, 64] to outputs [n, 1]."""

    def __init__(self, settings: Settings, shape: Sequence[int]) -> None:
        super().__init__()
        channels, *sides = shape
        height, width = smallest_sides(sides, len(settings.filters), settings.family)

        def hidden() -> nn.Module:
            return activation(settings.hidden_activation, settings.slope)

        layers: list[nn.Module] = []
        for many, few in zip([channels, *settings.filters], settings.filters, strict=False):
            layers += [nn.Conv2d(many, few, kernel_size=4, stride=2, padding=1), hidden()]  # half the size
            layers += [Refinement(few, hidden) for _ in range(settings.refinements)]
        self.layers = nn.Sequential(
            *layers, nn.Flatten(),
            nn.Linear(settings.filters[-1] * height * width, settings.features), hidden(),
            nn.Linear(settings.features, 1),
        )

    def logits(self, samples: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """How real the pictures look, without limits."""
        return self.layers(samples)


def build(settings: Settings, shape: Sequence[int], classes: int) -> nn.Module:
    """The discriminator, for pictures whose sides can be halved as often as there are filters."""
    require_no_labels(classes, settings.family)
    return ResidualDiscriminator(settings, shape)
