"""HDF5 files of pictures and labels: `train` and `test` groups, provenance in attributes, no time stamps."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
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
    images, labels = read_arrays(path, [f"{split}/images", f"{split}/labels"]).values()
    if images.dtype != np.uint8 or labels.dtype != np.uint8:
        raise UserError(f"{path}: '{split}' holds {images.dtype} and {labels.dtype}; expected uint8; convert it again")
    if labels.shape != images.shape[:1]:
        shapes = f"pictures {images.shape} but labels {labels.shape}"
        raise UserError(f"{path}: {shapes} in '{split}'; expected one label for each picture; convert it again")
    return images, labels


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
    if not isinstance(file.get(name), h5py.Dataset):
        raise UserError(f"{path}: no data set '{name}'; delete it and run the stage that writes it again")
    try:
        return file[name][()]
    except OSError:
        raise UserError(f"{path}: '{name}' is cut off; delete it and run the stage that writes it again") from None


def _opened(path: Path) -> h5py.File:
    """The file open for reading, or one line for the user."""
    if not Path(path).is_file():
        raise UserError(f"{path}: not found; run the stage that writes it first (dvc repro does)")
    try:
        return h5py.File(path, "r")
    except OSError:
        raise UserError(f"{path}: truncated, or no HDF5 file; delete it and run the stage that writes it") from None
