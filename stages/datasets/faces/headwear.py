"""Glasses and hats."""

import numpy as np
from PIL import Image

from stages.datasets.faces.canvas import Layer, around, smooth
from stages.datasets.faces.colours import Colour, coloured, mix, ramp, scaled
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import EYE, Head, Points, mirrored
from stages.datasets.faces.light import cloud, light_map

LENSES = {  # the right one, around its middle
    "round": [
        (-14, 1, 7), (-10, -9.5, 8), (0, -11, 7), (11, -8.5, 3), (14, 1, 0), (9.5, 10.5, 2), (0, 13, 5), (-10, 11, 7),
    ],
    "square": [
        (-13.5, -6.5, 8), (-9, -8.5, 8), (12, -8.5, 3), (16, -6, 0), (13.5, 7.5, 1), (9, 10, 2), (-8, 10, 7),
        (-12, 7, 8),
    ],
}  # fmt: skip
FRAMES = [(26, 22, 24), (74, 46, 30), (110, 106, 110), (30, 36, 60)]
LOW = {"beanie": -27, "cap": -31, "brim": -35}  # where a hat ends on the forehead, in pixels above the eyes


def paint_glasses(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw glasses; those against the sun hide the eyes."""
    if face.glasses == "none":
        return
    sun = face.glasses == "sun"
    glass, frame = Layer((26, 84, 152, 142), 3), Layer((26, 84, 152, 142), 3)
    thick = 1.1 + (face.texture % 4) * 0.45
    outline = LENSES["round" if face.glasses == "round" or (sun and face.texture % 2) else "square"]
    for sign in (-1, 1):
        rim = smooth(head.place([(sign * (EYE + x), y, z) for x, y, z in outline]))
        glass.shape(rim, 0.92 if sun else 0.07)
        frame.line(np.concatenate([rim, rim[:2]]), thick)
        frame.line(head.place([(sign * (EYE + 14), -5, 0), (sign * 45 * face.person.face_width, -7, -30)]), thick)
    frame.line(smooth(head.place([(-6.5, -3, 8), (0, -5.5, 10), (6.5, -3, 8)]), closed=False), thick)
    glass.paint(picture, mix((24, 20, 22), face.hat_colour, 0.12) if sun else (225, 235, 245))
    if sun:
        for sign in (-1, 1):
            cloud(picture, head.spot(sign * EYE + 4 * face.light[0], -4, 5), 10, 5, (190, 200, 214), 0.4)
    frame.paint(picture, FRAMES[face.texture // 4 % 4], soft=0.3)


def paint_hat(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw a knitted hat, a cap with a peak, or a hat with a brim."""
    if face.hat == "none":
        return
    wide, low = face.person.face_width, LOW[face.hat]
    crown = [(0, -90, -30), (26 * wide, -84, -32), (45 * wide, -62, -34), (51 * wide, low - 2, -30)]
    crown = mirrored([*crown, (30 * wide, low + 2, -16), (0, low + 3, -10)])
    shadow = smooth(head.place([(0.9 * x, y + 7, z) for x, y, z in crown]))
    Layer((20, 20, 158, 130), 1).shape(shadow, 0.42).paint(picture, (30, 20, 18), soft=3.0)
    _paint_part(picture, face, head, crown, face.hat_colour)
    if face.hat == "beanie":
        band = [(0, low - 14, -10), (30 * wide, low - 15, -16), (50.5 * wide, low - 16, -30)]
        band += [(52 * wide, low, -30), (30 * wide, low + 4, -16), (0, low + 5, -10)]
        _paint_part(picture, face, head, mirrored(band), scaled(face.hat_colour, 0.88))
        ribs = Layer((20, 20, 158, 130), 2)
        for place in range(-8, 9):
            x, z = place * 5.8 * wide, -10 - 0.3 * place * place
            ribs.line(head.place([(x, low + 3, z), (x, low - 14, z), (x * 0.86, -66, -30)]), 0.9, 0.3)
        ribs.paint(picture, scaled(face.hat_colour, 0.45), soft=0.7)
    elif face.hat == "cap":
        seam = Layer((20, 10, 158, 130), 2)
        for x in (-17, 0, 17):
            places = head.place([(x, low, -12), (x * 0.9, -62, -26), (x * 0.2, -88, -30)])
            seam.line(smooth(places, closed=False), 0.9, 0.4)
        seam.paint(picture, scaled(face.hat_colour, 0.4), soft=0.5)
        peak = [(0, low - 9, -8), (26 * wide, low - 6, -12), (46 * wide, low + 3, -22)]
        peak += [(36 * wide, low + 11, 14), (0, low + 9, 34)]
        _paint_part(picture, face, head, mirrored(peak), scaled(face.hat_colour, 0.72))
    else:
        brim = [(0, low - 6, -10), (45 * wide, low - 7, -22), (80, low - 3, -30), (64, low + 9, -14), (0, low + 10, 8)]
        band = [(0, low - 15, -10), (48 * wide, low - 14, -28), (51 * wide, low - 4, -28), (0, low - 5, -10)]
        _paint_part(picture, face, head, mirrored(band), scaled(face.hat_colour, 0.5))
        _paint_part(picture, face, head, mirrored(brim), scaled(face.hat_colour, 0.86))


def _paint_part(picture: Image.Image, face: Face, head: Head, points: Points, colour: Colour) -> None:
    """Fill a part of a hat, lit from the side of the lamp."""
    outline = smooth(head.place(points))
    layer = Layer(around(outline), 2).shape(outline)
    (left, top, right, bottom), lamp = layer.box, face.light[0]
    middle, high, across = (left + right) / 2, bottom - top, (right - left) / 2
    spots = [
        (middle + 0.4 * across * lamp, top + 0.3 * high, 0.6 * across, 0.5 * high, 26),
        (middle - across, bottom, 0.6 * across, high, -48 - 60 * lamp),
        (middle + across, bottom, 0.6 * across, high, -48 + 60 * lamp),
    ]  # fmt: skip
    layer.paint(picture, coloured(light_map(layer.box, 140 * face.exposure, spots), ramp(colour, shine=0.35)), soft=0.3)
