"""The one place where stored bytes become what networks see, and back."""

import numpy as np
import torch


def to_unit_range(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 pictures in 0..255 to float32 [n, channels, height, width] in [0, 1], on the same device.

    Grey ones are stored as [n, height, width], colour ones with the three colours last, [n, height, width, 3].
    """
    assert pictures.dtype == torch.uint8, f"expected uint8, got {pictures.dtype}"
    planes = pictures.unsqueeze(1) if pictures.dim() == 3 else pictures.movedim(3, 1)
    # one pass to the numbers' new places: half the time of two
    return torch.empty(planes.shape, device=pictures.device).copy_(planes).div_(255)


def to_stored(samples: torch.Tensor) -> np.ndarray:
    """What a generator made, as it is stored: pictures in [0, 1] as uint8, numbers as they are."""
    if samples.dim() != 4:
        return samples.float().cpu().numpy()
    planes = samples.float().mul(255).round().to(torch.uint8)
    return (planes.squeeze(1) if planes.shape[1] == 1 else planes.movedim(1, 3)).contiguous().cpu().numpy()


def network_shape(stored: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of one sample as networks see it, from that of stored samples [n, ...]."""
    _, *sides = stored
    if len(sides) == 1:
        return tuple(sides)  # numbers
    height, width, *colours = sides
    return (*(colours or [1]), height, width)
