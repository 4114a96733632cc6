"""From a notebook template to one self-contained HTML page, the same bytes for the same inputs."""

import os
import tempfile
from pathlib import Path
from typing import Any

from stages.core.command import UserError
from stages.core.files import write_text
from stages.reporting.chapters import Way
from stages.reporting.landmarks import with_landmarks

TEMPLATES = Path(__file__).parent
INJECTED = "injected-parameters"  # papermill's tag


def render(template: Path, target: Path, parameters: dict[str, Any], title: str, badge: str,
           way: Way | None = None) -> None:
    """Run the notebook `template` with `parameters` in this folder and write it to the page `target`.

    `way` is what the page leads to, by `chapters.find_way`; without it to the first page only.
    Raises UserError when a cell meets one; any other error of a cell ends with papermill's account of it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        # IPython keeps a profile: it does not belong to the user's own
        os.environ["IPYTHONDIR"] = scratch
        notebook = _execute(template, Path(scratch) / "executed.ipynb", parameters)
    # papermill gives the cell that it injects a new id on every run
    notebook.cells = [cell for cell in notebook.cells if INJECTED not in cell.metadata.get("tags", [])]
    way = way or Way([], target.stem, None, None)
    write_text(target, with_landmarks(_to_html(notebook, {"title": title, "badge": badge, "way": way})))


def _execute(template: Path, executed: Path, parameters: dict[str, Any]) -> Any:
    """The notebook with its outputs."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from stages.reporting import engine

    try:
        return papermill.execute_notebook(
            template, executed, parameters, engine_name=engine.NAME, kernel_name="python3", progress_bar=False,
        )
    except PapermillExecutionError as failure:
        if failure.ename == UserError.__name__:
            raise UserError(failure.evalue) from None
        raise


def _to_html(notebook: Any, head: dict[str, Any]) -> str:
    """The page as text."""
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    # what HTMLExporter adds, scripts and styles of Jupyter, no page has
    exporter = TemplateExporter(
        template_name="page", template_file="index.html.j2", extra_template_basedirs=[str(TEMPLATES)],
        filters={"markdown2html": MarkdownWithMath(IPythonRenderer(escape=False, exclude_anchor_links=True)).render},
    )
    style = (TEMPLATES / "page/style.css").read_text(encoding="utf-8").strip()
    text, _ = exporter.from_notebook_node(notebook, {**head, "style": style})
    return text
