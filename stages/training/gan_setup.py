"""What both trainings of a GAN begin with: its parameters, its data, its networks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from stages.core.command import UserError
from stages.core.parameters import read_block, require_name
from stages.core.run import Run
from stages.datasets.hdf5 import read_provenance
from stages.datasets.pictures import network_shape
from stages.datasets.views import read_training
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
    samples, labels = read_training(path, "train", budget.view, device, f"{place}.budgets.{run.budget}.view")
    known = _count_labels(labels, settings.conditional, budget.mismatch, place)
    classes = known if settings.conditional else 0
    shape = network_shape(samples.shape)
    # a smaller budget may have smaller networks
    networks = {"generator": settings.generator | budget.generator,
                "discriminator": settings.discriminator | budget.discriminator}
    gan = build_gan(**networks, seeds=settings.seeds, shape=shape, classes=classes, taught=known, place=place)
    if budget.batch_size == 1:
        gan.normalise_by_picture()

    description = {
        "experiment": experiment, "data_set": settings.data, **networks, "seeds": settings.seeds.model_dump(),
        "classes": classes, "taught": known, "shape": list(shape), "view": budget.view.model_dump(mode="json"),
        "loss": budget.loss, "budget": run.budget, "training": budget.model_dump(mode="json"),
        "seed": run.seed, "images": len(samples), "data": read_provenance(path),
        "parameters": {name: sum(weights.numel() for weights in network.parameters())
                       for name, network in (("generator", gan.generator), ("discriminator", gan.discriminator))},
    }
    return Setup(gan, settings, budget, device, samples, labels if known else None, description)


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
