"""Has a GAN learnt its training pictures by heart? Compared with real pictures that it never saw.

In pixels, since a copy is a copy of pixels: to the judge's features all ordinary sevens are nearly the same. Distance
alone misleads: blurred pictures, and ones, lie close to everything. A copy is much closer to one training picture than
to all others, so what counts is the nearest distance over the second nearest, as in Yoon et al. 2023.
"""

from dataclasses import dataclass

import numpy as np
import torch

from stages.evaluation.neighbours import as_points, nearest

MOST = 4000  # pictures of each kind that are looked up: each is compared with all training pictures
COPY = 1 / 3  # of the second distance: nearer is a copy
# verdicts, by the share of pictures that copy, or come as near as only 1 % of the held-out ones do
COPIES_SHARE, SUSPICIOUS_SHARE = 0.01, 0.05
PERCENTILE = 1
SHOWN = 8


@dataclass(frozen=True)
class Neighbours:
    """Pictures uint8 [n, 28, 28], the training picture nearest to each, and the distances [n, 2] to the nearest two."""

    pictures: np.ndarray
    training: np.ndarray
    distances: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """Nearest distance over second nearest, [n]: 0 for a copy, 1 between two."""
        near, next_near = self.distances.T
        return np.divide(near, next_near, out=np.zeros_like(near), where=near > 0)

    def most_like_copies(self, count: int) -> np.ndarray:
        """The indices of the `count` smallest ratios, the smallest first."""
        return np.argsort(self.ratios, kind="stable")[:count]


def look_up(pictures: np.ndarray, training: np.ndarray, device: torch.device, title: str) -> Neighbours:
    """Find the training pictures nearest to the first 4,000 `pictures`, both uint8 [n, 28, 28]."""
    pictures = pictures[:MOST]
    points = as_points(pictures, device), as_points(training, device)
    distances, indices = nearest(*points, 2, title)
    return Neighbours(pictures, training[indices[:, 0]], distances.double().numpy())


def compare(generated: Neighbours, held_out: Neighbours) -> tuple[dict[str, float], dict[str, str]]:
    """Metrics, and a verdict (clear, suspicious, copies) with a text that gives its reason."""
    closest = np.percentile(held_out.ratios, PERCENTILE)
    copies, copies_real = (float((some.ratios < COPY).mean()) for some in (generated, held_out))
    near = float((generated.ratios < closest).mean())
    metrics = {"copies_share": copies, "copies_share_real": copies_real, "near_copies_share": near}
    usual, usual_real = (float(np.median(some.distances[:, 0])) for some in (generated, held_out))
    if usual_real > 0:  # else the held-out pictures are training pictures, and there is nothing to compare with
        metrics["memorisation_ratio"] = usual / usual_real
    text = _text(metrics, len(generated.ratios), len(held_out.ratios))
    return metrics, {"verdict": verdict_of(metrics), "text": text}


def closest(generated: Neighbours, held_out: Neighbours) -> dict[str, np.ndarray]:
    """Arrays for a page: the pictures most like copies, beside the training pictures nearest to them."""
    chosen, chosen_real = (some.most_like_copies(SHOWN) for some in (generated, held_out))
    return {
        "closest/generated": generated.pictures[chosen], "closest/training": generated.training[chosen],
        "closest/distances": generated.distances[chosen, 0], "closest/ratios": generated.ratios[chosen],
        "closest/held_out": held_out.pictures[chosen_real],
        "closest/held_out_training": held_out.training[chosen_real],
        "closest/held_out_distances": held_out.distances[chosen_real, 0],
        "closest/held_out_ratios": held_out.ratios[chosen_real],
    }


def verdict_of(metrics: dict[str, float]) -> str:
    """The rule: copies in excess of the held-out pictures' own, then nearness."""
    if metrics["copies_share"] - metrics["copies_share_real"] > COPIES_SHARE:
        return "copies"
    return "suspicious" if metrics["near_copies_share"] > SUSPICIOUS_SHARE else "clear"


def _text(metrics: dict[str, float], generated: int, held_out: int) -> str:
    """What the verdict rests on, for a page."""
    copies, copies_real, near = (
        f"{100 * metrics[name]:.2f} %" for name in ("copies_share", "copies_share_real", "near_copies_share")
    )
    return (
        f"{copies} of {generated:,} generated pictures are copies: less than a third as far from the nearest training "
        f"picture as from the second nearest. Of {held_out:,} real pictures that were held out, {copies_real} are. "
        f"{near} of the generated ones come as near, by that measure, as the nearest {PERCENTILE} % of the held-out "
        f"ones. The verdict is copies where copies are more frequent than among the held-out ones by over "
        f"{100 * COPIES_SHARE:.0f} %, suspicious where over {100 * SUSPICIOUS_SHARE:.0f} % come that near, else clear. "
        "It is a sign, no proof."
    )
