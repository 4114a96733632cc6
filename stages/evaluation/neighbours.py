"""Nearest neighbours and distances, in blocks: whole tables of distances would not fit into memory."""

import numpy as np
import torch

from stages.core.progress import progress_bar

BLOCK = 500


def as_points(pictures: np.ndarray, device: torch.device) -> torch.Tensor:
    """uint8 pictures [n, height, width] as points float32 [n, pixels] with coordinates in 0..1."""
    return torch.from_numpy(pictures).to(device).flatten(1).float().div_(255)


def nearest(queries: torch.Tensor, references: torch.Tensor, count: int,
            title: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The `count` references nearest to each query: Euclidean distances [n, count], ascending, and their indices.

    Both are on the CPU. Points [n, size] and [m, size], m at least `count`.
    """
    norms = references.square().sum(dim=1)
    distances, indices = [], []
    with progress_bar(len(queries), title, "image") as bar:
        for block in queries.split(BLOCK):
            # |q - r|^2 less |q|^2, which does not change the order
            squares = torch.addmm(norms, block, references.T, alpha=-2)
            places = squares.topk(count, largest=False).indices

            # again as plain differences: exactly 0 for a copy
            exact, order = (block.unsqueeze(1) - references[places]).norm(dim=2).sort(dim=1, stable=True)
            distances.append(exact.cpu())
            indices.append(places.gather(1, order).cpu())
            bar.update(len(block))
    return torch.cat(distances), torch.cat(indices)


def nearest_other(points: torch.Tensor, title: str) -> torch.Tensor:
    """The distance from each point [n, size] to the nearest of the others, [n]; 0 where it occurs twice."""
    return nearest(points, points, 2, title)[0][:, 1]


def mean_pairwise_distance(points: torch.Tensor) -> float:
    """The mean Euclidean distance of two different points of [n, size]."""
    return torch.pdist(points.cpu()).mean().item()
