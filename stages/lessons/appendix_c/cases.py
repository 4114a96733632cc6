"""The seven cases of appendix C, on pictures small enough to be drawn; which sizes they have is our choice."""

from dataclasses import dataclass

import numpy as np

from stages.lessons.appendix_c.sizes import Layer

LARGEST_CELL, LARGEST_WEIGHT = 4, 2  # whole numbers, so that sums have two figures and can be done in the head


@dataclass(frozen=True)
class Case:
    """A picture's side and what is done to it."""

    side: int
    layer: Layer
    title: str


CASES = {
    "stride_1": Case(5, Layer(3), "Convolution, stride 1, no padding"),
    "stride_2": Case(6, Layer(2, stride=2), "Convolution, stride 2"),
    "stride_2_padded": Case(5, Layer(3, stride=2, padding=1), "Convolution, stride 2, padding 1"),
    "stride_2_uncovered": Case(6, Layer(3, stride=2), "Convolution, stride 2, that leaves cells uncovered"),
    "transposed_stride_2": Case(3, Layer(2, stride=2, transposed=True), "Transposed convolution, stride 2"),
    "transposed_stride_1": Case(3, Layer(2, transposed=True), "Transposed convolution, stride 1"),
    "transposed_stride_2_padded": Case(3, Layer(3, stride=2, padding=1, transposed=True),
                                       "Transposed convolution, stride 2, padding 1"),
}


def numbers(case: Case, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture and a kernel for a case, small whole numbers as float64."""
    random = np.random.default_rng(seed)
    picture = random.integers(1, LARGEST_CELL + 1, (case.side, case.side))
    kernel = random.integers(0, LARGEST_WEIGHT + 1, (case.layer.kernel, case.layer.kernel))
    return picture.astype(float), kernel.astype(float)
