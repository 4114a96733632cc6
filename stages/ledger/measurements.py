"""What the pipeline measured: metrics by file and key, and of which run they are."""

import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stages.core.command import UserError
from stages.datasets.hdf5 import read_attribute
from stages.ledger.claims import FILE, Place

METRICS, SAMPLES, BENCHMARKS = "reports/metrics", "data/samples", "benchmarks"
# folders of both, and the part of params.yaml's `pages` that has the names of their files
KINDS = {"classifiers": "classifiers", "gans": "gans", "discriminators": "gans", "seeds": "gans"}
LESSON_FOLDERS = ("", "convolutions")  # of METRICS: their numbers rest on no data
ROW_NAMES = ("what", "experiment")  # keys by which a row of a benchmark is known
KEYS_NAMED = 8  # in a message


class NotMeasured(Exception):
    """A run without this file or metric; the argument is a name of `judging.REASONS`."""


@dataclass(frozen=True)
class Run:
    """Behind a metric: the title of the data, where it is from, and the budget."""

    title: str
    source: str
    budget: str


class Measurements:
    """Metrics below the folder `root`, read when asked for; `pages` are the names of all pages by kind."""

    def __init__(self, pages: dict[str, Any], root: Path = Path()) -> None:
        self.pages, self.root = pages, root
        self._read: dict[Path, Any] = {}

    def require_known(self, claim: str, page: str, places: list[Place]) -> None:
        """Raise UserError where a claim names a page or a file that this pipeline does not make."""
        if page not in self._names:
            raise UserError(f"{FILE}: claims.{claim}.page is '{page}'; params.yaml has no such page; choose one of "
                            "pages there, or remove the claim")
        for place in places:
            if not self._is_known(Path(place.file)):
                raise UserError(f"{FILE}: claims.{claim} rests on {place.file}, which no experiment of params.yaml "
                                "writes; correct the name, or remove the claim")

    def value(self, claim: str, place: Place, gpu: bool = False) -> Any:
        """The number, or numbers in lists, at `place`; with `gpu` one that may wait for a machine with a GPU.

        Raises NotMeasured where this run has not made it, UserError where no run can: no file has such a metric.
        """
        path = self.root / place.file
        if not path.is_file() or not self._samples(path).is_file():
            raise NotMeasured("no_gpu" if gpu else "not_run")
        value = self._at(path, place.metric)
        if value is None:
            if gpu:
                raise NotMeasured("no_gpu")
            # metrics depend on what was there to be judged: data without labels leaves some out
            if self._kind(path) and any(self._at(other, place.metric) is not None
                                        for other in sorted(path.parent.glob(f"*{path.suffix}"))):
                raise NotMeasured("not_measured")
            raise UserError(f"{FILE}: claims.{claim}: {place.file} has no '{place.metric}'; {self._known(path)}; "
                            "correct it")
        if not _is_finite(value):
            raise UserError(f"{FILE}: claims.{claim}: '{place.metric}' of {place.file} is {str(value)[:60]}; expected "
                            "finite numbers; correct it, or run the stage that writes the file again")
        return value

    def run(self, place: Place) -> Run | None:
        """The run behind a metric, None where it rests on no data."""
        path = self.root / place.file
        if not self._kind(path):
            return None
        description = self._attribute(self._samples(path), "description")
        data = description["data"]
        return Run(data["title"], data["source"], description["budget"])

    @cached_property
    def _names(self) -> set[str]:
        """All pages."""
        return {name for kind in self.pages.values() for name in kind}

    def _is_known(self, file: Path) -> bool:
        """Whether the pipeline, or a benchmark, may write that file."""
        folder, kind = file.parent.as_posix(), file.parent.name
        if folder == BENCHMARKS:
            return file.suffix == ".json"
        if folder.startswith((METRICS, SAMPLES)) and kind in KINDS:
            suffix = ".json" if folder == f"{METRICS}/{kind}" else ".h5" if folder == f"{SAMPLES}/{kind}" else None
            return file.suffix == suffix and file.stem in self.pages.get(KINDS[kind], {})
        lessons = [f"{METRICS}/{folder}".rstrip("/") for folder in LESSON_FOLDERS]
        return folder in lessons and file.suffix == ".json" and file.stem in self.pages.get("lessons", {})

    @staticmethod
    def _kind(path: Path) -> str | None:
        """The folder of an experiment's file, None of another's."""
        return path.parent.name if path.parent.name in KINDS else None

    def _samples(self, path: Path) -> Path:
        """The file that says of which run a metrics file is; a metrics file alone may be that of another run."""
        kind = self._kind(path)
        return self.root / SAMPLES / kind / f"{path.stem}.h5" if kind else path

    def _at(self, path: Path, metric: str) -> Any:
        """What is found at the end of the keys, None where they lead nowhere."""
        first, *others = metric.split(".")
        if path.suffix == ".h5":
            try:
                value = self._attribute(path, first)
            except UserError:
                return None
        else:
            value, others = self._json(path), [first, *others]
        for key in others:
            if isinstance(value, list):  # rows
                value = next((row for row in value if isinstance(row, dict) and
                              key in (row.get(name) for name in ROW_NAMES)), None)
            else:
                value = value.get(key) if isinstance(value, dict) else None
        return value

    def _known(self, path: Path) -> str:
        """The first keys that a file has, for a message."""
        keys = [] if path.suffix == ".h5" else list(self._json(path))
        more = " ..." if len(keys) > KEYS_NAMED else ""
        return f"it has: {', '.join(keys[:KEYS_NAMED])}{more}" if keys else "it has other attributes"

    def _attribute(self, path: Path, name: str) -> Any:
        """An attribute of an HDF5 file, read once."""
        key = path / name
        if key not in self._read:
            self._read[key] = read_attribute(path, name)
        return self._read[key]

    def _json(self, path: Path) -> dict[str, Any]:
        """A metrics file, read once."""
        if path not in self._read:
            try:
                self._read[path] = json.loads(path.read_text(encoding="utf-8"))
                assert isinstance(self._read[path], dict)
            except (AssertionError, ValueError):
                raise UserError(f"{path}: is damaged; run the stage that writes it again (dvc repro does)") from None
        return self._read[path]


def _is_finite(value: Any) -> bool:
    """True for finite numbers, also in lists."""
    if isinstance(value, list):
        return bool(value) and all(map(_is_finite, value))
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
