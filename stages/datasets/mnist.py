"""MNIST and data sets of its shape: from one of three sources to checked IDX files, and on to HDF5."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from stages.core.command import UserError
from stages.core.files import whole_folder, write_json
from stages.core.parameters import Block
from stages.core.progress import progress_bar
from stages.core.run import Run, Source
from stages.datasets import hdf5, sources
from stages.datasets.digits import idx

FILES = {
    "train_images": "train-images-idx3-ubyte.gz",
    "train_labels": "train-labels-idx1-ubyte.gz",
    "test_images": "t10k-images-idx3-ubyte.gz",
    "test_labels": "t10k-labels-idx1-ubyte.gz",
}
MOST_DOWNLOAD_BYTES = 64 << 20  # the largest of the four has 10 MB


class StandIn(Block):
    """How the stand-in digits are drawn."""

    seed: int = Field(ge=0, lt=2**32)
    train_images: int = Field(ge=1, le=idx.MOST_RECORDS)
    test_images: int = Field(ge=1, le=idx.MOST_RECORDS)


class Size(Block):
    """How many pictures a budget takes, from the beginning of the files."""

    train_images: int = Field(ge=1, le=idx.MOST_RECORDS)
    test_images: int = Field(ge=20, le=idx.MOST_RECORDS)  # pages show the book's test record 19


class Budgets(Block):
    """One size per budget."""

    demo: Size
    book: Size
    best: Size


def _all_or_none(digests: dict[str, str]) -> dict[str, str]:
    """Digests of all four files, or of none."""
    if digests and set(digests) != set(FILES):
        raise ValueError(f"expected all of {', '.join(FILES)}, or none ({{}}) for custom data")
    return digests


Part = Literal["train_images", "train_labels", "test_images", "test_labels"]


class Settings(Block):
    """The block `datasets.mnist` of params.yaml."""

    title: str = Field(min_length=1, max_length=40)
    licence: str = Field(min_length=1)
    source: Source | None
    digests: Annotated[dict[Part, str], AfterValidator(_all_or_none)]
    mirrors: list[sources.WebAddress]
    stand_in: StandIn
    budgets: Budgets


DOWNLOAD_FIELDS = ["title", "licence", "source", "digests", "mirrors", "stand_in"]
CONVERT_FIELDS: list[str] = []


def download(run: Run, settings: Settings, folder: Path) -> None:
    """Fill `folder` with the four IDX files, gzipped and checked, and `provenance.json`."""
    fill: Callable[[Run, Settings, Path], None]
    fill = {"official": _from_mirrors, "local": _from_local_folder, "stand_in": _draw}[run.source]
    with whole_folder(folder) as aside:
        fill(run, settings, aside)
        for split in ("train", "test"):
            _read_split(aside, split)
        write_json(aside / "provenance.json", _provenance(run, settings, aside))


def convert(folder: Path, size: Size, target: Path, budget: str) -> None:
    """Write the first pictures and labels of each split to the HDF5 file `target`."""
    splits = {}
    for split, wanted in (("train", size.train_images), ("test", size.test_images)):
        images, labels = _read_split(folder, split)
        if len(images) < wanted:
            raise UserError(
                f"{folder / FILES[f'{split}_images']}: {len(images):,} pictures; datasets.mnist.budgets.{budget}."
                f"{split}_images asks for {wanted:,}; lower it"
            )
        splits[split] = (images[:wanted], labels[:wanted])
    hdf5.write_splits(target, splits, sources.read_provenance(folder))


def _draw(run: Run, settings: Settings, folder: Path) -> None:
    """Draw stand-in digits, in the official format."""
    from stages.datasets.digits.stand_in import draw_digits  # not needed for the other sources

    drawing = settings.stand_in
    for split, count in (("train", drawing.train_images), ("test", drawing.test_images)):
        with progress_bar(count, f"stand-in digits, {split}", "image") as bar:
            images, labels = draw_digits(
                count, drawing.seed, split, progress=lambda done, bar=bar: bar.update(done - bar.n)
            )
        (folder / FILES[f"{split}_images"]).write_bytes(idx.compress(idx.encode_images(images)))
        (folder / FILES[f"{split}_labels"]).write_bytes(idx.compress(idx.encode_labels(labels)))


def _from_local_folder(run: Run, settings: Settings, folder: Path) -> None:
    """Copy the four files, gzipped or not, from `<run.local_dir>/mnist/`."""
    place = sources.local_folder(run, "mnist", folder, f"{', '.join(FILES.values())} (with or without .gz)")
    found = {name: _first_existing(place / name, place / name.removesuffix(".gz")) for name in FILES.values()}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise UserError(f"{place}: lacks {', '.join(missing)} (with or without .gz); put them there")
    for part, name in FILES.items():
        _check(found[name], part, settings)
        if idx.is_gzipped(found[name]):
            shutil.copyfile(found[name], folder / name)
        else:
            (folder / name).write_bytes(idx.compress(found[name].read_bytes()))


def _from_mirrors(run: Run, settings: Settings, folder: Path) -> None:
    """Download the four files; what was fetched before an interruption is kept and used."""
    from stages.datasets import http  # the other sources work without a network

    fetched = folder.parent / ".mnist.download"
    for part, name in FILES.items():
        if not _kept(fetched / name, part, settings):
            urls = [mirror.rstrip("/") + "/" + name for mirror in settings.mirrors or _official_mirrors()]
            http.fetch(urls, fetched / name, lambda path, part=part: _check(path, part, settings),
                       MOST_DOWNLOAD_BYTES)
        shutil.copyfile(fetched / name, folder / name)
    shutil.rmtree(fetched)


def _kept(path: Path, part: str, settings: Settings) -> bool:
    """True for a file of an earlier call that is still the expected one: the digests may have changed since."""
    try:
        _check(path, part, settings)
    except UserError:
        return False
    return True


def _official_mirrors() -> list[str]:
    """torchvision's mirrors in its order, so that they stay current with it."""
    from torchvision.datasets import MNIST  # takes seconds to import

    return list(MNIST.mirrors)


