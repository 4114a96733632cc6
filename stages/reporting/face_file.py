"""What an HDF5 file holds, without reading it."""

from pathlib import Path

import h5py


def contents(path: Path) -> list[tuple[str, tuple[int, ...], str, int]]:
    """Name, shape, type and bytes of every data set, in the order of their names."""
    found = []

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            found.append((name, item.shape, str(item.dtype), item.nbytes))

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return found
