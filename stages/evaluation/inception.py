"""The judge of the papers, for who has its weights on disk: torchvision's Inception network, 2,048 features.

Its distances are comparable with no other judge's, nor with those of Inception networks with other weights.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import nn

from stages.core.command import UserError
from stages.core.progress import progress_bar
from stages.datasets.pictures import to_unit_range

SIDE = 299
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as torchvision documents
BATCH = 50


def load_inception(path: Path, device: torch.device) -> nn.Module:
    """The network with the weights of `path`, a state dict as safetensors; it answers with features.

    Raises UserError for a file that is missing or holds other weights.
    """
    weights = _read(path)
    from torchvision.models import inception_v3  # takes seconds to import

    network = inception_v3(weights=None, aux_logits=True, transform_input=True, init_weights=False)
    try:
        network.load_state_dict(weights)
    except (RuntimeError, AttributeError, TypeError):
        raise UserError(f"{path}: holds no weights of torchvision's inception_v3; put its state dict there, or set "
                        "run.inception_weights to null in params.yaml") from None
    network.AuxLogits = None  # of use in training only
    network.fc = nn.Identity()
    return network.to(device).eval()


def inception_features(network: nn.Module, pictures: np.ndarray, device: torch.device, title: str) -> torch.Tensor:
    """Features float64 [n, 2048] of uint8 pictures [n, height, width, 3]."""
    mean, deviation = (torch.tensor(values, device=device).view(3, 1, 1) for values in (MEAN, DEVIATION))
    features = []
    with torch.inference_mode(), progress_bar(len(pictures), f"Inception {title}", "image") as bar:
        for block in torch.from_numpy(pictures).split(BATCH):
            planes = to_unit_range(block.to(device))
            large = F.interpolate(planes, size=(SIDE, SIDE), mode="bilinear", antialias=True)
            features.append(network((large - mean) / deviation).double().cpu())
            bar.update(len(block))
    return torch.cat(features)


def _read(path: Path) -> Mapping[str, torch.Tensor]:
    """The state dict of a file. One by torch.save is a pickle, which can run code: it is not opened."""
    if not path.is_file():
        raise UserError(f"{path}: not found; run.inception_weights in params.yaml names it: put the file there, or set "
                        "it to null")
    try:
        return safetensors.torch.load_file(path)
    except (safetensors.SafetensorError, RuntimeError, KeyError, ValueError):
        raise UserError(f"{path}: damaged, or no weights as safetensors; save torchvision's inception_v3 by "
                        "safetensors.torch.save_file(network.state_dict(), ...), or set run.inception_weights to null "
                        "in params.yaml") from None
