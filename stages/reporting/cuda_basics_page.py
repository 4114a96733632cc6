"""The page of chapter 4: one product of matrices in plain Python, NumPy and PyTorch, as it was last measured."""

import json
from html import escape
from pathlib import Path
from typing import Any

from stages.core.command import UserError
from stages.reporting import cuda_basics_figures
from stages.reporting.html import show_facts, show_figure, show_html, show_table, show_text
from stages.reporting.lesson import LessonPage
from stages.reporting.source_code import show_code
from stages.reporting.words import number
from stages.training import determinism

SIDE = 600  # of the book's matrices
BOOK = {"plain Python": 200.0, "NumPy": 0.0132, "CUDA, on a P100": 74.6e-6}  # seconds, chapter 4, notebook 05
RECORD = Path("benchmarks/basics.json")  # the last run on a CPU, and the last one with a GPU
COMMAND = "python -m benchmarks.basics --record"
COPIES = "copies included"  # in the names of such rows
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


class Page(LessonPage):
    """What the notebook shows, read from the recorded runs; nothing is timed here."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.runs = _read(RECORD)
        where = ", ".join(dict.fromkeys(run["machine"].get("gpu", run["machine"]["processor"]) for run in self.runs))
        self.badge = f"measured on {where} · no data set" if where else "not measured yet · no data set"

    def show_work(self) -> None:
        """How many operations a product takes."""
        show_text(f"Matrices of {SIDE} × {SIDE} have {SIDE**2:,} numbers each. Every number of the product is a sum of "
                  f"{SIDE} products: {2 * SIDE**3:,} multiplications and additions in all. Divided by the seconds, "
                  "that is the speed in GFLOP/s, billions of such operations a second.")

    def show_times(self) -> None:
        """Seconds of all ways, the book's beside them, as a picture and as a table."""
        if not self.runs:
            self._show_missing()
            return
        here = {_named(row): _whole(row) for run in self.runs for row in run["rows"]}
        told = "; ".join(f"{name} {_duration(seconds)}" for name, seconds in here.items())
        book = "; ".join(f"{name} {_duration(seconds)}" for name, seconds in BOOK.items())
        show_figure(cuda_basics_figures.durations(here, BOOK, _duration),
                    f"Seconds of one product on a logarithmic scale. Here: {told}. The book: {book}",
                    f"One product of {SIDE} × {SIDE} matrices; each step of the scale is ten times the one before.")
        for run in self.runs:
            show_table(["", "size", "time", "GFLOP/s", "speed, NumPy is 1"], [
                [row["what"], _size(row["side"]), _duration(row["seconds"]),
                 number(row["gflop_per_second"]), number(row["times_numpy"])] for row in run["rows"]
            ])
        self._show_estimate()

    def show_copies(self) -> None:
        """What copies to a GPU and back mean, where a row includes them."""
        if any(COPIES in row["what"] for run in self.runs for row in run["rows"]):
            show_text(f"Where a row says “{COPIES}”, the matrices first travel to the GPU and the product back: for "
                      "one small product the way may cost more than the work, and so networks and data stay on the GPU "
                      "while it trains.")

    def show_against_the_book(self) -> None:
        """The book's figures, with the same speeds worked out from them."""
        rates = {name: 2 * SIDE**3 / seconds / 1e9 for name, seconds in BOOK.items()}
        show_table(["the book, on Colab", "time", "GFLOP/s", "speed, NumPy is 1"], [
            [name, _duration(BOOK[name]), number(rate), number(rate / rates["NumPy"])] for name, rate in rates.items()
        ])

    def show_machines(self) -> None:
        """Where and with what it was measured."""
        for run in self.runs:
            machine, versions = run["machine"], run["versions"]
            show_facts({"Processor": f"{machine['processor']}, {machine['cores']} cores, {machine['system']}",
                        **({"GPU": machine["gpu"]} if "gpu" in machine else {}),
                        "Threads of NumPy and PyTorch": run["threads"],
                        "Versions": ", ".join(f"{name} {version}" for name, version in versions.items())})
        if self.runs and not any("gpu" in run["machine"] for run in self.runs):
            show_html(f"<p>This machine has no CUDA device. On one that has, {_typed(COMMAND)} adds it.</p>")

    def show_check(self) -> None:
        """How the pipeline chooses its device."""
        show_code(determinism.prepare)

    def _show_estimate(self) -> None:
        """What was not measured at the book's size."""
        for row in (row for run in self.runs for row in run["rows"] if row["side"] != SIDE):
            show_html(f"<p>{escape(row['what'])} multiplied matrices of {_size(row['side'])} only, in "
                      f"{_duration(row['seconds'])}. The number of operations grows with the third power of the side: "
                      f"for {_size(SIDE)} that makes {_duration(_whole(row))}, the mark in the picture, or more, since "
                      f"larger lists fit the processor's caches less well. {_typed(COMMAND + ' --whole')} measures "
                      "it.</p>")

    def _show_missing(self) -> None:
        """How to make a run."""
        show_html(f"<p>No run is recorded. {_typed(COMMAND)} measures one on this machine in seconds and writes "
                  f"{_typed(str(RECORD))}; then build this page again.</p>")


def _read(path: Path) -> list[dict[str, Any]]:
    """The recorded runs, none where there is no such file. Raises UserError where it is damaged."""
    try:
        return list(json.loads(path.read_text(encoding="utf-8")).values()) if path.is_file() else []
    except ValueError:
        raise UserError(f"{path}: is no valid JSON; measure again: {COMMAND}") from None


def _whole(row: dict[str, Any]) -> float:
    """Seconds of a product of the book's size: measured, or by the number of operations."""
    return row["seconds"] * (SIDE / row["side"]) ** 3


def _named(row: dict[str, Any]) -> str:
    """What it is, and whether it was measured at another size."""
    return row["what"] if row["side"] == SIDE else f"{row['what']}, estimated"


def _size(side: int) -> str:
    """The size of a matrix, never broken."""
    return f"{side}\u00a0×\u00a0{side}"


def _typed(text: str) -> str:
    """What a user types, as HTML."""
    return f'<code style="white-space: nowrap">{escape(text)}</code>'


def _duration(seconds: float) -> str:
    """A time in the largest unit of which it has one."""
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), UNITS[-1])
    return f"{number(seconds / size)}\u00a0{unit}"
