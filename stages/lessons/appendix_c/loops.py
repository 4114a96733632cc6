"""Convolutions as explicit loops: nothing is hidden, and every step can be drawn."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stages.lessons.appendix_c.sizes import Layer


@dataclass(frozen=True)
class Step:
    """One position of the kernel, and the canvas after it; what is not filled yet is NaN.

    Of a convolution `row` and `column` are those of the output, of a transposed one those of the input.
    """

    row: int
    column: int
    canvas: np.ndarray


def steps(picture: np.ndarray, kernel: np.ndarray, layer: Layer) -> Iterator[Step]:
    """All steps from a picture [height, width] with a kernel of the layer's side, row by row."""
    return (_transposed_steps if layer.transposed else _convolution_steps)(picture, kernel, layer)


def result(picture: np.ndarray, kernel: np.ndarray, layer: Layer) -> np.ndarray:
    """What comes out after the last step."""
    *_, last = steps(picture, kernel, layer)
    return cut(last.canvas, layer)


def cut(canvas: np.ndarray, layer: Layer) -> np.ndarray:
    """The canvas without the edge that padding takes away from a transposed convolution."""
    edge = layer.padding if layer.transposed else 0
    return canvas[edge : canvas.shape[0] - edge, edge : canvas.shape[1] - edge]


def result_with_channels(pictures: np.ndarray, kernels: np.ndarray, layer: Layer) -> np.ndarray:
    """From pictures [channels, height, width] to as many as there are filters; PyTorch's order of the kernels' axes.

    A filter has a kernel for each channel and adds up what they give.
    """
    kernels = kernels if layer.transposed else kernels.swapaxes(0, 1)  # [channels, filters, side, side]
    return np.stack([sum(result(picture, kernel, layer) for picture, kernel in zip(pictures, ours, strict=True))
                     for ours in kernels.swapaxes(0, 1)])


def _convolution_steps(picture: np.ndarray, kernel: np.ndarray, layer: Layer) -> Iterator[Step]:
    """The kernel stands on the picture; what it covers is multiplied with it and added up to one number."""
    padded = np.pad(picture, layer.padding)
    height, width = (layer.output_side(side) for side in picture.shape)
    output = np.full((height, width), np.nan)
    for row in range(height):
        for column in range(width):
            total = 0.0
            for down in range(layer.kernel):
                for right in range(layer.kernel):
                    total += kernel[down, right] * padded[layer.stride * row + down, layer.stride * column + right]
            output[row, column] = total
            yield Step(row, column, output.copy())


def _transposed_steps(picture: np.ndarray, kernel: np.ndarray, layer: Layer) -> Iterator[Step]:
    """The kernel is a stamp: one number says how strongly it is pressed onto the canvas; overlaps add up."""
    whole = Layer(layer.kernel, layer.stride, 0, True, layer.output_padding)  # before padding cuts the edge off
    canvas = np.zeros([whole.output_side(side) for side in picture.shape])
    stamped = np.zeros(canvas.shape, bool)
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            for down in range(layer.kernel):
                for right in range(layer.kernel):
                    place = layer.stride * row + down, layer.stride * column + right
                    canvas[place] += picture[row, column] * kernel[down, right]
                    stamped[place] = True
            last = (row + 1, column + 1) == picture.shape
            yield Step(row, column, np.where(stamped | last, canvas, np.nan))
