"""Measure a trained GAN: metrics beside their floors, pictures of what they mean, and the verdict on copying."""

from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from stages.core import command
from stages.core.command import UserError
from stages.core.files import write_json
from stages.core.parameters import import_module, read_block, require_name
from stages.core.run import Run
from stages.datasets.hdf5 import read_provenance, write_arrays
from stages.evaluation.final_losses import final_losses
from stages.evaluation.judge import require_same_data
from stages.evaluation.layers import describe_layers
from stages.evaluation.subject import Subject
from stages.networks.gan import Gan
from stages.training.determinism import prepare
from stages.training.gan_settings import Settings
from stages.training.gan_weights import load_gan

EVALUATIONS = ("digits", "faces", "pattern")  # files of stages/evaluation with a function `measure`


def main(experiment: str) -> None:
    """Write `reports/metrics/gans/<experiment>.json`, and `data/samples/gans/<experiment>.h5`, the page's input."""
    require_name("gans", experiment)
    run = read_block("run", Run, ["device", "threads", "inception_weights"])
    settings = read_block(f"gans.{experiment}", Settings, ["data", "evaluation", "judge"])
    evaluation = _find(settings.evaluation, f"gans.{experiment}")
    device = prepare(seed=0, threads=run.threads, device=run.device)
    weights, data = Path(f"data/models/gans/{experiment}.safetensors"), Path(f"data/hdf5/{settings.data}.h5")
    gan, description = load_gan(weights, needs=["data", "loss", "shape", "training", "view"])
    require_same_data("GAN", weights, description, read_provenance(data), data)

    losses = final_losses(Path(f"reports/losses/gans/{experiment}.csv"), description["loss"])
    layers = _layers(gan, description["shape"])
    inception = Path(run.inception_weights) if run.inception_weights else None
    metrics, arrays, attributes = evaluation.measure(
        Subject(gan, description, data, Path(settings.judge), device, inception)
    )

    write_json(f"reports/metrics/gans/{experiment}.json", _rounded(metrics | losses))
    attributes |= {"description": description, "layers": layers}
    write_arrays(Path(f"data/samples/gans/{experiment}.h5"), arrays, attributes)


def _find(name: str, place: str) -> ModuleType:
    """The module of an evaluation, imported alone."""
    if name not in EVALUATIONS:
        raise UserError(f"params.yaml: {place}.evaluation is {name!r}; expected one of: {', '.join(EVALUATIONS)}")
    return import_module("stages.evaluation", name)


class _Asked(nn.Module):
    """A network of a conditional GAN with its label given, so that it takes one input as others do."""

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__()
        self.network = network
        self.label = torch.zeros(1, classes) if classes else None

    def forward(self, example: torch.Tensor) -> torch.Tensor:
        """The network's answer."""
        return self.network(example, self.label)


def _layers(gan: Gan, shape: list[int]) -> dict[str, list[dict[str, Any]]]:
    """The layers of both networks."""
    examples = {"generator": gan.seeds.draw(1), "discriminator": torch.zeros(1, *shape)}
    return {name: describe_layers(_Asked(getattr(gan, name), gan.classes), example)
            for name, example in examples.items()}


def _rounded(value: Any) -> Any:
    """Metrics with six decimals: what differs beyond is noise."""
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return round(value, 6) if isinstance(value, float) else value


if __name__ == "__main__":
    command.run(main)
