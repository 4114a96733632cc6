"""Train one of the classifiers of params.yaml: of digits, or of the attributes of faces."""

from pathlib import Path

import torch

from stages.core import command
from stages.core.files import write_text
from stages.core.parameters import has_name, import_module, read_block, require_name
from stages.core.run import Run
from stages.datasets.hdf5 import read_provenance, read_split
from stages.networks.families import build_network
from stages.training import classifier
from stages.training.checkpoint import checkpoint_of
from stages.training.determinism import prepare
from stages.training.weights import save_network

DATA = Path("data/hdf5/mnist.h5")


def main(experiment: str) -> None:
    """Write `data/models/classifiers/<experiment>.safetensors` and `reports/losses/classifiers/<experiment>.csv`.

    For a name in `attribute_classifiers` both lie below `attribute_classifiers`.
    """
    if has_name("attribute_classifiers", experiment):
        # by name, as families of networks: an edit to it retrains no classifier of digits
        import_module("stages.training", "attribute_classifier").main(experiment)
        return
    require_name("classifiers", experiment, "attribute_classifiers")
    run = read_block("run", Run, ["budget", "device", "threads", "seed"])
    place = f"classifiers.{experiment}"
    settings = read_block(place, classifier.Settings, ["network", "loss", "optimizer"])
    budget = read_block(f"{place}.budgets.{run.budget}", classifier.Budget)
    device = prepare(run.seed, run.threads, run.device)
    network = build_network(settings.network, f"{place}.network")
    images, labels = (torch.from_numpy(array) for array in read_split(DATA, "train"))

    description = {
        "experiment": experiment, "network": settings.network, "loss": settings.loss, "optimizer": settings.optimizer,
        "budget": run.budget, "training": budget.model_dump(), "seed": run.seed, "images": len(images),
        "parameters": sum(weights.numel() for weights in network.parameters()), "data": read_provenance(DATA),
    }
    checkpoint = checkpoint_of("classifiers", experiment, description, device)
    history = classifier.train(
        network, images, labels, loss=settings.loss, optimizer=settings.optimizer, budget=budget, device=device,
        title=experiment, checkpoint=checkpoint,
    )

    save_network(Path(f"data/models/classifiers/{experiment}.safetensors"), network, description)
    rows = [f"{update},{loss:.6g}" for update, loss in history]
    write_text(f"reports/losses/classifiers/{experiment}.csv", "\n".join(["update,loss", *rows]) + "\n")
    checkpoint.remove()


if __name__ == "__main__":
    command.run(main)
