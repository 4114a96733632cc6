"""Small experiments for the tests of going on: each prepared, trained by its script, its outputs compared."""

import hashlib
import itertools
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import yaml
from conftest import REPOSITORY, set_key

from stages import draw

WHOLE = yaml.safe_load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))
FACES = {"view": {"crop": [128, 128], "resize": [28, 28]}}
SMALL = {"generator": {"filters": 4, "kernel": 4}, "discriminator": {"filters": 4, "kernel": 4}}
CHECKPOINTS = Path("data/checkpoints")


class Killed(KeyboardInterrupt):
    """Leaves what SIGKILL leaves."""


def due(saves: Collection[int], death: int | None = None) -> Callable[[Any], bool]:
    """In place of `Pace.due`, which is asked after each iteration or block: save there, die there, or neither."""
    asked = itertools.count(1)

    def answer(_pace: Any) -> bool:
        number = next(asked)
        if number == death:
            raise Killed
        return number in saves

    return answer


def prepare(block: str, experiment: str, changes: dict) -> None:
    """Set an experiment up in the current folder, small, with what `changes` of its budget."""
    settings = {**WHOLE[block][experiment], **({"frames": 7} if block == "gans" else {})}
    settings["budgets"] = {"demo": settings["budgets"]["demo"] | changes}
    if block == "gans":
        settings["noise_pairs"] = {"demo": 70}
    if block == "attribute_classifiers":
        settings |= FACES
    set_key(f"{block}.{experiment}", settings)
    if experiment == "pattern_1010":
        set_key("patterns.pattern_1010.budgets.demo", {"train_samples": 60, "test_samples": 20})
        draw.main(experiment)
    if settings.get("data") == "celeba":
        write_faces()


def write_faces(count: int = 30) -> None:
    """A file of random pictures as `convert celeba` writes it."""
    source = np.random.default_rng(3)
    with h5py.File("data/hdf5/celeba.h5", "w") as file:
        for split in ("train", "test"):
            file[f"{split}/images"] = source.integers(0, 256, (count, 218, 178, 3), dtype=np.uint8)
            file[f"{split}/attributes"] = source.integers(0, 2, (count, 2), dtype=np.uint8)
        provenance = {"title": "random", "source": "local", "licence": "", "digests": {}, "attributes": ["A", "B"]}
        file.attrs.update({"provenance": json.dumps(provenance), "digest": json.dumps("none")})


def outputs() -> dict[str, str]:
    """The digests of all that a training wrote, with nothing half-written beside it and no checkpoint left."""
    assert not list(Path().rglob("*.partial"))
    assert not files_in(CHECKPOINTS)
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in ("data/models", "data/progress", "data/samples", "reports") for path in files_in(folder)}


def forget() -> None:
    """Remove outputs, as DVC does before it runs a stage."""
    for name in outputs():
        Path(name).unlink()


def files_in(folder: str | Path) -> list[Path]:
    """All files below a folder."""
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())
