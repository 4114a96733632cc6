"""Activations by the names of params.yaml, and the shape that a family is made for."""

from collections.abc import Callable, Sequence
from typing import Literal, Self

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


def require_shape(shape: Sequence[int], expected: Sequence[int], family: str) -> None:
    """Refuse data of another shape than a family is made for."""
    if tuple(shape) != tuple(expected):
        found, wanted = (" x ".join(map(str, sides)) for sides in (shape, expected))
        raise UserError(f"params.yaml: family {family} is for samples of {wanted}; the data has {found}; "
                        "choose another family")
