"""Figures of faces and of their attributes; each function draws one picture and returns it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from stages.reporting.figures import BLUE, ORANGE, SKY, _calm, _draw_picture, loss_curves
from stages.reporting.pixels import sheet
from stages.reporting.words import spoken

ROW = 0.21  # inches of an attribute
WIDTH = 7.5  # inches of a page
FAINT = "#bbbbbb"


def paired_shares(names: Sequence[str], series: Mapping[str, np.ndarray], over: str = "share of the faces, %",
                  low: float = 0) -> Figure:
    """Two shares of 1 for each attribute as marks on a line between them, sorted by the first series, in per cent."""
    (first, second), titles = series.values(), list(series)
    order = np.argsort(-np.asarray(first), kind="stable")
    figure, axes = _rows([names[place] for place in order])
    rows, first, second = np.arange(len(order)), 100 * np.asarray(first)[order], 100 * np.asarray(second)[order]
    axes.hlines(rows, first, second, color=FAINT, linewidth=2.5, zorder=1)
    axes.plot(first, rows, "D", color=ORANGE, markersize=5.5, label=titles[0])
    axes.plot(second, rows, "o", color=BLUE, markersize=6, label=titles[1])
    axes.set(xlabel=over, xlim=(low - 0.02 * (100 - low), 100 + 0.02 * (100 - low)))
    figure.legend(frameon=False, loc="outside upper center", ncols=2, fontsize=9)
    return figure


def share_bars(names: Sequence[str], shares: np.ndarray) -> Figure:
    """How often each attribute occurs, the most frequent first, each bar with its number."""
    order = np.argsort(-shares, kind="stable")
    figure, axes = _rows([names[place] for place in order])
    bars = axes.barh(range(len(order)), 100 * shares[order], height=0.7, color=SKY)
    axes.bar_label(bars, [f"{100 * share:.0f}" if share >= 0.1 else f"{100 * share:.1f}" for share in shares[order]],
                   fontsize=7.5, padding=3)
    axes.set(xlabel="share of the training faces, %", xlim=(0, 108))
    return figure


def crop(image: np.ndarray, height: int, width: int) -> Figure:
    """A picture [height, width, 3] with its central part framed, and that part beside it, at the same scale."""
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    figure = Figure(figsize=(4.8, 3.1), layout="constrained")
    whole, part = figure.subplots(1, 2, width_ratios=[image.shape[1], width])
    _draw_picture(whole, image)
    whole.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor=ORANGE, linewidth=2.5))
    _draw_picture(part, image[top : top + height, left : left + width])
    for axes, shown in ((whole, image.shape[:2]), (part, (height, width))):
        axes.set_title(f"{shown[0]} × {shown[1]}", fontsize=9)
    return figure


def gallery(rows: Mapping[str, np.ndarray]) -> Figure:
    """For each name a row of its faces [n, height, width, 3], all rows equally wide."""
    sheets = [sheet(faces, len(faces)) for faces in rows.values()]
    heights = [WIDTH * picture.shape[0] / picture.shape[1] + 0.28 for picture in sheets]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    every = figure.subplots(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, name, picture in zip(every, rows, sheets, strict=True):
        axes.imshow(picture, interpolation="hanning")
        axes.set_title(name, fontsize=9, loc="left", pad=3)
        axes.set_axis_off()
    return figure


def generator_losses(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Smoothed losses of several generators over the share of their training."""
    return loss_curves({name: losses.rename(columns={"generator": "loss"}) for name, losses in curves.items()})


def _rows(names: Sequence[str]) -> tuple[Figure, Axes]:
    """Axes with a row for each attribute, the first at the top."""
    figure = Figure(figsize=(7.5, ROW * len(names) + 0.9), layout="constrained")
    axes = figure.add_subplot()
    _calm(axes)
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    # a dollar sign would begin a formula
    axes.set_yticks(range(len(names)), [spoken(name).replace("$", r"\$") for name in names], fontsize=8.5)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    return figure, axes
