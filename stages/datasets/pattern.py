"""The book's 1010 pattern (chapter 6): samples drawn by a rule, the smallest data that a GAN can learn."""

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from stages.core.command import UserError
from stages.core.parameters import Block
from stages.datasets import hdf5

MOST_SAMPLES = 10_000_000


def _in_order(limits: list[float]) -> list[float]:
    """The lower limit first."""
    if limits[0] >= limits[1]:
        raise ValueError("expected [low, high] with low below high")
    return limits


Limit = Annotated[float, Field(ge=0, le=1)]
Range = Annotated[list[Limit], Field(min_length=2, max_length=2), AfterValidator(_in_order)]


class Size(Block):
    """How many samples a budget draws."""

    train_samples: int = Field(ge=1, le=MOST_SAMPLES)
    test_samples: int = Field(ge=16, le=MOST_SAMPLES)  # pages show 16


class Settings(Block):
    """A block of `patterns` in params.yaml."""

    title: str = Field(min_length=1, max_length=40)
    ranges: Annotated[list[Range], Field(min_length=1, max_length=1000)]
    seed: int = Field(ge=0, lt=2**32)
    budgets: dict[str, Size]


PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
DRAW_FIELDS = ["title", "ranges", "seed"]


def place_names(count: int) -> list[str]:
    """Names of the numbers of a pattern: words as far as they go, or figures for all."""
    return list(PLACES[:count]) if count <= len(PLACES) else [str(place) for place in range(1, count + 1)]


def draw(settings: Settings, size: Size, path: Path) -> None:
    """Write samples float32 [n, numbers], each number uniform in its own range."""
    low, high = np.array(settings.ranges, dtype=np.float32).T
    splits = {}
    for place, (split, count) in enumerate({"train": size.train_samples, "test": size.test_samples}.items()):
        random = np.random.default_rng([settings.seed, place])
        try:
            splits[split] = low + (high - low) * random.random((count, len(low)), dtype=np.float32)
        except MemoryError:
            raise UserError(f"{path}: {count:,} samples do not fit into memory; lower {split}_samples") from None
    provenance = {"title": settings.title, "source": "rule", "licence": "drawn by this project, free to use",
                  "digests": {}, "ranges": settings.ranges}
    hdf5.write_samples(path, splits, provenance)
