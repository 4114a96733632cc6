"""The switchboard: the `run:` block of params.yaml."""

from typing import Literal

from pydantic import Field

from stages.core.parameters import Block

Budget = Literal["demo", "book", "best"]
Source = Literal["stand_in", "official", "local"]


class Run(Block):
    """What every experiment shares; a stage reads the fields it uses.

    `inception_weights` is a file of weights on disk, for distances of faces as in papers; none are measured where None.
    """

    source: Source
    local_dir: str = Field(min_length=1)
    budget: Budget
    device: Literal["auto", "cpu", "cuda"]
    threads: int = Field(ge=1, le=1024)
    seed: int = Field(ge=0, lt=2**32)
    inception_weights: str | None = Field(default=None, min_length=1)
