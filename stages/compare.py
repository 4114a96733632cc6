"""Compare two runs: a page with the metrics, parameters, loss curves and samples of two revisions side by side."""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from stages.core import command
from stages.core.files import write_text
from stages.reporting.notebook import render
from stages.reporting.revisions_side import heading, read_sides
from stages.revisions import snapshot
from stages.revisions.side import WORKSPACE

TEMPLATE = Path("reports/notebooks/revisions.ipynb")
LONGEST = 60  # of a revision in a file's name


def main(before: str, after: str) -> None:
    """Write `reports/compare/<before>_vs_<after>.html` and print that path."""
    target = Path(f"reports/compare/{_file_name(before)}_vs_{_file_name(after)}.html")
    with tempfile.TemporaryDirectory() as folder:
        snapshot.write({"A": before, "B": after}, Path(folder))
        drawn = Path(folder) / "page.html"
        render(TEMPLATE, drawn, {"folder": folder}, *heading(read_sides(Path(folder))))
        # the other pages are in the next folder
        write_text(target, drawn.read_text(encoding="utf-8").replace('href="index.html"', 'href="../html/index.html"'))
    print(target)


def _file_name(revision: str) -> str:
    """A revision as a part of a file's name that any file system takes."""
    return re.sub(r"[^\w.~^-]+", "-", revision, flags=re.ASCII).strip("-.")[:LONGEST] or "revision"


def _arguments() -> argparse.Namespace:
    """The two revisions of the command line."""
    parser = argparse.ArgumentParser(prog="python -m stages.compare", description=__doc__)
    takes = f"a commit, branch, tag or DVC experiment, or '{WORKSPACE}' for what lies in the folder; {{}} if left out"
    parser.add_argument("A", nargs="?", default="HEAD", help=takes.format("HEAD"))
    parser.add_argument("B", nargs="?", default=WORKSPACE, help=takes.format(WORKSPACE))
    return parser.parse_args()


if __name__ == "__main__":
    revisions = _arguments()
    sys.argv[1:] = ["--", revisions.A]  # `run` reads one argument, and turns mistakes into one line
    command.run(main, argument="before", add_options=lambda parser: parser.set_defaults(after=revisions.B))
