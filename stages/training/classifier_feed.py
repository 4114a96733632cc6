"""What a classifier sees, batch by batch: pictures and the outputs that it should have."""

import torch
from torch import nn

from stages.datasets.pictures import to_unit_range
from stages.training.augmentation import distort
from stages.training.feed import Feed

# pictures are scaled and handed out in blocks: at batch 1 that costs nearly nothing per picture
BLOCK_IMAGES = 1000
CLASSES = 10
Batch = tuple[torch.Tensor, torch.Tensor]  # pictures and targets


def feed_of(images: torch.Tensor, targets: torch.Tensor, epochs: int, batch_size: int, *, shuffle: bool,
            distortion: float) -> Feed:
    """Pictures in [0, 1], such as [n, 1, 28, 28], and targets, epoch after epoch, in file order or shuffled."""
    block = max(BLOCK_IMAGES // batch_size, 1) * batch_size

    def draw_order() -> torch.Tensor | None:
        return torch.randperm(len(images)).to(images.device) if shuffle else None

    def draw_block(order: torch.Tensor | None, start: int) -> list[Batch]:
        chosen = slice(start, start + block) if order is None else order[start : start + block]
        pictures = to_unit_range(images[chosen])
        if distortion:
            pictures = distort(pictures, distortion)
        return list(zip(pictures.split(batch_size), targets[chosen].split(batch_size), strict=True))

    return Feed(epochs, len(images), block, draw_order, draw_block)


def targets_of(labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    """One-hot targets [n, 10]; smoothing moves that share of each to all classes evenly.

    Attributes [n, attributes] are targets already, smoothed between yes and no.
    """
    if labels.dim() == 2:
        return labels.float() * (1 - smoothing) + smoothing / 2
    one_hot = nn.functional.one_hot(labels.long(), CLASSES).float()
    return one_hot * (1 - smoothing) + smoothing / CLASSES
