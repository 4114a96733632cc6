"""The block `lessons.appendix_d` of params.yaml."""

from pydantic import Field

from stages.core.parameters import Block


class Settings(Block):
    """Where the players start and how they step.

    The ranges keep a walk longer than half a turn, and its numbers from running over.
    """

    x: float = Field(gt=0, le=10)
    y: float = Field(gt=0, le=10)
    learning_rate: float = Field(ge=0.01, le=0.4)
    steps: int = Field(ge=400, le=1000)
    momentum: float = Field(gt=0, le=0.5)
    weight_decay: float = Field(gt=0, le=0.5)
    penalty: float = Field(gt=0, le=0.8)
    weight_average: float = Field(gt=0, lt=1)

    @property
    def start(self) -> tuple[float, float]:
        """The first point."""
        return self.x, self.y
