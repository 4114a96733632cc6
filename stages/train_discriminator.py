"""Train the discriminator of a GAN alone, as the book does first: it must tell real samples from uniform noise."""

from pathlib import Path

import numpy as np
import torch

from stages.core import command
from stages.core.command import UserError
from stages.core.files import write_json, write_text
from stages.core.parameters import read_block
from stages.datasets.hdf5 import write_arrays
from stages.datasets.pictures import to_stored
from stages.datasets.views import read_training
from stages.training import gan, noise
from stages.training.checkpoint import checkpoint_of
from stages.training.gan_settings import NoisePairs
from stages.training.gan_setup import Setup, data_file, set_up

SHOWN, MEASURED = 4, 1000  # samples on the page, samples behind the metrics
SEED = 11  # of the noise that is shown and measured


def main(experiment: str) -> None:
    """Write losses and metrics below `reports/`, and `data/samples/discriminators/<experiment>.h5`."""
    setup = set_up(experiment)
    setup.gan.normalise_by_picture()  # samples come one by one here, whatever the batches of the GAN's own training
    budget = setup.description["budget"]
    pairs = getattr(read_block(f"gans.{experiment}.noise_pairs", NoisePairs, [budget]), budget)
    untrained = _untrained(setup)
    real = noise.Samples(setup.samples, setup.labels if setup.gan.classes else None)
    description = {**setup.description, "pairs": pairs}
    checkpoint = checkpoint_of("discriminators", experiment, description, setup.device)
    try:
        history = noise.train(setup.gan, real, pairs, budget=setup.budget, device=setup.device, title=experiment,
                              checkpoint=checkpoint)
    except gan.NotFinite as broken:
        raise UserError(
            f"{experiment}: the loss against noise is no longer finite at pair {broken.iteration}; lower gans."
            f"{experiment}.budgets.{budget}.learning_rate"
        ) from None

    arrays, metrics = _measure(setup)
    rows = [f"{pair},{on_real:.5g},{on_noise:.5g}" for pair, on_real, on_noise in history]
    write_text(f"reports/losses/discriminators/{experiment}.csv", "\n".join(["pair,real,noise", *rows]) + "\n")
    write_json(f"reports/metrics/discriminators/{experiment}.json", metrics)
    write_arrays(Path(f"data/samples/discriminators/{experiment}.h5"), {**arrays, "untrained/pictures": untrained},
                 {"description": description})
    checkpoint.remove()


def _untrained(setup: Setup) -> np.ndarray:
    """What the generator makes before any training."""
    source = torch.Generator().manual_seed(SEED)
    seeds = setup.gan.seeds.draw(SHOWN, source)
    labels = torch.eye(setup.gan.classes)[:SHOWN] if setup.gan.classes else None
    with torch.inference_mode():
        return to_stored(setup.gan.generator.eval()(seeds, labels))


def _measure(setup: Setup) -> tuple[dict[str, np.ndarray], dict[str, float | int]]:
    """The trained discriminator's outputs on test samples and on fresh noise: a few to show, and their means."""
    values, labels = read_training(data_file(setup.settings.data), "test", setup.budget.view, setup.device, "view")
    values, labels = values[:MEASURED], labels[:MEASURED] if setup.gan.classes else None
    real = noise.Samples(values, labels)
    fake = noise.draw_noise(values, setup.gan, torch.Generator().manual_seed(SEED))
    arrays, metrics = {}, {"samples": len(values)}
    for name, samples in (("real", real), ("noise", fake)):
        answers = noise.outputs(setup.gan, samples, setup.device)
        arrays |= {f"{name}/samples": samples.values[:SHOWN].cpu().numpy(), f"{name}/outputs": answers[:SHOWN]}
        metrics[f"{name}_output"] = round(float(answers.mean()), 6)
    return arrays, metrics


if __name__ == "__main__":
    command.run(main)
