"""Hair: what hangs behind the head, and what lies on it."""

import numpy as np
from PIL import Image, ImageChops

from stages.datasets.faces.canvas import Box, Layer, around, smooth
from stages.datasets.faces.colours import coloured, ramp, scaled, shade
from stages.datasets.faces.description import Face
from stages.datasets.faces.features import hair_colour
from stages.datasets.faces.geometry import Head, face_outline
from stages.datasets.faces.hair_shapes import HANGING, fringe, opening, outside
from stages.datasets.faces.light import enlarged
from stages.datasets.faces.texture import VARIANTS, cut, grain, strands


def _light(face: Face, head: Head, box: Box, flow: str) -> Image.Image:
    """Return the light on the hair in a box: an egg lit from one side, a gloss, and its strands."""
    columns = np.arange(box[0], box[2] + 12, 6.0)
    rows = np.arange(box[1], box[3] + 12, 6.0)[:, None]
    middle = head.spot(0, -5, -34)
    across, down = (columns - middle[0]) / 64, np.minimum((rows - middle[1]) / 84, 0.6)
    lamp_x, lamp_y, _ = face.light
    facing = 0.75 * lamp_x * across + 1.1 * lamp_y * down - 0.30 * across * across
    ring = (across * across + down * down - 0.50) * 4
    gloss = np.maximum(1 - ring * ring, 0) * np.maximum(0.4 + facing, 0) * (down < 0)
    value = 122 * face.exposure * (0.80 + 0.50 * face.ambient + 0.5 * facing) + 36 * gloss
    variant, waves = face.texture % VARIANTS, face.person.waves
    if flow == "fall" and waves == "wavy":
        waves = "straight"  # too short to wave
    texture = grain(variant) if face.style == "crop" else strands(flow, waves, variant)
    return ImageChops.add(enlarged(value, 6, box), cut(texture, face.texture, box), 1, -128)


def _ramp(face: Face) -> bytes:
    return ramp(hair_colour(face), depth=0.25, shine=0.40 if face.person.hair != "black" else 0.30, warmth=0.12)


def _paint(picture: Image.Image, face: Face, head: Head, layer: Layer, flow: str, soft: float) -> None:
    layer.paint(picture, coloured(_light(face, head, layer.box, flow), _ramp(face)), soft)


def paint_back_hair(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw long hair behind the neck, or the bun of hair that is put up."""
    if face.style in HANGING:
        outline = smooth(head.place(outside(face)))
        layer = Layer(around(outline), 1).shape(outline)
        layer.paint(picture, shade(hair_colour(face), 0.50, 0.08), soft=1.0)
    elif face.style == "updo" and face.texture % 3:
        middle = head.spot(face.parting * 6, -74 - face.volume * 0.4, -60)
        size = np.array([17 + face.volume * 0.5, 14 + face.volume * 0.4])
        layer = Layer(around(np.array([middle - size, middle + size])), 2)
        _paint(picture, face, head, layer.dot(middle, size[0], height=size[1]), "sides", soft=0.6)


def paint_front_hair(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw the hair on the head and beside the face, with the shadow that it casts."""
    if face.style == "bald":
        _paint_rest(picture, face, head)
        return
    outer, inner = smooth(head.place(outside(face))), smooth(head.place(opening(face)))
    edge = smooth(head.place(fringe(face))) if face.bangs else None

    skin = smooth(head.place(face_outline(face)))
    left, top, right, _ = around(skin)
    moved = np.add(inner, (round(-3 * face.light[0]), 2))
    shadow = Layer((left, top, right, top + 90), 1).shape(skin).shape(moved, 0.0)
    if edge is not None:
        shadow.shape(np.add(edge, (0, 3)))
    box = shadow.box
    darker = ImageChops.multiply(picture.crop(box), Image.new("RGB", shadow.mask.size, (160, 136, 124)))
    shadow.paint(picture, darker, soft=2.2)

    layer = Layer(around(outer), 2).shape(outer).shape(inner, 0.0)
    curly = face.person.waves == "curly"
    flow = "sides" if face.style in HANGING else "fall"
    _paint(picture, face, head, layer, flow, soft=1.2 if curly or face.style == "crop" else 0.6)
    if edge is not None:
        _paint(picture, face, head, Layer(around(edge), 2).shape(edge), "fall", soft=0.6)


def _paint_rest(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw the hair that a bald head keeps above the ears, cut short."""
    wide = face.person.face_width
    layer = Layer((30, 60, 148, 150), 1)
    for sign in (-1, 1):
        points = [(44, -22, -30), (46.5, -12, -34), (46, 8, -34), (43.5, 6, -30), (42.5, -8, -28)]
        layer.shape(smooth(head.place([(sign * x * wide, y, z) for x, y, z in points])), 0.55)
    layer.paint(picture, scaled(hair_colour(face), 0.8), soft=1.8)
