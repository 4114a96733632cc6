"""Draw pictures with a trained GAN into one PNG file: `python -m stages.generate mnist_conditional --label 7`."""

import argparse
import errno
import math
import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from stages.core import command
from stages.core.command import UserError
from stages.core.files import whole_file
from stages.core.parameters import read_block, require_name
from stages.core.run import Run
from stages.evaluation.generation import generate
from stages.training.determinism import prepare
from stages.training.gan_weights import load_gan

LABELS = 10
MOST_IMAGES, MOST_SEED = 10_000, 2**32 - 1
VIEW, LARGEST_SCALE = 1000, 8  # pixels across at which a screen shows the sheet well; magnification of one picture
FRAME, FRAME_GREY = 1, 204  # width in pixels; #cccccc, as in the reports
SQUARE = 7  # pixels of each of the four squares of 1010


def main(experiment: str, label: int | None = None, images: int = 16, seed: int = 1, out: str | None = None) -> None:
    """Write a sheet of pictures to `out`, by default `<experiment>.png` in the current folder."""
    # refuse what cannot work before any work
    require_name("gans", experiment)
    path = Path(f"{experiment}.png" if out is None else out)
    _check_options(label, images, seed, path)
    weights = Path(f"data/models/gans/{experiment}.safetensors")
    if not weights.is_file():
        raise UserError(f"{weights}: not found; {experiment} is not trained yet: run dvc repro train_gan@{experiment}")
    run = read_block("run", Run, ["device", "threads"])
    device = prepare(seed=0, threads=run.threads, device=run.device)
    gan, _ = load_gan(weights)
    if label is not None and not gan.classes:
        raise UserError(f"--label is {label}; {experiment} was trained without labels; leave --label out, "
                        "or choose a conditional GAN")

    # draw, with the labels in turn where none is asked for
    in_turn = bool(gan.classes) and label is None
    labels = torch.arange(images) % gan.classes if in_turn else torch.full((images,), label or 0)
    seeds = gan.seeds.draw(images, torch.Generator().manual_seed(seed))
    samples = generate(gan, seeds, labels if gan.classes else None, device)

    _write_png(path, sheet(as_pictures(samples), column_step=gan.classes if in_turn else 1))
    print(f"{path}: {images} {'picture' if images == 1 else 'pictures'} by {experiment}")


def as_pictures(samples: np.ndarray) -> np.ndarray:
    """Samples as uint8 pictures; the four numbers of 1010 as four grey squares in a row, [n, height, width]."""
    if samples.dtype == np.uint8:
        return samples
    greys = np.rint(255 * samples).astype(np.uint8)
    return greys[:, None, :].repeat(SQUARE, axis=1).repeat(SQUARE, axis=2)


def sheet(pictures: np.ndarray, column_step: int = 1) -> np.ndarray:
    """Pictures row by row on one about square page, uint8: grey ones as ink, dark on white, as in the reports.

    Pictures are [n, height, width], or [n, height, width, 3] in colour. The columns are a multiple of `column_step`, so
    that labels in turn stand below one another.
    """
    count, height, width, *colours = pictures.shape
    columns = math.ceil(math.sqrt(count * height / width))
    columns = min(count, column_step * max(1, round(columns / column_step)))
    rows = -(-count // columns)
    scale = max(1, min(LARGEST_SCALE, VIEW // max(rows * height, columns * width)))

    down, across = height * scale + FRAME, width * scale + FRAME
    page = np.full((rows * down + FRAME, columns * across + FRAME, *colours), 255, np.uint8)
    for place, picture in enumerate(pictures):
        top, left = place // columns * down, place % columns * across
        page[top : top + down + FRAME, left : left + across + FRAME] = FRAME_GREY
        shown = picture.repeat(scale, axis=0).repeat(scale, axis=1)
        page[top + FRAME : top + down, left + FRAME : left + across] = shown if colours else 255 - shown
    return page


def _check_options(label: int | None, images: int, seed: int, path: Path) -> None:
    """Refuse values that no GAN takes."""
    ranges = {"label": (label, 0, LABELS - 1), "images": (images, 1, MOST_IMAGES), "seed": (seed, 0, MOST_SEED)}
    for option, (value, lowest, highest) in ranges.items():
        if value is not None and not lowest <= value <= highest:
            raise UserError(f"--{option} is {value}; expected {lowest} to {highest}; choose one of these")
    if path.suffix.lower() != ".png":
        raise UserError(f"--out is '{path}'; expected a name that ends in .png; choose such a name")
    if os.path.isdir(path):  # unlike Path.is_dir, no fault for a name too long
        raise UserError(f"--out is '{path}', a folder; expected the name of a file; add one, such as "
                        f"{path}/pictures.png")


def _write_png(path: Path, page: np.ndarray) -> None:
    """Write a page, whole or not at all."""
    try:
        with whole_file(path) as aside:
            Image.fromarray(page).save(aside, format="PNG")
    except OSError as fault:
        if fault.errno not in (errno.EEXIST, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP):
            raise
        raise UserError(f"--out is '{path}': {fault.strerror}; expected a file in a folder; choose another") from None


def _add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command line, by the names of main's arguments."""
    parser.add_argument("--label", type=int, help="digit to draw, 0 to 9; only for a conditional GAN, else in turn")
    parser.add_argument("--images", type=int, default=16, help="how many pictures, 16 if left out")
    parser.add_argument("--seed", type=int, default=1, help="start of the random numbers, 1 if left out")
    parser.add_argument("--out", help="PNG file to write, <experiment>.png if left out; its folder is made if missing")


if __name__ == "__main__":
    command.run(main, add_options=_add_options)
