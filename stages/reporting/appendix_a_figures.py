"""Figures of Appendix A: losses over the output of a discriminator, and how far real trainings end from the ideal."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from stages.lessons.appendix_a.curves import Curve
from stages.reporting.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, _calm
from stages.reporting.gan_figures import _rows

# key: colour, line style
STYLES = {"mean_squared_error": (BLUE, "-"), "binary_cross_entropy": (ORANGE, "--")}
HIGHEST_LOSS, STEEPEST = 4.0, 10.0  # that are drawn
SHARE_STYLES = ((GREEN, "-.", "^"), (BLACK, "-", "o"), (PURPLE, "--", "s"))
CAPPED = (1 / 16, 16)  # of an ideal: what ends farther away is drawn at the edge
TICKS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16)


def losses(outputs: np.ndarray, curves: Mapping[str, tuple[Curve, Curve]], names: Mapping[str, str],
           ideals: Mapping[str, float]) -> Figure:
    """Left the losses of a real sample, right those of a generated one, by loss; dots mark the ideal."""
    figure = Figure(figsize=(7.5, 3.7), layout="constrained")
    for place, (axes, title) in enumerate(zip(figure.subplots(1, 2, sharey=True),
                                              ("real sample, target 1", "generated sample, target 0"), strict=True)):
        for key, pair in curves.items():
            color, style = STYLES[key]
            axes.plot(outputs, pair[place].loss, style, color=color, linewidth=1.8,
                      label=None if place else names[key])
            axes.plot(0.5, ideals[key], "o", color=color, markersize=7)
            axes.annotate(f"{ideals[key]:.3g}", (0.5, ideals[key]), xytext=(0, 7), textcoords="offset points",
                          ha="center", va="bottom", fontsize=9)
        axes.axvline(0.5, color="#dddddd", linewidth=1, zorder=0)
        axes.set(xlabel="output of the discriminator", ylim=(0, HIGHEST_LOSS), xlim=(0, 1))
        axes.set_title(title, fontsize=10)
        _calm(axes)
    figure.axes[0].set_ylabel("loss")
    figure.legend(frameon=False, loc="outside upper center", ncols=2)
    return figure


def slopes(outputs: np.ndarray, curves: Mapping[str, Curve], names: Mapping[str, str]) -> Figure:
    """How strongly each loss of a real sample pushes: left the output, right the number before its sigmoid."""
    figure = Figure(figsize=(7.5, 3.7), layout="constrained")
    left, right = figure.subplots(1, 2)
    for key, curve in curves.items():
        color, style = STYLES[key]
        left.plot(outputs, -curve.slope, style, color=color, linewidth=1.8, label=names[key])
        right.plot(outputs, -curve.slope_before, style, color=color, linewidth=1.8)
    left.set_title("on the output", fontsize=10)
    right.set_title("on the number before the sigmoid", fontsize=10)
    left.set(ylabel="push upwards", ylim=(0, STEEPEST))
    right.set(ylim=(0, 1.05))
    for axes in (left, right):
        axes.set(xlabel="output of the discriminator, target 1", xlim=(0, 1))
        _calm(axes)
    figure.legend(frameon=False, loc="outside upper center", ncols=2)
    return figure


def best_answers(outputs: np.ndarray, curves: Mapping[str, Mapping[float, np.ndarray]],
                 names: Mapping[str, str]) -> Figure:
    """For each loss its mean over all samples, a curve for each share of real ones, with its lowest point marked."""
    figure = Figure(figsize=(7.5, 3.7), layout="constrained")
    for place, (axes, (key, by_share)) in enumerate(zip(figure.subplots(1, 2), curves.items(), strict=True)):
        for (share, values), (color, style, marker) in zip(by_share.items(), SHARE_STYLES, strict=True):
            lowest = int(np.argmin(values))
            axes.plot(outputs, values, linestyle=style, color=color, linewidth=1.6)
            axes.plot(outputs[lowest], values[lowest], marker, color=color, markersize=8, linestyle=style,
                      label=None if place else f"{share:g} of all samples are real")
        axes.set(xlabel="one answer for every sample", xlim=(0, 1),
                 ylim=(0, 2 * max(values[len(values) // 2] for values in by_share.values())))
        axes.set_title(names[key], fontsize=10)
        _calm(axes)
    figure.axes[0].set_ylabel("mean loss")
    figure.legend(frameon=False, loc="outside upper center", ncols=3, fontsize=9)
    return figure


def against_ideal(names: Sequence[str], discriminator: Sequence[float], generator: Sequence[float]) -> Figure:
    """The final losses of both players as multiples of the ideal, a row per GAN; each grid line is twice the last."""
    figure, axes = _rows(names)
    for row, ends in enumerate(zip(discriminator, generator, strict=True)):
        axes.plot(np.clip(ends, *CAPPED), (row, row), color="#bbbbbb", linewidth=2, zorder=1)
    # the generator's are smaller, and seen where both lie together
    for title, values, marker, color, size in (("discriminator", discriminator, "o", BLUE, 11),
                                               ("generator", generator, "D", ORANGE, 6)):
        axes.plot(np.clip(values, *CAPPED), range(len(names)), marker, color=color, markersize=size, label=title)
    axes.axvline(1, color=BLACK, linestyle="--", linewidth=1.2, label="ideal")
    axes.set_xscale("log", base=2)
    axes.set_xticks(TICKS, [_fraction(tick) for tick in TICKS])
    axes.set(xlim=_limits([*discriminator, *generator]), xlabel="loss as a multiple of its ideal")
    figure.legend(frameon=False, loc="outside upper center", ncols=3)
    return figure


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """Wide enough for all, within what is drawn; at least from a half to twice the ideal."""
    low, high = np.clip([min([0.5, *values]), max([2.0, *values])], *CAPPED)
    return low / 1.25, high * 1.25


def _fraction(value: float) -> str:
    """1/4, 1/2, 1, 2."""
    return f"{value:g}" if value >= 1 else f"1/{1 / value:g}"
