"""What both trainings of a GAN begin with: its parameters, its data, its networks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from stages.core.command import UserError
from stages.core.parameters import read_block, require_name
from stages.core.run import Run
from stages.datasets.hdf5 import read_provenance, read_samples
from stages.networks.gan import Gan, build_gan
from stages.training.determinism import prepare
from stages.training.gan_settings import Budget, Settings

FIELDS = ("data", "conditional", "seeds", "generator", "discriminator")


@dataclass(frozen=True)
class Setup:
    """A GAN ready to be trained; samples as stored, labels where a network sees them."""

    gan: Gan
    settings: Settings
    budget: Budget
    device: torch.device
    samples: torch.Tensor
    labels: torch.Tensor | None
    description: dict[str, Any]


def set_up(experiment: str, *more_fields: str) -> Setup:
    """Read the parameters and data of `gans.<experiment>` and build its networks with fresh weights.

    `more_fields` are those of the block that one of the trainings alone uses.
    """
    require_name("gans", experiment)
    run = read_block("run", Run, ["budget", "device", "threads", "seed"])
    place = f"gans.{experiment}"
    settings = read_block(place, Settings, [*FIELDS, *more_fields])
    budget = read_block(f"{place}.budgets.{run.budget}", Budget)
    device = prepare(run.seed, run.threads, run.device)
    path = data_file(settings.data)
    samples, labels = read_samples(path, "train")
    known = _count_labels(labels, settings.conditional, budget.mismatch, place)
    classes = known if settings.conditional else 0
    # pictures have one channel, which the file does not spell out
    shape = (1, *samples.shape[1:]) if samples.ndim == 3 else samples.shape[1:]
    gan = build_gan(settings.generator, settings.discriminator, settings.seeds, shape=shape, classes=classes,
                    taught=known, place=place)

    description = {
        "experiment": experiment, "data_set": settings.data, "generator": settings.generator,
        "discriminator": settings.discriminator, "seeds": settings.seeds.model_dump(), "classes": classes,
        "taught": known,
        "shape": list(shape), "loss": budget.loss, "budget": run.budget, "training": budget.model_dump(),
        "seed": run.seed, "images": len(samples), "data": read_provenance(path),
        "parameters": {name: sum(weights.numel() for weights in network.parameters())
                       for name, network in (("generator", gan.generator), ("discriminator", gan.discriminator))},
    }
    labels = torch.from_numpy(labels) if known else None
    return Setup(gan, settings, budget, device, torch.from_numpy(samples), labels, description)


def data_file(data: str) -> Path:
    """The HDF5 file of a data set."""
    return Path(f"data/hdf5/{data}.h5")


def _count_labels(labels: Any, conditional: bool, mismatch: float, place: str) -> int:
    """How many labels the discriminator learns; 0 where neither `conditional` nor `mismatch` asks for any."""
    if not conditional and not mismatch:
        return 0
    if labels is None:
        asked = "conditional is true; its data has no labels; set it to false" if conditional else \
            f"mismatch is {mismatch:g}; its data has no labels; remove it"
        raise UserError(f"params.yaml: {place}: {asked}")
    return 10
