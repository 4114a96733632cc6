"""What the page of a lesson shows, cell by cell and without a kernel, and whether its figures can be read."""

import functools
import json
import re
from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from stages import demonstrate
from stages.core import parameters
from stages.reporting import html

SMALLEST = 8  # points
SLACK = 0.01  # inches, the width of a line


def write_parameters(lesson: str, settings: dict | None = None, **pages: dict) -> None:
    """A params.yaml in the current folder with one lesson and its page, and other kinds of pages: quick to read."""
    values = {"lessons": {lesson: settings}} if settings else {}
    values["pages"] = {"lessons": {lesson: {"title": "A lesson", "about": "What is learnt"}}, **pages}
    Path("params.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def shown_on(name: str, patch: pytest.MonkeyPatch) -> str:
    """Work the lesson out in the current folder; all that its page shows then, something by each of its cells."""
    demonstrate.main(name)
    return shown_on_page(name, patch, every_cell=True)


def shown_on_page(name: str, patch: pytest.MonkeyPatch, every_cell: bool = False) -> str:
    """Prose and output of the page's notebook, run in the current folder."""
    shown: list[str] = []
    patch.setattr(html, "display", lambda value: shown.append(value.data))
    names: dict[str, object] = {"name": name}
    notebook = REPOSITORY / f"reports/notebooks/{name}.ipynb"
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            shown.append(source)
        elif "parameters" not in cell["metadata"].get("tags", []):
            before = len(shown)
            exec(source, names)
            assert not every_cell or source.startswith("from") or len(shown) > before, f"{source} shows nothing"
    return "\n".join(shown)


def pictures(shown: str) -> list[str]:
    """The alt texts of all pictures."""
    return re.findall(r'<img [^>]*alt="([^"]+)"', shown)


def linked(text: str) -> set[str]:
    """Addresses of links, written as HTML or as Markdown."""
    return set(re.findall(r'href="([^"]+)"', text)) | set(re.findall(r"\]\(([^)]+)\)", text))


@functools.cache
def pages_of_params() -> set[str]:
    """The pages that the pipeline builds, as addresses."""
    pages = parameters.load(REPOSITORY / "params.yaml")["pages"]
    return {f"{name}.html" for kind in pages.values() for name in kind}


def require_readable(figure: Figure) -> None:
    """Every text is large enough, and nothing that is drawn is cut off."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    assert all(text.get_fontsize() >= SMALLEST for text in texts)
    drawn = figure.get_tightbbox(canvas.get_renderer())  # inches
    width, height = figure.get_size_inches()
    assert drawn.x0 >= -SLACK and drawn.y0 >= -SLACK and drawn.x1 <= width + SLACK and drawn.y1 <= height + SLACK
