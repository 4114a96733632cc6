"""Groups of pixels that are dark together, and pictures drawn by them: no pixel knows what such a group knows.

A distribution is an array [512]: the probability of each picture of 3 x 3 pixels, in the order of `EVERY`. Counts are
out of eight, as in the book's table; groups and the eight pictures are made up here so that their pixels give it.
"""

from dataclasses import dataclass

import numpy as np

from stages.lessons.appendix_b.pixels import COUNTS, PICTURES

CELLS = COUNTS.size
EVERY = (np.arange(2**CELLS)[:, None] >> np.arange(CELLS) & 1).astype(bool).reshape(-1, *COUNTS.shape)
Cell = tuple[int, int]  # row, column
TOP_LEFT, TOP_RIGHT, CENTRE, BOTTOM_LEFT, BOTTOM_RIGHT = (0, 0), (0, 2), (1, 1), (2, 0), (2, 2)
NAMES = {TOP_LEFT: "top left", CENTRE: "centre", TOP_RIGHT: "top right", BOTTOM_LEFT: "bottom left",
         BOTTOM_RIGHT: "bottom right"}  # of the pixels that may be dark


@dataclass(frozen=True)
class Group:
    """Pixels that are dark together, in so many of eight pictures."""

    count: int
    cells: tuple[Cell, ...]


STROKE, DOT, NO_STROKE = Group(6, (TOP_LEFT, CENTRE)), Group(1, (CENTRE,)), Group(1, ())
CORNERS, FEET, NO_END = Group(1, (TOP_RIGHT, BOTTOM_LEFT)), Group(1, (BOTTOM_LEFT, BOTTOM_RIGHT)), Group(6, ())
CHOICES = ((STROKE, DOT, NO_STROKE), (CORNERS, FEET, NO_END))  # a picture has one group of each line
TRAINING = ((STROKE, NO_END),) * 5 + ((STROKE, CORNERS), (DOT, NO_END), (NO_STROKE, FEET))


def picture(*groups: Group) -> np.ndarray:
    """The picture, bool [3, 3], in which those groups are dark."""
    drawn = np.zeros(COUNTS.shape, bool)
    for cell in (cell for group in groups for cell in group.cells):
        drawn[cell] = True
    return drawn


def training_pictures() -> np.ndarray:
    """The eight pictures to learn from, bool [8, 3, 3]."""
    return np.stack([picture(*groups) for groups in TRAINING])


def replayed() -> np.ndarray:
    """The distribution of a store: the eight pictures and no others."""
    return np.bincount(_places(training_pictures()), minlength=len(EVERY)) / len(TRAINING)


def pixel_by_pixel(table: np.ndarray) -> np.ndarray:
    """The distribution of pictures whose pixels are dark with the probabilities of `table`, each for itself."""
    return np.where(EVERY, table, 1 - table).prod(axis=(1, 2))


def group_by_group() -> np.ndarray:
    """The distribution of pictures with one group of each line of `CHOICES`, each line for itself."""
    found = np.zeros(len(EVERY))
    for first in CHOICES[0]:
        for second in CHOICES[1]:
            found[_places(picture(first, second)[None])] += first.count * second.count / PICTURES**2
    return found


def draw(distribution: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Draw pictures, bool [count, 3, 3]."""
    return EVERY[random.choice(len(EVERY), count, p=distribution)]


def marginals(distribution: np.ndarray) -> np.ndarray:
    """How likely each pixel is dark, [3, 3]."""
    return np.tensordot(distribution, EVERY, axes=1)


def together(distribution: np.ndarray, *cells: Cell) -> float:
    """How likely all those pixels are dark in one picture: their joint probability."""
    return float(distribution[EVERY[:, *zip(*cells, strict=True)].all(axis=1)].sum())


def apart(distribution: np.ndarray, *cells: Cell) -> float:
    """The product of the pixels' own probabilities: their joint probability if they were independent."""
    return float(np.prod([marginals(distribution)[cell] for cell in cells]))


def frequencies(pictures: np.ndarray) -> np.ndarray:
    """The distribution that drawn pictures have."""
    return np.bincount(_places(pictures), minlength=len(EVERY)) / len(pictures)


def share_new(distribution: np.ndarray) -> float:
    """How likely a picture is none of the eight."""
    return float(distribution[replayed() == 0].sum())


def share_right(distribution: np.ndarray) -> float:
    """How likely a picture consists of whole groups."""
    return float(distribution[group_by_group() > 0].sum())


def share_new_and_right(distribution: np.ndarray) -> float:
    """How likely a picture is none of the eight and yet consists of whole groups."""
    return float(distribution[(group_by_group() > 0) & (replayed() == 0)].sum())


def possible(distribution: np.ndarray) -> int:
    """How many different pictures may be drawn."""
    return int(np.count_nonzero(distribution))


def _places(pictures: np.ndarray) -> np.ndarray:
    """Where pictures [n, 3, 3] stand in `EVERY`, [n]."""
    return pictures.reshape(len(pictures), CELLS) @ (1 << np.arange(CELLS))
