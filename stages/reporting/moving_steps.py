"""A few figures shown one after the other, slowly enough to be read: steps of a computation."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from stages.reporting.html import DPI, show_html
from stages.reporting.pixels import _address, moving

STEP_MS, LAST_MS = 1300, 4000  # how long a step stays, and the last one
NEARLY_WHITE = 246
COLOURS = 32  # of all steps: flat areas, and shades at the edges of letters


def show_steps(figures: Iterable[Figure], alt: str, caption: str) -> None:
    """Show figures of one size in turn, again and again; readers who asked for less motion see the last one only."""
    images = [_image(figure) for figure in figures]
    palette = _palette(images)
    steps = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    durations = [STEP_MS] * (len(steps) - 1) + [LAST_MS]
    width, height = (round(side * 96 / DPI) for side in images[0].size)
    show_html(moving(escape(alt), width, height, _address("image/gif", steps[0], save_all=True, append_images=steps[1:],
                                                          duration=durations, loop=0),
                     _address("image/png", steps[-1], optimize=True), caption))


def _palette(images: Sequence[Image.Image]) -> Image.Image:
    """The most frequent colours as they are; averages would tint areas."""
    counts: Counter[tuple[int, int, int]] = Counter()
    for image in images:
        counts.update({colour: count for count, colour in image.getcolors(image.width * image.height)})
    palette = Image.new("P", (1, 1))
    # those that are equally frequent in a fixed order: the same bytes each time
    frequent = sorted(counts, key=lambda colour: (-counts[colour], colour))[:COLOURS]
    palette.putpalette([level for colour in frequent for level in colour])
    return palette


def _image(figure: Figure) -> Image.Image:
    """A figure as pixels; what is nearly white is white, or a step would have a tint of the next best colour."""
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    return Image.fromarray(np.where(pixels.min(axis=-1, keepdims=True) >= NEARLY_WHITE, np.uint8(255), pixels))
