"""Neck, ears and the face itself, without its features."""

from PIL import Image

from stages.datasets.faces.canvas import HEIGHT, WIDTH, Layer, around, smooth
from stages.datasets.faces.colours import Colour, coloured, mix, ramp, shade, skin_colour
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import Head, face_outline, mirrored
from stages.datasets.faces.light import cloud, light_map
from stages.datasets.faces.relief import face_light


def base_colour(face: Face) -> Colour:
    """Return the skin's colour in the light of this picture."""
    red, green, blue = skin_colour(face.person.skin, face.person.undertone)
    return tuple(min(250, round(value)) for value in (red * (1 + face.warmth), green, blue * (1 - face.warmth)))


def skin_ramp(face: Face) -> bytes:
    """Return the ramp of this person's skin, with warm shadows; dark skin has clearer highlights than shadows."""
    return ramp(base_colour(face), depth=0.32, shine=0.42 - 0.16 * face.person.skin, warmth=0.22)


def paint_neck(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw neck and shoulders with the shadow of the chin."""
    person = face.person
    half = (29 if person.male else 24) * (1 + 0.10 * person.chubby)
    slope = 86 if person.male else 79
    outline = head.place(
        mirrored(
            [
                (0, 30, -22), (half, 32, -26), (half * 0.97, 62, -24), (half * 1.02, 78, -22), (half * 1.45, 89, -24),
                (slope, 101, -24), (slope + 14, 116, -24), (slope + 14, 140, -24), (0, 140, -20),
            ]
        )
    )  # fmt: skip
    lamp = face.light[0]
    spots = [
        (0, 66 + person.chin_drop - 6 * face.light[1], 34, 13, -74),  # the shadow of the chin
        (half * 1.05, 66, 10, 26, -46 + 40 * lamp), (-half * 1.05, 66, 10, 26, -46 - 40 * lamp),
        (0, 92, 5, 8, -16), (-24, 99, 17, 3.5, -20), (24, 99, 17, 3.5, -20),  # the pit of the throat, collar bones
        (70, 108, 34, 18, 26 * lamp - 14), (-70, 108, 34, 18, -26 * lamp - 14),
    ]  # fmt: skip
    if face.double_chin:
        spots += [(0, 77 + person.chin_drop, 17, 3.5, 44), (0, 71 + person.chin_drop, 15, 2.2, -30)]
    box = (0, 120, WIDTH, HEIGHT)
    places = head.place([(x, y, -14) for x, y, *_ in spots]).tolist()
    spots = [(*place, *rest) for place, (_, _, *rest) in zip(places, spots, strict=True)]
    light = light_map(box, 142 * face.exposure, spots, cell=4)
    Layer(box, 2).shape(smooth(outline)).paint(picture, coloured(light, skin_ramp(face)))


def paint_ears(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw both ears; the head covers the one that it is turned away from."""
    own, wide = base_colour(face), face.person.face_width
    for sign in (-1, 1):
        points = [(41, -7, -34), (46, -9, -40), (49, -5, -42), (48, 6, -42), (46, 13, -40), (44, 19, -38)]
        outline = smooth(head.place([(sign * x * wide, y, z) for x, y, z in points]))
        lit = 0.84 + 0.22 * sign * face.light[0]
        Layer(around(outline), 3).shape(outline).paint(picture, shade(own, lit * face.exposure, 0.08))
        cloud(picture, head.spot(sign * 45.5 * wide, 2, -41), 3.0, 8, shade(own, 0.5, 0.2), 0.7)


def paint_face(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw the skin of the face with light and shadow, and rosy cheeks."""
    outline = smooth(head.place(face_outline(face)))
    layer = Layer(around(outline), 2).shape(outline)
    layer.paint(picture, coloured(face_light(face, head, layer.box), skin_ramp(face)))
    own = base_colour(face)
    blush = mix(own, (216, 76, 84), 0.62 - 0.25 * face.person.skin)
    strength = 0.10 + 0.56 * face.blush + 0.10 * face.makeup
    for sign in (-1, 1):
        cloud(picture, head.spot(sign * 27, 19, -6), 15, 11, blush, strength)
    cloud(picture, head.spot(0, 24 + face.person.nose_length, 15), 8, 6, blush, 0.16)
