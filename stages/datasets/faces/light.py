"""Soft light: maps of brightness made of bells, and clouds of colour."""

from functools import lru_cache

import numpy as np
from PIL import Image

from stages.datasets.faces.canvas import Box
from stages.datasets.faces.colours import Colour

Spots = list[tuple[float, float, float, float, float]]  # middle x and y, width and height, how much lighter


def bells(places: np.ndarray, middles: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Return a bell for each middle, [middles, places]: (1 - t²/8)⁸, close to exp(-t²).

    Made of products only, each of which every machine rounds alike; an exponential is not.
    """
    t = (places[None, :] - middles[:, None]) / widths[:, None]
    value = np.maximum(1 - t * t / 8, 0)
    for _ in range(3):
        value *= value
    return value


def add_bells(ground: np.ndarray, columns: np.ndarray, rows: np.ndarray, spots: np.ndarray) -> None:
    """Add bells, rows of `Spots`, to a ground [rows, columns]."""
    x, y, width, height, amount = spots.T
    across, down = bells(columns, x, width) * amount[:, None], bells(rows, y, height)[:, :, None]
    for one_across, one_down in zip(across, down, strict=True):  # in turn: additions in a fixed order
        ground += one_down * one_across


def enlarged(value: np.ndarray, cell: int, box: Box) -> Image.Image:
    """Return a map of brightness, one value per `cell` pixels, as a picture of the size of the box."""
    small = Image.fromarray(np.clip(value + 0.5, 0, 255).astype(np.uint8))
    size = box[2] - box[0], box[3] - box[1]
    part = (0.5, 0.5, 0.5 + size[0] / cell, 0.5 + size[1] / cell)
    return small.resize(size, Image.Resampling.BICUBIC, box=part)


def cells(box: Box, cell: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the columns and of the rows of a map of brightness for `enlarged`."""
    left, top, right, bottom = box
    return np.arange(left, right + 2 * cell, cell, dtype=float), np.arange(top, bottom + 2 * cell, cell, dtype=float)


def light_map(box: Box, level: float, spots: Spots, cell: int = 6) -> Image.Image:
    """Return even light on a box of the picture with lighter and darker spots, for `colours.coloured`."""
    columns, rows = cells(box, cell)
    value = np.full((len(rows), len(columns)), float(level))
    add_bells(value, columns, rows, np.array(spots, float))
    return enlarged(value, cell, box)


@lru_cache(4096)
def _cloud(width: int, height: int, density: int) -> Image.Image:
    """Return a round cloud, `density` of 255 in the middle and nothing at its edge."""
    x, y = ((np.arange(size) - (size - 1) / 2) * (2 / size) for size in (width, height))
    value = np.maximum(1 - y[:, None] ** 2 - x**2, 0) ** 2
    return Image.fromarray((density * value + 0.5).astype(np.uint8))


def cloud(
    picture: Image.Image, middle: np.ndarray, across: float, high: float, colour: Colour, strength: float
) -> None:
    """Blend a colour in softly around a place; `across` and `high` are half the width and height."""
    left, top = round(float(middle[0]) - across), round(float(middle[1]) - high)
    density = 8 * min(31, round(31.9 * strength))  # few densities: the clouds are kept for later pictures
    picture.paste(colour, (left, top), _cloud(round(2 * across), round(2 * high), density))
