"""A user's own faces: a zip of JPEGs as it is, or a folder of JPEGs packed into one."""

import zipfile
from pathlib import Path

from stages.core.command import UserError
from stages.core.progress import progress_bar
from stages.datasets.faces.archive import ARCHIVE, FIXED_DATE, MOST_PICTURE_BYTES, is_picture_name

FILE_RIGHTS = 0o100644 << 16  # a plain file that its owner may change


def find_zip(place: Path) -> Path | None:
    """The one zip that lies in `place`, or the official one; None where there is none.

    Raises UserError where there are several.
    """
    zips = sorted(path for path in place.iterdir() if path.suffix.lower() == ".zip" and path.is_file())
    if (place / ARCHIVE) in zips:
        zips = [place / ARCHIVE]
    if len(zips) > 1:
        raise UserError(f"{place}: holds {', '.join(path.name for path in zips)}; expected one zip of JPEGs, or "
                        f"{ARCHIVE}; move the others away")
    return zips[0] if zips else None


def pack_pictures(place: Path, target: Path) -> None:
    """Pack the JPEGs that lie in `place` or below to the zip `target`. Raises UserError where there are none."""
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