def _check(path: Path, part: str, settings: Settings) -> None:
    """Refuse a file whose decompressed bytes are not the expected ones, or no such data where any is welcome."""
    if not settings.digests:
        (idx.read_images if part.endswith("images") else idx.read_labels)(path)
        return
    found, expected = idx.digest(path), settings.digests[part]
    if found != expected:
        raise UserError(
            f"{str(path).removesuffix('.part')}: SHA-256 of the decompressed bytes is {found}; expected {expected} "
            f"(datasets.mnist.digests.{part}); fetch it again, or set digests: {{}} to use it as custom data"
        )


def _provenance(run: Run, settings: Settings, folder: Path) -> dict:
    """What reports say of the data: title, source, licence, digests."""
    if run.source == "stand_in":
        title, licence = "stand-in digits", "drawn by this project, free to use"
    elif settings.digests:
        title, licence = settings.title, settings.licence
    else:
        title, licence = "custom", "unknown: ask its publisher"
    digests = {part: idx.digest(folder / name) for part, name in FILES.items()}
    return {"title": title, "source": run.source, "licence": licence, "digests": digests}


def _read_split(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and labels of `train` or `test`, equally many."""
    images_file, labels_file = folder / FILES[f"{split}_images"], folder / FILES[f"{split}_labels"]
    images, labels = idx.read_images(images_file), idx.read_labels(labels_file)
    if len(images) != len(labels):
        raise UserError(
            f"{labels_file.name}: {len(labels):,} labels; {images_file.name} has {len(images):,} pictures; "
            "expected one label for each; replace the wrong one"
        )
    return images, labels


def _first_existing(*paths: Path) -> Path | None:
    """The first path that is a file."""
    return next((path for path in paths if path.is_file()), None)
