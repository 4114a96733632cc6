"""From a notebook template to one self-contained HTML page, the same bytes for the same inputs."""

import os
import tempfile
from pathlib import Path
from typing import Any

from stages.core.command import UserError
from stages.core.files import write_text

TEMPLATES = Path(__file__).parent
INJECTED = "injected-parameters"  # papermill's tag


def render(template: Path, target: Path, parameters: dict[str, Any], title: str, badge: str) -> None:
    """Run the notebook `template` with `parameters` in this folder and write it to the page `target`.

    Raises UserError when a cell meets one; any other error of a cell ends with papermill's account of it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        # the kernel keeps a history and a profile: neither belongs to the user's own
        os.environ["IPYTHONDIR"] = scratch
        notebook = _execute(template, Path(scratch) / "executed.ipynb", parameters)
    # papermill gives the cell that it injects a new id on every run
    notebook.cells = [cell for cell in notebook.cells if INJECTED not in cell.metadata.get("tags", [])]
    write_text(target, _to_html(notebook, title, badge, home=target.name != "index.html"))


def _execute(template: Path, executed: Path, parameters: dict[str, Any]) -> Any:
    """The notebook with its outputs."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    try:
        return papermill.execute_notebook(
            template, executed, parameters, kernel_name="python3", progress_bar=False, record_timing=False,
            log_output=False, extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
    except PapermillExecutionError as failure:
        if failure.ename == UserError.__name__:
            raise UserError(failure.evalue) from None
        raise


def _to_html(notebook: Any, title: str, badge: str, home: bool) -> str:
    """The page as text."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="page", extra_template_basedirs=[str(TEMPLATES)],
                            exclude_anchor_links=True)
    resources = {
        "title": title, "badge": badge, "home": home,
        "style": (TEMPLATES / "page/style.css").read_text(encoding="utf-8").strip(),
    }
    text, _ = exporter.from_notebook_node(notebook, resources)
    return text
