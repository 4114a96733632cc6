"""The figure of chapter 4: how long one product of matrices takes in each way."""

from collections.abc import Callable, Mapping

from matplotlib.figure import Figure

from stages.reporting.figures import BLUE, ORANGE, _canvas


def durations(here: Mapping[str, float], book: Mapping[str, float], written: Callable[[float], str]) -> Figure:
    """Seconds on a logarithmic scale, a row for each: ours as dots, the book's as diamonds, the number beside each."""
    rows = [(name, seconds, "o", BLUE) for name, seconds in here.items()]
    rows += [(f"the book: {name}", seconds, "D", ORANGE) for name, seconds in book.items()]
    figure, axes = _canvas(6.4, 0.36 * len(rows) + 0.8)
    for place, (_, seconds, marker, color) in enumerate(rows):
        axes.axhline(place, color="#dddddd", linewidth=0.8, zorder=0)
        axes.plot(seconds, place, marker, color=color, markersize=8)
        axes.annotate(written(seconds), (seconds, place), xytext=(8, 0), textcoords="offset points", va="center",
                      fontsize=9, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
    seconds = [row[1] for row in rows]
    axes.set(xscale="log", xlabel="seconds; left is better", xlim=(min(seconds) / 3, 12 * max(seconds)),
             ylim=(len(rows) - 0.4, -0.6))
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    return figure
