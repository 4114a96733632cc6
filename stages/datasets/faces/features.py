"""Eyes, brows, nose, mouth and the lines of a face."""

import numpy as np
from PIL import Image, ImageDraw

from stages.datasets.faces.canvas import Layer, around, ribbon, smooth
from stages.datasets.faces.colours import HAIRS, IRISES, Colour, mix, scaled, shade
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import EYE, Head, mouth_places
from stages.datasets.faces.light import cloud
from stages.datasets.faces.skin import base_colour


def hair_colour(face: Face) -> Colour:
    """Return the colour of a person's hair; it greys with age before it is called grey."""
    person = face.person
    colour = scaled(HAIRS[person.hair], person.hair_light if person.hair != "black" else 1.0)
    return mix(colour, (150, 148, 146), 0.25 * min(max(person.age - 45, 0) / 30, 1))


def _lids(face: Face, sign: int) -> tuple[list, list]:
    """Return the upper and the lower lid of one eye, from the inner to the outer corner, as points of the head."""
    person = face.person
    size = person.eye_size
    squint = 1 - 0.20 * max(face.smile, 0)
    upper = (4.7 if not person.narrow_eyes else 2.7) * size * squint
    lower = (2.9 if not person.narrow_eyes else 1.9) * size * squint
    half, tilt = 9.4 * size, person.eye_tilt
    inner, outer = (EYE - half, 1.6, 1), (EYE + half, 0.2 - tilt, -6)
    up = [
        inner, (EYE - 0.55 * half, 0.4 - 0.72 * upper, 2), (EYE, -upper, 2),
        (EYE + 0.55 * half, -0.86 * upper - 0.4 * tilt, -1), outer,
    ]  # fmt: skip
    low = [
        inner, (EYE - 0.4 * half, 0.8 * lower, 2), (EYE + 0.15 * half, lower, 1),
        (EYE + 0.65 * half, 0.7 * lower - 0.4 * tilt, -2), outer,
    ]  # fmt: skip
    return [(sign * x, y, z) for x, y, z in up], [(sign * x, y, z) for x, y, z in low]


