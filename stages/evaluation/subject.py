"""What an evaluation is given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from stages.networks.gan import Gan


@dataclass(frozen=True)
class Subject:
    """A trained GAN with the description of its training, the file of its data, what judges it, and where to compute.

    `inception_weights` is a file of weights for a second judge, or None.
    """

    gan: Gan
    description: dict[str, Any]
    data: Path
    judge: Path
    device: torch.device
    inception_weights: Path | None = None
