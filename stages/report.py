"""Run the notebook of a page and render it to HTML."""

from pathlib import Path

from stages.core import command
from stages.core.parameters import find_name, import_module
from stages.reporting.chapters import find_way
from stages.reporting.notebook import render

ALONE = "lessons"  # the kind of which every page has a notebook of its own


def main(name: str) -> None:
    """Write `reports/html/<name>.html` from the template of the page's kind."""
    kind = find_name("pages", name)  # data, classifiers, comparisons, lessons or site
    template = name if kind == ALONE else kind
    page = import_module("stages.reporting", f"{template}_page").Page(name)

    render(Path(f"reports/notebooks/{template}.ipynb"), Path(f"reports/html/{name}.html"), {"name": name},
           page.title, page.badge, find_way(name))


if __name__ == "__main__":
    command.run(main, argument="page")
