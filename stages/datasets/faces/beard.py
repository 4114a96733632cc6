"""Beards: stubble, goatee, moustache, full beard and sideburns."""

from PIL import Image, ImageChops

from stages.datasets.faces.canvas import Layer, smooth
from stages.datasets.faces.colours import coloured, mix, ramp, scaled
from stages.datasets.faces.description import Face
from stages.datasets.faces.features import hair_colour
from stages.datasets.faces.geometry import Head, mirrored, mouth_places
from stages.datasets.faces.skin import base_colour
from stages.datasets.faces.texture import VARIANTS, cut, grain

BOX = (36, 96, 142, 206)


def paint_beard(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw the beard of a face, before the lips."""
    if face.beard == "none" and not face.sideburns:
        return
    person, mouth = face.person, mouth_places(face)
    wide, jaw, end = person.face_width, person.jaw * person.face_width, 70 + person.chin_drop
    half, middle, rise = mouth["half"], mouth["middle"], mouth["rise"]
    thick = 1.0 if face.beard == "full" else 0.0
    strength = {"stubble": 0.46, "none": 0.0}.get(face.beard, 0.90)
    layer = Layer(BOX, 2)
    if face.beard in ("stubble", "full"):
        cheek = [
            (0, middle - 9, 8), (half * 0.8, middle - 8.5, 4), (half + 7, middle - 3, -4), (33 * wide, 30, -14),
            (42 * wide, 14, -25), (44 * wide, 18, -25), ((38.5 + thick) * jaw, 39, -17),
            ((31 + 1.5 * thick) * jaw, 54 + 2 * thick, -10), (17 * person.chin * jaw, end - 3 + 4 * thick, 0),
            (0, end + 1 + 5 * thick, 3),
        ]  # fmt: skip
        layer.shape(smooth(head.place(mirrored(cheek))), strength)
    if face.beard == "goatee":
        chin = [
            (0, middle + 8, 8), (half * 0.75, middle + 7, 4), (half + 3.5, middle - rise + 1, 1),
            (half + 4.5, middle + 10, 0), (15 * person.chin, end - 3, 1), (0, end + 3, 4),
        ]  # fmt: skip
        layer.shape(smooth(head.place(mirrored(chin))), strength)
    if face.beard in ("moustache", "goatee", "full"):
        lip = [
            (0, middle - 10.5, 9), (half * 0.5, middle - 9.5, 7), (half + 2.5, middle - rise - 2, 1),
            (half + 2.5, middle - rise + 2, 1), (half * 0.6, middle - 4.5 - 0.4 * rise, 6), (0, middle - 5.5, 8),
        ]  # fmt: skip
        layer.shape(smooth(head.place(mirrored(lip))), strength)
    if face.sideburns:
        for sign in (-1, 1):
            points = [(44.5, -6, -28), (40.5, -4, -24), (39.5, 12, -22), (40.5, 24, -21), (43.8, 20, -25)]
            layer.shape(smooth(head.place([(sign * x * wide, y, z) for x, y, z in points])), 0.88)
    colour = mix(scaled(hair_colour(face), 0.82), base_colour(face), 0.10)
    texture = cut(grain(face.texture % VARIANTS), face.texture, BOX)
    level = Image.new("L", texture.size, round(132 * face.exposure))
    light = ImageChops.add(level, texture, 1, -128)
    soft = 2.2 if face.beard == "stubble" else 1.4
    layer.paint(picture, coloured(light, ramp(colour, depth=0.3, shine=0.4, warmth=0.1)), soft)
