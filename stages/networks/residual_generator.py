"""Our own generator of faces: a seed becomes a small picture, which is doubled and refined until it is full size."""

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import nn

from stages.networks.layers import HiddenActivation, Refinement, activation, require_no_labels, smallest_sides

Filters = Annotated[int, Field(ge=1, le=4096)]


class Settings(HiddenActivation):
    """Its size: `filters` from the smallest picture to the largest, and refinements at each size."""

    family: Literal["residual_generator"]
    filters: list[Filters] = Field(min_length=2, max_length=10)
    refinements: int = Field(ge=0, le=16)


class ResidualGenerator(nn.Module):
    """Seeds [n, 100] to pictures [n, 3, 64, 64]."""

    def __init__(self, settings: Settings, shape: Sequence[int], seed_size: int) -> None:
        super().__init__()
        channels, *sides = shape
        height, width = smallest_sides(sides, len(settings.filters) - 1, settings.family)

        def hidden() -> nn.Module:
            return activation(settings.hidden_activation, settings.slope)

        first, last = settings.filters[0], settings.filters[-1]
        layers = [nn.Linear(seed_size, first * height * width), hidden(), nn.Unflatten(1, (first, height, width))]
        for few, many in zip(settings.filters, settings.filters[1:], strict=False):
            layers += [nn.ConvTranspose2d(few, many, kernel_size=4, stride=2, padding=1), hidden()]  # twice the size
            layers += [Refinement(many, hidden) for _ in range(settings.refinements)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(last, channels, kernel_size=3, padding=1), nn.Sigmoid())

    def forward(self, seeds: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Pictures in 0..1."""
        return self.layers(seeds)


def build(settings: Settings, shape: Sequence[int], seed_size: int, classes: int) -> nn.Module:
    """The generator, for pictures whose sides can be halved once less often than there are filters."""
    require_no_labels(classes, settings.family)
    return ResidualGenerator(settings, shape, seed_size)
