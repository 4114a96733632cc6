"""The one place where stored bytes become what networks see, and back."""

import numpy as np
import torch


def to_unit_range(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 [n, height, width] in 0..255 to float32 [n, 1, height, width] in [0, 1], on the same device."""
    assert pictures.dtype == torch.uint8, f"expected uint8, got {pictures.dtype}"
    return pictures.unsqueeze(1).float().div_(255)


def to_stored(samples: torch.Tensor) -> np.ndarray:
    """What a generator made: pictures [n, 1, height, width] to uint8 [n, height, width], numbers as they are."""
    if samples.dim() == 4:
        return samples.squeeze(1).mul(255).round().to(torch.uint8).cpu().numpy()
    return samples.float().cpu().numpy()
