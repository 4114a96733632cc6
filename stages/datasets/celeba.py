"""CelebA, or faces packed like it: from one of three sources to a checked archive with its lists, and on to HDF5."""

import contextlib
import functools
import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from stages.core.command import UserError
from stages.core.files import whole_folder, write_json
from stages.core.parameters import Block
from stages.core.progress import progress_bar
from stages.core.run import Run, Source
from stages.datasets import sources
from stages.datasets.faces import archive, local
from stages.datasets.faces.archive import ARCHIVE, Archive, Member
from stages.datasets.faces.lists import KEPT, LISTS, Lists, read_lists

FILES = (ARCHIVE, *LISTS)
MOST_DOWNLOAD_BYTES = 2 << 30  # the archive has 1.4 GB
DRIVE = "https://drive.usercontent.google.com/download?id={}&export=download&confirm=t"
PROJECT_PAGE = "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"


def _count_or_all(value: Any) -> int | str:
    """A number of pictures, or the word."""
    if value == "all" or (type(value) is int and 1 <= value <= archive.MOST_PICTURES):
        return value
    raise ValueError(f"expected a number from 1 to {archive.MOST_PICTURES:,}, or all")


class StandIn(Block):
    """How the stand-in faces are drawn."""

    seed: int = Field(ge=0, lt=2**32)
    images: int = Field(ge=1, le=archive.MOST_PICTURES)


class Size(Block):
    """How many pictures a budget takes: the first ones to train, the last ones to test."""

    train_images: Annotated[int | str, PlainValidator(_count_or_all)]
    test_images: int = Field(ge=24, le=archive.MOST_PICTURES)  # pages show 24


class Budgets(Block):
    """One size per budget."""

    demo: Size
    book: Size
    best: Size


class Settings(Block):
    """The block `datasets.celeba` of params.yaml."""

    title: str = Field(min_length=1, max_length=40)
    licence: str = Field(min_length=1)
    source: Source | None
    mirrors: list[sources.WebAddress]
    stand_in: StandIn
    corrupt: Literal["stop", "skip"]
    compression: Literal["none", "lzf", "gzip"]
    budgets: Budgets


DOWNLOAD_FIELDS = ["title", "licence", "source", "mirrors", "stand_in"]
CONVERT_FIELDS = ["corrupt", "compression"]


def download(run: Run, settings: Settings, folder: Path) -> None:
    """Fill `folder` with the archive, the lists as far as they are there, and `provenance.json`, all checked."""
    fill: Callable[[Run, Settings, Path], None]
    fill = {"official": _from_mirrors, "local": _from_local_folder, "stand_in": _draw}[run.source]
    with whole_folder(folder) as aside:
        fill(run, settings, aside)
        _check_files(aside / ARCHIVE, aside)
        write_json(aside / "provenance.json", _provenance(run, settings, aside))
    shutil.rmtree(_fetched(folder), ignore_errors=True)  # not before all is in its place: it took hours, perhaps


def convert(folder: Path, size: Size, target: Path, budget: str, corrupt: str = "stop",
            compression: str = "none") -> None:
    """Write the first and the last pictures of the archive, with what the lists say of them, to the HDF5 file."""
    from stages.datasets.faces import picture_file  # the download stage needs none of this
    from stages.datasets.faces.conversion import HEIGHT, WIDTH, Converter, key_of

    provenance = sources.read_provenance(folder)
    with (contextlib.closing(Archive(folder / ARCHIVE)) as pictures,
          contextlib.closing(Converter(pictures)) as converter):
        lists = read_lists(folder, [member.name for member in pictures.members], KEPT)
        chosen, skipped = _choose(pictures, size, budget, converter if corrupt == "skip" else None)
        provenance |= {"attributes": lists.attribute_names, "height": HEIGHT, "width": WIDTH, "skipped": skipped,
                       "archive_images": len(pictures.members)}
        with progress_bar(sum(map(len, chosen.values())), "faces to HDF5", "image") as bar:
            blocks = {split: (len(members), functools.partial(converter.blocks, members, bar.update))
                      for split, members in chosen.items()}
            picture_file.write_pictures(target, blocks, _arrays(lists, chosen), provenance, (HEIGHT, WIDTH, 3),
                                        None if compression == "none" else compression, key_of(chosen, provenance))


