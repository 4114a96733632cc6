"""What lies between seeds: pictures along paths, sums of seeds, one seed under all labels, and how smooth it is."""

from typing import Any

import numpy as np
import torch

from stages.evaluation.generation import generate
from stages.networks.gan import Gan, Seeds

STEPS = 12  # pictures of a path, both ends included, as in the book
PAIRS = 200  # paths that the numbers are about
ROWS = 4  # of them shown
EVALUATION_SEED = 9  # start of the random numbers here, whatever the training's was


def explore(gan: Gan, device: torch.device) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Pictures [rows, columns, ...] by name, none of a kind that makes no sense for these seeds, and the metrics.

    A conditional GAN draws row 0 under label 0, row 1 under label 1 and so on, and the numbers' paths likewise.
    """
    source = torch.Generator().manual_seed(EVALUATION_SEED)
    first, second = gan.seeds.draw(PAIRS, source), gan.seeds.draw(PAIRS, source)
    starts, ends = first, second
    if not _are_many(gan.seeds):
        starts, ends = torch.zeros_like(first[:1]), torch.ones_like(second[:1])

    # the paths
    linear = _draw(gan, linear_path(starts, ends), device)
    spherical = _none(linear, columns=STEPS)
    if gan.seeds.distribution == "normal":
        spherical = _draw(gan, spherical_path(starts, ends), device)

    # sums, and one seed under all labels
    arithmetic, under_labels = _none(linear, columns=5), _none(linear, columns=10)
    if gan.seeds.distribution != "constant":
        one, other = first[:ROWS], second[:ROWS]
        arithmetic = _draw(gan, torch.stack([one, other, one + other, one - other, one * other], dim=1), device)
    if gan.classes:
        same = first[:ROWS, None].expand(-1, gan.classes, -1)
        under_labels = _draw(gan, same, device, torch.arange(gan.classes).expand(len(same), -1))

    pictures = {"linear/pictures": linear[:ROWS], "spherical/pictures": spherical[:ROWS],
                "arithmetic/pictures": arithmetic, "labels/pictures": under_labels}
    return pictures, smoothness(linear, spherical)


def linear_path(starts: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
    """Seeds [n, 12, size] in equal steps on the straight line, as in the book."""
    shares = torch.linspace(0, 1, STEPS)[:, None]
    return (1 - shares) * starts[:, None] + shares * ends[:, None]


def spherical_path(starts: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
    """Seeds [n, 12, size] around the origin: direction in steps of equal angle, length in equal steps.

    Normal seeds of 100 numbers all lie about 10 from the origin; the straight line cuts through at 7, where none are.
    """
    starts, ends = starts.double()[:, None], ends.double()[:, None]
    shares = torch.linspace(0, 1, STEPS, dtype=torch.float64)[:, None]
    near, far = starts.norm(dim=2, keepdim=True), ends.norm(dim=2, keepdim=True)
    angle = (starts * ends / (near * far)).sum(dim=2, keepdim=True).clamp(-1, 1).acos()
    direction = ((1 - shares) * angle).sin() * starts / near + (shares * angle).sin() * ends / far
    arc = ((1 - shares) * near + shares * far) * direction / angle.sin()
    # on one line through the origin there is no arc, or no single one
    return torch.where(angle.sin() > 1e-6, arc, (1 - shares) * starts + shares * ends).float()


def smoothness(linear: np.ndarray, spherical: np.ndarray) -> dict[str, Any]:
    """How pictures [n, 12, ...] change along two kinds of path between the same ends; `spherical` may have none.

    Of the ends: `pairs`, and `ends_distance`, their mean distance: 0 where the seed changes nothing.
    Of each kind, over all paths together, 1 where nothing moves:
    `evenness`: the mean step over the largest, 1 where each step changes the picture as much as the others;
    `directness`: the distance of the ends over the length of the path, 1 where no picture strays from the shortest way.
    Of pictures: how grey their ink is at the ends, `ends_greyness`, in the middle of each kind of path,
    `midpoint_greyness`, and beside it what the two ends laid over each other would give, `cross_fade_greyness`.
    Distances are Euclidean, over values in 0..1.
    """
    values = _unit_range(linear)
    numbers = {"pairs": len(linear), "ends_distance": _distance(values[:, -1:], values[:, :1]).mean()}
    if linear.dtype == np.uint8:
        numbers["ends_greyness"] = greyness(values[:, [0, -1]])
        numbers["cross_fade_greyness"] = greyness((values[:, 0] + values[:, -1]) / 2)
    for kind, paths in {"linear": linear, "spherical": spherical}.items():
        if len(paths):
            numbers |= {f"{kind}_{name}": number for name, number in _along(paths).items()}
    return {name: round(float(number), 6) if name != "pairs" else number for name, number in numbers.items()}


def _along(paths: np.ndarray) -> dict[str, float]:
    """The numbers of one kind of path."""
    values = _unit_range(paths)
    steps = _distance(values[:, 1:], values[:, :-1])  # [n, 11]
    apart = _distance(values[:, -1:], values[:, :1])  # [n, 1]
    numbers = {"evenness": _share(steps.mean(axis=1).sum(), steps.max(axis=1).sum()),
               "directness": _share(apart.sum(), steps.sum())}
    if paths.dtype == np.uint8:
        numbers["midpoint_greyness"] = greyness(values[:, STEPS // 2 - 1 : STEPS // 2 + 1])
    return numbers


def greyness(pictures: np.ndarray) -> float:
    """How grey the ink of pictures in 0..1 is: 0 if each pixel is 0 or 1, near 1 if all are faint, 0 without ink."""
    ink = float(pictures.sum())
    return float((pictures * (1 - pictures)).sum()) / ink if ink else 0.0


def _are_many(seeds: Seeds) -> bool:
    """Whether two drawn seeds are a pair like many others; a constant or a single number has one path, from 0 to 1."""
    return seeds.distribution == "normal" or (seeds.distribution == "uniform" and seeds.length > 1)


def _draw(gan: Gan, seeds: torch.Tensor, device: torch.device, labels: torch.Tensor | None = None) -> np.ndarray:
    """Samples [rows, columns, ...] for seeds [rows, columns, size]; labels [rows, columns], else a label per row."""
    rows, columns, size = seeds.shape
    if gan.classes and labels is None:
        labels = (torch.arange(rows) % gan.classes)[:, None].expand(-1, columns)
    drawn = generate(gan, seeds.reshape(-1, size), None if labels is None else labels.reshape(-1), device)
    return drawn.reshape(rows, columns, *drawn.shape[1:])


def _none(like: np.ndarray, columns: int) -> np.ndarray:
    """No rows of so many columns."""
    return np.empty((0, columns, *like.shape[2:]), like.dtype)


def _unit_range(samples: np.ndarray) -> np.ndarray:
    """Pictures or other samples as numbers in 0..1."""
    return samples / 255 if samples.dtype == np.uint8 else samples.astype(np.float64)


def _distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Euclidean distances [n, columns] between samples [n, columns, ...]."""
    return np.sqrt(np.square(one - other).sum(axis=tuple(range(2, one.ndim))))


def _share(part: float, whole: float) -> float:
    """`part` of `whole`; 1 where both are nothing."""
    return float(part / whole) if whole else 1.0
