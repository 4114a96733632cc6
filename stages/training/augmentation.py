"""Random distortions of training pictures, a whole batch at once."""

import math

import torch
import torch.nn.functional as F

# at strength 1: degrees of turn; shares of the size; of the width per height; of half the picture
TURN, SCALE, SHEAR, SHIFT = 10.0, 0.1, 0.1, 2 / 14


def distort(pictures: torch.Tensor, strength: float) -> torch.Tensor:
    """Turn, scale, shear and shift each picture of [n, channels, height, width] a little, each differently.

    The five amounts are uniform between minus and plus `strength` times the constants above.
    """
    # drawn on the CPU, so that CPU and GPU see the same distortions
    turn, scale, shear, right, down = strength * (2 * torch.rand(5, len(pictures)) - 1)
    turn, scale, shear = turn * math.radians(TURN), 1 + scale * SCALE, shear * SHEAR
    cosine, sine = torch.cos(turn), torch.sin(turn)

    # each output pixel is read at: scale * rotation * shear * (x, y) + shift
    rows = [
        torch.stack([scale * cosine, scale * (shear * cosine - sine), right * SHIFT], dim=1),
        torch.stack([scale * sine, scale * (shear * sine + cosine), down * SHIFT], dim=1),
    ]
    transforms = torch.stack(rows, dim=1).to(pictures.device)  # [n, 2, 3]
    grid = F.affine_grid(transforms, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)
