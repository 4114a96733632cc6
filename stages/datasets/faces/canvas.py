"""Shapes with smooth edges: curves through a few points, drawn large, then reduced."""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from stages.datasets.faces.colours import Colour

WIDTH, HEIGHT = 178, 218  # of CelebA's aligned pictures
STEPS = 8  # points of a curve between two control points
Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels


@cache
def _curve_matrix(count: int, closed: bool) -> np.ndarray:
    """Return the matrix that turns `count` control points into a Catmull-Rom curve through them."""
    controls = np.eye(count)
    if closed:
        controls = np.vstack([controls[-1:], controls, controls[:2]])
    else:  # ends run straight on
        controls = np.vstack([2 * controls[0] - controls[1], controls, 2 * controls[-1] - controls[-2]])
    t = np.arange(STEPS)[:, None] / STEPS
    rows = []
    for start in range(len(controls) - 3):
        a, b, c, d = controls[start : start + 4]
        square, cube = a - 2.5 * b + 2 * c - 0.5 * d, 1.5 * (b - c) + 0.5 * (d - a)
        rows.append(b + t / 2 * (c - a) + t**2 * square + t**3 * cube)
    return np.vstack(rows if closed else [*rows, controls[-2]])


def smooth(points: np.ndarray, closed: bool = True) -> np.ndarray:
    """Return a smooth curve [m, 2] through control points [n, 2].

    Control points are multiples of 1/64 and the matrix of 1/1024: the product is exact, in whatever order it is summed.
    """
    return _curve_matrix(len(points), closed) @ points


def ribbon(points: np.ndarray, widths: list[float]) -> np.ndarray:
    """Return the outline [m, 2] of a stroke along control points, as wide at each as `widths` says."""
    both = np.empty((len(points), 3))
    both[:, :2], both[:, 2] = points, np.rint(np.array(widths) * 64) / 64
    line = smooth(both, closed=False)
    along = np.empty((len(line), 2))
    along[1:-1] = line[2:, :2] - line[:-2, :2]
    along[0], along[-1] = line[1, :2] - line[0, :2], line[-1, :2] - line[-2, :2]
    length = np.sqrt(along[:, 0] ** 2 + along[:, 1] ** 2) + 1e-9
    half = line[:, 2] / (2 * length)
    side = along[:, ::-1] * half[:, None] * (-1.0, 1.0)
    return np.concatenate([line[:, :2] + side, (line[:, :2] - side)[::-1]])


def around(*outlines: np.ndarray, margin: int = 2) -> Box:
    """Return the box of whole pixels around outlines, no larger than the picture."""
    points = outlines[0] if len(outlines) == 1 else np.concatenate(outlines)
    left, top = (int(value) - margin for value in points.min(axis=0).tolist())
    right, bottom = (int(value) + 1 + margin for value in points.max(axis=0).tolist())
    left, top = min(max(left, 0), WIDTH - 1), min(max(top, 0), HEIGHT - 1)
    return left, top, max(min(right, WIDTH), left + 1), max(min(bottom, HEIGHT), top + 1)


class Layer:
    """How strongly a colour covers each pixel of a box: drawn at `scale` times its size, then reduced."""

    def __init__(self, box: Box, scale: int = 4):
        self.box, self.scale = box, scale
        self.origin = np.array(box[:2], float)
        self.mask = Image.new("L", ((box[2] - box[0]) * scale, (box[3] - box[1]) * scale))
        self.pen = ImageDraw.Draw(self.mask)

    def flat(self, outline: np.ndarray) -> list[float]:
        """Return points of the picture as a pen wants them: x, y, x, y ... from the corner of the enlarged mask."""
        return np.rint((outline - self.origin) * self.scale).ravel().tolist()

    def shape(self, outline: np.ndarray, strength: float = 1.0) -> "Layer":
        """Fill an outline; later shapes cover earlier ones, strength 0 cuts a hole."""
        self.pen.polygon(self.flat(outline), fill=round(255 * strength))
        return self

    def line(self, curve: np.ndarray, width: float, strength: float = 1.0) -> "Layer":
        """Draw along a curve, `width` pixels wide."""
        self.pen.line(self.flat(curve), fill=round(255 * strength), width=max(1, round(width * self.scale)))
        return self

    def dot(self, middle: np.ndarray, radius: float, strength: float = 1.0, height: float | None = None) -> "Layer":
        """Fill a circle, or an ellipse where a `height` (half of it) is given."""
        half = np.array([radius, radius if height is None else height])
        corners = np.array([middle - half, middle + half])
        self.pen.ellipse(self.flat(corners), fill=round(255 * strength))
        return self

    def finish(self, soft: float = 0.0) -> Image.Image:
        """Return the mask at the picture's scale, blurred by `soft` pixels."""
        mask = self.mask.reduce(self.scale) if self.scale > 1 else self.mask
        return mask.filter(ImageFilter.BoxBlur(1.5 * soft)) if soft else mask

    def paint(self, picture: Image.Image, colour: Colour | Image.Image, soft: float = 0.0) -> None:
        """Cover the picture with a colour, or with a picture as large as the box, through the mask."""
        picture.paste(colour, self.box, self.finish(soft))


def fill(
    picture: Image.Image, outline: np.ndarray, colour: Colour, strength: float = 1.0, soft: float = 0.0, scale: int = 4
) -> None:
    """Fill one outline with one colour."""
    layer = Layer(around(outline, margin=2 + round(2 * soft)), scale)
    layer.shape(outline, strength).paint(picture, colour, soft)
