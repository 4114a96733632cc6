"""Outlines of hair: its outer edge, the opening for the face, and a fringe."""

from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import Points

ENDS = {"long": 122, "shoulder": 88, "bob": 58}  # how far down hair reaches, in pixels below the eyes
HANGING = tuple(ENDS)


def _fullness(face: Face) -> float:
    """Return how far the hair stands off the head, in pixels."""
    full = {"crop": 1.5, "updo": min(face.volume, 5), "short": 2 + 0.8 * face.volume, "quiff": 3 + 0.7 * face.volume}
    curls = 5 if face.person.waves == "curly" and face.style not in ("crop", "updo") else 0
    return full.get(face.style, face.volume) + curls


def outside(face: Face) -> Points:
    """Return the outer outline of the hair, from the left end over the crown to the right end."""
    wide, style, full = face.person.face_width, face.style, _fullness(face)
    side = full * (0.8 if style in HANGING else 0.35)
    lean, top = face.parting * 3, 4 if style == "quiff" else 0
    halves = []
    for sign in (-1, 1):
        high = top * (1.3 if sign * face.parting <= 0 else 0.3)
        half = [
            (sign * 13 * wide + lean, -69 - full - high, -34),
            (sign * (29 * wide + 0.4 * full) + lean, -62 - 0.85 * full - 0.7 * high, -34),
            (sign * (41 * wide + 0.6 * side), -44 - 0.5 * full, -34),
            (sign * (46 * wide + side), -18, -34),
            (sign * (46.5 * wide + side), 0, -36),
        ]
        if style in HANGING:
            end = ENDS[style]
            for row in range(1, 4):
                bulge = face.person.waves != "straight" and ((face.texture >> row) % 3 - 0.5) * 3.5
                half.append((sign * (47.5 * wide + 1.15 * side + bulge), 2 + (end - 2) * row / 4, -36))
            half += [(sign * (44 * wide + side), end, -36), (sign * 34, end + 6, -36), (sign * 12, end + 5, -36)]
        else:
            half += [(sign * 44.6 * wide, 11, -34), (sign * 26, 13, -30), (sign * 9, 13, -30)]
        halves.append(half)
    return halves[0][::-1] + halves[1]


def opening(face: Face) -> Points:
    """Return the outline of the face between the hair, from the lower left over the hairline to the lower right."""
    person, style = face.person, face.style
    wide, far = person.face_width, person.receding
    high = -53.0 if far else -44.0
    halves = []
    for sign in (-1, 1):
        # hair falls away from the parting, and lies lower on the other side
        sweep = 0.0 if style in ("crop", "updo") else sign * face.parting * (12 if style in HANGING else 6)
        lower = max(-sweep, 0) * (not far)
        half = [
            (sign * 43.4 * wide, -3, -28),
            (sign * 41.0 * wide, -16, -26),
            (sign * 37.0 * wide, -29 + 0.5 * lower - (9 if far else 0), -24),
            (sign * (31 if far else 27) * wide, -39 + 0.9 * lower - (11 if far else 0), -18),
            (sign * 11 * wide, high + (5 if far else 0.6) + 0.5 * lower, -12),
        ]
        if style in HANGING:
            end = ENDS[style]
            sides = [(49.5, 12), (50, 34), (50, 60), (58, end + 14)]
            if not face.behind_ears:
                near = 42.5 - face.texture % 4
                sides = [(near, 12), (near - 3.5, 34), (near - 5, 58), (near - 4, end + 14)]
            half = [*((sign * x * wide, y, -24) for x, y in sides[::-1]), *half]
        else:
            half = [(sign * 30, 40, -28), (sign * 45.5 * wide, 22, -30), (sign * 43.8 * wide, 9, -28), *half]
        halves.append(half)
    return [*halves[0], (face.parting * 10 * wide, high - (0 if far else 1.5), -12), *halves[1][::-1]]


def fringe(face: Face) -> Points:
    """Return hair that covers the forehead down to the brows, cut a little unevenly."""
    wide = face.person.face_width
    lower = []
    for place in range(-5, 6):
        uneven = (face.texture >> (place + 5)) % 4
        lower.append((place * 8.0 * wide, -20.5 + uneven + 0.16 * place * place, -8 - 0.6 * place * place))
    return [(-39 * wide, -44, -24), (-20 * wide, -58, -22), (20 * wide, -58, -22), (39 * wide, -44, -24), *lower[::-1]]
