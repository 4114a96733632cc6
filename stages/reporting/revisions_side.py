"""One side of a comparison as its page sees it: settings, metrics by experiment, and where its files are."""

import json
from pathlib import Path
from typing import Any

from stages.core.command import UserError
from stages.core.parameters import load
from stages.reporting.metrics import read_metrics

SHOWN = 7  # digits of a commit
# folders of reports/metrics: the kind of the experiments in it, and what goes before a measure's name
FOLDERS = {"discriminators": ("gans", "against noise: "), "seeds": ("gans", "between seeds: "),
           "convolutions": ("lessons", "convolutions: ")}
Experiment = tuple[str, str]  # kind and name


class Side:
    """Settings and results of one side, in `folder`; `letter` is A or B."""

    def __init__(self, folder: Path, letter: str) -> None:
        facts = json.loads((folder / "sides.json").read_text(encoding="utf-8"))[letter]
        self.letter, self.name, self.samples = letter, facts["name"], facts["samples"]
        self._made_with = facts["made_with"]
        self.commit, self.subject = facts["commit"][:SHOWN], facts["subject"]
        self.folder = folder / letter
        self.parameters = self._read_settings("params.yaml")
        self.metrics: dict[Experiment, dict[str, Any]] = {}
        for path in sorted(self.folder.glob("reports/metrics/**/*.json")):
            self._add_metrics(path)

    def title(self) -> str:
        """For example `A, HEAD~1`."""
        return f"{self.letter}, {self.name}"

    def setting(self, dotted: str) -> str:
        """A parameter as text, a dash where it is unknown."""
        return written(self.parameters.get(dotted))

    def newer_parameters(self) -> list[str]:
        """The parameters that were changed after the results were made, as dvc.lock tells."""
        return sorted({key for before, value in self._made_with for key, used in flat({before: value}).items()
                       if self.parameters.get(key, used) != used})

    def has_parameters(self, experiment: Experiment) -> bool:
        """Whether params.yaml has such an experiment, built or not."""
        return any(key.startswith(f"{'.'.join(experiment)}.") for key in self.parameters)

    def file(self, path: str) -> Path | None:
        """A file of this side; None where it is missing."""
        place = self.folder / path
        return place if place.is_file() else None

    def _read_settings(self, name: str) -> dict[str, Any]:
        """A file of settings by dotted keys."""
        if not (self.folder / name).is_file():
            raise UserError(f"{self.name}: has no {name}; expected a revision of this pipeline; choose another")
        try:
            return flat(load(self.folder / name))
        except UserError as mistake:
            raise UserError(f"{self.name}: {mistake}") from None

    def _add_metrics(self, path: Path) -> None:
        """Take a file of metrics to the experiment that it belongs to."""
        *folders, _ = path.relative_to(self.folder / "reports/metrics").parts
        folder = folders[0] if folders else "lessons"
        kind, before = FOLDERS.get(folder, (folder, ""))
        try:
            found = flat(read_metrics(path))
        except UserError:
            raise UserError(f"{self.name}: {path.relative_to(self.folder).as_posix()} is damaged; expected JSON; run "
                            "the evaluation stage again (dvc repro does)") from None
        measures = self.metrics.setdefault((kind, path.stem), {})
        measures.update({before + key: value for key, value in found.items()})


def read_sides(folder: Path) -> tuple[Side, Side]:
    """Both sides of a comparison."""
    return Side(folder, "A"), Side(folder, "B")


def heading(sides: tuple[Side, Side]) -> tuple[str, str]:
    """Title and badge of their page."""
    runs = [f"{side.setting('run.source')} data · {side.setting('run.budget')} budget" for side in sides]
    return " against ".join(side.name for side in sides), " against ".join(dict.fromkeys(runs)).replace("_", "-")


def flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Blocks inside each other as one, by dotted keys."""
    leaves = {}
    for key, value in values.items():
        leaves |= flat(value, f"{before}{key}.") if isinstance(value, dict) and value else {f"{before}{key}": value}
    return leaves


def written(value: Any) -> str:
    """A value as params.yaml has it, a long text cut; a dash for what is not there."""
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
