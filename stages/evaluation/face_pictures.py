"""Faces made ready to be compared: seen as the judge sees them, made small, and how sharp they are.

Real and generated pictures take the same way, so that what happens to them on it is no difference between them. All go
block by block: as numbers, pictures of the book's size would not fit into memory.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from stages.core.progress import progress_bar
from stages.datasets.hdf5 import picture_blocks, picture_shape
from stages.datasets.views import View, apply_view, shrink, view_blocks, view_shape
from stages.evaluation.neighbours import as_points

SMALL = (32, 32)  # height and width of the copies whose pixels are compared
BLOCK = 250
LUMINANCE = (0.299, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)


@dataclass(frozen=True)
class Training:
    """Training pictures uint8 [n, height, width, 3]: the first of the file, the chosen ones, and all as points."""

    first: np.ndarray
    chosen: np.ndarray
    points: torch.Tensor


def read_training(data: Path, view: View, shown: int, chosen: np.ndarray, device: torch.device) -> Training:
    """Read the training pictures of the file `data` once; those at the places `chosen` are kept, in that order."""
    stored = picture_shape(data, "train")
    count, *sides = view_shape(stored, view, "view")
    points = torch.empty(count, 3 * SMALL[0] * SMALL[1], device=device)
    kept = np.empty((len(chosen), *sides), dtype=np.uint8)
    rank = np.full(count, -1)  # where a picture goes to among those kept
    rank[chosen] = np.arange(len(chosen))
    first, done = [], 0
    with progress_bar(count, "read train", "image") as bar:
        for block in view_blocks(data, "train", view, device):
            here = slice(done, done + len(block))
            pictures, wanted = block.cpu().numpy(), rank[here] >= 0
            points[here] = small_points(pictures, device)
            kept[rank[here][wanted]] = pictures[wanted]
            if done < shown:
                first.append(pictures[: shown - done])
            done += len(block)
            bar.update(len(block))
    return Training(np.concatenate(first), kept, points)


def pick(data: Path, view: View, places: np.ndarray) -> np.ndarray:
    """The training pictures at `places`, in that order."""
    found, done = {}, 0
    for block in picture_blocks(data, "train"):
        found |= {place: block[place - done] for place in places.tolist() if done <= place < done + len(block)}
        done += len(block)
        if done > places.max():
            break
    whole = torch.from_numpy(np.stack([found[place] for place in places.tolist()]))
    return apply_view(whole, view).numpy()


def small_points(pictures: np.ndarray, device: torch.device) -> torch.Tensor:
    """Pictures uint8 [n, height, width, 3] averaged down to 32 x 32, as points float32 [n, 3072] in 0..1."""
    blocks = torch.from_numpy(pictures).split(BLOCK)
    return torch.cat([as_points(shrink(block, SMALL).numpy(), device) for block in blocks])


def judged_part(view: View, judge: View, stored: tuple[int, ...]) -> View:
    """What to cut out of pictures in `view`, and the size to give it, to see what the judge sees of stored pictures.

    A view that shows less than the judge's is shown to the judge whole.
    """
    whole = view.crop or stored[1:3]
    size = view.resize or whole
    wanted = judge.crop or stored[1:3]
    part = tuple(max(round(min(inner, outer) * side / outer), 1)
                 for inner, outer, side in zip(wanted, whole, size, strict=True))
    return View(crop=part, resize=judge.resize or wanted)


def as_judged(pictures: np.ndarray, part: View) -> np.ndarray:
    """Pictures uint8 [n, height, width, 3] cut and scaled to the judge's size."""
    top, left = ((side - inner) // 2 for side, inner in zip(pictures.shape[1:3], part.crop, strict=True))
    cut = torch.from_numpy(pictures)[:, top : top + part.crop[0], left : left + part.crop[1]]
    return torch.cat([shrink(block, part.resize) for block in cut.split(BLOCK)]).numpy()


def sharpness(pictures: np.ndarray) -> float:
    """The mean over pictures of the variance of the Laplacian of their luminance in 0..1: near 0 where all is blurred.

    The Laplacian answers to edges and to noise, so it is compared with that of real pictures: either side is a fault.
    """
    variances = []
    for block in torch.from_numpy(pictures).split(BLOCK):
        light = block.float() @ torch.tensor(LUMINANCE) / 255
        beside = light[:, :-2, 1:-1] + light[:, 2:, 1:-1] + light[:, 1:-1, :-2] + light[:, 1:-1, 2:]
        laplacian = beside - 4 * light[:, 1:-1, 1:-1]
        variances.append(laplacian.flatten(1).var(dim=1, correction=0))
    return torch.cat(variances).double().mean().item()
