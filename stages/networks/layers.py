"""Activations by the names of params.yaml, batch normalisation, and the data that a family is made for."""

from collections.abc import Callable, Sequence
from typing import Literal, Self

import torch
import torch.nn.functional as F
from pydantic import Field, model_validator
from torch import nn

from stages.core.command import UserError
from stages.core.parameters import Block

Activation = Literal["sigmoid", "leaky_relu", "gelu"]


class HiddenActivation(Block):
    """The activation of all hidden layers of a network."""

    hidden_activation: Activation
    slope: float | None = Field(default=None, ge=0, lt=1)

    @model_validator(mode="after")
    def _slope_goes_with_leaky_relu(self) -> Self:
        leaky = "leaky_relu" in (self.hidden_activation, getattr(self, "output_activation", None))
        if leaky != (self.slope is not None):
            raise ValueError("slope belongs to leaky_relu: give both (the book: 0.02) or neither")
        return self


class Activations(HiddenActivation):
    """The activations of a network with one kind for hidden layers and one for the output."""

    output_activation: Activation


def activation(name: Activation, slope: float | None) -> nn.Module:
    """The activation called `name`; `slope` is LeakyReLU's for negative inputs."""
    layers: dict[str, Callable[[], nn.Module]] = {
        "sigmoid": nn.Sigmoid,
        "leaky_relu": lambda: nn.LeakyReLU(slope),
        "gelu": nn.GELU,
    }
    return layers[name]()


class BatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation that can go on as it was trained at batch 1: each picture by its own statistics.

    The running averages that evaluation uses were then gathered over single pictures and fit none.
    """

    by_picture = False

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Pictures [n, channels, height, width], normalised."""
        if self.by_picture and not self.training:
            return F.instance_norm(pictures, weight=self.weight, bias=self.bias, eps=self.eps)
        return super().forward(pictures)


class Refinement(nn.Module):
    """Pictures [n, channels, height, width] with something added that two convolutions see; at first nothing."""

    def __init__(self, channels: int, hidden: Callable[[], nn.Module]) -> None:
        super().__init__()
        last = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(nn.Conv2d(channels, channels, kernel_size=3, padding=1), hidden(), last)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """The refined pictures."""
        return pictures + self.layers(pictures)


def smallest_sides(sides: Sequence[int], halvings: int, family: str) -> list[int]:
    """Height and width after so many halvings, which must leave whole pixels."""
    if any(side % 2**halvings for side in sides):
        raise UserError(f"params.yaml: family {family} halves its pictures {halvings} times; the data has "
                        f"{' x '.join(map(str, sides))} pixels; choose sides that {2**halvings} divides, or fewer "
                        "filters")
    return [side // 2**halvings for side in sides]


def require_no_labels(classes: int, family: str) -> None:
    """Refuse labels where a family has no place for them."""
    if classes:
        raise UserError(f"params.yaml: family {family} takes no labels; set conditional to false and remove mismatch, "
                        "or choose another family")


def require_shape(shape: Sequence[int], expected: Sequence[int], family: str) -> None:
    """Refuse data of another shape than a family is made for."""
    if tuple(shape) != tuple(expected):
        found, wanted = (" x ".join(map(str, sides)) for sides in (shape, expected))
        raise UserError(f"params.yaml: family {family} is for samples of {wanted}; the data has {found}; "
                        "choose another family")
