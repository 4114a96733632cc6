"""Figures of functions, their slopes, and how well a small step to both sides finds them."""

from collections.abc import Mapping

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.lessons.foundations.derivatives import (
    Function,
    autograd,
    central_difference,
    largest_relative_difference,
    sigmoid,
    sigmoid_slope,
)
from stages.reporting.figures import BLACK, BLUE, GREEN, ORANGE, RED, _calm

LOW, HIGH = -3, 3
CURVE = torch.linspace(LOW, HIGH, 600, dtype=torch.float64)  # an even number: none is 0
DOTS = torch.linspace(LOW, HIGH, 12, dtype=torch.float64)
STEPS = np.logspace(-12, 0, 49)
KINK = 0.1  # of a slope, between two neighbours of the curve
CENTRE, WIDE = 1.0, 1.5  # where the picture of a central difference is taken, and its step


def functions_with_slopes(curves: Mapping[str, tuple[Function, Function]], columns: int) -> Figure:
    """Functions over -3 to 3, each with a slope found by the second function, and dots that autograd finds.

    Where the slope jumps at 0, a hollow ring marks the kink.
    """
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(7.5, 2.5 * rows + 0.35), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    entries = {}
    for axes, (title, (function, slope)) in zip(panels.flat, curves.items(), strict=True):
        slopes, middle = slope(CURVE), len(CURVE) // 2
        axes.axhline(0, color="#cccccc", linewidth=0.8, zorder=0)
        axes.plot(CURVE, function(CURVE), color=BLUE, linewidth=1.8, label="function")
        if abs(slopes[middle] - slopes[middle - 1]) > KINK:
            axes.plot(0, function(torch.zeros(1)), "o", color=RED, fillstyle="none", markersize=9,
                      label="kink: no slope")
            slopes[middle] = torch.nan  # no line across the jump
        axes.plot(CURVE, slopes, "--", color=ORANGE, linewidth=1.8, label="slope, by its formula")
        axes.plot(DOTS, autograd(function, DOTS), "D", color=GREEN, markersize=4, label="slope, by autograd")
        axes.set_title(title, fontsize=10)
        axes.set(xlim=(LOW, HIGH), xlabel="x")
        _calm(axes)
        entries |= {label: line for line, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(entries.values(), entries.keys(), frameon=False, loc="outside upper center", ncols=4, fontsize=9)
    return figure


def central_difference_drawn() -> Figure:
    """A sigmoid with its tangent at 1, and the line through its points one wide step to both sides."""
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    axes = figure.add_subplot()
    ends = torch.tensor([CENTRE - WIDE, CENTRE + WIDE])
    middle = torch.tensor(CENTRE)
    axes.plot(CURVE, sigmoid(CURVE), color=BLUE, linewidth=1.8, label="sigmoid")
    _line(axes, middle, sigmoid(middle), sigmoid_slope(middle), BLACK, "-", "its slope at 1")
    rise = central_difference(sigmoid, middle, WIDE)
    _line(axes, middle, sigmoid(ends).mean(), rise, ORANGE, "--", f"central difference, step {WIDE:g}")
    axes.plot(ends, sigmoid(ends), "s", color=ORANGE, markersize=7)
    axes.plot(middle, sigmoid(middle), "o", color=BLACK, markersize=7)
    axes.set(xlim=(-1.5, HIGH), ylim=(0, 1.15), xlabel="x")
    axes.legend(frameon=False, loc="lower right")
    _calm(axes)
    return figure


def steps_and_errors(chosen: float) -> Figure:
    """How wrong the central difference of the sigmoid at 1 is, over its step; `chosen` is marked."""
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.loglog(STEPS, [step_error(step) for step in STEPS], ".-", color=BLUE, label="relative error")
    axes.axhline(1e-6, color=BLACK, linestyle="--", linewidth=1.2, label="allowed here")
    axes.plot(chosen, step_error(chosen), "D", color=ORANGE, markersize=8, label=f"step {chosen:g}, used here")
    axes.set(xlabel="step, logarithmic", ylabel="relative error, logarithmic")
    axes.legend(frameon=False)
    _calm(axes)
    return figure


def step_error(step: float) -> float:
    """How wrong the central difference of the sigmoid at 1 is with that step, as a fraction of the slope."""
    middle = torch.tensor([CENTRE], dtype=torch.float64)
    found = central_difference(sigmoid, middle, float(step))
    return max(largest_relative_difference(found, autograd(sigmoid, middle)), 1e-17)  # a logarithm has no 0


def _line(axes: Axes, x: torch.Tensor, y: torch.Tensor, slope: torch.Tensor, color: str, style: str,
          label: str) -> None:
    """A straight line through a point, over two steps to both sides."""
    reach = torch.tensor([-1.6, 1.6])
    axes.plot(x + reach, y + slope * reach, style, color=color, linewidth=1.5, label=f"{label}: {slope:.3f}")
