"""Small archives of random JPEGs of CelebA's size, with its lists, for the tests of CelebA."""

import functools
import io
import zipfile
from pathlib import Path

import numpy as np
import simplejpeg
from conftest import set_key, write_files
from PIL import Image

from stages.datasets.faces.archive import ARCHIVE
from stages.datasets.faces.lists import ATTRIBUTES, BOXES, IDENTITIES, LANDMARKS, PARTITIONS

RAW, DOWNLOADED, CONVERTED = Path("data/raw/celeba"), Path("data/raw/.celeba.download"), Path("data/hdf5/celeba.h5")
MINE = Path("mine/celeba")
IMAGES, TRAIN, TEST = 40, 10, 24
NAMES = ["Smiling", "Eyeglasses", "Young"]


@functools.cache
def picture(number: int, height: int = 218, width: int = 178) -> np.ndarray:
    """A smooth picture that no other number has."""
    small = np.random.default_rng(number).integers(0, 256, (4, 3, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def jpeg(number: int, **size: int) -> bytes:
    """That picture as a JPEG."""
    return simplejpeg.encode_jpeg(np.ascontiguousarray(picture(number, **size)), quality=90)


def names(count: int = IMAGES) -> list[str]:
    """File names as CelebA's."""
    return [f"{number:06d}.jpg" for number in range(1, count + 1)]


def jpegs(count: int = IMAGES) -> dict[str, bytes]:
    """JPEGs by the name that they have in the archive."""
    return {f"img_align_celeba/{name}": jpeg(number) for number, name in enumerate(names(count))}


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of members in their order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), member, method)
    return content.getvalue()


def bits(number: int) -> list[int]:
    """The attributes of a picture."""
    return [number >> place & 1 for place in range(len(NAMES))]


def lists(count: int = IMAGES) -> dict[str, bytes]:
    """The five lists, by name."""
    rows = list(enumerate(names(count)))
    attributes = [f"{name}  {'  '.join(str(2 * bit - 1) for bit in bits(number))}" for number, name in rows]
    boxes = [f"{name}  95  71 226 {number}" for number, name in rows]
    points = [f"{name} {' '.join(['70', '-1'] * 5)}" for _, name in rows]
    texts = {
        ATTRIBUTES: [str(count), " ".join(NAMES) + " ", *attributes],
        IDENTITIES: [f"{name} {number + 2000}" for number, name in rows],
        BOXES: [str(count), "image_id x_1 y_1 width height", *boxes],
        LANDMARKS: [str(count), " ".join(["eye_x", "eye_y"] * 5), *points],
        PARTITIONS: [f"{name} {number * 3 // count}" for number, name in rows],
    }
    return {name: "\n".join([*lines, ""]).encode() for name, lines in texts.items()}


def files(count: int = IMAGES) -> dict[str, bytes]:
    """All six files."""
    return {ARCHIVE: packed(jpegs(count))} | lists(count)


def use_local(content: dict[str, bytes]) -> None:
    """Set the current folder's params.yaml to take these files, the archive's pictures to the sizes above."""
    set_key("run.local_dir", "mine")
    set_key("datasets.celeba.source", "local")
    set_key("datasets.celeba.budgets.demo", {"train_images": TRAIN, "test_images": TEST})
    for name, member in content.items():
        write_files((MINE / name).parent, {Path(name).name: member})
