"""Our classifier of attributes: which of forty things, such as a smile, a face shows. Its features judge GANs."""

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from stages.core.parameters import Block

STRIDES = 4  # convolutions that halve height and width


class Settings(Block):
    """Its size, and how much it forgets at random while training."""

    family: Literal["attribute_classifier"]
    filters: int = Field(ge=1, le=1024)
    features: int = Field(ge=1, le=4096)
    dropout: float = Field(ge=0, lt=1)


class AttributeClassifier(nn.Module):
    """Pictures [n, 3, 64, 64] in [0, 1] to a number in 0..1 for each attribute, by way of `features` [n, 64]."""

    def __init__(self, settings: Settings, outputs: int, shape: Sequence[int]) -> None:
        super().__init__()
        colours, height, width = shape
        few, more, many, size = settings.filters, 2 * settings.filters, 4 * settings.filters, settings.features
        places = -(-height // 2**STRIDES) * -(-width // 2**STRIDES)
        self.features = nn.Sequential(
            *_convolution(colours, few, kernel=5),  # [n, 16, 32, 32]
            *_convolution(few, more, kernel=3),  # [n, 32, 16, 16]
            *_convolution(more, many, kernel=3),  # [n, 64, 8, 8]
            *_convolution(many, many, kernel=3),  # [n, 64, 4, 4]
            nn.Flatten(),  # [n, 1024]
            nn.Linear(many * places, size, bias=False),  # [n, 64]
            nn.BatchNorm1d(size),
            nn.ReLU(),
        )
        # not softmax: a face may smile and wear glasses
        self.head = nn.Sequential(nn.Dropout(settings.dropout), nn.Linear(size, outputs), nn.Sigmoid())

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """How likely each attribute is, [n, attributes]."""
        return self.head(self.features(pictures))


def build(settings: Settings, outputs: int, shape: Sequence[int] = (3, 64, 64)) -> nn.Module:
    """The network, with weights laid out channels last: faster on CPUs, the same numbers."""
    return AttributeClassifier(settings, outputs, shape).to(memory_format=torch.channels_last)


def _convolution(inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
    """A convolution that halves height and width, batch normalisation, ReLU."""
    return [
        nn.Conv2d(inputs, outputs, kernel, stride=2, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]
