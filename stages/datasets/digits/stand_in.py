"""Draw a stand-in for MNIST, the same bytes on every machine, where the real files cannot be fetched.

Each image is a pen's path (`digit_strokes`) that is jittered, slanted, turned, warped, framed like MNIST and inked.
The path is computed in float64 and then rounded to 1/64 pixel. After that the only arithmetic is exact or correctly
rounded by IEEE 754, so neither the processor's instructions nor the BLAS library shows in the bytes.
"""

from collections.abc import Callable

import numpy as np

from stages.datasets.digits.strokes import POINTS_PER_DIGIT, build_templates

IMAGE_SIZE = 28  # pixels
FRAME_SIZE = 20  # pixels: MNIST scales every digit into a 20 x 20 box
BLOCK_SIZE = 1000  # images drawn from one generator; changing it changes every image
SPLITS = {"train": 0, "test": 1}
GRID = 64  # sub-pixel steps: squared distances stay whole numbers below 2**24, which float32 holds exactly
NO_INK = -((20 * GRID) ** 2)  # squared radius of a point where the pen is off the paper

# How much hands differ. Set so that the book's networks keep their order (README, tests/test_results.py).
CONTROL_JITTER = 0.042  # of the digit's height, standard deviation of a control point of a tidy hand
WARP = 0.035  # of the digit's height, amplitude of each of three waves that bend the paper
SLOPPY_SPREAD = 0.40  # standard deviation of the log of an image's sloppiness
SLOPPY_SHARE = 0.08  # of the images are written in a hurry ...
SLOPPY_FACTOR = 2.0  # ... and are this much sloppier
SLANT = (0.12, 0.16)  # mean and standard deviation of dx/dy; most hands lean right
ROTATION = 0.08  # radians, standard deviation
ASPECT = 0.14  # standard deviation of the log of width / height
RADIUS = (1.32, 0.28)  # pixels, mean and standard deviation of half the stroke's width
BREAK_SHARE = 0.05  # of the images have a gap in a stroke
SPECKLE_SHARE = 0.03  # of the images have a few faint dots of dirt


