"""Figures of Appendix D: the spiral, its reason, and the walks that it is compared with."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.lessons.appendix_d.methods import field, radii
from stages.reporting.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, _calm, _canvas

QUIET = "#999999"
# key: name in figures and tables, colour, line style
STYLES = {
    "simultaneous": ("simultaneous", BLACK, "-"), "momentum": ("momentum", RED, "--"),
    "alternating": ("alternating", ORANGE, "-"), "extra_gradient": ("extra-gradient", BLUE, "-"),
    "optimistic": ("optimistic", SKY, "--"), "weight_decay": ("weight decay", GREEN, "-."),
    "penalty": ("gradient penalty", PURPLE, (0, (2, 1))), "mean": ("mean of all points", BLUE, "-"),
    "moving": ("moving average", GREEN, "--"),
}
OVERTAKEN = 3  # a curve that passes the last spiral so many times over leaves the figure
DRAWN_RATE = 0.5  # of the one step that is drawn large
NEAR_NOTHING = 1e-5


def swings(points: np.ndarray) -> Figure:
    """x and y of a walk [steps + 1, 2] over its steps."""
    figure, axes = _canvas(7.5, 3.2)
    axes.plot(points[:, 0], color=BLUE, linewidth=1.6, label="x, which steps down")
    axes.plot(points[:, 1], "--", color=ORANGE, linewidth=1.6, label="y, which steps up")
    axes.axhline(0, color=QUIET, linewidth=0.8)
    axes.set(xlabel="step", ylabel="value")
    figure.legend(frameon=False, loc="outside upper center", ncols=2)
    return figure


def spiral(points: np.ndarray, factor: float) -> Figure:
    """Left a walk in the plane, right its distance from the middle, over that of theory."""
    figure = Figure(figsize=(7.5, 3.7), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_walk(left, points, BLACK, "-")
    left.plot(*points[-1], "s", color=RED, markersize=6, label="end")
    left.legend(frameon=False, loc="lower left", fontsize=8, borderaxespad=0)
    distances, steps = radii(points), np.arange(len(points))
    right.plot(steps, distances, color=SKY, linewidth=4, label="measured")
    right.plot(steps, distances[0] * factor**steps, "--", color=BLACK, linewidth=1.4, label="theory")
    right.set(xlabel="step", ylabel="distance from the middle")
    right.legend(frameon=False)
    for axes in (left, right):
        _calm(axes)
    return figure


def pull(walk: np.ndarray) -> Figure:
    """Left where both players pull, over dotted circles, and a walk; right one step, large, and why it leads outwards.

    The walk [steps + 1, 2] is made to begin at a distance of 1.
    """
    walk = walk / radii(walk[0])
    figure = Figure(figsize=(7.5, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    places = np.stack(np.meshgrid(*[np.linspace(-1.2, 1.2, 7)] * 2), axis=-1).reshape(-1, 2)
    left.quiver(*places.T, *field(places).T, color=BLUE, angles="xy", scale_units="xy", scale=5, width=0.007,
                pivot="mid")
    circle = np.linspace(0, 2 * np.pi, 200)
    for radius in (0.5, 1.0):
        left.plot(radius * np.cos(circle), radius * np.sin(circle), ":", color=QUIET, linewidth=1)
    left.plot(0, 0, "+", color=BLACK, markersize=10)
    left.plot(*walk.T, color=RED, linewidth=1.4)
    left.plot(*walk[0], "D", color=RED, markersize=5)
    left.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5))
    left.set_title("where both pull: round the middle", fontsize=10)
    right.plot(np.cos(circle), np.sin(circle), ":", color=QUIET, linewidth=1.2)
    corner, tip = np.array([1.0, 0.0]), np.array([1.0, DRAWN_RATE])
    right.plot(*np.transpose([(0, 0), corner]), color=BLACK, linewidth=1.6)
    right.plot(*np.transpose([(0, 0), tip]), "--", color=RED, linewidth=1.6)
    right.annotate("", tip, corner, arrowprops={"arrowstyle": "-|>", "color": BLUE, "linewidth": 2, "shrinkA": 0,
                                                "shrinkB": 0})
    right.plot(0, 0, "+", color=BLACK, markersize=10)
    right.text(0.55, -0.05, "distance", ha="center", va="top", fontsize=9)
    right.text(1.04, DRAWN_RATE / 2, "step:\nrate × distance", color=BLUE, va="center", fontsize=9)
    right.text(0.5, 0.36, "new distance", color=RED, ha="center", va="bottom", fontsize=9,
               rotation=np.degrees(np.arctan(DRAWN_RATE)), rotation_mode="anchor")
    right.set_title(f"one step, at rate {DRAWN_RATE:g}", fontsize=10)
    right.set(xlim=(-0.25, 1.75), ylim=(-0.75, 1.25))
    for axes in (left, right):
        axes.set(aspect="equal", xlabel="x", ylabel="y")
        _calm(axes)
    return figure


def ellipse(points: np.ndarray, smallest: float, largest: float) -> Figure:
    """Left the orbit of alternating steps, right its distance from the middle between both ends of theory."""
    figure = Figure(figsize=(7.5, 3.7), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_walk(left, points, ORANGE, ".")
    right.plot(radii(points), color=ORANGE, linewidth=1)
    for distance, name, place in ((largest, "largest", 4), (smallest, "smallest", -4)):
        right.axhline(distance, color=BLACK, linestyle="--", linewidth=1)
        right.annotate(f"{name} in theory, {distance:.4f}", (0.02, distance), xytext=(0, place), fontsize=9,
                       xycoords=("axes fraction", "data"), textcoords="offset points",
                       va="bottom" if place > 0 else "top")
    room = 0.25 * (largest - smallest)
    right.set(xlabel="step", ylabel="distance from the middle", ylim=(smallest - room, largest + room))
    for axes in (left, right):
        _calm(axes)
    return figure


def distances(walks: Mapping[str, np.ndarray]) -> Figure:
    """How far several walks are from the middle, by the keys of STYLES; each line of the scale is ten times another."""
    figure, axes = _canvas(7.5, 4.4)
    every = {key: radii(points) for key, points in walks.items()}
    for key, curve in every.items():
        name, color, style = STYLES[key]
        width = 3.5 if key == "extra_gradient" else 1.8  # it lies under another curve
        axes.plot(np.maximum(curve, NEAR_NOTHING), linestyle=style, color=color, linewidth=width, label=name)
    others = [curve for key, curve in every.items() if key != "momentum"]
    axes.set(xlabel="step", ylabel="distance from the middle, logarithmic", yscale="log",
             ylim=(max(min(map(np.min, others)), NEAR_NOTHING) / 1.5, OVERTAKEN * max(map(np.max, others))))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    figure.legend(frameon=False, loc="outside upper center", ncols=4, fontsize=9)
    return figure


def orbits(walks: Mapping[str, np.ndarray], behind: Mapping[str, np.ndarray]) -> Figure:
    """The walks in the plane, three in a row; grey behind some the walk whose points they average.

    Momentum is shown as far as the simultaneous spiral reaches.
    """
    rows = -(-len(walks) // 3)
    figure = Figure(figsize=(7.5, 2.65 * rows), layout="constrained")
    for place, (key, points) in enumerate(walks.items()):
        axes = figure.add_subplot(rows, 3, place + 1)
        name, color, _ = STYLES[key]
        widest = np.abs(points).max()
        if key in behind:
            axes.plot(*behind[key].T, color="#cccccc", linewidth=1, zorder=0)
            widest = np.abs(behind[key]).max()
        if key == "momentum":
            widest = np.abs(walks["simultaneous"]).max()
            outside = np.flatnonzero(radii(points) > 2 * widest)
            points = points[: outside[0] if len(outside) else None]
        _draw_walk(axes, points, color, "-")
        axes.set(xlim=(-1.1 * widest, 1.1 * widest), ylim=(-1.1 * widest, 1.1 * widest), xlabel="", ylabel="")
        axes.set_title(name, fontsize=10)
        axes.tick_params(labelsize=8)
        _calm(axes)
    return figure


def _draw_walk(axes: Axes, points: np.ndarray, color: str, style: str) -> None:
    """A walk in the plane: its start a diamond, the middle a cross."""
    axes.plot(*points.T, style, color=color, linewidth=1, markersize=3)
    axes.plot(*points[0], "D", color=BLUE if color != BLUE else ORANGE, markersize=5, label="start")
    axes.plot(0, 0, "+", color=BLACK, markersize=9)
    axes.set(aspect="equal", xlabel="x", ylabel="y")
    axes.locator_params(nbins=5)
