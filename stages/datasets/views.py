"""Views of large pictures: what of them a network sees, cut out and made smaller on the way into memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import torch
import torch.nn.functional as F
from pydantic import Field

from stages.core.command import UserError
from stages.core.parameters import Block
from stages.core.progress import progress_bar
from stages.datasets.hdf5 import picture_blocks, picture_shape, read_pictures, read_samples, sample_shape

BLOCK_BYTES = 64 << 20  # of float32 while a block is made smaller
FITS = 0.6  # share of a GPU's free memory that pictures may take: networks and their work need the rest
Side = Annotated[int, Field(ge=1, le=100_000)]
Sides = Annotated[tuple[Side, Side], Field(strict=False)]  # YAML has lists, no tuples


class View(Block):
    """The central part `crop` (height, width; all where None), made smaller to `resize` (as it is where None)."""

    crop: Sides | None = None
    resize: Sides | None = None


def view_shape(stored: tuple[int, ...], view: View, place: str) -> tuple[int, int, int, int]:
    """The shape [n, height, width, 3] that pictures of shape `stored` have in a view; `place` names it in messages.

    Raises UserError for a crop that is larger than the pictures, or a resize that is larger than the crop.
    """
    count, *sides, colours = stored
    for name, wanted in (("crop", view.crop), ("resize", view.resize)):
        if wanted is None:
            continue
        if any(side > whole for side, whole in zip(wanted, sides, strict=True)):
            raise UserError(f"params.yaml: {place}.{name} is {list(wanted)}; there are {sides[0]} x {sides[1]} pixels; "
                            "lower it, or leave it out")
        sides = list(wanted)
    return count, *sides, colours


def read_training(path: Path, split: str, view: View, device: torch.device,
                  place: str) -> tuple[torch.Tensor, torch.Tensor | None]:
    """What a GAN learns from: colour pictures in a view and None, or digits or numbers as they are, and labels or None.

    Raises UserError for a view of what is no colour picture.
    """
    stored = sample_shape(path, split)
    if len(stored) == 4:
        return read_views(path, split, view, device, place), None
    if view != View():
        raise UserError(f"params.yaml: {place} is for colour pictures; {path} holds others; remove it")
    samples, labels = read_samples(path, split)
    return torch.from_numpy(samples), None if labels is None else torch.from_numpy(labels)


def read_views(path: Path, split: str, view: View, device: torch.device, place: str = "view") -> torch.Tensor:
    """Pictures of `train` or `test` in a view, uint8 [n, height, width, 3].

    They are cut and made smaller on the device and stay there if they fit, else in the main memory (pinned, so that
    batches travel fast).
    """
    stored = picture_shape(path, split)
    shape = view_shape(stored, view, place)
    home = _home(shape, device)
    pinned = home.type == "cpu" and device.type == "cuda"
    pictures = torch.empty(shape, dtype=torch.uint8, device=home, pin_memory=pinned)
    with progress_bar(len(pictures), f"read {split}", "image") as bar:
        if home.type == "cpu" and view.resize is None:  # as they are: from disk to their place, without a stop
            for count in read_pictures(path, split, pictures.numpy(), *_cut(stored, view)):
                bar.update(count)
            return pictures
        done = 0
        for block in view_blocks(path, split, view, device, place):
            pictures[done : done + len(block)] = block
            done += len(block)
            bar.update(len(block))
    return pictures


def view_blocks(path: Path, split: str, view: View, device: torch.device,
                place: str = "view") -> Iterator[torch.Tensor]:
    """The same pictures block by block, on the device."""
    stored = picture_shape(path, split)
    view_shape(stored, view, place)
    rows, columns = _cut(stored, view)
    count = max(BLOCK_BYTES // (4 * 3 * (rows.stop - rows.start) * (columns.stop - columns.start)), 1)
    for block in picture_blocks(path, split, rows, columns, count):
        yield shrink(torch.from_numpy(block).to(device), view.resize)


def apply_view(pictures: torch.Tensor, view: View) -> torch.Tensor:
    """Pictures uint8 [n, height, width, 3] cut and made smaller."""
    view_shape(tuple(pictures.shape), View(crop=view.crop), "view")
    rows, columns = _cut(tuple(pictures.shape), view)
    return shrink(pictures[:, rows, columns], view.resize)


def shrink(pictures: torch.Tensor, size: tuple[int, int] | None) -> torch.Tensor:
    """Pictures uint8 [n, height, width, 3] averaged down to `size` (height, width); as they are where None."""
    if size is None or tuple(pictures.shape[1:3]) == tuple(size):
        return pictures
    planes = F.interpolate(pictures.movedim(3, 1).float(), size=tuple(size), mode="area")
    return planes.round().to(torch.uint8).movedim(1, 3).contiguous()


def _cut(stored: tuple[int, ...], view: View) -> tuple[slice, slice]:
    """The rows and columns of pictures of shape `stored` that a view shows: the middle ones."""
    sides = view.crop or stored[1:3]
    starts = [(whole - side) // 2 for whole, side in zip(stored[1:3], sides, strict=True)]
    rows, columns = (slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return rows, columns


def _home(shape: tuple[int, ...], device: torch.device) -> torch.device:
    """Where pictures of that shape stay."""
    if device.type != "cuda":
        return device
    free, _ = torch.cuda.mem_get_info(device)
    return device if torch.Size(shape).numel() < FITS * free else torch.device("cpu")
