"""How a hand writes the ten digits: pen strokes through a few control points, several allographs per digit."""

import numpy as np

POINTS_PER_DIGIT = 96  # about half a pixel apart, seldom more than one: the discs around them merge into a stroke

# Each allograph is (share of that digit, strokes). A point is "x,y" in percent of the digit's height, y downwards.
# "/" lifts the pen; "!" marks a corner, where two smooth curves meet; everywhere else the pen runs on smoothly.
ALLOGRAPHS = {
    0: [
        (0.35, "54,2 26,12 11,50 25,88 50,98 78,85 88,50 76,14 46,4"),  # round
        (0.25, "52,0 33,20 27,55 37,90 52,98 68,80 72,45 63,10 47,2"),  # narrow
        (0.20, "68,12 44,3 20,30 14,66 34,96 62,92 84,62 82,26 62,7 46,14"),  # closed with a hook
        (0.20, "36,6 18,36 17,70 40,97 70,88 84,50 72,12 52,3"),  # not quite closed
    ],
    1: [
        (0.45, "52,0 50,33 49,66 48,100"),  # a bare stroke
        (0.20, "66,0 57,33 47,66 38,100"),  # the same, leaning
        (0.22, "30,24 44,14 56,0! 55,50 53,100"),  # with a flag
        (0.13, "32,22 44,13 54,0! 53,50 52,100 / 28,100 52,99 78,100"),  # with a flag and a foot
    ],
    2: [
        (0.35, "18,22 35,3 62,2 78,22 66,50 40,76 15,98! 45,96 85,97"),  # flat base
        (0.35, "18,22 38,3 65,5 75,27 58,58 32,85 16,92 14,80 28,76 50,88 70,97 90,90"),  # looped base
        (0.20, "22,15 45,0 70,12 70,38 48,68 18,96! 48,89 84,100"),  # wavy base
        (0.10, "15,12 45,4 76,8! 45,53 15,95! 50,95 85,94"),  # like a Z
    ],
    3: [
        (0.40, "20,12 45,0 72,12 68,35 42,47! 72,56 80,78 55,99 18,90"),  # round
        (0.20, "18,5 48,4 78,4! 58,24 42,42! 70,50 80,72 58,97 18,92"),  # flat top
        (0.25, "22,10 50,0 74,16 60,40 38,50 34,44 46,42 70,54 78,78 52,100 16,88"),  # a loop in the middle
        (0.15, "26,10 52,1 70,18 52,42 60,48 74,64 68,88 42,99 14,94"),  # hardly a waist
    ],
    4: [
        (0.35, "20,4 13,32 17,58 48,60 96,52 / 74,8 68,55 64,100"),  # open, rounded
        (0.20, "60,2 32,36 6,68! 50,69 98,66 / 63,0 62,50 61,100"),  # closed, printed
        (0.20, "30,0 8,50! 48,54 98,48 / 62,24 58,62 53,100"),  # open, short stem
        (0.15, "16,6 10,44! 45,55 74,48 / 80,0 75,50 70,100"),  # open, the bar ends at the stem
        (0.10, "72,2 38,22 13,54 40,62 69,50 / 73,1 70,50 65,100"),  # closed: nearly a 9
    ],
    5: [
        (0.40, "92,2 58,3 24,4! 19,26 14,46! 46,36 74,52 72,82 44,100 10,90"),  # in one go
        (0.30, "24,5 20,26 16,46! 48,38 74,56 68,88 40,100 10,90 / 24,6 58,4 96,0"),  # the hat added last
        (0.20, "86,4 50,2 20,18 28,40 60,50 74,72 54,97 12,94"),  # like an S
        (0.10, "96,0 64,8 36,6! 28,44! 56,44 66,64 52,88 12,98"),  # small belly
    ],
    6: [
        (0.35, "66,2 38,22 20,58 26,88 50,99 74,84 70,60 48,53 25,68"),
        (0.25, "40,0 26,40 22,75 40,98 68,92 76,70 58,54 36,62 25,78"),  # upright
        (0.20, "76,8 50,2 24,28 16,68 36,98 66,94 76,72 58,54 32,60 18,78"),  # curled over
        (0.20, "62,0 36,36 23,75 38,98 62,92 62,72 42,68 26,84"),  # small loop
    ],
    7: [
        (0.35, "14,8 45,6 82,5! 64,45 46,100"),  # plain
        (0.25, "15,17 20,7 50,8 80,5! 60,38 49,70 46,100"),  # curved stem
        (0.20, "14,9 45,6 82,5! 64,45 46,100 / 32,54 54,51 76,48"),  # with a bar
        (0.20, "14,26 16,8! 50,8 84,4! 66,40 42,100"),  # with a serif
    ],
    8: [
        (0.45, "70,18 52,0 31,18 42,41 62,59 70,80 50,100 30,82 40,57 58,41 70,20"),  # one S, closed
        (0.25, "50,1 31,10 31,36 50,46 69,36 69,10 47,1 / 50,46 28,60 26,88 50,100 74,88 72,60 47,46"),  # two rings
        (0.20, "74,8 50,2 34,20 46,44 63,66 60,94 40,98 31,80 44,54 66,32 80,8"),  # open at the top
        (0.10, "62,8 42,10 44,30 60,44 72,66 63,96 36,96 29,70 46,48 66,28 60,7"),  # small head
    ],
    9: [
        (0.30, "76,14 48,0 16,22 24,52 56,52 78,18! 74,60 70,100"),  # straight tail
        (0.30, "78,20 54,0 20,14 18,44 48,56 74,40 79,16 80,55 66,88 28,99"),  # curved tail
        (0.25, "74,6 42,0 16,26 32,52 62,42 79,8! 66,55 50,100"),  # leaning
        (0.15, "66,10 46,2 30,18 39,37 58,33 68,10 66,50 56,100"),  # small head
    ],
}


