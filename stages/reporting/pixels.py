"""Pictures pixel for pixel, laid out in a sheet or moving: what needs no axes and no matplotlib."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from stages.reporting.html import show_html

LEVELS = 16  # grey levels of an animation: enough for pen strokes, half the bytes
LARGEST = {"grey": 440_000, "colour": 250_000}  # bytes of an animation; base64 makes a third more of them
COLOURS = 64  # of each frame of an animation in colour
QUALITY = 85  # of JPEG
FRAME_MS, LAST_MS = 160, 2400  # how long frames stay, and the last one
RULE = 40  # grey of the lines between pictures
SCALE = 2


def sheet(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Pictures in rows, thin grey lines between them, as one picture.

    uint8 [n, height, width] is ink, 0 is paper; uint8 [n, height, width, 3] is colours, and paper is white.
    """
    count, height, width, *colours = pictures.shape
    paper, rule = (255, 255 - RULE) if colours else (0, RULE)
    rows, none = -(-count // columns), [(0, 0)] * len(colours)
    filled = np.full((rows * columns, height, width, *colours), paper, np.uint8)
    filled[:count] = pictures
    framed = np.pad(filled, [(0, 0), (0, 1), (0, 1), *none], constant_values=rule)
    laid = framed.reshape(rows, columns, height + 1, width + 1, *colours).swapaxes(1, 2)
    laid = laid.reshape(rows * (height + 1), columns * (width + 1), *colours)
    return np.pad(laid, [(1, 0), (1, 0), *none], constant_values=rule)


def thumbnails(pictures: np.ndarray, longest: int) -> np.ndarray:
    """Pictures averaged down until no side is longer than that."""
    largest = max(pictures.shape[1:3])
    if largest <= longest or not len(pictures):
        return pictures
    height, width = (max(round(side * longest / largest), 1) for side in pictures.shape[1:3])
    small = [Image.fromarray(picture).resize((width, height), Image.Resampling.BOX) for picture in pictures]
    return np.stack([np.asarray(picture) for picture in small])


def still(picture: np.ndarray, scale: int = SCALE) -> str:
    """A picture as an address that a page holds in itself: ink [height, width] as PNG, colours [..., 3] as JPEG."""
    if picture.ndim == 3:  # the browser enlarges it: bytes that say nothing new are saved
        return _address("image/jpeg", Image.fromarray(picture), quality=QUALITY)
    return _address("image/png", _enlarged(Image.fromarray(255 - picture), scale), optimize=True)


def gif(frames: Sequence[np.ndarray]) -> tuple[str, int]:
    """Pictures in time as an animated GIF, as such an address, and how many of them it shows.

    Every other picture is left out, the first and the last never, until it is small enough. It is tried with few
    first and with more as long as they fit, so that most of those left out are never made.
    """
    chosen = [list(range(len(frames)))]
    while len(chosen[-1]) > 2:
        chosen.append([*chosen[-1][:-1:2], chosen[-1][-1]])
    most = LARGEST["grey" if frames[0].ndim == 2 else "colour"] * 4 / 3
    images: dict[int, Image.Image] = {}
    fitting = None
    for places in reversed(chosen):
        images |= {place: _indexed(frames[place]) for place in places if place not in images}
        address = _gif([images[place] for place in places])
        if fitting and len(address) > most:
            break
        fitting = address, len(places)
    return fitting


def show_animation(frames: Sequence[np.ndarray], alt: str, caption: str) -> None:
    """Show pictures in time; the last one only on paper, and for readers who want less motion."""
    address, shown = gif(frames)
    height, width = frames[0].shape[:2]
    show_html(moving(f"{escape(alt)}, {shown} pictures", SCALE * width, SCALE * height, address, still(frames[-1]),
                     caption))


def moving(alt: str, width: int, height: int, address: str, last: str, caption: str) -> str:
    """A figure of an animation, and of its last picture, of which the page's style shows one; `alt` is HTML.

    Not `picture` with a source for print: browsers choose it when the page opens, and print what they chose.
    """
    images = "".join(f'<img class="{name}" width="{width}" height="{height}" alt="{alt}{what}" src="{source}">'
                     for name, what, source in (("moving", "", address), ("last", "; the last of them", last)))
    return f'<figure class="moves">{images}<figcaption>{escape(caption)}</figcaption></figure>'


def with_progress(picture: np.ndarray, share: float) -> np.ndarray:
    """A picture with a bar below it that has grown to `share` of its width."""
    bar = np.zeros((5, picture.shape[1]), np.uint8)
    bar[2:] = RULE
    bar[2:, : round(share * picture.shape[1])] = 255
    if picture.ndim == 3:
        bar = np.repeat(255 - bar[..., None], 3, axis=2)
    return np.concatenate([picture, bar])


def _indexed(frame: np.ndarray) -> Image.Image:
    """A frame with a palette: few greys, the same for all frames, or its own few colours."""
    if frame.ndim == 3:
        return Image.fromarray(frame).quantize(COLOURS, dither=Image.Dither.NONE)
    image = Image.fromarray(frame // (256 // LEVELS), mode="P")
    image.putpalette([level for grey in range(LEVELS) for level in [255 - grey * 255 // (LEVELS - 1)] * 3])
    return _enlarged(image, SCALE)


def _gif(images: Sequence[Image.Image]) -> str:
    """All images, one after the other."""
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