def draw_digits(
    count: int, seed: int, split: str, progress: Callable[[int], None] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Draw handwriting-like digits: images uint8 [count, 28, 28], 0 paper to 255 ink, and labels uint8 [count].

    The first images of a larger set are the smaller set. `split` is "train" or "test": two different draws of the same
    hands. `progress` is called with the number of images finished after each block.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}: known are {sorted(SPLITS)}")
    if count < 0 or seed < 0:
        raise ValueError(f"count and seed cannot be negative: got count {count}, seed {seed}")
    templates = build_templates()
    images = np.empty((count, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    labels = np.empty(count, np.uint8)
    for block, start in enumerate(range(0, count, BLOCK_SIZE)):
        # The whole block is always drawn and then cut: an image depends on its place, never on how many were asked for.
        random = np.random.default_rng([seed, SPLITS[split], block])
        stop = min(start + BLOCK_SIZE, count)
        block_images, block_labels = _draw_block(random, templates)
        images[start:stop] = block_images[: stop - start]
        labels[start:stop] = block_labels[: stop - start]
        if progress is not None:
            progress(stop)
    return images, labels


def _draw_block(random: np.random.Generator, templates: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Draw one block from its own generator: images [BLOCK_SIZE, 28, 28] and labels."""
    controls, curves, digits, shares = templates
    allographs = random.choice(len(digits), BLOCK_SIZE, p=shares / shares.sum())
    sloppiness = np.exp(SLOPPY_SPREAD * random.standard_normal((BLOCK_SIZE, 1, 1)))
    sloppiness *= np.where(random.random((BLOCK_SIZE, 1, 1)) < SLOPPY_SHARE, SLOPPY_FACTOR, 1.0)
    sloppiness = np.minimum(sloppiness, 3.0)

    jitter = random.standard_normal((BLOCK_SIZE, controls.shape[1], 2))
    moved = controls[allographs] + CONTROL_JITTER * sloppiness * _correlate(jitter)
    path = np.matmul(curves[allographs], moved)
    path = _pose(_warp(path, sloppiness, random), random)

    radii = _pen_radii(random)
    path = _frame(path, radii, random)
    return _ink(path, _lift_pen(radii, random), radii.mean(axis=1), random), digits[allographs].astype(np.uint8)


def _correlate(jitter: np.ndarray) -> np.ndarray:
    """Let neighbouring control points move partly together, as one movement of the hand would move them."""
    shared = jitter.copy()
    shared[:, 1:] += 0.6 * jitter[:, :-1]
    return shared / np.sqrt(1 + 0.6**2)


def _warp(path: np.ndarray, sloppiness: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Bend the plane smoothly under the path: three waves, each 0.8 to 2 digit heights long, in random directions."""
    for _ in range(3):
        angle, phase, push = 2 * np.pi * random.random((3, BLOCK_SIZE, 1))
        waves_per_height = random.uniform(0.5, 1.25, (BLOCK_SIZE, 1))
        along = path[..., 0] * np.cos(angle) + path[..., 1] * np.sin(angle)
        height = WARP * sloppiness * np.sin(2 * np.pi * waves_per_height * along + phase)[..., None]
        path = path + height * np.stack([np.cos(push), np.sin(push)], axis=-1)
    return path


def _pose(path: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Stretch, slant and turn each digit about the middle of its cell."""
    stretch = np.exp(ASPECT / 2 * random.standard_normal((BLOCK_SIZE, 1)))
    x = (path[..., 0] - 0.5) * stretch
    y = (path[..., 1] - 0.5) / stretch
    x = x - random.normal(*SLANT, (BLOCK_SIZE, 1)) * y  # y points down, so a lean to the right lowers x further down
    turn = ROTATION * random.standard_normal((BLOCK_SIZE, 1))
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1)


def _pen_radii(random: np.random.Generator) -> np.ndarray:
    """Return half the stroke's width in pixels [BLOCK_SIZE, POINTS_PER_DIGIT]: the pressure comes and goes."""
    mean = np.clip(random.normal(*RADIUS, (BLOCK_SIZE, 1)), 0.7, 2.1)
    waves = random.uniform(0.5, 2.0, (BLOCK_SIZE, 1)) * np.linspace(0, 1, POINTS_PER_DIGIT)
    pressure = np.sin(2 * np.pi * (waves + random.random((BLOCK_SIZE, 1))))
    return mean * (1 + random.uniform(0.0, 0.25, (BLOCK_SIZE, 1)) * pressure)


def _frame(path: np.ndarray, radii: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Place each path as MNIST does: the ink fills a box of 20 pixels, its centre of mass lies at the image's centre.

    Returns positions in pixels from the centre, rounded to the grid.
    """
    low, high = path.min(axis=1), path.max(axis=1)
    room = FRAME_SIZE * np.clip(random.normal(0.98, 0.04, BLOCK_SIZE), 0.84, 1.05) - 2 * radii.mean(axis=1)
    scale = room / (high - low).max(axis=1)
    path = (path - low[:, None]) * scale[:, None, None]

    # A point stands for the ink around it: the way to its neighbours times the width of the pen. A jump is no ink.
    steps = np.linalg.norm(np.diff(path, axis=1), axis=2)
    steps = np.where(steps > 4, 0.0, steps)
    mass = radii * (np.pad(steps, ((0, 0), (1, 0))) + np.pad(steps, ((0, 0), (0, 1))))
    centre = (path * mass[..., None]).sum(axis=1) / mass.sum(axis=1)[:, None]
    path = path - centre[:, None] + random.normal(0.0, 0.35, (BLOCK_SIZE, 1, 2))

    # The soft edge reaches one pixel past the radius; together they stay off the outermost row of pixels.
    limit = (IMAGE_SIZE / 2 - 2 - radii.max(axis=1))[:, None]
    shift = np.maximum(-limit - path.min(axis=1), 0) + np.minimum(limit - path.max(axis=1), 0)
    return np.rint((path + shift[:, None]) * GRID) / GRID


def _lift_pen(radii: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return squared radii in whole grid units, with a gap in the strokes of a few images."""
    squared = np.rint((radii * GRID) ** 2)
    start = random.integers(8, POINTS_PER_DIGIT - 16, (BLOCK_SIZE, 1))
    length = random.integers(4, 9, (BLOCK_SIZE, 1)) * (random.random((BLOCK_SIZE, 1)) < BREAK_SHARE)
    place = np.arange(POINTS_PER_DIGIT)
    return np.where((place >= start) & (place < start + length), NO_INK, squared)


def _ink(path: np.ndarray, squared_radii: np.ndarray, radius: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Turn paths into grey pixels: full ink inside the stroke, a soft edge, the grain of pen and paper.

    d² - r² to the nearest point of the path measures how far outside the stroke a pixel lies.
    """
    depth = _power_distance(path, squared_radii)
    mean = np.rint(radius[:, None] * GRID).astype(np.float32) / GRID
    outside = np.sqrt(np.maximum(depth + mean * mean, 0)) - mean  # pixels outside the edge, negative inside

    # MNIST's edges come from shrinking black-and-white scans: about one and a half pixels from paper to ink.
    edge = random.uniform(1.1, 1.7, (BLOCK_SIZE, 1)).astype(np.float32)
    ink = np.clip(0.5 - outside / edge, 0, 1)
    grain = random.uniform(0.0, 0.22, (BLOCK_SIZE, 1)).astype(np.float32)
    ink *= np.minimum(1.06 - grain * random.random(ink.shape, dtype=np.float32), 1)

    # Dirt on a few images: up to three faint dots, near the digit.
    dirty = np.flatnonzero(random.random(BLOCK_SIZE) < SPECKLE_SHARE)
    rows, columns = random.integers(4, IMAGE_SIZE - 4, (2, 3, len(dirty)))
    dots = random.uniform(0.1, 0.45, (3, len(dirty))).astype(np.float32)
    for row, column, dot in zip(rows, columns, dots, strict=True):
        place = row * IMAGE_SIZE + column
        ink[dirty, place] = np.maximum(ink[dirty, place], dot)
    return np.rint(255 * ink).astype(np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _power_distance(path: np.ndarray, squared_radii: np.ndarray) -> np.ndarray:
    """Return the least d² - r² of each pixel to a path's points, in square pixels float32 [BLOCK_SIZE, 784].

    d² = |pixel|² - 2 pixel . point + |point|² is one matrix product for all. In grid units every term is a whole number
    below 2**24, so float32 adds them without rounding, in whatever order BLAS takes them.
    """
    middle = (np.arange(IMAGE_SIZE) - (IMAGE_SIZE - 1) / 2) * GRID
    row, column = np.meshgrid(middle, middle, indexing="ij")
    pixels = np.stack([column.ravel(), row.ravel(), np.ones(row.size)]).astype(np.float32)
    squares = (column**2 + row**2).ravel().astype(np.float32)

    points = path * GRID
    constant = (points**2).sum(axis=2) - squared_radii
    features = np.concatenate([-2 * points, constant[..., None]], axis=2).astype(np.float32)
    nearest = np.empty((len(path), squares.size), np.float32)
    for start in range(0, len(path), 20):  # 20 images at a time keep the product small enough for the cache
        product = features[start : start + 20].reshape(-1, 3) @ pixels
        nearest[start : start + 20] = product.reshape(-1, POINTS_PER_DIGIT, squares.size).min(axis=1)
    return (nearest + squares) / GRID**2
