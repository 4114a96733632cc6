"""Write down which pages there are and in which order they are read, for the navigation of all of them."""

from pathlib import Path

from stages.core import command
from stages.core.files import write_json
from stages.reporting.chapters import arrange


def main(name: str) -> None:
    """Write `data/chapters/<name>.json` from the chapters of a first page, with the titles of all pages.

    A file of its own, so that a page is built again when a title changes, but not when another page's text does.
    """
    write_json(Path(f"data/chapters/{name}.json"), arrange(name))


if __name__ == "__main__":
    command.run(main, argument="page")
