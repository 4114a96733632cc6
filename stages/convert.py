"""Convert a data set as published to one HDF5 file of uint8 pictures, as many as the budget takes."""

from pathlib import Path

from stages.core import command
from stages.core.parameters import import_module, read_block, require_name
from stages.core.run import Run


def main(dataset: str) -> None:
    """Write `data/hdf5/<dataset>.h5`."""
    require_name("datasets", dataset)
    budget = read_block("run", Run, ["budget"]).budget
    source = import_module("stages.datasets", dataset)
    size = read_block(f"datasets.{dataset}.budgets.{budget}", source.Size)

    settings = read_block(f"datasets.{dataset}", source.Settings, source.CONVERT_FIELDS)

    target = Path("data/hdf5") / f"{dataset}.h5"
    source.convert(Path("data/raw") / dataset, size, target, budget, **settings.model_dump())


if __name__ == "__main__":
    command.run(main, argument="dataset")
