"""Get a data set: from its official mirrors, from a local folder, or drawn here as a stand-in."""

from pathlib import Path

from stages.core import command
from stages.core.parameters import import_module, read_block, require_name
from stages.core.run import Run


def main(dataset: str) -> None:
    """Write `data/raw/<dataset>/`."""
    require_name("datasets", dataset)
    run = read_block("run", Run, ["source", "local_dir"])
    source = import_module("stages.datasets", dataset)
    settings = read_block(f"datasets.{dataset}", source.Settings, source.DOWNLOAD_FIELDS)
    if settings.source:
        run = run.model_copy(update={"source": settings.source})

    source.download(run, settings, Path("data/raw") / dataset)


if __name__ == "__main__":
    command.run(main, argument="dataset")
