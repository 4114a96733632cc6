"""Figures of reports. Each function draws one picture and returns it; colours are safe for colour-blind readers."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000",
)
CYCLE = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK, YELLOW]


def loss_curve(losses: pd.DataFrame, window: int) -> Figure:
    """Every recorded loss as a faint dot, as in the book, and their mean over `window` records as a line."""
    figure, axes = _canvas(7.5, 3.6)
    few = len(losses) < 1000  # then each dot may be seen
    axes.plot(losses["update"], losses["loss"], ".", color=SKY, alpha=0.9 if few else 0.35, markersize=6 if few else 3,
              markeredgewidth=0)
    mean = losses["loss"].rolling(window, min_periods=1).mean()
    axes.plot(losses["update"], mean, color=BLUE, linewidth=1.8, label=f"running mean of {window} dots")
    highest = max(float(losses["loss"].quantile(0.995)), float(mean.max()), 1e-6)
    axes.set(xlabel="update", ylabel="loss", ylim=(0, 1.1 * highest))
    axes.legend(frameon=False)
    return figure


def loss_curves(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Smoothed losses of several experiments over the share of their training; a new line style after eight colours."""
    figure, axes = _canvas(7.5, 4)
    styles = itertools.product(("-", "--", ":", "-."), CYCLE)
    for (name, losses), (style, color) in zip(curves.items(), itertools.cycle(styles), strict=False):
        window = max(len(losses) // 40, 1)
        mean = losses["loss"].rolling(window, min_periods=1).mean().to_numpy()
        axes.plot(np.linspace(0, 100, len(mean)), mean, style, color=color, linewidth=1.6, label=name)
    axes.set(xlabel="share of the training done, %", ylabel="loss, smoothed", yscale="log")
    axes.legend(frameon=False, ncols=2, fontsize=8)
    return figure


def picture(image: np.ndarray, title: str) -> Figure:
    """One grey picture [height, width], ink dark on white as on paper, or one in colour [height, width, 3]."""
    figure, axes = _canvas(2.6, 0.3 + 2.6 * image.shape[0] / image.shape[1])
    _draw_picture(axes, image)
    axes.set_title(title, fontsize=10)
    return figure


def picture_grid(images: np.ndarray, titles: Sequence[str], columns: int, width: float = 0.9) -> Figure:
    """Pictures [n, height, width] or [n, height, width, 3] in rows, `width` inches each, a short title above each."""
    rows, height = -(-len(images) // columns), width * images.shape[1] / images.shape[2]
    room = 0.02 + 0.2 * max(title.count("\n") + bool(title) for title in titles)
    figure = Figure(figsize=(columns * width, rows * (height + room)), layout="constrained")
    for place in range(rows * columns):
        axes = figure.add_subplot(rows, columns, place + 1)
        if place < len(images):
            _draw_picture(axes, images[place])
            axes.set_title(titles[place], fontsize=8)
        else:
            axes.set_axis_off()
    return figure


def record_with_outputs(image: np.ndarray, outputs: np.ndarray, label: int) -> Figure:
    """A test picture beside the ten outputs of a classifier as bars; the true class is orange."""
    figure = Figure(figsize=(7.5, 3), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 2.4])
    _draw_picture(left, image)
    left.set_title(f"label {label}", fontsize=10)
    colors = [ORANGE if place == label else BLUE for place in range(len(outputs))]
    right.bar(range(len(outputs)), outputs, color=colors)
    right.set(xlabel="output", ylabel="value", xticks=range(len(outputs)), ylim=(min(0, *outputs), max(1, *outputs)))
    _calm(right)
    return figure


def confusion(counts: np.ndarray) -> Figure:
    """True classes as rows, predicted ones as columns; shade is the share of the row, numbers are counts."""
    figure, axes = _canvas(5.6, 5.2)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # the diagonal outshines everything: the square root lets the mistakes be seen
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            color = "white" if shares[row, column] > 0.4 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=8, color=color)
    ticks = range(len(counts))
    axes.set(xlabel="predicted", ylabel="true class", xticks=ticks, yticks=ticks)
    axes.spines[:].set_visible(False)
    return figure


def class_counts(counts: Mapping[str, np.ndarray]) -> Figure:
    """How often each class occurs in each split, as shares, so that splits of different size compare."""
    figure, axes = _canvas(7.5, 3)
    width = 0.8 / len(counts)
    for place, (split, numbers) in enumerate(counts.items()):
        positions = np.arange(len(numbers)) + (place - (len(counts) - 1) / 2) * width
        axes.bar(positions, 100 * numbers / numbers.sum(), width, color=CYCLE[place], label=split)
    axes.set(xlabel="class", ylabel="share of the split, %", xticks=range(10))
    axes.legend(frameon=False, ncols=len(counts), loc="lower right", bbox_to_anchor=(1, 1))
    return figure


def accuracies(names: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> Figure:
    """Accuracies in per cent, a row per name, a marker for each of up to four series; None where one has none."""
    assert len(series) <= 4, "more series need more markers"
    figure, axes = _canvas(7.5, 0.42 * len(names) + 1)
    rows = np.arange(len(names))
    axes.hlines(rows, 0, 100, color="#dddddd", linewidth=0.8, zorder=0)
    lowest = 100.0
    for (label, shares), marker, color in zip(series.items(), "Dos^", (ORANGE, BLUE, GREEN, RED), strict=False):
        given = [(100 * share, row) for row, share in zip(rows, shares, strict=True) if share is not None]
        axes.plot([value for value, _ in given], [row for _, row in given], marker, color=color, markersize=7,
                  label=label)
        lowest = min([lowest, *(value for value, _ in given)])
    axes.set(xlabel="test accuracy, %", yticks=rows, yticklabels=names, xlim=(1.05 * lowest - 6, 100.5))
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower left")
    return figure


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of that size in inches with one calm set of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    _calm(axes)
    return figure, axes


def _calm(axes: Axes) -> None:
    """Only the spines that carry a scale."""
    axes.spines[["top", "right"]].set_visible(False)


def _draw_picture(axes: Axes, image: np.ndarray) -> None:
    """A picture without scales, a thin frame around it; colours are shown as they are."""
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color("#cccccc")
