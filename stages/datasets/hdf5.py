"""HDF5 files of pictures and labels: `train` and `test` groups, provenance in attributes, no time stamps."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from stages.core.command import UserError
from stages.core.files import whole_file

Splits = Mapping[str, tuple[np.ndarray, np.ndarray]]


def write_splits(path: Path, splits: Splits, provenance: dict) -> None:
    """Write uint8 pictures and labels per split, with their provenance and a digest of all of them."""
    arrays, content = {}, hashlib.sha256()
    for split, (images, labels) in splits.items():
        arrays |= {f"{split}/images": images, f"{split}/labels": labels}
        content.update(images.tobytes() + labels.tobytes())
    write_arrays(path, arrays, {"provenance": provenance, "digest": content.hexdigest()})


def write_samples(path: Path, splits: Mapping[str, np.ndarray], provenance: dict) -> None:
    """Write float32 samples [n, numbers] per split, without labels, with their provenance and a digest."""
    content = hashlib.sha256(b"".join(samples.tobytes() for samples in splits.values())).hexdigest()
    arrays = {f"{split}/samples": samples for split, samples in splits.items()}
    write_arrays(path, arrays, {"provenance": provenance, "digest": content})


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any]) -> None:
    """Write named arrays, and attributes as JSON, whole or not at all.

    Contiguous and uncompressed: slices are read an order of magnitude faster than from compressed chunks.
    """
    # built in memory: HDF5 crashes when the disk is full
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, array in arrays.items():
            file[name] = array
        for name, value in attributes.items():
            file.attrs[name] = json.dumps(value, sort_keys=True)
    with whole_file(path) as aside:
        aside.write_bytes(content.getbuffer())


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """The arrays of those names, whole."""
    with _opened(path) as file:
        return {name: _array(path, file, name) for name in names}


def read_attribute(path: Path, name: str) -> Any:
    """One attribute, from JSON."""
    with _opened(path) as file:
        if name not in file.attrs:
            raise UserError(f"{path}: lacks the attribute '{name}'; delete it and run the stage that writes it again")
        try:
            return json.loads(file.attrs[name])
        except (OSError, TypeError, ValueError):
            raise UserError(f"{path}: '{name}' is damaged; delete it and run the stage that writes it again") from None


def read_split(path: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 [count, ...] and labels uint8 [count] of `train` or `test`."""
    with _opened(path) as file:
        if f"{split}/images" in file and f"{split}/labels" not in file:
            raise UserError(f"{path}: no data set '{split}/labels', and faces have none; choose data with labels, or "
                            "convert it again if it should have some")
    images, labels = read_arrays(path, [f"{split}/images", f"{split}/labels"]).values()
    if images.dtype != np.uint8 or labels.dtype != np.uint8:
        raise UserError(f"{path}: '{split}' holds {images.dtype} and {labels.dtype}; expected uint8; convert it again")
    if labels.shape != images.shape[:1]:
        shapes = f"pictures {images.shape} but labels {labels.shape}"
        raise UserError(f"{path}: {shapes} in '{split}'; expected one label for each picture; convert it again")
    return images, labels


def picture_shape(path: Path, split: str) -> tuple[int, ...]:
    """Count, height, width (and 3 where they are in colour) of the pictures of `train` or `test`."""
    with _opened(path) as file:
        return _pictures(path, file, split).shape


def sample_shape(path: Path, split: str) -> tuple[int, ...]:
    """The shape of what a GAN learns from: pictures as `picture_shape`, or samples [count, numbers]."""
    with _opened(path) as file:
        if f"{split}/samples" in file:
            return _dataset(path, file, f"{split}/samples").shape
    return picture_shape(path, split)


def picture_blocks(path: Path, split: str, rows: slice | None = None, columns: slice | None = None,
                   block: int = 256) -> Iterator[np.ndarray]:
    """Pictures uint8 [up to `block`, height, width, 3] in file order, of each only those rows and columns."""
    with _opened(path) as file:
        pictures = _pictures(path, file, split)
        # HDF5 reads nothing but the part asked for: faster than all of it, cut in memory
        part = (rows or slice(None), columns or slice(None))
        for start in range(0, len(pictures), block):
            yield _read(path, pictures, np.s_[start : start + block, *part])


