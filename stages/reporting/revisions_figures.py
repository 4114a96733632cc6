"""Figures that compare two revisions: loss curves over each other, samples side by side."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.reporting.figures import BLUE, ORANGE, _calm
from stages.reporting.gan_figures import PLAYERS
from stages.reporting.html import DPI
from stages.reporting.moving_steps import _image, _palette
from stages.reporting.pixels import _address, sheet, still, thumbnails

GREY_ROWS, GREY_COLUMNS = 4, 10
FACE_ROWS, FACE_COLUMNS, FACE_SIDE = 3, 6, 64  # faces are many bytes
POINTS = 500  # of a curve: more than a page has pixels for
STYLES = {"A": ("--", ORANGE, 3), "B": ("-", BLUE, 2)}  # line, colour, height in the pile: dashes on top of the line


def loss_curves(tables: dict[str, pd.DataFrame], over: str, names: Sequence[str]) -> Figure:
    """The running means of each loss in `names`, a panel each: A's dashed, B's solid."""
    figure = Figure(figsize=(7.5, 1.75 * len(names) + 0.7), layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(panels, names, strict=True):
        _calm(axes)
        highest = 1e-6
        for letter, table in tables.items():
            line, color, height = STYLES[letter]
            mean = smoothed(table[name])
            step = -(-len(mean) // POINTS)
            style = "solid" if line == "-" else "dashed"
            axes.plot(table[over][::step], mean[::step], line, color=color, linewidth=1.7, zorder=height,
                      label=f"{letter}, {style}")
            highest = max(highest, float(mean.max()))
        axes.set(ylabel="loss", ylim=(0, 1.08 * highest))
        if name in PLAYERS:
            axes.set_title(PLAYERS[name][0], fontsize=10, loc="left")
    panels[-1].set_xlabel(over)
    panels[-1].xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.legend(*panels[0].get_legend_handles_labels(), frameon=False, loc="outside upper center", ncols=2)
    return figure


def few_colours(figure: Figure, alt: str, caption: str) -> str:
    """A figure as HTML in a fifth of the bytes that all its shades would take."""
    image = _image(figure)
    source = _address("image/png", image.quantize(palette=_palette([image]), dither=Image.Dither.NONE), optimize=True)
    width = round(image.width * 96 / DPI)
    return framed(f'<img width="{width}" alt="{escape(alt)}" src="{source}">', caption)


def smoothed(losses: pd.Series) -> pd.Series:
    """The running mean of a loss over a fiftieth of its records."""
    return losses.rolling(max(len(losses) // 50, 1), min_periods=1).mean()


def columns(pictures: np.ndarray) -> int:
    """How many pictures of a grid stand in a row."""
    return GREY_COLUMNS if pictures.ndim == 3 else FACE_COLUMNS


def grid(samples: Path) -> np.ndarray:
    """The pictures of a GAN that a page has room for: rows of ten digits, a conditional GAN's from 0 to 9, or faces."""
    pictures = read_arrays(samples, ["grid/images"])["grid/images"]
    if pictures.ndim == 4:
        return thumbnails(pictures[: FACE_ROWS * FACE_COLUMNS], FACE_SIDE)
    if read_attribute(samples, "description").get("classes") and len(pictures) % GREY_COLUMNS == 0:
        by_label = pictures.reshape(GREY_COLUMNS, -1, *pictures.shape[1:])
        pictures = by_label.swapaxes(0, 1).reshape(pictures.shape)
    return pictures[: GREY_ROWS * GREY_COLUMNS]


def drawn(pictures: np.ndarray, columns: int, alt: str, caption: str) -> str:
    """A sheet of pictures as HTML, to stand beside another."""
    laid = sheet(pictures, columns)
    image = f'<img width="{2 * laid.shape[1]}" alt="{escape(alt)}" src="{still(laid)}">'
    return framed(image, caption)


def framed(content: str, caption: str) -> str:
    """HTML and a caption that share a row with another where the page is wide enough."""
    return f'<figure style="flex: 1 1 18rem">{content}<figcaption>{escape(caption)}</figcaption></figure>'


def in_a_row(figures: Sequence[str]) -> str:
    """Figures next to each other, on a narrow page below each other."""
    return f'<div style="display: flex; flex-wrap: wrap; gap: 0 1.5rem">{"".join(figures)}</div>'
