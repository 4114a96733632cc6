"""Figures of appendix B; each function draws one picture and returns it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from stages.reporting.figures import BLACK, BLUE, CYCLE, ORANGE, SKY, _canvas

PIXEL, GAP = 0.17, 1.0  # inches of a pixel of a small picture; pixels between two
MARKERS = "osD^v"


def tables(panels: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Tables of numbers in 0..1 and of texts, [rows, columns] each, side by side: dark for 1, the text in its cell."""
    figure = Figure(figsize=(2.7 * len(panels), 2.9), layout="constrained")
    for axes, (title, (values, texts)) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        axes.imshow(values, cmap="gray_r", vmin=0, vmax=1)
        _write_cells(axes, texts, values > 0.55)
        axes.set_title(title, fontsize=10)
        _frame(axes, values.shape)
        axes.set(xticks=[], yticks=[])
    return figure


def small_pictures(pictures: np.ndarray, columns: int, titles: Sequence[str] = ()) -> Figure:
    """Pictures, bool [n, height, width] with True for dark, in rows of `columns`, a title above each where given."""
    side = pictures.shape[1]
    across, down = side + GAP, side + (2 * GAP if titles else GAP)
    rows = -(-len(pictures) // columns)
    figure = Figure(figsize=(PIXEL * across * columns, PIXEL * down * rows))
    axes = figure.add_axes((0, 0, 1, 1))
    for place, picture in enumerate(pictures):
        left, above = across * (place % columns), down * (place // columns)
        axes.imshow(picture, cmap="gray_r", vmin=0, vmax=1, extent=(left, left + side, above + side, above))
        axes.add_patch(Rectangle((left, above), side, side, fill=False, edgecolor="#999999", linewidth=0.8))
        if titles:
            axes.text(left + side / 2, above - GAP / 4, titles[place], ha="center", va="bottom", fontsize=9)
    top = side - down + GAP / 2
    axes.set(xlim=(-GAP / 2, across * columns - GAP / 2), ylim=(top + down * rows, top))
    axes.set_axis_off()
    return figure


def convergence(counts: np.ndarray, errors: np.ndarray, sizes: Sequence[int], usual: Sequence[float],
                widest: float, expected: float) -> Figure:
    """Largest errors along one run, usual ones of many runs, and theory: `widest` and `expected` over the root of n.

    `widest` is sqrt(p (1 - p)) of the most uncertain pixel, `expected` the root of the mean square over all pixels.
    """
    figure, axes = _canvas(6.4, 4)
    axes.fill_between(counts, 2 * widest / np.sqrt(counts), 1e-9, color=SKY, alpha=0.3, linewidth=0,
                      label="up to two standard errors of the most uncertain pixel")
    axes.plot(counts, errors, color=BLUE, linewidth=1.3, label="one run: largest error of the nine pixels")
    axes.plot(counts, expected / np.sqrt(counts), "--", color=BLACK, linewidth=1.3,
              label="theory: usual error of a pixel")
    axes.plot(sizes, usual, "D", color=ORANGE, markeredgecolor=BLACK, markersize=8,
              label="many runs: usual error of a pixel")
    lowest = min(errors[errors > 0].min(), expected / np.sqrt(counts[-1]))
    axes.set(xscale="log", yscale="log", xlabel="pictures drawn", ylabel="error of the frequencies",
             ylim=(0.5 * lowest, 1), xlim=(0.8 * counts[0], 1.2 * counts[-1]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    figure.legend(frameon=False, loc="outside upper center", ncols=1, fontsize=9)
    return figure


def pairs(panels: Mapping[str, np.ndarray], names: Sequence[str]) -> Figure:
    """How often two pixels are dark together, as a multiple of independent ones, [n, n]; NaN where a pair is none."""
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    for axes, (title, ratios) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
        axes.imshow(np.log2(np.clip(ratios, 1 / 4, 4)), cmap="PuOr", vmin=-4, vmax=4)
        _write_cells(axes, np.where(np.isnan(ratios), "", np.char.mod("%.1f", ratios)), np.zeros(ratios.shape, bool))
        axes.set_title(title, fontsize=10)
        axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor", fontsize=9)
        axes.set_yticks(range(len(names)), names, fontsize=9)
        axes.tick_params(length=0)
        axes.spines[:].set_color("#cccccc")
    return figure


def modes(panels: Mapping[str, tuple[np.ndarray, np.ndarray]], corners: np.ndarray) -> Figure:
    """Points [n, 2] of each panel with the mode of each, [n], and the middles of all modes with their numbers."""
    figure = Figure(figsize=(5.6, 2.8), layout="constrained")
    for axes, (title, (points, places)) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(),
                                               strict=True):
        for mode, (color, marker) in enumerate(zip(CYCLE, MARKERS, strict=False)):
            axes.plot(*points[places == mode].T, marker, color=color, markersize=3.5, markeredgewidth=0, alpha=0.6)
        for mode, (across, up) in enumerate(1.85 * corners, start=1):
            axes.text(across, up, f"mode {mode}", ha="center", va="center", fontsize=9)
        axes.set(xlim=(-2.4, 2.4), ylim=(-2.2, 2.2), xticks=[], yticks=[], aspect="equal")
        axes.set_title(title, fontsize=10)
        axes.spines[:].set_color("#cccccc")
    return figure


def _write_cells(axes: Axes, texts: np.ndarray, light: np.ndarray) -> None:
    """A text in each cell, white where `light`."""
    for (row, column), text in np.ndenumerate(texts):
        axes.text(column, row, text, ha="center", va="center", fontsize=10,
                  color="white" if light[row, column] else "black")


def _frame(axes: Axes, shape: tuple[int, ...]) -> None:
    """Thin lines between the cells."""
    for lines, count in ((axes.axhline, shape[0]), (axes.axvline, shape[1])):
        for place in range(count + 1):
            lines(place - 0.5, color="#cccccc", linewidth=1)
    axes.spines[:].set_visible(False)
