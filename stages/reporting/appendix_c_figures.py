"""Figures of convolutions: a kernel moves over cells, and cells are met often or never; each draws one picture."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from stages.lessons.appendix_c.cases import Case
from stages.lessons.appendix_c.loops import Step
from stages.reporting.figures import BLUE, ORANGE

WIDTH = 7.5  # inches of a page
LARGEST = 0.21  # inches of a cell in a strip
LARGE = 0.3  # of a cell in a picture of one step
FONT = 8
LINE, GREY, INK = "#9aa3ad", "#ededed", "#000000"
QUIET = "#6b6b6b"  # what does not count: padding, and what padding cuts off
NEW, HELD = "#f9dfae", "#cfe8f7"  # tints of orange and sky
GAP, BETWEEN, LABEL = 1, 1.7, 1.2  # cells between input and output, between steps, and above a step


def strip(case: Case, picture: np.ndarray, kernel: np.ndarray, steps: Sequence[Step]) -> Figure:
    """All steps side by side in reading order, the kernel once at the left."""
    columns = max(step.column for step in steps) + 1
    rows = -(-len(steps) // columns)
    wide, high = _panel(case)
    left = case.layer.kernel + BETWEEN
    axes = _canvas(left + columns * wide + (columns - 1) * BETWEEN, rows * (high + LABEL) + (rows - 1) * 0.5)
    _label(axes, 0, LABEL, "kernel")
    _cells(axes, 0, LABEL, kernel, HELD)
    for place, step in enumerate(steps):
        row, column = divmod(place, columns)
        x, y = left + column * (wide + BETWEEN), row * (high + LABEL + 0.5) + LABEL
        _label(axes, x, y, f"step {place + 1}")
        _draw_step(axes, case, picture, step, x, y)
    return axes.figure


def frames(case: Case, picture: np.ndarray, kernel: np.ndarray, steps: Sequence[Step]) -> Iterator[Figure]:
    """One picture for each step, larger, with what is computed."""
    wide, high = _panel(case)
    left = case.layer.kernel + BETWEEN
    for place, step in enumerate(steps, start=1):
        axes = _canvas(max(left + wide, 15), high + LABEL + 1.5, cell=LARGE)
        _label(axes, 0, LABEL, "kernel", size=10)
        _cells(axes, 0, LABEL, kernel, HELD, size=11)
        _draw_step(axes, case, picture, step, left, LABEL, size=11, named=True)
        axes.text(0, high + LABEL + 0.9, f"{place}: {_sum(case, picture, kernel, step)}", fontsize=9.5, va="center")
        yield axes.figure


def ways(counts: Mapping[str, np.ndarray]) -> Figure:
    """For each network, in how many ways each pixel reaches the last picture; the part never seen is hatched.

    `counts` are those of a side: of both sides together they multiply.
    """
    figure = Figure(figsize=(WIDTH, 3.7), layout="constrained")
    for axes, (title, side) in zip(figure.subplots(1, len(counts)), counts.items(), strict=True):
        both = np.outer(side, side)
        image = axes.imshow(both, cmap="Blues", vmin=0, extent=(0, len(side), len(side), 0))
        seen = int(np.flatnonzero(side).max()) + 1
        for x, y, width, height in ((seen, 0, len(side) - seen, len(side)), (0, seen, seen, len(side) - seen)):
            axes.add_patch(Rectangle((x, y), width, height, facecolor="white", edgecolor=ORANGE, hatch="////",
                                     linewidth=0))
        axes.add_patch(Rectangle((0, 0), seen, seen, fill=False, edgecolor=ORANGE, linewidth=1.8, linestyle="--"))
        axes.set_title(title, fontsize=10)
        axes.set(xlabel="column", ylabel="row")
        figure.colorbar(image, ax=axes, shrink=0.8, label="ways to the last picture")
    return figure


def overlaps(counts: Mapping[str, np.ndarray]) -> Figure:
    """For each setting, how many stamps meet in each cell of the output [side, side]."""
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    for axes, (title, met) in zip(figure.subplots(1, len(counts)), counts.items(), strict=True):
        axes.imshow(met, cmap="Blues", vmin=0, vmax=2 * met.max())
        for row, column in np.ndindex(met.shape):
            axes.text(column, row, f"{met[row, column]:.0f}", ha="center", va="center", fontsize=FONT)
        axes.set_title(title, fontsize=9)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color(LINE)
    return figure


def _panel(case: Case) -> tuple[int, int]:
    """Width and height, in cells, of one step: input and output side by side."""
    before, after = _sides(case)
    return before + GAP + after, max(before, after)


def _sides(case: Case) -> tuple[int, int]:
    """Cells along what is drawn of the input, with its padding, and of the output, with what padding cuts off."""
    edge, after = 2 * case.layer.padding, case.layer.output_side(case.side)
    return (case.side, after + edge) if case.layer.transposed else (case.side + edge, after)


def _draw_step(axes: Axes, case: Case, picture: np.ndarray, step: Step, x: float, y: float, size: float = FONT,
               named: bool = False) -> None:
    """Input and output at a step; what is worked on has a thick frame: blue for what is read, orange for the result."""
    layer, high = case.layer, _panel(case)[1]
    padding, stride, kernel = layer.padding, layer.stride, layer.kernel
    shown = picture if layer.transposed else np.pad(picture, padding)
    over = x + len(shown) + GAP
    top, beside = y + (high - len(shown)) / 2, y + (high - len(step.canvas)) / 2
    _cells(axes, x, top, shown, "white", size, edge=0 if layer.transposed else padding)
    _cells(axes, over, beside, step.canvas, "white", size, edge=padding if layer.transposed else 0)
    if named:
        _label(axes, x, top, "input", size=10)
        _label(axes, over, beside, "output", size=10)

    window, cell = (stride * step.row, stride * step.column, kernel), (step.row, step.column, 1)
    read, written = (cell, window) if layer.transposed else (window, cell)
    _frame(axes, x, top, read, HELD, BLUE, "-")
    _frame(axes, over, beside, written, NEW, ORANGE, "--")
    uncovered = layer.uncovered(case.side)
    if uncovered:
        seen = len(shown) - uncovered
        for left, above, width, height in ((seen, 0, uncovered, len(shown)), (0, seen, seen, uncovered)):
            axes.add_patch(Rectangle((x + left, top + above), width, height, fill=False, hatch="////",
                                     edgecolor=LINE, linewidth=0, zorder=1.5))


def _cells(axes: Axes, x: float, y: float, values: np.ndarray, color: str, size: float = FONT, edge: int = 0) -> None:
    """Cells with their numbers; NaN is a cell that is not filled yet; `edge` cells at each side do not count."""
    counts = np.zeros(values.shape, bool)
    counts[edge : len(values) - edge, edge : values.shape[1] - edge] = True
    for these, face, style in ((counts, color, "-"), (~counts, GREY, ":")):
        squares = [_square(x + column, y + row) for row, column in np.argwhere(these)]
        # one collection is drawn in a fraction of the time of as many patches
        axes.add_collection(PolyCollection(squares, facecolor=face, edgecolor=LINE, linewidth=0.6, linestyle=style,
                                           zorder=1), autolim=False)
    filled = ~np.isnan(values)
    for number in np.unique(values[filled]):
        for these, ink in ((counts, INK), (~counts, QUIET)):
            centres = [(x + column + 0.5, y + row + 0.5) for row, column in np.argwhere(these & (values == number))]
            if centres:
                _number(axes, f"{number:.0f}", centres, size, ink)


def _number(axes: Axes, text: str, centres: Sequence[tuple[float, float]], size: float, color: str) -> None:
    """A number in all places where it stands, as one collection of outlines: many texts take much longer."""
    points = Affine2D().scale(1 / 72) + axes.figure.dpi_scale_trans
    axes.add_collection(PathCollection([_outline(text, size)], offsets=centres, offset_transform=axes.transData,
                                       transform=points, facecolor=color, linewidth=0, zorder=4), autolim=False)


@cache
def _outline(text: str, size: float) -> Path:
    """The outline of a number, in points, around its centre."""
    path = TextPath((0, 0), text, size=size)
    box = path.get_extents()
    return path.transformed(Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2))


def _square(x: float, y: float) -> list[tuple[float, float]]:
    """The corners of a cell."""
    return [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]


def _frame(axes: Axes, x: float, y: float, place: tuple[int, int, int], tint: str, color: str, style: str) -> None:
    """A frame around so many cells from a row and a column on."""
    row, column, cells = place
    corner = (x + column, y + row)
    axes.add_patch(Rectangle(corner, cells, cells, facecolor=tint, alpha=0.75, linewidth=0, zorder=2))
    axes.add_patch(Rectangle(corner, cells, cells, fill=False, edgecolor=color, linewidth=2, linestyle=style, zorder=3))


def _sum(case: Case, picture: np.ndarray, kernel: np.ndarray, step: Step) -> str:
    """What a step computes, in figures."""
    layer = case.layer
    row, column = layer.stride * step.row, layer.stride * step.column
    if layer.transposed:
        return f"{picture[step.row, step.column]:.0f} × kernel, added from row {row + 1}, column {column + 1} on"
    read = np.pad(picture, layer.padding)[row : row + layer.kernel, column : column + layer.kernel]
    terms = [f"{cell:.0f}·{weight:.0f}" for cell, weight in zip(read.flat, kernel.flat, strict=True)]
    return f"{' + '.join(terms)} = {step.canvas[step.row, step.column]:.0f}"


def _label(axes: Axes, x: float, y: float, text: str, size: float = FONT) -> None:
    """A word above a place."""
    axes.text(x, y - 0.25, text, fontsize=size, va="bottom", color=QUIET)


def _canvas(wide: float, high: float, cell: float | None = None) -> Axes:
    """Axes measured in cells, from the top left corner."""
    margin = 0.15
    cell = cell or min(LARGEST, WIDTH / (wide + 2 * margin))
    figure = Figure(figsize=(cell * (wide + 2 * margin), cell * (high + 2 * margin)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-margin, wide + margin), ylim=(high + margin, -margin))
    axes.set_axis_off()
    return axes
