"""A GAN: a generator, a discriminator, and the seeds that they play with."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from pydantic import Field
from torch import nn

from stages.core.command import UserError
from stages.core.parameters import Block
from stages.networks.families import build_network
from stages.networks.layers import BatchNorm2d


class Seeds(Block):
    """What a generator starts from: so many random numbers, or the book's constant 0.5."""

    length: int = Field(ge=1, le=100_000)
    distribution: Literal["normal", "uniform", "constant"]

    def draw(self, count: int, source: torch.Generator | None = None) -> torch.Tensor:
        """Seeds float32 [count, length], on the CPU, so that every device sees the same ones."""
        if self.distribution == "constant":
            return torch.full((count, self.length), 0.5)
        draw = torch.randn if self.distribution == "normal" else torch.rand
        return draw(count, self.length, generator=source)


class Gan(nn.Module):
    """Both networks with what they need to know of each other.

    Both are told one of `classes` labels, none where that is 0; `taught` labels the discriminator learns by itself.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, seeds: Seeds, classes: int,
                 taught: int = 0) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.seeds, self.classes, self.label_count = seeds, classes, classes or taught

    def normalise_by_picture(self) -> None:
        """Let batch normalisation use each picture's own statistics in evaluation too, as in training at batch 1."""
        for layer in self.modules():
            if isinstance(layer, BatchNorm2d):
                layer.by_picture = True

    def one_hot(self, labels: torch.Tensor | None, device: torch.device) -> torch.Tensor | None:
        """Labels [n] as networks see them, float32 [n, label_count] on the device; none remain none."""
        return None if labels is None else nn.functional.one_hot(labels.to(device).long(), self.label_count).float()


def build_gan(generator: dict[str, Any], discriminator: dict[str, Any], seeds: Seeds, *, shape: Sequence[int],
              classes: int, place: str, taught: int = 0) -> Gan:
    """Build both networks for samples of `shape`; `place` names their settings in messages.

    The discriminator comes first, as in the book: both draw their first weights from one stream of random numbers.
    """
    judge = build_network(discriminator, f"{place}.discriminator", "discriminator", shape=shape,
                          classes=classes or taught)
    if taught and not classes and not judge.needs_no_label:
        raise UserError(f"{place}.discriminator: {discriminator['family']} cannot judge without a label what it has "
                        "learnt with one; remove mismatch from the budget, or set conditional to true")
    maker = build_network(generator, f"{place}.generator", "generator", shape=shape, classes=classes,
                          seed_size=seeds.length)
    return Gan(maker, judge, seeds, classes, taught)
