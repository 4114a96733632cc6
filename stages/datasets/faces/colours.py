"""Colours of skin, hair and eyes, and ramps that turn a map of light into a picture."""

import numpy as np
from PIL import Image

Colour = tuple[int, int, int]

# From the palest to the darkest, as skin looks in daylight.
SKINS = [
    (246, 216, 200), (240, 202, 180), (232, 186, 158), (224, 172, 140), (207, 150, 114),
    (182, 124, 88), (151, 98, 67), (118, 75, 52), (90, 57, 42), (68, 44, 34),
]  # fmt: skip

HAIRS = {
    "black": (38, 32, 32),
    "brown": (96, 62, 40),
    "blond": (206, 164, 102),
    "red": (148, 70, 34),
    "grey": (164, 162, 162),
}
IRISES = {
    "brown": (88, 54, 30),
    "dark": (52, 32, 22),
    "hazel": (122, 94, 50),
    "green": (96, 122, 82),
    "blue": (92, 132, 170),
    "grey": (124, 136, 146),
}
CLOTHES = [
    (34, 36, 44), (60, 64, 78), (228, 226, 222), (150, 44, 50), (44, 74, 128), (70, 106, 84), (196, 152, 70),
    (120, 74, 110), (92, 88, 84), (214, 128, 132), (110, 150, 180), (70, 50, 42), (30, 90, 100), (236, 208, 186),
]  # fmt: skip
LIPSTICKS = [(190, 36, 52), (168, 30, 66), (204, 68, 84), (214, 92, 104), (140, 28, 44), (196, 58, 110)]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour that is `share` of the way from the first to the second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))


def scaled(colour: Colour, factor: float) -> Colour:
    """Return a colour made lighter or darker, within what a byte holds."""
    return tuple(min(255, max(0, round(channel * factor))) for channel in colour)


def shade(colour: Colour, factor: float, warmth: float = 0.0) -> Colour:
    """Darken a colour; skin and hair keep more red than blue in their shadows."""
    red, green, blue = colour
    return scaled((red * (1 + warmth), green, blue * (1 - warmth)), factor)


def skin_colour(tone: float, undertone: float) -> Colour:
    """Return the colour of skin: tone 0 (palest) to 1 (darkest), undertone -1 (rosy) to 1 (olive)."""
    place = min(max(tone, 0.0), 0.9999) * (len(SKINS) - 1)
    red, green, blue = mix(SKINS[int(place)], SKINS[int(place) + 1], place - int(place))
    return scaled((red - undertone, green + 2 * undertone, blue - 8 - 5 * undertone), 1.0)


def _ramp_weights() -> np.ndarray:
    """Return how much of each of four colours each of 256 values of light has, in 1/1024: whole numbers stay exact."""
    value, stops = np.arange(256.0), np.array([0, 75, 150, 255])
    weights = [np.interp(value, stops, one) for one in np.eye(4)]
    return np.rint(1024 * np.array(weights).T).astype(np.int64)


RAMP_WEIGHTS = _ramp_weights()


def ramp(colour: Colour, depth: float = 0.28, shine: float = 0.55, warmth: float = 0.25) -> bytes:
    """Return 256 colours from deep shadow by `colour` (at 150) to highlight, as a palette of 768 bytes."""
    dark, half = shade(colour, depth, warmth), shade(colour, (1 + 1.6 * depth) / 2.6, 0.7 * warmth)
    stops = np.array([dark, half, colour, mix(colour, (255, 252, 244), shine)])
    return ((RAMP_WEIGHTS @ stops + 512) >> 10).clip(0, 255).astype(np.uint8).tobytes()


def coloured(light: Image.Image, palette: bytes) -> Image.Image:
    """Turn a map of light (mode L) into a colour picture: each value becomes the ramp's colour of that number."""
    picture = light.copy()
    picture.putpalette(palette)
    return picture.convert("RGB")
