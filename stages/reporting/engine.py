"""How papermill runs the cells of a page: in this process, where all that they import has been imported already.

A kernel of its own would start Python, matplotlib and the page's modules a second time: most of what a page takes.
"""

import traceback
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets.config import Config

NAME = "this_process"


class ThisProcess(Engine):
    """An engine of papermill: an IPython shell here in place of a kernel elsewhere."""

    @classmethod
    def execute_managed_notebook(cls, manager: NotebookExecutionManager, kernel_name: str, **_: Any) -> None:
        """Run the cells in order, up to the first that fails; papermill reports that one."""
        InteractiveShell.clear_instance()
        # no history on disk: it would belong to the user, and no page needs it
        shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        shell.ast_node_interactivity = "none"  # a page shows what is displayed, never the value of a last line
        try:
            for place, cell in enumerate(manager.nb.cells):
                if cell.cell_type == "code" and not _run(shell, cell, place + 1):
                    break
        finally:
            InteractiveShell.clear_instance()


def _run(shell: InteractiveShell, cell: Any, count: int) -> bool:
    """Run one cell and keep what it shows; whether it went well."""
    cell.execution_count = count
    with capture_output() as shown:
        result = shell.run_cell(cell.source)
    fault = result.error_before_exec or result.error_in_exec
    if isinstance(fault, KeyboardInterrupt):  # the user's wish, no fault of the page
        raise fault
    if fault is None:
        cell.outputs = _outputs(shown)
    else:
        lines = traceback.format_exception(fault)
        cell.outputs = [new_output("error", ename=type(fault).__name__, evalue=str(fault), traceback=lines)]
    return fault is None


def _outputs(shown: CapturedIO) -> list[Any]:
    """What was printed, then what was displayed."""
    streams = [new_output("stream", name=name, text=text) for name, text in
               (("stdout", shown.stdout), ("stderr", shown.stderr)) if text]
    return streams + [new_output("display_data", data=one.data, metadata=one.metadata or {})
                      for one in shown.outputs]


papermill_engines.register(NAME, ThisProcess)
