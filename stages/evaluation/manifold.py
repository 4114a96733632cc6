"""Precision, recall, density and coverage: do two sets of points lie in the same places?

Each point owns the ball that reaches to its fifth neighbour in its own set. The first two are by Kynkaanniemi et al.
2019; density and coverage, by Naeem et al. 2020, are less easily moved by single outliers.
"""

import torch

from stages.core.progress import progress_bar

NEIGHBOURS = 5
BLOCK = 1000


def precision_recall(real: torch.Tensor, generated: torch.Tensor, title: str) -> dict[str, float]:
    """The four numbers for features float64 [n, size] and [m, size]; fewer neighbours where a set has under six points.

    `precision`: share of generated points in a ball of a real one; `recall`: share of real points in a ball of a
    generated one; `density`: real balls around a generated point, over five; `coverage`: share of real balls that
    hold a generated point.
    """
    count = min(NEIGHBOURS, len(real) - 1, len(generated) - 1)
    inside_real = torch.zeros(len(generated), dtype=torch.long)  # real balls around each generated point
    in_generated = torch.zeros(len(real), dtype=torch.bool)
    covered = torch.zeros(len(real), dtype=torch.bool)
    with progress_bar(len(real) * 2 + len(generated), title, "image") as bar:
        real_radii, generated_radii = _radii(real, count, bar), _radii(generated, count, bar)
        for start in range(0, len(real), BLOCK):
            rows = slice(start, start + BLOCK)
            squares = _squared_distances(real[rows], generated)
            hits = squares < real_radii[rows, None]
            inside_real += hits.sum(dim=0)
            covered[rows] = hits.any(dim=1)
            in_generated[rows] = (squares < generated_radii).any(dim=1)
            bar.update(len(squares))
    return {
        "precision": (inside_real > 0).double().mean().item(), "recall": in_generated.double().mean().item(),
        "density": inside_real.double().mean().item() / count, "coverage": covered.double().mean().item(),
    }


def _radii(points: torch.Tensor, count: int, bar) -> torch.Tensor:
    """The squared distance from each point to its neighbour number `count` among the others."""
    radii = []
    for block in points.split(BLOCK):
        # each point is its own nearest: one more
        radii.append(_squared_distances(block, points).topk(count + 1, largest=False).values[:, -1])
        bar.update(len(block))
    return torch.cat(radii)


def _squared_distances(rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """Squared Euclidean distances [n, m]."""
    norms = rows.square().sum(dim=1, keepdim=True) + columns.square().sum(dim=1)
    return torch.addmm(norms, rows, columns.T, alpha=-2).clamp_(min=0)
