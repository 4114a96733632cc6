"""Faces on disk: converting and reading them against the book's manner, side by side in one run on this machine.

    python -m benchmarks.faces               (make bench; draws its own stand-in faces)
    python -m benchmarks.faces --record      (writes benchmarks/faces.json)

The book's manner is that of its notebook 10: unpack the zip to disk, read each JPEG as imageio does (Pillow, then an
array), keep each picture as a gzip-9 data set of its own; then read picture after picture for training. Rates are the
best of interleaved repeats: a slow moment of the machine hits both sides, and none of it lasts.
"""

import argparse
import os
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import h5py
import numpy as np
import torch
from PIL import Image

from benchmarks.machine import machine, versions
from stages.core.files import write_json
from stages.datasets import celeba
from stages.datasets.faces.archive import ARCHIVE
from stages.datasets.faces.stand_in import write_stand_in
from stages.datasets.pictures import to_unit_range
from stages.datasets.views import View, read_views

ROOT = Path(__file__).parents[1]
REPEATS = 5
IMAGES, TEST_IMAGES = 600, 24
EPOCH = 20_000  # the book's faces, in memory: more than any cache of a processor holds
BOOK_IMAGES = 150  # its rate does not depend on their number
BATCH = 64


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write benchmarks/faces.json")
    chosen = parser.parse_args()
    rows = measure()
    for row in rows:
        print(row)
    if chosen.record:
        write_json(ROOT / "benchmarks/faces.json",
                   {"rows": rows, "data": f"{IMAGES} stand-in faces", "machine": machine(), "versions": versions()})


def measure() -> list[dict]:
    """All measurements, one row each."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_stand_in(folder / "raw", IMAGES, seed=1)
        write_json(folder / "raw/provenance.json", {"title": "stand-in faces"})
        rows = [_conversion(folder, cores) for cores in _core_counts()]
        rows.append(_sizes(folder))
        rows += _reading(folder)
    return rows


def book_converts(archive: Path, folder: Path, target: Path, count: int) -> None:
    """The first pictures of the zip, unpacked to `folder`, each a compressed data set of its own."""
    with zipfile.ZipFile(archive) as packed:
        names = [name for name in packed.namelist() if name.endswith(".jpg")][:count]
        packed.extractall(folder, names)
    with h5py.File(target, "w") as file:
        group = file.create_group("img_align_celeba")
        for place, name in enumerate(names):
            picture = np.asarray(Image.open(folder / name))
            group.create_dataset(f"{place}.jpg", data=picture, compression="gzip", compression_opts=9)


def book_reads(path: Path, order: Sequence[int], finish: Callable[[np.ndarray], torch.Tensor]) -> None:
    """One epoch, picture after picture, to tensors."""
    with h5py.File(path, "r") as file:
        pictures = file["img_align_celeba"]
        for place in order:
            finish(np.array(pictures[f"{place}.jpg"]))


def pipeline_reads(pictures: torch.Tensor, order: torch.Tensor, finish: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """One epoch in the pipeline's way: shuffled batches of the pictures in memory to tensors."""
    for chosen in order.split(BATCH):
        finish(pictures.index_select(0, chosen))


def _conversion(folder: Path, cores: int) -> dict:
    """Pictures per second of both, on so many cores."""
    size = celeba.Size(train_images=IMAGES - TEST_IMAGES, test_images=TEST_IMAGES)
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:cores])
    try:
        book, here = _rates(
            lambda: book_converts(folder / "raw" / ARCHIVE, folder / "unpacked", folder / "book.h5", BOOK_IMAGES),
            lambda: celeba.convert(folder / "raw", size, folder / "here.h5", "demo"), IMAGES)
    finally:
        os.sched_setaffinity(0, allowed)
    name = "one core" if cores == 1 else f"{cores} cores"
    return _row(f"converting CelebA's JPEGs on {name}: pictures per second", book, here)


def _sizes(folder: Path) -> dict:
    """Bytes of a picture on disk, all included: ours are not compressed, so ours are more."""
    sizes = {"book.h5": BOOK_IMAGES, "here.h5": IMAGES}
    book, here = ((folder / name).stat().st_size / count for name, count in sizes.items())
    return {**_row("a face on disk: bytes", book, here), "ratio": round(here / book, 2)}


def _reading(folder: Path) -> list[dict]:
    """Pictures per second of a shuffled epoch on one thread: as bytes, which is what a GPU is sent, and in [0, 1].

    The book's manner reads every epoch from disk; here the first one does, into memory, and later ones do not.
    """
    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(1)
    order, book_order = (torch.randperm(count, generator=random) for count in (EPOCH, BOOK_IMAGES))
    _repeat(folder / "here.h5", folder / "epoch.h5")

    def load() -> torch.Tensor:
        return read_views(folder / "epoch.h5", "train", View(), torch.device("cpu"))

    pictures, rows = load(), []
    for what, book_finish, finish, source in (
        ("first epoch, from disk, to tensors of bytes", torch.from_numpy, lambda chosen: chosen, load),
        ("each later epoch to tensors of bytes", torch.from_numpy, lambda chosen: chosen, lambda: pictures),
        ("each later epoch to tensors in [0, 1]", lambda picture: torch.FloatTensor(picture / 255.0), to_unit_range,
         lambda: pictures),
    ):
        book, here = _rates(
            lambda finish=book_finish: book_reads(folder / "book.h5", book_order.tolist(), finish),
            lambda finish=finish, source=source: pipeline_reads(source(), order, finish), len(order))
        rows.append(_row(f"{what}, shuffled: faces per second", book, here))
    return rows


def _repeat(source: Path, target: Path) -> None:
    """A file of EPOCH pictures, those of `source` over and over, as the conversion would write it."""
    with h5py.File(source, "r") as few, h5py.File(target, "w") as file:
        drawn = few["train/images"][:]
        pictures = file.create_dataset("train/images", (EPOCH, *drawn.shape[1:]), np.uint8)
        for start in range(0, EPOCH, len(drawn)):
            pictures[start : start + len(drawn)] = drawn[: EPOCH - start]
        file.attrs.update(few.attrs)


def _rates(book: Callable[[], None], here: Callable[[], None], count: int) -> tuple[float, float]:
    """Pictures per second of BOOK_IMAGES in the book's manner and of `count` here, the best of interleaved repeats."""
    best = [0.0, 0.0]
    for _ in range(REPEATS):
        for place, (work, pictures) in enumerate(((book, BOOK_IMAGES), (here, count))):
            began = time.perf_counter()
            work()
            best[place] = max(best[place], pictures / (time.perf_counter() - began))
    return best[0], best[1]


def _core_counts() -> list[int]:
    """One, and two where there are two."""
    return [1, 2][: len(os.sched_getaffinity(0))]


def _row(what: str, book: float, here: float) -> dict:
    """One row of README's table."""
    return {"what": what, "book": f"{book:,.0f}", "here": f"{here:,.0f}", "ratio": round(here / book, 2)}


if __name__ == "__main__":
    main()
