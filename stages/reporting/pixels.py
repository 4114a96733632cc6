"""Grey pictures pixel for pixel, laid out in a sheet or moving: what needs no axes and no matplotlib."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from stages.reporting.html import show_html

LEVELS = 16  # grey levels of an animation: enough for pen strokes, half the bytes
LARGEST = 440_000  # bytes of an animation; base64 makes a third more of them
FRAME_MS, LAST_MS = 160, 2400  # how long frames stay, and the last one
RULE = 40  # grey of the lines between pictures
SCALE = 2


def sheet(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Pictures uint8 [n, height, width] in rows, thin grey lines between them, as one picture; 0 is paper."""
    count, height, width = pictures.shape
    rows = -(-count // columns)
    filled = np.zeros((rows * columns, height, width), np.uint8)
    filled[:count] = pictures
    framed = np.pad(filled, ((0, 0), (0, 1), (0, 1)), constant_values=RULE)
    laid = framed.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    return np.pad(laid.reshape(rows * (height + 1), columns * (width + 1)), ((1, 0), (1, 0)), constant_values=RULE)


def png(ink: np.ndarray, scale: int = SCALE) -> str:
    """A picture uint8 [height, width], 255 is ink, as an address that a page holds in itself."""
    return _address("image/png", _enlarged(Image.fromarray(255 - ink), scale), optimize=True)


def gif(frames: Sequence[np.ndarray]) -> tuple[str, int]:
    """Pictures in time as an animated GIF, as such an address, and how many of them it shows.

    Every other picture is left out, the first and the last never, until it is small enough.
    """
    frames = list(frames)
    while True:
        address = _gif(frames)
        if len(address) <= LARGEST * 4 / 3 or len(frames) < 3:
            return address, len(frames)
        frames = [*frames[:-1:2], frames[-1]]


def show_animation(frames: Sequence[np.ndarray], alt: str, caption: str) -> None:
    """Show pictures in time; readers who asked their system for less motion see the last one only."""
    address, shown = gif(frames)
    height, width = frames[0].shape
    source = f'<source media="(prefers-reduced-motion: reduce)" srcset="{png(frames[-1])}">'
    image = (f'<img width="{SCALE * width}" height="{SCALE * height}" alt="{escape(alt)}, {shown} pictures" '
             f'src="{address}">')
    show_html(f"<figure><picture>{source}{image}</picture><figcaption>{escape(caption)}</figcaption></figure>")


def with_progress(picture: np.ndarray, share: float) -> np.ndarray:
    """A picture with a bar below it that has grown to `share` of its width."""
    bar = np.zeros((5, picture.shape[1]), np.uint8)
    bar[2:] = RULE
    bar[2:, : round(share * picture.shape[1])] = 255
    return np.concatenate([picture, bar])


def _gif(frames: Sequence[np.ndarray]) -> str:
    """All frames, in one palette of few greys."""
    images = []
    for frame in frames:
        image = Image.fromarray(frame // (256 // LEVELS), mode="P")
        image.putpalette([level for grey in range(LEVELS) for level in [255 - grey * 255 // (LEVELS - 1)] * 3])
        images.append(_enlarged(image, SCALE))
    durations = [FRAME_MS] * (len(images) - 1) + [LAST_MS]
    return _address("image/gif", images[0], save_all=True, append_images=images[1:], duration=durations, loop=0,
                    optimize=False)


def _enlarged(image: Image.Image, scale: int) -> Image.Image:
    """Each pixel as a square of pixels."""
    return image.resize((scale * image.width, scale * image.height), Image.Resampling.NEAREST)


def _address(kind: str, image: Image.Image, **options: object) -> str:
    """An image as a data address."""
    content = io.BytesIO()
    image.save(content, format=kind.removeprefix("image/"), **options)
    return f"data:{kind};base64,{base64.b64encode(content.getvalue()).decode('ascii')}"
