"""Run the notebook of a page and render it to HTML."""

from pathlib import Path

from stages.core import command
from stages.core.parameters import find_name, import_module
from stages.reporting.notebook import render


def main(name: str) -> None:
    """Write `reports/html/<name>.html` from the template of the page's kind."""
    kind = find_name("pages", name)  # data, classifiers, comparisons or site
    page = import_module("stages.reporting", f"{kind}_page").Page(name)

    render(Path(f"reports/notebooks/{kind}.ipynb"), Path(f"reports/html/{name}.html"), {"name": name},
           page.title, page.badge)


if __name__ == "__main__":
    command.run(main, argument="page")
