"""What is worked out: the seven cases of appendix C, the book's networks, and how many settings more are tried."""

from dataclasses import dataclass

import numpy as np

from stages.lessons.appendix_c.sizes import Layer

LARGEST_CELL, LARGEST_WEIGHT = 4, 2  # whole numbers, so that sums have two figures and can be done in the head
KERNELS, STRIDES, PADDINGS = range(1, 9), range(1, 5), range(4)  # all combinations of which have their sizes tried
CHANNELS, FILTERS = 2, 3  # of pictures on which every number is tried
TOLERANCE = 1e-12  # between loops and PyTorch, float64


@dataclass(frozen=True)
class Case:
    """A picture's side and what is done to it; which sizes the pictures of the cases have is our choice."""

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

# the book's convolutional networks of chapter 9, their settings and the sides that it gives
MNIST_CNN = [Layer(5, stride=2), Layer(3, stride=2)]
DISCRIMINATOR = [Layer(8, stride=2)] * 3
GENERATOR = [Layer(8, stride=2, transposed=True)] * 2 + [Layer(8, stride=2, padding=1, transposed=True)]
BOOK = {"mnist_cnn": (MNIST_CNN, [28, 12, 5], "chapter 9, notebook 13"),
        "discriminator": (DISCRIMINATOR, [128, 61, 27, 10], "chapter 9, notebook 14"),
        "generator": (GENERATOR, [11, 28, 62, 128], "chapter 9, notebook 14")}


def numbers(case: Case, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture and a kernel for a case, small whole numbers as float64."""
    random = np.random.default_rng(seed)
    picture = random.integers(1, LARGEST_CELL + 1, (case.side, case.side))
    kernel = random.integers(0, LARGEST_WEIGHT + 1, (case.layer.kernel, case.layer.kernel))
    return picture.astype(float), kernel.astype(float)
