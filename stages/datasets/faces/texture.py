"""Strands of hair and grain of beards, as maps of light around 128, made once per process."""

from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from stages.datasets.faces.canvas import HEIGHT, WIDTH, Box

VARIANTS = 4
MARGIN = 12  # pixels by which a texture is larger than the picture on each side
WIDE, HIGH = WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN
EYES = MARGIN + 111  # the row of the eyes
SWINGS = {"straight": (1.0, 70.0), "wavy": (5.5, 24.0), "curly": (4.0, 10.0)}  # how far and how fast, in pixels
SAMPLES_PER_PIXEL = 4


@cache
def strands(flow: str, waves: str, variant: int) -> Image.Image:
    """Return the light on strands that lie in one of two ways.

    "sides": from a parting over the head and straight down beside it. "fall": like a fan from the crown, as a fringe.
    """
    random = np.random.default_rng([4, len(flow), len(waves), variant])
    x = np.arange(WIDE)[None, :] - WIDE / 2 + 0.0 * np.arange(HIGH)[:, None]
    y = np.arange(HIGH)[:, None] - EYES + 0.0 * x
    if flow == "sides":  # a strand keeps its distance: from the middle of the head, and below the eyes from its axis
        across = np.where(y < 0, np.sqrt(x * x * 1.2 + y * y), np.abs(x) * 1.2**0.5)
    else:
        across = 110 + x * 90 / np.maximum(y + 125, 20)
    swing, length = SWINGS[waves]
    phase = (y + 0.3 * across) / length + 2 * _pick(_noise(random, 14), across)
    turn = phase - np.floor(phase)
    across = across + swing * 4 * turn * (1 - turn) * np.where(np.floor(phase) % 2 == 0, 1, -1)
    left, right = (_pick(_row(random), across) for _ in "lr")
    share = np.clip(0.5 + x / 12, 0, 1) if flow == "sides" else 1.0  # the two sides of the parting differ
    light = left * (1 - share) + right * share
    if waves == "curly":
        light = 0.6 * light + 0.6 * _clumps(random, 4.0)
    return Image.fromarray(np.rint(np.clip(128 + 88 * light, 0, 255)).astype(np.uint8))


def _noise(random: np.random.Generator, spacing: float) -> np.ndarray:
    """Return smooth noise between -0.5 and 0.5 along a line of 400 pixels, with a new value every `spacing` pixels."""
    place = np.arange(400 * SAMPLES_PER_PIXEL) / (spacing * SAMPLES_PER_PIXEL)
    knots = random.random(int(place[-1]) + 2) - 0.5
    whole = place.astype(int)
    share = place - whole
    share = share * share * (3 - 2 * share)
    return knots[whole] * (1 - share) + knots[whole + 1] * share


def _row(random: np.random.Generator) -> np.ndarray:
    """Return the light across strands: single ones, locks, and broad bands."""
    return 0.40 * _noise(random, 1.5) + 0.55 * _noise(random, 4) + 0.45 * _noise(random, 11)


def _pick(row: np.ndarray, place: np.ndarray) -> np.ndarray:
    return row[np.clip((place * SAMPLES_PER_PIXEL).astype(int) + 60, 0, len(row) - 1)]


def _clumps(random: np.random.Generator, size: float) -> np.ndarray:
    """Return clumps about `size` pixels wide, between -0.5 and 0.5."""
    small = random.integers(0, 256, (int(HIGH / size) + 2, int(WIDE / size) + 2)).astype(np.uint8)
    large = Image.fromarray(small).resize((WIDE, HIGH), Image.Resampling.BICUBIC)
    return np.asarray(large, float) / 255 - 0.5


@cache
def grain(variant: int) -> Image.Image:
    """Return the light on short hair: fine noise."""
    random = np.random.default_rng([5, variant])
    fine = Image.fromarray(random.integers(0, 256, (HIGH, WIDE)).astype(np.uint8)).filter(ImageFilter.BoxBlur(0.4))
    light = 0.55 * (np.asarray(fine, float) / 255 - 0.5) + 0.55 * _clumps(random, 4.0)
    return Image.fromarray(np.rint(np.clip(128 + 64 * light, 0, 255)).astype(np.uint8))


def cut(texture: Image.Image, place: int, box: Box) -> Image.Image:
    """Cut a box of the picture out of a texture, a little moved by `place`, and mirrored for every second one."""
    left, top, right, bottom = box
    if place % 2:
        left, right = WIDTH - right, WIDTH - left
    x, y = MARGIN + place // 2 % 9 - 4, MARGIN + place // 32 % (2 * MARGIN) - MARGIN
    piece = texture.crop((left + x, top + y, right + x, bottom + y))
    return piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if place % 2 else piece