def paint_eyes(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw eyeballs between their lids."""
    own, iris = base_colour(face), IRISES[face.person.iris]
    white = scaled(mix((232, 226, 222), own, 0.22), 0.93 * min(face.exposure, 1.04))
    discs = [(4.5, scaled(iris, 0.42)), (3.8, iris), (2.7, scaled(iris, 1.2)), (1.8, (14, 11, 11))]
    for sign in (-1, 1):
        upper, lower = _lids(face, sign)
        above, below = smooth(head.place(upper), closed=False), smooth(head.place(lower), closed=False)
        layer = Layer(around(above, below)).shape(np.concatenate([above, below[::-1]]))
        ball = Image.new("RGB", layer.mask.size, white)
        pen = ImageDraw.Draw(ball)
        middle = head.spot(sign * EYE + face.gaze, -0.6, 3)
        glint = np.add(middle, (2.2 * face.light[0] + 0.2, 2.2 * face.light[1] - 0.6))
        for spot, radius, colour in [*((middle, *disc) for disc in discs), (glint, 0.85, (248, 248, 248))]:
            pen.ellipse(layer.flat(np.array([spot - radius, spot + radius])), fill=colour)
        shadow = scaled(mix(white, own, 0.5), 0.5)  # of the upper lid
        pen.line(layer.flat(np.add(above, (0, 0.5))), fill=shadow, width=5)
        layer.paint(picture, ball.reduce(layer.scale))


def paint_lashes_and_brows(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw lashes, which make-up thickens, and brows in the colour of the hair."""
    person, own = face.person, base_colour(face)
    lashes = Layer((36, 78, 142, 132))
    brows = Layer((36, 70, 142, 122), 3)
    for sign in (-1, 1):
        upper, lower = _lids(face, sign)
        if face.makeup:  # a wing beyond the outer corner
            x, y, z = upper[-1]
            upper = [*upper[:-1], (x, y - 0.5, z), (x + sign * 2.2, y - 2.0, z - 2)]
        widths = [0.7, 1.2, 1.5, 1.7, 1.2, 0.4] if face.makeup else [0.5, 0.8, 1.0, 1.1, 0.6]
        factor = 1.0 if person.male else 1.25
        lashes.shape(ribbon(head.place(upper), [width * factor for width in widths[: len(upper)]]), 0.92)
        lashes.line(smooth(head.place(lower), closed=False), 0.5, 0.62 if face.makeup else 0.34)

        thick, arch = person.brow_width, person.brow_arch + face.brow_raise * 0.4
        lift = face.brow_raise
        middle = [
            (EYE - 11.0, -11.2 - lift, 3), (EYE - 5, -13.0 - 0.5 * arch - lift, 3), (EYE + 3, -13.8 - arch - lift, 1),
            (EYE + 9, -12.6 - 0.8 * arch - lift, -4), (EYE + 14, -9.2 - 0.2 * arch - lift, -10),
        ]  # fmt: skip
        middle = [(sign * x, y, z) for x, y, z in middle]
        brows.shape(ribbon(head.place(middle), [0.8 * thick, 1.05 * thick, thick, 0.7 * thick, 0.15 * thick]), 0.80)
    dark = mix(hair_colour(face), (30, 22, 20), 0.35)
    brows.paint(picture, mix(dark, own, 0.12), soft=0.9)
    lashes.paint(picture, (26, 18, 18) if person.hair != "blond" or face.makeup else (70, 46, 34), soft=0.3)


def paint_lines(picture: Image.Image, face: Face, head: Head) -> None:
    """Draw the lines of a face: lids, nose, the folds of a smile, and those of age."""
    person, own = face.person, base_colour(face)
    nose, wide, smile = person.nose_length, person.nose_width, max(face.smile, 0)
    age = min(max(person.age - 38, 0) / 35, 1)
    mouth = mouth_places(face)
    layer = Layer((40, 62, 138, 182), 3)
    for sign in (-1, 1):
        higher = 1.6 if person.narrow_eyes else 2.6
        share = (0.5, 1, 1, 1, 0.5)
        crease = [(x, y - higher * one, z) for one, (x, y, z) in zip(share, _lids(face, sign)[0], strict=True)]
        layer.line(smooth(head.place(crease), closed=False), 0.9, 0.55)
        wing = [(9.2 * wide, 21.5 + nose, 6), (11.2 * wide, 25.5 + nose, 5), (9.6 * wide, 29 + nose, 6)]
        wing = [(sign * x, y, z) for x, y, z in wing]
        layer.line(smooth(head.place(wing), closed=False), 1.0, 0.5)
        layer.dot(head.spot(sign * 4.3 * wide, 28.6 + nose, 11), 2.3 * wide, 0.95, 1.2)
        fold = [
            (sign * 11.6 * wide, 25 + nose, 4), (sign * (15.5 + 1.5 * smile), 31, 3),
            (sign * (mouth["half"] + 4.0 + smile), mouth["middle"] - mouth["rise"] - 1, 0),
        ]  # fmt: skip
        layer.line(smooth(head.place(fold), closed=False), 1.3, min(0.10 + 0.34 * smile + 0.4 * age, 0.62))
        if face.bags:
            bag = [(sign * (EYE - 8), 5.5, 2), (sign * (EYE - 2), 9.0, 2), (sign * (EYE + 6), 8.0, -2)]
            layer.line(smooth(head.place(bag), closed=False), 1.4, 0.75)
        if age > 0.15:
            for row in range(3):  # crow's feet
                feet = [(sign * (EYE + 12.5), -1 + 2.4 * row, -10), (sign * (EYE + 17.5), -3.5 + 4 * row, -15)]
                layer.line(head.place(feet), 0.7, 0.5 * age)
    if age > 0.15:
        for row in range(3):
            brow = [(-17, -27 - 6 * row, -4), (-6, -29 - 6 * row, -1), (6, -29 - 6 * row, -1), (17, -27 - 6 * row, -4)]
            layer.line(smooth(head.place(brow), closed=False), 0.9, 0.5 * age)
    under = [(-7 * wide, 29.6 + nose, 8), (0, 30.8 + nose, 12), (7 * wide, 29.6 + nose, 8)]
    layer.line(smooth(head.place(under), closed=False), 1.2, 0.34)
    layer.paint(picture, shade(own, 0.36, 0.22), soft=0.7)


def paint_makeup(picture: Image.Image, face: Face, head: Head) -> None:
    """Shade the lids of eyes with make-up."""
    colour = mix(base_colour(face), (70, 44, 66), 0.75)
    for sign in (-1, 1):
        cloud(picture, head.spot(sign * (EYE + 1.5), -4.5, 0), 12.5, 7.5, colour, 0.85)
