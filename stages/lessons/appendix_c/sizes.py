"""How large the picture is that a convolution makes, in formulas, along one side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layer:
    """What decides about the size: the kernel's side, its stride, and the padding at each edge.

    `output_padding` belongs to transposed convolutions: cells more at the far end, where several sizes are possible.
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    transposed: bool = False
    output_padding: int = 0

    def output_side(self, side: int) -> int:
        """The side of what comes out for a picture of that side; below 1 where the kernel does not fit."""
        if self.transposed:
            return (side - 1) * self.stride - 2 * self.padding + self.kernel + self.output_padding
        return (side + 2 * self.padding - self.kernel) // self.stride + 1

    def left_over(self, side: int) -> int:
        """Cells at the far end, padding first among them, that the last step of a convolution does not reach."""
        return 0 if self.transposed else (side + 2 * self.padding - self.kernel) % self.stride

    def uncovered(self, side: int) -> int:
        """Cells at the far end of the picture itself that no kernel reads."""
        return max(self.left_over(side) - self.padding, 0)


def sides(first: int, layers: Sequence[Layer]) -> list[int]:
    """The side of a picture before and after each layer."""
    found = [first]
    for layer in layers:
        found.append(layer.output_side(found[-1]))
    return found


def paths(first: int, layers: Sequence[Layer]) -> np.ndarray:
    """In how many ways each place of a side reaches the last picture through those convolutions; 0 is never seen."""
    counts = np.ones(sides(first, layers)[-1], int)
    for side, layer in reversed(list(zip(sides(first, layers), layers, strict=False))):
        padded = np.zeros(side + 2 * layer.padding, int)
        for place, count in enumerate(counts):  # each output hands its count to all that its kernel has read
            padded[layer.stride * place : layer.stride * place + layer.kernel] += count
        counts = padded[layer.padding : layer.padding + side]
    return counts
