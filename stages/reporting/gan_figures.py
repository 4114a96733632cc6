"""Figures of GANs; each function draws one picture and returns it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.datasets.pattern import place_names
from stages.reporting.figures import BLACK, BLUE, GREEN, ORANGE, RED, SKY, _calm, _canvas
from stages.reporting.pixels import sheet
from stages.reporting.words import number

DPI = 144  # of all pictures on a page
WIDEST, MOST_PIXELS = 8.2, 500_000  # inches of pictures in colour, as wide as a page, and their pixels
MOST_DOTS = 10_000
SMALLEST = 1e-3  # of distances: a logarithmic scale has no 0
MOST_SHARE = 35  # per cent, of a class histogram among others
FLOOR = "#666666"
# name in the file: name in the figure, colour of line and of dots
PLAYERS = {
    "discriminator_real": ("discriminator, real samples", BLUE, SKY),
    "discriminator_fake": ("discriminator, generated samples", ORANGE, "#f5d28a"),
    "generator": ("generator", GREEN, "#8fd6bf"),
    "pairs": ("discriminator, real against generated", BLUE, SKY),
    "real": ("real samples", BLUE, SKY),
    "noise": ("noise", ORANGE, "#f5d28a"),
}


def picture_sheet(pictures: np.ndarray, columns: int, row_titles: Sequence[str] = (),
                  column_titles: Sequence[str] = (), scale: int = 3) -> Figure:
    """Pictures in rows, with names at the sides: grey [n, height, width], every pixel a square of `scale` pixels.

    Those in colour, [n, height, width, 3], are made smaller where a page would be too narrow for them.
    """
    content, colour = sheet(pictures, columns), pictures.ndim == 4
    if colour:
        down, right = content.shape[:2]
        scale = min(scale, WIDEST * DPI / right, (MOST_PIXELS / (down * right)) ** 0.5)
    left = 0.09 * max((len(title) for title in row_titles), default=0) + (0.1 if row_titles else 0)
    top = 0.24 if column_titles else 0
    height, width = (scale * pixels / DPI for pixels in content.shape[:2])
    figure = Figure(figsize=(left + width, top + height))
    axes = figure.add_axes((left / (left + width), 0, width / (left + width), height / (top + height)))
    axes.imshow(content, cmap="gray_r", vmin=0, vmax=255, interpolation="hanning" if colour else "nearest",
                aspect="auto")
    axes.spines[:].set_visible(False)
    down, right = (side + 1 for side in pictures.shape[1:3])
    axes.set_xticks([right * (column + 0.5) for column in range(len(column_titles))], column_titles, fontsize=8)
    axes.set_yticks([down * (row + 0.5) for row in range(len(row_titles))], row_titles, fontsize=8)
    axes.tick_params(length=0, pad=3, labeltop=True, labelbottom=False)
    return figure


def patterns(values: np.ndarray, titles: Sequence[str]) -> Figure:
    """Patterns [n, size] of numbers in 0..1 as rows of cells, each with its number; 1 is ink."""
    figure = Figure(figsize=(4.6, 0.34 * len(values) + 0.3), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(values, cmap="gray_r", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(values.shape):
        color = "white" if values[row, column] > 0.55 else "black"
        axes.text(column, row, f"{values[row, column]:.2f}", ha="center", va="center", fontsize=9, color=color)
    axes.set_xticks(range(values.shape[1]), place_names(values.shape[1]), fontsize=9)
    axes.set_yticks(range(len(values)), titles, fontsize=9)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_color("#cccccc")
    return figure


def pattern_ranges(values: np.ndarray, ranges: Sequence[Sequence[float]], name: str) -> Figure:
    """The ranges of the rule as bars, and patterns [n, size] as dots in or beside them."""
    figure, axes = _canvas(6, 2.8)
    for place, (low, high) in enumerate(ranges):
        axes.bar(place, high - low, bottom=low, width=0.6, color=SKY, alpha=0.5, label=None if place else "the rule")
    spread = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else [0]
    for place in range(values.shape[1]):
        axes.plot(place + np.asarray(spread), values[:, place], ".", color=BLUE, label=None if place else name)
    axes.set(ylim=(-0.03, 1.03), ylabel="value")
    axes.set_xticks(range(len(ranges)), place_names(len(ranges)))
    axes.legend(frameon=False, loc="center right")
    return figure


def dots(curves: pd.DataFrame) -> str:
    """Which of the iterations or pairs `losses` draws as dots: `Every fifth`, or fewer of very many."""
    recorded_every = int(curves.iloc[0, 0])
    step = recorded_every * -(-len(curves) // MOST_DOTS)
    return "Every fifth" if step == 5 else f"Every {step}th"


def losses(curves: pd.DataFrame, over: str, names: Sequence[str], ideal: float | None = None) -> Figure:
    """Loss curves of both players: recorded values as faint dots, running means as lines, the ideal as a dashed one."""
    figure, axes = _canvas(7.5, 3.8)
    window, step = max(len(curves) // 50, 1), -(-len(curves) // MOST_DOTS)
    dots, highest = curves.iloc[::step], 0.0
    for name in names:
        title, color, faint = PLAYERS[name]
        axes.plot(dots[over], dots[name], ".", color=faint, markersize=2.5, markeredgewidth=0, alpha=0.5)
        mean = curves[name].rolling(window, min_periods=1).mean()
        axes.plot(curves[over], mean, color=color, linewidth=1.8, label=title)
        highest = max(highest, float(mean.max()), float(curves[name].quantile(0.98)))
    if ideal is not None:
        axes.axhline(ideal, color=BLACK, linestyle="--", linewidth=1.2, label=f"ideal, {ideal:.3g}")
    axes.set(xlabel=over, ylabel="loss", ylim=(0, 1.08 * max(highest, ideal or 0, 1e-6)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.legend(frameon=False, loc="outside upper center", ncols=2, fontsize=9)
    return figure


def class_histogram(generated: np.ndarray, real: np.ndarray) -> Figure:
    """How often each digit is drawn, beside how often it occurs in the real data."""
    figure, axes = _canvas(7.5, 2.8)
    digits = np.arange(len(generated))
    axes.bar(digits - 0.2, 100 * real, 0.4, color=SKY, label="real")
    axes.bar(digits + 0.2, 100 * generated, 0.4, color=BLUE, label="generated")
    axes.set(xlabel="digit, as the judge reads it", ylabel="share of the pictures, %", xticks=digits)
    figure.legend(frameon=False, loc="outside upper center", ncols=2)
    return figure


def label_accuracy(shares: Sequence[float]) -> Figure:
    """How often the judge reads the digit asked for, digit by digit."""
    figure, axes = _canvas(7.5, 2.6)
    bars = axes.bar(range(len(shares)), [100 * share for share in shares], color=BLUE)
    axes.bar_label(bars, [f"{100 * share:.1f}" for share in shares], fontsize=8, padding=2)
    axes.set(xlabel="digit asked for", ylabel="read as asked, %", xticks=range(len(shares)), ylim=(0, 108))
    return figure


def modes(rows: Mapping[str, tuple[np.ndarray, np.ndarray]], real: np.ndarray) -> Figure:
    """For each name its class histogram, with the real one as steps, beside a sheet of its pictures."""
    figure = Figure(figsize=(7.5, 1.62 * len(rows)), layout="constrained")
    pairs = figure.subplots(len(rows), 2, width_ratios=[1, 1.75], squeeze=False)
    digits = np.arange(len(real))
    highest = min(105 * max(share.max() for share in [real, *(shares for shares, _ in rows.values())]), MOST_SHARE)
    for (left, right), (name, (shares, pictures)) in zip(pairs, rows.items(), strict=True):
        left.bar(digits, 100 * shares, color=BLUE)
        left.stairs(100 * real, np.arange(len(real) + 1) - 0.5, color=ORANGE, linewidth=1.2)
        for digit in np.flatnonzero(100 * shares > highest):  # else one collapsed GAN makes all others flat
            left.text(digit, 0.96 * highest, f"{100 * shares[digit]:.0f}", ha="center", va="top", color="white",
                      fontsize=7)
        left.set(xticks=digits, ylim=(0, highest), ylabel="share, %")
        left.tick_params(labelsize=7)
        left.yaxis.label.set_size(8)
        _calm(left)
        right.imshow(sheet(pictures, len(digits)), cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
        right.set_title(name, fontsize=9, loc="left")
        right.set_axis_off()
    return figure


def distances(values: Mapping[str, float], floor: float) -> Figure:
    """Distances from the real data, a row per name, on a logarithmic scale; the floor as a dashed line."""
    figure, axes = _rows(list(values))
    values, floor = {name: max(value, SMALLEST) for name, value in values.items()}, max(floor, SMALLEST)
    axes.plot(list(values.values()), range(len(values)), "o", color=BLUE, markersize=8)
    axes.axvline(floor, color=FLOOR, linestyle="--", linewidth=1.2)
    axes.annotate("real pictures", (floor, 1), xycoords=("data", "axes fraction"), xytext=(4, -2), fontsize=8,
                  textcoords="offset points", color=FLOOR, va="top")
    for row, value in enumerate(values.values()):
        axes.annotate(number(value), (value, row), xytext=(8, 0), textcoords="offset points", va="center", fontsize=9)
    low, high = min([floor, *values.values()]), max([floor, *values.values()])
    axes.set_xscale("log")  # before limits, which a linear axis would find equal
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.12g}")
    axes.set(xlim=(low / 1.5, high * 2.2), xlabel="Frechet distance, logarithmic; left is better")
    return figure


def shares(series: Mapping[str, Mapping[str, float]]) -> Figure:
    """Shares of 1 by name, a row per name, a marker for each of up to four series."""
    assert len(series) <= 4, "more series need more markers"
    figure, axes = _rows(list(next(iter(series.values()))))
    for (title, values), marker, color in zip(series.items(), "oD^s", (BLUE, ORANGE, GREEN, RED), strict=False):
        axes.plot([100 * value for value in values.values()], range(len(values)), marker, color=color, markersize=8,
                  label=title)
    axes.set(xlim=(-2, 102), xlabel="%; right is better")
    figure.legend(frameon=False, loc="outside upper center", ncols=len(series))
    return figure


def _rows(names: Sequence[str]) -> tuple[Figure, Axes]:
    """Axes with a faint line for each name, the first at the top."""
    figure, axes = _canvas(7.5, 0.42 * len(names) + 1.1)
    for row in range(len(names)):
        axes.axhline(row, color="#dddddd", linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    return figure, axes
