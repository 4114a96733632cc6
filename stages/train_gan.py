"""Train a GAN; save both networks' weights, its losses, and what the same seeds look like along training."""

from pathlib import Path

from stages.core import command
from stages.core.command import UserError
from stages.core.files import write_text
from stages.training import gan
from stages.training.checkpoint import checkpoint_of
from stages.training.film import Film
from stages.training.gan_setup import set_up
from stages.training.gan_weights import save_gan


def main(experiment: str) -> None:
    """Write weights, `reports/losses/gans/<experiment>.csv` and `data/progress/gans/<experiment>.h5`."""
    setup = set_up(experiment, "frames")
    film = Film(setup.gan, setup.device)
    decides = {**setup.description, "frames": setup.settings.frames}
    checkpoint = checkpoint_of("gans", experiment, decides, setup.device)
    checkpoint.keep(film=film)
    try:
        history = gan.train(setup.gan, setup.samples, setup.labels, budget=setup.budget, device=setup.device,
                            title=experiment, frames=setup.settings.frames, show=film, checkpoint=checkpoint)
    except gan.NotFinite as broken:
        log = Path(f"logs/{experiment}.png")
        film.write_last(log)
        raise UserError(
            f"{experiment}: a loss is no longer finite at iteration {broken.iteration}; lower gans.{experiment}."
            f"budgets.{setup.description['budget']}.learning_rate; pictures of iteration {film.iterations[-1]}: {log}"
        ) from None

    description = {**setup.description, "iterations": film.iterations[-1]}
    save_gan(Path(f"data/models/gans/{experiment}.safetensors"), setup.gan, description)
    film.write(Path(f"data/progress/gans/{experiment}.h5"), description)
    rows = [f"{iteration},{real:.5g},{fake:.5g},{generator:.5g}" for iteration, real, fake, generator in history]
    header = "iteration,discriminator_real,discriminator_fake,generator"
    write_text(f"reports/losses/gans/{experiment}.csv", "\n".join([header, *rows]) + "\n")
    checkpoint.remove()


if __name__ == "__main__":
    command.run(main)
