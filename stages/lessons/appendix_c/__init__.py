"""Appendix C: convolutions and transposed convolutions as loops, as formulas, and as PyTorch computes them."""

from pydantic import Field

from stages.core.parameters import Block
from stages.lessons.examples import Example


class Networks(Block):
    """Whose convolutions are listed, by their names in params.yaml."""

    classifiers: list[str]
    attribute_classifiers: list[str]
    gans: list[str]


class Settings(Block):
    """The block `lessons.appendix_c` of params.yaml."""

    seed: int = Field(ge=0, lt=2**32)
    largest_side: int = Field(ge=8, le=64)
    networks: Networks


def work_out(settings: Settings) -> dict[str, Example]:
    """Every case, every formula, and the book's stacks of layers."""
    # only here: the page draws cases and sizes without PyTorch, which takes seconds to load
    from stages.lessons.appendix_c import comparisons

    return comparisons.work_out(settings.seed, settings.largest_side)
