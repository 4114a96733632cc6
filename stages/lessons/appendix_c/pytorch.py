"""The same convolutions by PyTorch, which loops and formulas must agree with."""

import numpy as np
import torch
import torch.nn.functional as F

from stages.lessons.appendix_c.sizes import Layer


def convolve(pictures: torch.Tensor, kernels: torch.Tensor, layer: Layer) -> torch.Tensor:
    """PyTorch's own convolution of pictures [channels, height, width]."""
    if layer.transposed:
        return F.conv_transpose2d(pictures[None], kernels, stride=layer.stride, padding=layer.padding,
                                  output_padding=layer.output_padding)[0]
    return F.conv2d(pictures[None], kernels, stride=layer.stride, padding=layer.padding)[0]


def result(picture: np.ndarray, kernel: np.ndarray, layer: Layer) -> np.ndarray:
    """A picture [height, width] with one kernel, float64."""
    return convolve(torch.from_numpy(picture)[None], torch.from_numpy(kernel)[None, None], layer)[0].numpy()


def output_side(side: int, layer: Layer) -> int:
    """The side of what PyTorch really makes; 0 where it refuses."""
    # float64: for float32 a library prepares itself anew for each shape, which takes a hundred times as long
    picture = torch.ones(1, side, side, dtype=torch.float64)
    kernel = torch.ones(1, 1, layer.kernel, layer.kernel, dtype=torch.float64)
    try:
        return convolve(picture, kernel, layer).shape[-1]
    except RuntimeError:  # the kernel does not fit, or nothing is left
        return 0


def sides(first: int, layers: list[Layer]) -> list[int]:
    """The real side of a picture before and after each layer."""
    found = [first]
    for layer in layers:
        found.append(output_side(found[-1], layer))
    return found


def influence(first: int, layers: list[Layer]) -> np.ndarray:
    """Gradient of the sum of all last cells for each first one [side, side], with kernels of ones."""
    picture = torch.ones(1, first, first, dtype=torch.float64, requires_grad=True)
    last = picture
    for layer in layers:
        last = convolve(last, torch.ones(1, 1, layer.kernel, layer.kernel, dtype=torch.float64), layer)
    return torch.autograd.grad(last.sum(), picture)[0][0].numpy()
