"""The one place where stored bytes become what networks see."""

import torch


def to_unit_range(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 [n, height, width] in 0..255 to float32 [n, 1, height, width] in [0, 1], on the same device."""
    assert pictures.dtype == torch.uint8, f"expected uint8, got {pictures.dtype}"
    return pictures.unsqueeze(1).float().div_(255)
