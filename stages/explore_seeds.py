"""Walk between the seeds of a trained GAN: paths, sums of seeds, one seed under all labels; how smooth it is."""

from pathlib import Path

from stages.core import command
from stages.core.files import write_json
from stages.core.parameters import read_block
from stages.core.run import Run
from stages.datasets.hdf5 import write_arrays
from stages.evaluation.seed_paths import explore
from stages.training.determinism import prepare
from stages.training.gan_weights import load_gan


def main(experiment: str) -> None:
    """Write `data/samples/seeds/<experiment>.h5` and `reports/metrics/seeds/<experiment>.json`."""
    run = read_block("run", Run, ["device", "threads"])
    device = prepare(seed=0, threads=run.threads, device=run.device)
    gan, description = load_gan(Path(f"data/models/gans/{experiment}.safetensors"))

    pictures, metrics = explore(gan, device)

    write_json(f"reports/metrics/seeds/{experiment}.json", metrics)
    write_arrays(Path(f"data/samples/seeds/{experiment}.h5"), pictures, {"description": description})


if __name__ == "__main__":
    command.run(main)
