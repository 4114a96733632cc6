"""What a network consists of, layer by layer, as measured on one example."""

from typing import Any

import torch
from torch import nn


def describe_layers(network: nn.Module, example: torch.Tensor) -> list[dict[str, Any]]:
    """`layer output parameters` for each layer in the order in which the example [1, ...] passes them.

    `output` is the shape without the batch; `parameters` counts weights that training changes.
    """
    rows: list[dict[str, Any]] = []

    def note(layer: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        count = sum(weights.numel() for weights in layer.parameters())
        rows.append({"layer": str(layer), "output": list(output.shape[1:]), "parameters": count})

    leaves = [layer for layer in network.modules() if not list(layer.children())]
    hooks = [layer.register_forward_hook(note) for layer in leaves]
    with torch.inference_mode():
        network(example)
    for hook in hooks:
        hook.remove()
    return rows