def read_pictures(path: Path, split: str, target: np.ndarray, rows: slice, columns: slice,
                  block: int = 256) -> Iterator[int]:
    """Read those rows and columns of all pictures into `target`, uint8 [n, height, width, 3]; yield each block's count.

    Nothing is copied on the way where a picture lies in the file as it is.
    """
    with _opened(path) as file:
        pictures = _pictures(path, file, split)
        for start in range(0, len(pictures), block):
            count = min(block, len(pictures) - start)
            _read(path, pictures, np.s_[start : start + count, rows, columns], target[start : start + count])
            yield count


def read_attributes(path: Path, split: str) -> tuple[list[str], np.ndarray]:
    """Names, and uint8 0 or 1 [count, names] of each picture; no names and [count, 0] where the data has no lists."""
    with _opened(path) as file:
        count = len(_pictures(path, file, split))
        there = f"{split}/attributes" in file
        values = _array(path, file, f"{split}/attributes") if there else np.zeros((count, 0), np.uint8)
    names = read_attribute(path, "provenance").get("attributes", [])
    if values.dtype != np.uint8 or values.shape != (count, len(names)) or values.max(initial=0) > 1:
        raise UserError(f"{path}: '{split}/attributes' holds {values.dtype} {values.shape} for {count:,} pictures and "
                        f"{len(names)} names; expected 0 or 1 for each; convert it again")
    return names, values


def read_samples(path: Path, split: str) -> tuple[np.ndarray, np.ndarray | None]:
    """What a GAN learns from: pictures and labels as `read_split`, or samples float32 [count, numbers] and None."""
    with _opened(path) as file:
        pictures = f"{split}/samples" not in file
        samples = None if pictures else _array(path, file, f"{split}/samples")
    if pictures:
        return read_split(path, split)
    if samples.dtype != np.float32 or samples.ndim != 2:
        raise UserError(f"{path}: '{split}' holds {samples.dtype} {samples.shape}; expected float32 [count, numbers]; "
                        "delete it and run the stage that writes it again")
    return samples, None


def read_provenance(path: Path) -> dict[str, Any]:
    """Where the data is from, with the digest of pictures and labels under `digest`."""
    return {**read_attribute(path, "provenance"), "digest": read_attribute(path, "digest")}


def _array(path: Path, file: h5py.File, name: str) -> np.ndarray:
    """One data set, whole."""
    return _read(path, _dataset(path, file, name), ())


def _pictures(path: Path, file: h5py.File, split: str) -> h5py.Dataset:
    """The pictures of one split, not read yet."""
    pictures = _dataset(path, file, f"{split}/images")
    if pictures.dtype != np.uint8 or pictures.shape[3:] not in ((), (3,)) or pictures.ndim < 3:
        raise UserError(f"{path}: '{split}' holds {pictures.dtype} {pictures.shape}; expected uint8 pictures "
                        "[count, height, width, 3]; convert it again")
    return pictures


def _dataset(path: Path, file: h5py.File, name: str) -> h5py.Dataset:
    """One data set, not read yet."""
    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        raise UserError(f"{path}: no data set '{name}'; delete it and run the stage that writes it again")
    return found


def _read(path: Path, dataset: h5py.Dataset, part: Any, target: np.ndarray | None = None) -> np.ndarray:
    """A part of a data set, in an array of its own or in `target`."""
    try:
        if target is None:
            return dataset[part]
        dataset.read_direct(target, part)
        return target
    except OSError:
        name = dataset.name.removeprefix("/")
        raise UserError(f"{path}: '{name}' is cut off; delete it and run the stage that writes it again") from None


def _opened(path: Path) -> h5py.File:
    """The file open for reading, or one line for the user."""
    if not Path(path).is_file():
        raise UserError(f"{path}: not found; run the stage that writes it first (dvc repro does)")
    try:
        return h5py.File(path, "r")
    except OSError:
        raise UserError(f"{path}: truncated, or no HDF5 file; delete it and run the stage that writes it") from None
