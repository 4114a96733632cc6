"""Where the parts of a head are, and where a turned head shows them in the picture."""

import numpy as np

from stages.datasets.faces.description import Face

MIDDLE = (88.7, 111.3)  # between the eyes, in a picture aligned as CelebA's are
EYE = 19.5  # from the middle to each pupil: all other measures of a head are in these pixels too

Points = list[tuple[float, float, float]]  # right, down and towards the viewer, from the middle between the eyes


class Head:
    """A head in its pose: turns places on it into places in the picture."""

    def __init__(self, face: Face):
        cosine, sine = (1 - face.tilt**2) ** 0.5, face.tilt
        # Turning and nodding move what stands out, tilting turns the picture: one matrix for all, in 1/64 pixel.
        turned = np.array([[1, 0], [0, 1], [face.turn, face.nod]])
        self._matrix = 64 * turned @ np.array([[cosine, sine], [-sine, cosine]])
        self._middle = 64 * (np.array(MIDDLE) + face.shift)

    def place(self, points: Points) -> np.ndarray:
        """Return where points of the head appear, [n, 2], rounded to 1/64 pixel."""
        return np.rint(np.array(points) @ self._matrix + self._middle) / 64

    def spot(self, x: float, y: float, z: float) -> np.ndarray:
        """Return where one point of the head appears, [2]."""
        return self.place([(x, y, z)])[0]


def mirrored(points: Points) -> Points:
    """Return a closed outline from its right half, given from the top to the bottom, both on the middle line."""
    left = [(-x, y, z) for x, y, z in points[-2:0:-1]]
    return points + left


def face_outline(face: Face) -> Points:
    """Return the outline of face and skull, from the crown to the chin."""
    person = face.person
    wide, jaw, chin = person.face_width, person.jaw * person.face_width, person.chin
    end = 70 + person.chin_drop
    return mirrored(
        [
            (0, -69, -34), (21 * wide, -65, -34), (36 * wide, -51, -34), (43 * wide, -28, -30), (44.5 * wide, -2, -28),
            (43.5 * wide, 16, -25), (37.5 * jaw, 39, -17), (30 * jaw, 53, -10), (16 * chin * jaw, end - 5, 0),
            (0, end, 3),
        ]
    )  # fmt: skip


def mouth_places(face: Face) -> dict[str, float]:
    """Return the measures of a mouth in its expression: half its width, its height, and how far the corners rise."""
    smile = max(face.smile, 0)
    return {
        "half": 13.6 * face.person.mouth_width * (1 + 0.27 * smile),
        "middle": 41.5 + 0.35 * face.person.nose_length + 0.8 * smile,
        "rise": 5.6 * face.smile,
        "gap": 6.4 * face.mouth_open,
    }


def landmarks(face: Face) -> list[int]:
    """Return CelebA's five landmarks as whole pixels: left eye, right eye, nose, left and right corner of the mouth."""
    mouth = mouth_places(face)
    corner = mouth["middle"] - mouth["rise"]
    places = [(-EYE, 0, 0), (EYE, 0, 0), (0, 24 + face.person.nose_length, 16)]
    places += [(-mouth["half"], corner, 2), (mouth["half"], corner, 2)]
    return np.rint(Head(face).place(places)).astype(int).ravel().tolist()
