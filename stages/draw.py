"""Draw the samples of a pattern by its rule."""

from pathlib import Path

from stages.core import command
from stages.core.parameters import read_block, require_name
from stages.core.run import Run
from stages.datasets import pattern


def main(name: str) -> None:
    """Write `data/hdf5/<name>.h5`."""
    require_name("patterns", name)
    budget = read_block("run", Run, ["budget"]).budget
    settings = read_block(f"patterns.{name}", pattern.Settings, pattern.DRAW_FIELDS)
    size = read_block(f"patterns.{name}.budgets.{budget}", pattern.Size)

    pattern.draw(settings, size, Path(f"data/hdf5/{name}.h5"))


if __name__ == "__main__":
    command.run(main, argument="pattern")
