"""The page that says what all others rest on: data, parameters, versions, and which stage makes what."""

import re
import sys
from html import escape
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from stages.core.command import UserError
from stages.core.parameters import FILE, Block, load, read_block
from stages.datasets.hdf5 import read_attribute, read_provenance
from stages.reporting.chapters import LISTED
from stages.reporting.html import code, show_facts, show_folded, show_html, show_table, show_text
from stages.reporting.run_label import SOURCES, data_label

PIPELINE, REQUIREMENTS = Path("dvc.yaml"), Path("requirements.txt")
RULE = "a rule of params.yaml, drawn here"


class Settings(Block):
    """A block of `pages.provenance` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.provenance.{name}", Settings).title
        self.parameters = load()
        self.data = {path: read_provenance(path) for path in sorted(Path("data/hdf5").glob("*.h5"))}
        self.stages = _read_stages()
        labels = dict.fromkeys(data_label(found) for found in self.data.values())
        self.badge = " · ".join([", ".join(labels), f"{self.parameters['run']['budget']} budget"])

    def show_data(self) -> None:
        """Source, licence and digests of each data set."""
        for path, found in self.data.items():
            show_html(f"<h3>{escape(found['title'])}</h3>")
            digests = {f"digest of {part.replace('_', ' ')}": code(digest)
                       for part, digest in sorted(found["digests"].items())}
            show_facts({
                "file": code(path.as_posix()), "source": SOURCES.get(found["source"], RULE),
                "licence": found["licence"] or "none needed: it is made here", **digests,
                "digest as converted here, SHA-256": code(read_attribute(path, "digest")),
            }, f"What identifies {found['title']}")

    def show_run(self) -> None:
        """The switchboard."""
        show_facts({f"run.{key}": "–" if value is None else str(value)
                    for key, value in self.parameters["run"].items()}, "The block run of params.yaml")

    def show_parameters(self) -> None:
        """All parameters, as they stand in their file."""
        text = Path(FILE).read_text(encoding="utf-8")
        show_folded(f"All of {FILE}, {len(text.splitlines()):,} lines", text)

    def show_versions(self) -> None:
        """Python, and the libraries that requirements.txt asks for."""
        rows = [["Python", f"{sys.version_info.major}.{sys.version_info.minor}", "runs all of it"]]
        for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
            if pinned := re.match(r"([\w.-]+)==(\S+)\s*(?:#\s*(.*))?$", line):
                rows.append([pinned[1], code(pinned[2]), pinned[3] or ""])
        show_table(["library", "version", "what for"], rows, "The libraries that requirements.txt installs")

    def show_stages(self) -> None:
        """Which stage reads and writes what, in the order of dvc.yaml."""
        experiments = sum(count for *_, count in self.stages)
        show_text(f"{PIPELINE} has {len(self.stages)} kinds of stages, {experiments} stages in all. Each runs again "
                  "when something changes that it reads, code and parameters included, and only then.")
        show_table(["stage", "runs", "reads", "writes"], [
            [code(name), count, _files(reads), _files(writes)] for name, reads, writes, count in self.stages
        ], "The stages in the order of the pipeline; what differs between experiments is written as …")


def _read_stages() -> list[tuple[str, list[str], list[str], int]]:
    """Name, what it reads, what it writes and how often it runs, of each stage of dvc.yaml; code is left out."""
    try:
        stages = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"]
    except (OSError, yaml.YAMLError, LookupError, TypeError):
        raise UserError(f"{PIPELINE}: missing or damaged; restore it: git restore {PIPELINE}") from None
    return [(name, *_reads_and_writes(stage.get("do", stage)), _runs(stage.get("foreach")))
            for name, stage in stages.items()]


def _reads_and_writes(stage: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Data that a stage reads, and all that it writes; what every page reads is left out."""
    written = [next(iter(out)) if isinstance(out, dict) else out
               for kind in ("outs", "metrics", "plots") for out in stage.get(kind, [])]
    read = [dep for dep in stage.get("deps", []) if not dep.startswith("stages") and dep != str(LISTED)]
    return tuple([re.sub(r"\$\{[^}]*\}", "…", path) for path in paths] for paths in (read, written))


def _runs(foreach: str | None) -> int:
    """For how many experiments a stage runs."""
    if foreach is None:
        return 1
    block: Any = load()
    for key in foreach.strip("${}").split("."):
        block = block[key]
    return len(block)


def _files(paths: list[str]) -> Any:
    """Paths as lines of a cell."""
    return code(*paths) if paths else "–"