def _parse(text: str) -> tuple[np.ndarray, list[list[int]], list[int]]:
    """Return control points [count, 2], smooth pieces as lists of point indices, and the stroke of each piece."""
    points, pieces, owners = [], [], []
    for stroke, part in enumerate(text.split(" / ")):
        pieces.append([])
        owners.append(stroke)
        for word in part.split():
            pieces[-1].append(len(points))
            points.append([float(value) / 100 for value in word.rstrip("!").split(",")])
            if word.endswith("!"):  # the corner ends one piece and begins the next: both follow when it moves
                pieces.append([len(points) - 1])
                owners.append(stroke)
    return np.array(points), pieces, owners


def _spline_rows(piece: list[int], control_count: int, steps: int = 24) -> np.ndarray:
    """Return rows that, times the control points, give a Catmull-Rom curve through this piece: [samples, controls]."""
    controls = np.eye(control_count)[piece]
    before, after = 2 * controls[0] - controls[1], 2 * controls[-1] - controls[-2]  # ends run straight on
    controls = np.vstack([before, controls, after])
    rows = []
    for start in range(len(piece) - 1):
        a, b, c, d = controls[start : start + 4]
        t = np.arange(steps)[:, None] / steps
        square, cube = a - 2.5 * b + 2 * c - 0.5 * d, 1.5 * (b - c) + 0.5 * (d - a)
        rows.append(b + t / 2 * (c - a) + t**2 * square + t**3 * cube)
    return np.vstack([*rows, controls[-2]])


def _evenly_spaced_rows(points: np.ndarray, pieces: list[list[int]], owners: list[int]) -> np.ndarray:
    """Return the rows of POINTS_PER_DIGIT samples, shared among the strokes by length and evenly spaced on each."""
    strokes, lengths = [], []
    for stroke in sorted(set(owners)):
        mine = [piece for piece, owner in zip(pieces, owners, strict=True) if owner == stroke]
        rows = np.vstack([_spline_rows(piece, len(points)) for piece in mine])
        steps = np.linalg.norm(np.diff(rows @ points, axis=0), axis=1)
        strokes.append(rows)
        lengths.append(np.concatenate([[0.0], np.cumsum(steps)]))

    # The last stroke takes what rounding leaves over, so that every allograph has the same number of points.
    total = sum(length[-1] for length in lengths)
    shares = [round(POINTS_PER_DIGIT * length[-1] / total) for length in lengths[:-1]]
    shares.append(POINTS_PER_DIGIT - sum(shares))
    chosen = []
    for rows, length, share in zip(strokes, lengths, shares, strict=True):
        chosen.append(rows[np.searchsorted(length, np.linspace(0, length[-1] - 1e-9, share))])
    return np.vstack(chosen)


def build_templates() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Turn the allographs into arrays that a whole block of images can index.

    Returns controls [allographs, controls, 2] padded with zeros, curves [allographs, POINTS_PER_DIGIT, controls] (curve
    times controls gives the pen's path), the digit of each allograph, and its share among the allographs of that digit.
    """
    entries = [(digit, share, *_parse(text)) for digit, forms in ALLOGRAPHS.items() for share, text in forms]
    most = max(len(points) for _, _, points, _, _ in entries)
    controls = np.zeros((len(entries), most, 2))
    curves = np.zeros((len(entries), POINTS_PER_DIGIT, most))
    for row, (_, _, points, pieces, owners) in enumerate(entries):
        controls[row, : len(points)] = points
        curves[row, :, : len(points)] = _evenly_spaced_rows(points, pieces, owners)
    digits = np.array([digit for digit, *_ in entries])
    shares = np.array([share for _, share, *_ in entries])
    return controls, curves, digits, shares