def _choose(pictures: Archive, size: Size, budget: str, converter: Any) -> tuple[dict[str, Sequence[Member]], int]:
    """The members of each split, and how many were passed over: none where no `converter` looks for broken ones."""
    members, skipped = pictures.members, 0
    most = len(members) if size.train_images == "all" else size.train_images
    if converter is None:
        test, rest = members[-size.test_images :], members[: -size.test_images]
        train = rest[:most]
    else:
        with progress_bar(min(most + size.test_images, len(members)), "looking for broken JPEGs", "image") as bar:
            test, broken = converter.usable(reversed(members), size.test_images, bar.update)
            test, before = test[::-1], len(members) - len(test) - broken
            train, skipped = converter.usable(members[:before], most, bar.update)
            skipped += broken
    wanted = 1 if size.train_images == "all" else most
    if len(test) < size.test_images or len(train) < wanted:
        there = f"{len(members):,} pictures" + (f", {skipped:,} of them broken" if skipped else "")
        raise UserError(
            f"{pictures.path}: {there}; datasets.celeba.budgets.{budget} asks for train_images {size.train_images} and "
            f"test_images {size.test_images}; lower them, or get more pictures (datasets.celeba.stand_in.images)")
    return {"train": train, "test": test}, skipped


def _arrays(lists: Lists, chosen: dict[str, Sequence[Member]]) -> dict[str, Any]:
    """What the lists say, by name of the data set in the file."""
    return {f"{split}/{name}": array for split, members in chosen.items()
            for name, array in lists.arrays([member.name for member in members]).items()}


def _draw(run: Run, settings: Settings, folder: Path) -> None:
    """Draw stand-in faces, in the official format."""
    from stages.datasets.faces.stand_in import write_stand_in  # not needed for the other sources

    write_stand_in(folder, settings.stand_in.images, settings.stand_in.seed)


def _from_local_folder(run: Run, settings: Settings, folder: Path) -> None:
    """Copy the archive, or pack the pictures, and copy the lists from `<run.local_dir>/celeba/`."""
    place = sources.local_folder(run, "celeba", folder, f"{ARCHIVE}, or any zip or folder of JPEGs")
    found = local.find_zip(place)
    if not found:
        local.pack_pictures(place, folder / ARCHIVE)
    _check_files(found or folder / ARCHIVE, place)  # before the copy: messages name the user's own files
    if found:
        shutil.copyfile(found, folder / ARCHIVE)
    for name in LISTS:
        if (place / name).is_file():
            shutil.copyfile(place / name, folder / name)


def _from_mirrors(run: Run, settings: Settings, folder: Path) -> None:
    """Download all files; what was fetched before an interruption is kept and used."""
    from stages.datasets import http  # the other sources work without a network

    fetched = _fetched(folder.parent / "celeba")
    by_hand = (f"fetch {', '.join(FILES)} by hand, as {PROJECT_PAGE} tells, put them into {run.local_dir}/celeba/ "
               "and set datasets.celeba.source: local")
    for name, (file_id, expected) in _official_files().items():
        if not ((fetched / name).is_file() and _md5(fetched / name) == expected):
            urls = [mirror.rstrip("/") + "/" + name for mirror in settings.mirrors] or [DRIVE.format(file_id)]
            http.fetch(urls, fetched / name, lambda path, expected=expected: _check(path, expected),
                       MOST_DOWNLOAD_BYTES, by_hand)
        shutil.copyfile(fetched / name, folder / name)


def _fetched(folder: Path) -> Path:
    """Where what was fetched for `folder` waits for the rest."""
    return folder.with_name(f".{folder.name}.download")


def _check_files(packed: Path, lists: Path) -> None:
    """Refuse an archive with anything wrong in its directory, and lists in the folder `lists` that do not fit it."""
    with contextlib.closing(Archive(packed)) as pictures:
        read_lists(lists, [member.name for member in pictures.members])


def _official_files() -> dict[str, tuple[str, str]]:
    """Google's id and the MD5 digest of each file, from torchvision, so that they stay current with it."""
    from torchvision.datasets import CelebA  # takes seconds to import

    return {name: (file_id, digest) for file_id, digest, name in CelebA.file_list}


def _check(path: Path, expected: str) -> None:
    """Refuse what is not the official file."""
    with open(path, "rb") as file:
        if file.read(512).lstrip().lower().startswith((b"<!doctype html", b"<html")):
            raise UserError("an HTML page instead of the file, as Google Drive sends when too many ask for it")
    found = _md5(path)
    if found != expected:
        raise UserError(f"MD5 is {found}; expected {expected}")


def _provenance(run: Run, settings: Settings, folder: Path) -> dict[str, Any]:
    """What reports say of the data: title, source, licence, MD5 digests as CelebA's are published."""
    digests = {name: _md5(folder / name) for name in FILES if (folder / name).is_file()}
    if run.source == "stand_in":
        title, licence = "stand-in faces", "drawn by this project, free to use"
    elif digests.items() <= {name: digest for name, (_, digest) in _official_files().items()}.items():
        title, licence = settings.title, settings.licence
    else:
        title, licence = "custom faces", "unknown: ask its publisher"
    return {"title": title, "source": run.source, "licence": licence, "digests": digests}


def _md5(path: Path) -> str:
    """The digest by which CelebA's publishers know their files."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
