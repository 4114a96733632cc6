"""Clothes, ties and jewellery."""

from PIL import Image

from stages.datasets.faces.canvas import HEIGHT, WIDTH, Layer, smooth
from stages.datasets.faces.colours import Colour, coloured, mix, ramp, scaled
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import Head, Points, mirrored
from stages.datasets.faces.light import light_map

BOX = (0, 150, WIDTH, HEIGHT)  # the part of the picture where clothes are
NECKLINES = {  # the right half of each, from the middle outwards
    "crew": [(0, 99, -8), (14, 96, -12), (26, 89, -18), (31, 82, -24)],
    "v": [(0, 118, -8), (12, 104, -12), (25, 90, -18), (31, 82, -24)],
    "straps": [(0, 116, -8), (26, 114, -12), (44, 108, -18), (50, 92, -24)],
    "shirt": [(0, 104, -8), (10, 96, -10), (22, 84, -16), (29, 76, -24)],
    "suit": [(0, 104, -8), (10, 96, -10), (22, 84, -16), (29, 76, -24)],
}
JEWELS = [(226, 184, 92), (214, 216, 222), (246, 240, 230)]  # gold, silver, pearls


def paint_clothes(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw clothes over the shoulders, and a tie."""
    slope = 90 if face.person.male else 83
    neckline = NECKLINES[face.clothes]
    x, y, z = neckline[-1]
    right = [*neckline, (x + 14, y + 7, z), (slope, 97, z), (slope + 14, 112, z), (slope + 14, 150, z)]
    if face.clothes == "straps":
        right = [*neckline, (57, 94, z), (60, 108, z), (56, 150, z)]
    whole = Layer(BOX, 2).shape(smooth(head.place(mirrored([*right, (0, 150, z)]))))
    formal = face.clothes == "suit"
    colour = (mix(face.clothes_colour, (236, 234, 232), 0.85)) if formal else face.clothes_colour
    whole.paint(picture, _cloth(face, head, colour))
    if formal:
        jacket = [
            (2, 150, -8), (13, 110, -10), (29, 84, -18), (33, 80, -24), (x + 20, 87, z), (slope, 96, z),
            (slope + 14, 112, z), (slope + 14, 150, z),
        ]  # fmt: skip
        _pair(head, jacket).paint(picture, _cloth(face, head, mix(face.clothes_colour, (34, 36, 46), 0.7)), soft=0.5)
    if face.clothes in ("shirt", "suit"):
        _paint_collar(picture, face, head, scaled(colour, 1.08 * face.exposure))
    if face.tie_colour:
        tie = scaled(mix(face.tie_colour, (120, 30, 40), 0.25), face.exposure)
        blade = head.place(mirrored([(0, 96, 0), (4.6, 97, 0), (11, 125, 0), (0, 130, 0)]))
        knot = head.place(mirrored([(0, 87.5, -2), (7.5, 87, -2), (5.2, 97, 0), (0, 98, 0)]))
        Layer(BOX, 2).shape(blade).paint(picture, tie)
        Layer(BOX, 2).shape(knot).paint(picture, scaled(tie, 0.78))


def _cloth(face: Face, head: Head, colour: Colour) -> Image.Image:
    """Return cloth of one colour in the light of the picture, with a few folds."""
    lamp = face.light[0]
    places = head.place([(70, 104, -20), (-70, 104, -20), (0, 86, -10), (44, 110, -12), (-52, 112, -12)]).tolist()
    sizes = [(34, 30, 44 * lamp - 12), (34, 30, -44 * lamp - 12), (34, 10, -34), (5, 20, -14), (4, 18, -14)]
    spots = [(*place, *size) for place, size in zip(places, sizes, strict=True)]
    return coloured(light_map(BOX, 146 * face.exposure, spots), ramp(colour))


def _pair(head: Head, points: Points) -> Layer:
    """Return a layer with an outline and its mirror image."""
    layer = Layer(BOX, 2)
    for sign in (-1, 1):
        layer.shape(head.place([(sign * x, y, z) for x, y, z in points]))
    return layer


def _paint_collar(picture: Image.Image, face: Face, head: Head, colour: Colour) -> None:
    leaf = [(1, 100, -4), (27, 73, -18), (33, 81, -18), (20, 103, -8), (12, 108, -6)]
    _pair(head, leaf).paint(picture, colour, soft=0.4)
    edge = Layer(BOX, 3)
    for sign in (-1, 1):
        edge.line(head.place([(sign * x, y, z) for x, y, z in [leaf[0], leaf[4], leaf[3], leaf[2]]]), 0.9, 0.4)
        edge.line(head.place([(sign * x, y, z) for x, y, z in leaf[:2]]), 0.9, 0.3)
    edge.paint(picture, (30, 26, 30), soft=0.6)


def paint_jewellery(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw a necklace and earrings, of gold, silver or pearls."""
    kind = face.texture % 3
    metal = scaled(JEWELS[kind], face.exposure)
    if face.necklace:
        low = 93 + face.texture % 5
        line = [(-27, 78, -20), (-17, low - 5, -12), (0, low, -8), (17, low - 5, -12), (27, 78, -20)]
        chain = smooth(head.place(line), closed=False)
        layer = Layer((40, 160, 138, HEIGHT), 3)
        if kind == 2:
            for place in chain[::2]:
                layer.dot(place, 1.7)
        else:
            layer.line(chain, 1.4).dot(head.spot(0, low + 2.6, -7), 2.6, height=3.2)
        layer.paint(picture, metal)
    if face.earrings:
        side, drop = 45.5 * face.person.face_width, 4 + face.texture % 9
        layer = Layer((20, 100, 158, 180), 3)
        for sign in (-1, 1):
            layer.dot(head.spot(sign * side, 21.0, -37), 1.7)
            layer.dot(head.spot(sign * side, 22.5 + drop, -37), 2.5, height=max(2.5, 0.75 * drop))
        layer.paint(picture, metal)
