"""Random distortions of training pictures."""

import torch


def distort(pictures: torch.Tensor, strength: float) -> torch.Tensor:
    return pictures
