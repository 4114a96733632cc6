"""What is behind a head: soft clouds of two colours, out of focus."""

import numpy as np
from PIL import Image

from stages.datasets.faces.canvas import HEIGHT, WIDTH
from stages.datasets.faces.description import Face


def background(face: Face) -> Image.Image:
    """Return a picture of clouds, of a gradient, or of a few large shapes, all far out of focus."""
    random = np.random.default_rng([face.background])
    kind = face.background % 4
    high, wide = ((4, 3), (9, 7), (3, 2), (6, 9))[kind]
    share = random.random((high, wide, 1))
    if kind == 2:
        share = 0.25 * share + 0.75 * np.linspace(0, 1, high)[:, None, None]
    first, second = (np.array(colour, float) for colour in face.background_colours)
    colours = first + (second - first) * share + 14 * (random.random((high, wide, 3)) - 0.5)
    small = Image.fromarray(np.rint(np.clip(colours, 4, 250)).astype(np.uint8))
    return small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
