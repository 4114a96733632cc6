"""Activations by the names of params.yaml."""

from collections.abc import Callable
from typing import Literal

from pydantic import Field, model_validator
from torch import nn

from stages.core.parameters import Block

Activation = Literal["sigmoid", "leaky_relu", "gelu"]


class Activations(Block):
    """The activations of a network with one kind for hidden layers and one for the output."""

    hidden_activation: Activation
    output_activation: Activation
    slope: float | None = Field(default=None, ge=0, lt=1)

    @model_validator(mode="after")
    def _slope_goes_with_leaky_relu(self) -> "Activations":
        leaky = "leaky_relu" in (self.hidden_activation, self.output_activation)
        if leaky != (self.slope is not None):
            raise ValueError("slope belongs to leaky_relu: give both (the book: 0.02) or neither")
        return self


def activation(name: Activation, slope: float | None) -> nn.Module:
    """The activation called `name`; `slope` is LeakyReLU's for negative inputs."""
    layers: dict[str, Callable[[], nn.Module]] = {
        "sigmoid": nn.Sigmoid,
        "leaky_relu": lambda: nn.LeakyReLU(slope),
        "gelu": nn.GELU,
    }
    return layers[name]()
