"""The book's convolutional classifier (chapter 9, notebook 13)."""

from typing import Literal

from pydantic import Field
from torch import nn

from stages.networks.layers import Activations, activation

CLASSES = 10


class Settings(Activations):
    """The book's choices that can be changed without another network."""

    family: Literal["conv_classifier"]
    filters: int = Field(ge=1, le=1024)


def build(settings: Settings) -> nn.Module:
    """Pictures [n, 1, 28, 28] in [0, 1] to outputs [n, 10]; 3,720 parameters with 10 filters."""
    filters = settings.filters
    return nn.Sequential(
        nn.Conv2d(1, filters, kernel_size=5, stride=2),  # [n, 10, 12, 12]
        activation(settings.hidden_activation, settings.slope),
        nn.BatchNorm2d(filters),
        nn.Conv2d(filters, filters, kernel_size=3, stride=2),  # [n, 10, 5, 5]
        activation(settings.hidden_activation, settings.slope),
        nn.BatchNorm2d(filters),
        nn.Flatten(),  # [n, 250]
        nn.Linear(filters * 5 * 5, CLASSES),
        activation(settings.output_activation, settings.slope),
    )
