"""Has a GAN learnt its training pictures by heart? Compared with real pictures that it never saw.

Pictures are points here: their pixels, or those of a smaller copy. In pixels, since a copy is a copy of pixels: to the
judge's features all ordinary sevens are nearly the same. Distance alone misleads: blurred pictures, and ones, lie close
to everything. A copy is much closer to one training picture than to all others, so what counts is the nearest distance
over the second nearest, as in Yoon et al. 2023.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from stages.evaluation.neighbours import nearest

MOST = 4000  # pictures of each kind that are looked up: each is compared with all training pictures
COPY = 1 / 3  # of the second distance: nearer is a copy
# verdicts, by the share of pictures that copy, or come as near as only 1 % of the held-out ones do
COPIES_SHARE, SUSPICIOUS_SHARE = 0.01, 0.05
PERCENTILE = 1
SHOWN = 8


@dataclass(frozen=True)
class Neighbours:
    """Where the training picture nearest to each of n pictures stands, [n], and distances [n, 2] to the nearest two."""

    places: np.ndarray
    distances: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """Nearest distance over second nearest, [n]: 0 for a copy, 1 between two."""
        near, next_near = self.distances.T
        return np.divide(near, next_near, out=np.zeros_like(near), where=near > 0)

    def most_like_copies(self, count: int) -> np.ndarray:
        """The indices of the `count` smallest ratios, the smallest first."""
        return np.argsort(self.ratios, kind="stable")[:count]


def look_up(pictures: torch.Tensor, training: torch.Tensor, title: str) -> Neighbours:
    """Find the training pictures nearest to the first 4,000 `pictures`, both as points float32 [n, size]."""
    distances, indices = nearest(pictures[:MOST], training, 2, title)
    return Neighbours(indices[:, 0].numpy(), distances.double().numpy())


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


def closest(generated: Neighbours, held_out: Neighbours, pictures: tuple[np.ndarray, np.ndarray],
            read_training: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays for a page: the pictures most like copies, beside the training pictures nearest to them.

    `pictures` are the generated ones and those held out; `read_training` gives the training pictures at places [n].
    """
    chosen, chosen_real = (some.most_like_copies(SHOWN) for some in (generated, held_out))
    training = read_training(np.concatenate([generated.places[chosen], held_out.places[chosen_real]]))
    return {
        "closest/generated": pictures[0][chosen], "closest/training": training[: len(chosen)],
        "closest/distances": generated.distances[chosen, 0], "closest/ratios": generated.ratios[chosen],
        "closest/held_out": pictures[1][chosen_real],
        "closest/held_out_training": training[len(chosen) :],
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
