"""The page that says what all others rest on: data, parameters, versions, and which stage makes what."""

import json
import re
import sys
from html import escape
from pathlib import Path
from typing import Any

from pydantic import Field

from stages.core.parameters import FILE, Block, load, read_block
from stages.datasets.hdf5 import read_attribute, read_provenance
from stages.reporting.html import code, show_facts, show_folded, show_html, show_table, show_text
from stages.reporting.run_label import SOURCES, data_label

REQUIREMENTS = Path("requirements.txt")
STAGES = Path(__file__).parent / "page/stages.json"  # dvc.yaml in short, by python -m benchmarks.pipeline
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
        self.stages = json.loads(STAGES.read_text(encoding="utf-8"))
        labels = dict.fromkeys(data_label(found) for found in self.data.values())
        self.badge = " · ".join([", ".join(labels), f"{self.parameters['run']['budget']} budget"])

    def show_data(self) -> None:
        """Source, licence and digests of each data set."""
        for path, found in self.data.items():
            show_html(f"<h3>{escape(found['title'][:1].upper() + found['title'][1:])}</h3>")
            digests = {f"digest of {part}": code(digest)
                       for part, digest in sorted(found["digests"].items())}
            show_facts({
                "file": code(path.as_posix()), "source": SOURCES.get(found["source"], RULE),
                "licence": found["licence"] or "none needed: it is made here", **digests,
                "digest as converted here, SHA-256": code(read_attribute(path, "digest")),
            })

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
            if pinned := re.match(r"([\w.-]+(?:\[\w+\])?)==(\S+)\s*(?:#\s*(.*))?$", line):
                rows.append([pinned[1], code(pinned[2]), pinned[3] or ""])
        show_table(["library", "version", "what for"], rows, "The libraries that requirements.txt installs")

    def show_stages(self) -> None:
        """Which stage reads and writes what, in the order of dvc.yaml."""
        rows = [[code(stage["stage"]), _runs(stage["for"]), *(_files(stage[key]) for key in ("reads", "writes"))]
                for stage in self.stages]
        show_text(f"{len(rows)} kinds of stages run {sum(row[1] for row in rows)} times in all. Each runs again when "
                  "something changes that it reads, its code and its parameters included, and only then.")
        show_table(["stage", "times", "reads", "writes"], rows, "The stages in the order of the pipeline. … stands for "
                   "the name of an experiment; code, parameters and the templates of pages are left out.")


def _files(paths: list[str]) -> Any:
    """Paths as lines of a cell."""
    return code(*paths) if paths else "parameters"


def _runs(block: str) -> int:
    """For how many experiments a stage runs: all of a block of params.yaml, or one."""
    values: Any = load() if block else None
    for key in filter(None, block.split(".")):
        values = values[key]
    return len(values) if block else 1
