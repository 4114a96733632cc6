"""The block of a GAN in params.yaml."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stages.core.parameters import Block
from stages.datasets.views import View
from stages.networks.gan import Seeds

Beta = Annotated[float, Field(ge=0, lt=1)]
LossName = Literal["mean_squared_error", "binary_cross_entropy", "relativistic"]


class Budget(Block):
    """How long and how to train: what differs between demo, book and best."""

    loss: LossName
    optimizer: Literal["sgd", "adam"]
    learning_rate: float = Field(gt=0, le=1000)
    epochs: int = Field(ge=1, le=100_000)
    batch_size: int = Field(ge=1, le=1_000_000)
    shuffle: bool
    betas: tuple[Beta, Beta] | None = Field(default=None, strict=False)  # YAML has lists, no tuples
    schedule: Literal["constant", "cosine"] = "constant"
    penalty: float = Field(default=0, ge=0, le=1e6)
    last_penalty: float | None = Field(default=None, ge=0, le=1e6)
    mismatch: float = Field(default=0, ge=0, le=1000)
    weight_average: float = Field(default=0, ge=0, lt=1)
    gpu_precision: Literal["float32", "bfloat16"] = "float32"
    view: View = View()
    generator: dict[str, Any] = Field(default_factory=dict)
    discriminator: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keys_go_together(self) -> Self:
        if self.betas and self.optimizer != "adam":
            raise ValueError("betas belongs to the optimizer adam: remove it or change the optimizer")
        for name in ("penalty", "last_penalty", "mismatch"):
            if getattr(self, name) and self.loss != "relativistic":
                raise ValueError(f"{name} belongs to the loss relativistic: remove it or change the loss")
        for network in ("generator", "discriminator"):
            if "family" in getattr(self, network):
                raise ValueError(f"{network}.family cannot differ between budgets: set it in the block of the GAN")
        return self


class Budgets(Block):
    """One of each."""

    demo: Budget
    book: Budget
    best: Budget


Pairs = Annotated[int, Field(ge=10, le=10_000_000)]


class NoisePairs(Block):
    """How many pairs of a sample and noise test the discriminator alone."""

    demo: Pairs
    book: Pairs
    best: Pairs


class Settings(Block):
    """A block of `gans` in params.yaml."""

    data: str
    conditional: bool
    evaluation: str
    judge: str
    seeds: Seeds
    generator: dict
    discriminator: dict
    frames: int = Field(ge=1, le=1000)
    noise_pairs: NoisePairs
    budgets: Budgets
