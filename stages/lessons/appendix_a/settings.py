"""The block `lessons.appendix_a` of params.yaml."""

from typing import Annotated

import numpy as np
from pydantic import Field

from stages.core.parameters import Block

Share = Annotated[float, Field(ge=0.1, le=0.9)]


class Settings(Block):
    """At which outputs the losses are worked out."""

    points: int = Field(ge=19, le=999)
    mistake: float = Field(ge=0.001, le=0.2)
    real_shares: tuple[Share, Share, Share] = Field(strict=False)  # YAML has lists, no tuples

    @property
    def outputs(self) -> np.ndarray:
        """Evenly between 0 and 1, without both."""
        return np.arange(1, self.points + 1) / (self.points + 1)
