"""A few figures shown one after the other, slowly enough to be read: steps of a computation."""

from collections.abc import Iterable
from html import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from stages.reporting.html import DPI, show_html
from stages.reporting.pixels import _address

STEP_MS, LAST_MS = 1300, 4000  # how long a step stays, and the last one
COLOURS = 32  # of all steps: flat areas, and shades at the edges of letters


def show_steps(figures: Iterable[Figure], alt: str, caption: str) -> None:
    """Show figures of one size in turn, again and again; readers who asked for less motion see the last one only."""
    images = [_image(figure) for figure in figures]
    # colours as they are, not averages: white remains white
    palette = images[-1].quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    steps = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    durations = [STEP_MS] * (len(steps) - 1) + [LAST_MS]
    moving = _address("image/gif", steps[0], save_all=True, append_images=steps[1:], duration=durations, loop=0)
    source = (f'<source media="(prefers-reduced-motion: reduce), print" '
              f'srcset="{_address("image/png", steps[-1], optimize=True)}">')
    width, height = (round(side * 96 / DPI) for side in images[0].size)
    image = f'<img width="{width}" height="{height}" alt="{escape(alt)}" src="{moving}">'
    show_html(f"<figure><picture>{source}{image}</picture><figcaption>{escape(caption)}</figcaption></figure>")


def _image(figure: Figure) -> Image.Image:
    """A figure as pixels."""
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
