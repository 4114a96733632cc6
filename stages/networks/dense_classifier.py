"""The book's dense classifiers (chapters 2 and 3): one hidden layer between 784 pixels and 10 outputs."""

from typing import Literal

from pydantic import Field
from torch import nn

from stages.networks.layers import Activations, activation

PIXELS, CLASSES = 28 * 28, 10


class Settings(Activations):
    """What differs between the book's dense classifiers."""

    family: Literal["dense_classifier"]
    hidden_units: int = Field(ge=1, le=100_000)
    layer_norm: bool


def build(settings: Settings) -> nn.Module:
    """Pictures [n, 1, 28, 28] in [0, 1] to outputs [n, 10]; 159,010 parameters with 200 hidden units."""
    layers = [
        nn.Flatten(),  # [n, 784]
        nn.Linear(PIXELS, settings.hidden_units),  # [n, 200]
        activation(settings.hidden_activation, settings.slope),
    ]
    if settings.layer_norm:
        layers.append(nn.LayerNorm(settings.hidden_units))
    layers += [nn.Linear(settings.hidden_units, CLASSES), activation(settings.output_activation, settings.slope)]
    return nn.Sequential(*layers)
