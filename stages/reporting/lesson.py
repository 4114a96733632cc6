"""What the pages of lessons share: their settings, formulas as MathML, and the table of examples."""

from pathlib import Path
from typing import Any

from IPython.display import HTML
from latex2mathml.converter import convert
from pydantic import Field

from stages.core.parameters import Block, read_block
from stages.reporting.html import show_html, show_table
from stages.reporting.metrics import read_metrics

BADGE = "computed here · no data set"


class Settings(Block):
    """A block of `pages.lessons` in params.yaml."""

    title: str = Field(min_length=1)
    about: str = Field(min_length=1)


class LessonPage:
    """What the notebook of a lesson shows: pages of lessons derive from it."""

    badge = BADGE

    def __init__(self, name: str) -> None:
        settings = read_block(f"pages.lessons.{name}", Settings)
        self.name, self.title, self.about = name, settings.title, settings.about

    def examples(self) -> dict[str, dict[str, Any]]:
        """What the lesson's metrics file says of each example."""
        return read_metrics(Path(f"reports/metrics/{self.name}.json"))["examples"]

    def show_examples(self, *names: str) -> None:
        """A table of those examples, all where none is named: what came out beside what must come out."""
        found = self.examples()
        rows = [[_spoken(name), _written(found[name]["value"]), _written(found[name]["expected"]),
                 f"{found[name]['difference']:.2g}"] for name in names or found]
        show_table(["example", "computed", "expected", "difference"], rows)


def show_formula(latex: str) -> None:
    """Show a formula, written in LaTeX, on a line of its own; browsers draw MathML themselves, without a network."""
    show_html(f'<div class="scroll formula">{convert(latex, display="block")}</div>')


def formula(latex: str) -> HTML:
    """A formula for a cell of a table or the middle of a sentence."""
    return HTML(convert(latex))


def _spoken(name: str) -> str:
    """An example's key as words."""
    return name.replace("_", " ")


def _written(value: Any) -> str:
    """Numbers with as many places as they need, nine at most; arrays row by row."""
    if isinstance(value, list):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    if isinstance(value, float):
        return f"{value:.9g}".replace("-", "−")
    return str(value)
