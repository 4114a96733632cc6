"""How like real pictures generated ones are, and how unlike each other: numbers that need no labels."""

import torch

from stages.evaluation.distances import frechet_distance, kernel_distance
from stages.evaluation.manifold import precision_recall
from stages.evaluation.neighbours import mean_pairwise_distance, nearest_other

PAIRED = 2000  # pictures of which every pair is compared
DIFFERENT = 1.0  # distance of pictures that differ as much as by one pixel, black against white: less is the same


def likeness(generated: torch.Tensor, real: torch.Tensor, floor: torch.Tensor) -> dict[str, float]:
    """Distances and neighbourhoods in feature space, of features float64 [n, size].

    Beside them those of training pictures, `floor`: the best there is.
    """
    metrics = {}
    metrics["frechet_distance"] = frechet_distance(real, generated)
    metrics["frechet_floor"] = frechet_distance(real, floor)
    metrics["kernel_distance"], metrics["kernel_distance_error"] = kernel_distance(real, generated)
    metrics["kernel_floor"], _ = kernel_distance(real, floor)

    # how large the balls are depends on how many there are: equally many on both sides
    count = min(len(some) for some in (generated, real, floor))
    parts = [some[:count] for some in (real, generated, floor)]
    metrics |= precision_recall(parts[0], parts[1], "neighbours")
    reached = precision_recall(parts[0], parts[2], "neighbours, real")
    return metrics | {f"{name}_real": value for name, value in reached.items()}


def variety(points: torch.Tensor, real_points: torch.Tensor) -> dict[str, float]:
    """How far generated pictures lie apart, as points [n, size] of pixels; mode collapse brings both numbers to 0."""
    apart, apart_real = (mean_pairwise_distance(some[:PAIRED]) for some in (points, real_points))
    different, different_real = (
        (nearest_other(some, f"distinct {title}") > DIFFERENT).double().mean().item()
        for some, title in ((points, "generated"), (real_points, "test"))
    )
    metrics = {"distinct_share": different, "distinct_share_real": different_real}
    if apart_real > 0:  # else all real pictures are one, and there is nothing to compare with
        metrics["pairwise_distance_ratio"] = apart / apart_real
    return metrics
