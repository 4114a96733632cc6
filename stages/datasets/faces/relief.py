"""Light and shadow on a face: its relief as a sum of bumps, lit from one side."""

import numpy as np
from PIL import Image

from stages.datasets.faces.canvas import Box
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import EYE, Head, mouth_places
from stages.datasets.faces.light import add_bells, cells, enlarged

CELL = 2  # pixels per cell: light changes slowly


def _bumps(face: Face) -> list[tuple[float, ...]]:
    """Return the bumps of a face, each (x, y, z, width, height, how far it stands out), in pixels of the head."""
    person, mouth = face.person, mouth_places(face)
    nose, wide = person.nose_length, person.nose_width
    smile, age = max(face.smile, 0), max(person.age - 35, 0) / 40
    cheek = 1.5 + 2.6 * person.cheekbones + 2.0 * smile
    tip = 5.6 * wide * (1.25 - 0.5 * person.nose_pointed)
    once = [
        (0, 6 + nose / 2, 8, 4.6 * wide, 15, 6.5),  # the bridge of the nose
        (0, 22 + nose, 15, tip, 5.5, 7.0 + 2.0 * person.nose_pointed),
        (0, 40, 7, 15, 10, 4.0),  # the jaws bulge behind the lips
        (0, mouth["middle"] + 11, 6, 8, 3.0, -2.6),  # below the lower lip
        (0, 63 + person.chin_drop, 4, 9 * person.chin, 6.5, 4.2),
        (0, -38, -8, 22, 13, 2.0),  # the forehead
        (0, 33 + nose / 2, 10, 2.0, 4, -0.9),  # the groove below the nose
    ]
    twice = [
        (7.6 * wide, 25.5 + nose, 7, 4.0 * wide, 4.2, 3.6),  # the wings of the nose
        (EYE, -3, 0, 11, 6.5, -4.4),  # the sockets
        (8.5, -3, 2, 4.5, 6, -3.4),
        (EYE, 0.5, 1, 7.5, 4.6, 2.6),  # the eyeballs behind the lids
        (EYE - 1, -14.5, 2, 12, 4.5, 2.8 if person.male else 1.6),  # the brows
        (28, 18 - 2 * smile, -6, 10, 8, cheek),
        (29, 37, -10, 9, 9, -2.4 + 3.5 * person.chubby),  # below the cheekbones
        (16.5 + smile, 32, 2, 3.2, 8, -1.1 - 1.2 * smile - 1.2 * age),  # from the nose to the mouth
        (mouth["half"] + 2.5, mouth["middle"] - mouth["rise"], 1, 3.5, 3.5, -1.8),
        (EYE, 10, -1, 8, 3, -0.6 - 1.2 * face.bags),
    ]
    return once + twice + [(-x, *rest) for x, *rest in twice]


def face_light(face: Face, head: Head, box: Box) -> Image.Image:
    """Return the light on the face in a box of the picture, as a map for `ramp`: 150 is the skin's own colour."""
    columns, rows = cells(box, CELL)
    bumps = np.array(_bumps(face))
    spots = np.concatenate([head.place(bumps[:, :3]), bumps[:, 3:]], axis=1)

    # The head is an egg; the bumps stand on it. Slopes to the right and downwards are its differences.
    middle = head.spot(0, 3, -20)
    across = (columns - middle[0]) / (50 * face.person.face_width)
    down = (rows - middle[1]) / 80
    surface = 44 * np.sqrt(np.maximum(1 - 0.92 * (across * across + (down * down)[:, None]), 0.03))
    add_bells(surface, columns, rows, spots)
    slope_x, slope_y = np.zeros_like(surface), np.zeros_like(surface)
    slope_x[:, 1:-1] = (surface[:, 2:] - surface[:, :-2]) / (2 * CELL)
    slope_y[1:-1] = (surface[2:] - surface[:-2]) / (2 * CELL)

    lamp_x, lamp_y, lamp_z = face.light
    steep = np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    size = (lamp_x**2 + lamp_y**2 + lamp_z**2) ** 0.5
    lit = np.maximum((lamp_z - lamp_x * slope_x - lamp_y * slope_y) / (steep * size), 0)
    edge = 0.80 + 0.20 / steep  # skin that turns away is darker, also towards the lamp
    shine = lit * lit
    shine = shine * shine * shine
    value = 146 * face.exposure * edge * (face.ambient + (1.02 - face.ambient) * lit) + 14 * shine * shine
    return enlarged(value, CELL, box)
