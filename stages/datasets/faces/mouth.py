"""The mouth: lips, and teeth where it is open."""

import numpy as np
from PIL import Image, ImageDraw

from stages.datasets.faces.canvas import Layer, around, smooth
from stages.datasets.faces.colours import Colour, mix, scaled, shade
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import Head, mouth_places
from stages.datasets.faces.light import cloud
from stages.datasets.faces.skin import base_colour

STEPS = (0.75, 0.5, 0.25, 0.0)  # shares of half the mouth's width, from near a corner to the middle


def lip_colour(face: Face) -> Colour:
    """Return the colour of the lips: the skin's own red, or lipstick."""
    own = base_colour(face)
    natural = mix(own, (176, 74, 78), 0.28 if face.person.male else 0.42)
    return mix(natural, face.lipstick, 0.86) if face.lipstick else natural


def _curves(face: Face, head: Head) -> list[np.ndarray]:
    """Return five curves from the left to the right corner, from the top: lip, opening, teeth, opening, lip."""
    mouth = mouth_places(face)
    half, rise, gap = mouth["half"], mouth["rise"], mouth["gap"]
    full = face.person.lips * (1 - 0.15 * max(face.smile, 0))
    top, corner = mouth["middle"] - 0.35 * gap, mouth["middle"] - rise
    bow, low = 4.6 * full, 6.2 * full
    heights = [  # below `top`, at the four steps
        (-0.52 * bow, -0.92 * bow, -1.12 * bow, -0.86 * bow),
        (0.1, 0.3, 0.2, 0.6),
        (0.30 * gap, 0.58 * gap, 0.70 * gap, 0.74 * gap),
        (0.42 * gap, 0.76 * gap, 0.95 * gap, gap + 0.5),
        (0.40 * low + 0.40 * gap, 0.74 * low + 0.76 * gap, 0.94 * low + gap, low + gap),
    ]
    curves = []
    for row in heights:
        right = [(x * half, top + y - 0.9 * rise * x * x, 8 - 7 * x * x) for x, y in zip(STEPS, row, strict=True)]
        left = [(-x, y, z) for x, y, z in right]
        points = [(-half, corner, 1), *left, *right[-2::-1], (half, corner, 1)]
        curves.append(smooth(head.place(points), closed=False))
    return curves


def paint_mouth(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw both lips, and between them the teeth and the dark of an open mouth."""
    lips, lit = lip_colour(face), min(face.exposure, 1.05)
    top, upper, teeth, lower, bottom = _curves(face, head)
    layer = Layer(around(top, bottom)).shape(np.concatenate([top, bottom[::-1]]))
    ground = Image.new("RGB", layer.mask.size, scaled(lips, 1.02 * lit))
    pen = ImageDraw.Draw(ground)
    pen.polygon(layer.flat(np.concatenate([top, upper[::-1]])), fill=shade(lips, 0.80 * lit, 0.05))
    if face.mouth_open:
        pen.polygon(layer.flat(np.concatenate([upper, lower[::-1]])), fill=(66, 24, 26))
        white = scaled(mix((240, 234, 224), base_colour(face), 0.08), 0.97 * lit)
        inner = slice(4, -4)  # the corners stay dark
        pen.polygon(layer.flat(np.concatenate([upper[inner], teeth[inner][::-1]])), fill=white)
    dark = shade(mix(lips, (60, 20, 20), 0.5), 0.60, 0.1)
    pen.line(layer.flat(upper), fill=dark, width=2 if face.mouth_open else 4)
    layer.paint(picture, ground.reduce(layer.scale), soft=0.5)

    corners = Layer(layer.box)
    for place in (upper[0], upper[-1]):
        corners.dot(place, 1.4, 0.6)
    corners.paint(picture, shade(mix(base_colour(face), (70, 30, 26), 0.5), 0.6), soft=0.6)
    middle = (lower[len(lower) // 2] + bottom[len(bottom) // 2]) / 2 + (3.0 * face.light[0], -0.4)
    shine = mix(lips, (255, 240, 235), 0.6)
    cloud(picture, middle, 6.5, 2.4 * face.person.lips, shine, 0.5 if face.lipstick else 0.24)
