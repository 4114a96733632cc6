"""The weights of a GAN on disk: both networks in one file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stages.core.parameters import check
from stages.networks.gan import Gan, Seeds, build_gan
from stages.training.weights import load, save_network

save_gan = save_network  # its description holds what `load_gan` builds both networks from


def load_gan(path: Path, needs: Sequence[str] = ()) -> tuple[Gan, dict[str, Any]]:
    """Build the GAN that a weights file describes, in evaluation mode, with its description.

    Raises UserError for a file that is missing, damaged, of other networks or without an entry in `needs`.
    """
    return load(path, _build, needs)


def _build(description: dict[str, Any]) -> Gan:
    """The GAN of a description, with random weights."""
    seeds = check(description["seeds"], Seeds, "seeds")
    gan = build_gan(description["generator"], description["discriminator"], seeds, shape=description["shape"],
                    classes=description["classes"], taught=description["taught"], place="gan")
    if description["training"]["batch_size"] == 1:
        gan.normalise_by_picture()
    return gan
