"""Many settings, tried one after the other: the formulas and the loops must be right for all of them."""

import itertools
from collections.abc import Iterator

import numpy as np
import torch

from stages.lessons.appendix_c import loops, pytorch
from stages.lessons.appendix_c.cases import CHANNELS, FILTERS, KERNELS, PADDINGS, STRIDES
from stages.lessons.appendix_c.sizes import Layer

SMALL_SIDES = (4, 7)  # of pictures on which plain Python multiplies every number


def layers(transposed: bool, kernels: range = KERNELS, strides: range = STRIDES,
           paddings: range = PADDINGS) -> Iterator[Layer]:
    """Every combination of settings; PyTorch wants less output padding than stride."""
    for kernel, stride, padding in itertools.product(kernels, strides, paddings):
        for output_padding in range(stride if transposed else 1):
            yield Layer(kernel, stride, padding, transposed, output_padding)


def count_right_sizes(transposed: bool, largest_side: int) -> tuple[int, int]:
    """For how many settings the formula gives PyTorch's size, or rightly less than one cell; and of how many."""
    right = [max(layer.output_side(side), 0) == pytorch.output_side(side, layer)
             for layer in layers(transposed) for side in range(1, largest_side + 1)]
    return sum(right), len(right)


def count_restored(largest_side: int) -> tuple[int, int]:
    """After how many convolutions a transposed one, with the cells left over as output padding, gives the old size."""
    restored = []
    for layer in layers(transposed=False):
        for side in range(1, largest_side + 1):
            if layer.output_side(side) > 0:
                back = Layer(layer.kernel, layer.stride, layer.padding, True, layer.left_over(side))
                restored.append(pytorch.output_side(layer.output_side(side), back) == side)
    return sum(restored), len(restored)


def differences_of_loops(transposed: bool, seed: int) -> np.ndarray:
    """For many settings, the largest difference between loops and PyTorch, float64, pictures with several channels."""
    random, found = np.random.default_rng(seed), []
    for layer in layers(transposed, kernels=range(1, 5), strides=range(1, 4), paddings=range(3)):
        for side in SMALL_SIDES:
            if layer.output_side(side) > 0:
                pictures = random.standard_normal((CHANNELS, side, side + 1))
                ends = (CHANNELS, FILTERS) if transposed else (FILTERS, CHANNELS)
                kernels = random.standard_normal((*ends, layer.kernel, layer.kernel))
                expected = pytorch.convolve(torch.from_numpy(pictures), torch.from_numpy(kernels), layer).numpy()
                found.append(np.abs(loops.result_with_channels(pictures, kernels, layer) - expected).max())
    return np.array(found)
