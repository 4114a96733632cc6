"""Training a classifier of attributes, the judge of faces: the same loop as for digits, with as many yes and no."""

from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from stages.core.files import write_text
from stages.core.parameters import Block, read_block
from stages.core.run import Run
from stages.datasets.hdf5 import picture_shape, read_attributes, read_provenance
from stages.datasets.views import View, read_views
from stages.networks.families import build_network
from stages.training import classifier
from stages.training.checkpoint import checkpoint_of
from stages.training.determinism import prepare
from stages.training.weights import save_network

FIELDS = ("data", "view", "network", "loss", "optimizer")


class Settings(Block):
    """A block of `attribute_classifiers` in params.yaml."""

    data: str
    view: View
    network: dict
    loss: Literal["mean_squared_error", "binary_cross_entropy"]  # of outputs in 0..1, each by itself
    optimizer: classifier.OptimizerName
    budgets: classifier.Budgets


def main(experiment: str) -> None:
    """Write weights and losses as for a classifier of digits, below `attribute_classifiers`.

    Data without attributes teaches nothing: the weights are then none, and their description says why.
    """
    run = read_block("run", Run, ["budget", "device", "threads", "seed"])
    place = f"attribute_classifiers.{experiment}"
    settings = read_block(place, Settings, FIELDS)
    budget = read_block(f"{place}.budgets.{run.budget}", classifier.Budget)
    device = prepare(run.seed, run.threads, run.device)
    data = Path(f"data/hdf5/{settings.data}.h5")
    names, attributes = read_attributes(data, "train")
    description = {
        "experiment": experiment, "data_set": settings.data, "network": settings.network,
        "loss": settings.loss, "optimizer": settings.optimizer, "budget": run.budget, "training": budget.model_dump(),
        "seed": run.seed, "images": picture_shape(data, "train")[0], "data": read_provenance(data),
        "view": settings.view.model_dump(), "attributes": names,
    }
    if not names:
        reason = f"{description['data']['title']} has no list of attributes, so nothing can be learnt from it"
        print(f"{experiment}: not trained: {reason}")
        _write(experiment, nn.Module(), {**description, "parameters": 0, "skipped": f"{reason}."}, [])
        return

    pictures = read_views(data, "train", settings.view, device, f"{place}.view")
    sizes = {"outputs": len(names), "shape": [3, *pictures.shape[1:3]]}
    network = build_network(settings.network, f"{place}.network", **sizes)
    parameters = sum(weights.numel() for weights in network.parameters())
    description |= {"sizes": sizes, "parameters": parameters}
    checkpoint = checkpoint_of("attribute_classifiers", experiment, description, device)
    history = classifier.train(
        network, pictures, torch.from_numpy(attributes), loss=settings.loss, optimizer=settings.optimizer,
        budget=budget, device=device, title=experiment, checkpoint=checkpoint,
    )
    _write(experiment, network, description, history)
    checkpoint.remove()


def _write(experiment: str, network: nn.Module, description: dict[str, Any], history: list[tuple[int, float]]) -> None:
    """Write both outputs."""
    save_network(Path(f"data/models/attribute_classifiers/{experiment}.safetensors"), network, description)
    rows = [f"{update},{loss:.6g}" for update, loss in history]
    write_text(f"reports/losses/attribute_classifiers/{experiment}.csv", "\n".join(["update,loss", *rows]) + "\n")
