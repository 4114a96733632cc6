"""A user's own faces: a zip of JPEGs as it is, or a folder of JPEGs packed into one."""

import shutil
import zipfile
from pathlib import Path

from stages.core.command import UserError
from stages.core.progress import progress_bar
from stages.datasets.faces.archive import ARCHIVE, MOST_PICTURE_BYTES, is_picture_name

FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: the same pictures give the same archive
FILE_RIGHTS = 0o100644 << 16  # a plain file that its owner may change


def take_pictures(place: Path, target: Path) -> None:
    """Copy the zip that lies in `place`, or pack the JPEGs that lie in it or below, to `target`."""
    zips = sorted(path for path in place.iterdir() if path.suffix.lower() == ".zip" and path.is_file())
    if (place / ARCHIVE) in zips:
        zips = [place / ARCHIVE]
    if len(zips) > 1:
        raise UserError(f"{place}: holds {', '.join(path.name for path in zips)}; expected one zip of JPEGs, or "
                        f"{ARCHIVE}; move the others away")
    if zips:
        shutil.copyfile(zips[0], target)
        return
    names = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    names = [name for name in names if is_picture_name(name)]
    if not names:
        raise UserError(f"{place}: holds neither {ARCHIVE}, nor another zip, nor a folder of JPEGs; put one there")
    _pack(place, names, target)


def _pack(place: Path, names: list[str], target: Path) -> None:
    """Pack files, without compressing JPEGs once more."""
    with zipfile.ZipFile(target, "w") as archive, progress_bar(len(names), "packing faces", "image") as bar:
        for name in names:
            path = place / name
            if path.stat().st_size > MOST_PICTURE_BYTES:
                raise UserError(f"{path}: {path.stat().st_size:,} bytes; expected at most {MOST_PICTURE_BYTES:,}; "
                                "remove it")
            if not name.isprintable():
                raise UserError(f"{place}: {name!a} has a name that cannot be printed; rename it")
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.external_attr = FILE_RIGHTS
            archive.writestr(entry, path.read_bytes())
            bar.update()
