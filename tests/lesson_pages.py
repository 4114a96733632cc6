"""What the notebook of a lesson shows, without a kernel: that takes seconds for each."""

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import REPOSITORY
from matplotlib.figure import Figure

from stages import demonstrate
from stages.reporting import html


def shown_on(name: str, patch: pytest.MonkeyPatch) -> str:
    """Work the lesson out in the current folder and run the cells of its notebook; all that they show, as HTML."""
    demonstrate.main(name)
    notebook = Path(f"reports/notebooks/{name}.ipynb")
    notebook.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / notebook, notebook)
    shown, names = [], {"name": name}
    patch.setattr(html, "display", lambda value: shown.append(value.data))
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            shown.append(source)
        elif "parameters" not in cell["metadata"].get("tags", []):
            before = len(shown)
            exec(source, names)
            assert source.startswith("from") or len(shown) > before, f"{source} shows nothing"
    return "\n".join(shown)


def pictures(shown: str) -> list[str]:
    """The alt texts of all pictures."""
    return re.findall(r'<img [^>]*alt="([^"]+)"', shown)


def smallest_text(figure: Figure) -> float:
    """The size in points of its smallest visible text."""
    figure.draw_without_rendering()
    texts = figure.findobj(lambda artist: hasattr(artist, "get_fontsize") and hasattr(artist, "get_text"))
    return min(text.get_fontsize() for text in texts if text.get_text() and text.get_visible())
