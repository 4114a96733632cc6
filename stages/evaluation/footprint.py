"""What training a GAN on one picture has to hold in memory, counted: the same on every machine."""

import torch
from torch import nn

from stages.networks.gan import Gan

MOMENTS = {"sgd": 0, "adam": 2}  # numbers that an optimiser keeps for each weight


def count_memory(gan: Gan, shape: list[int], optimizer: str) -> dict[str, int]:
    """Bytes of a sample of `shape` in training: weights, gradients, moments of the optimiser, activations.

    `training_bytes` is their sum. Activations are what the layers of both networks put out for one picture. What
    PyTorch itself takes, and scratch space of its kernels, is not counted.
    """
    weights = [tensor for network in (gan.generator, gan.discriminator) for tensor in network.parameters()]
    buffers = [tensor for network in (gan.generator, gan.discriminator) for tensor in network.buffers()]
    gradients = _bytes(weights)
    label = torch.zeros(1, gan.classes) if gan.classes else None
    inputs = {"generator": gan.seeds.draw(1), "discriminator": torch.zeros(1, *shape)}
    counts = {
        "weights_bytes": gradients + _bytes(buffers), "gradients_bytes": gradients,
        "moments_bytes": MOMENTS[optimizer] * gradients,
        "activations_bytes": sum(_activations(getattr(gan, name), example, label) for name, example in inputs.items()),
    }
    return counts | {"training_bytes": sum(counts.values())}


def _activations(network: nn.Module, example: torch.Tensor, label: torch.Tensor | None) -> int:
    """Bytes of what the layers put out; a layer that only gives its input another shape adds none."""
    network = network.cpu().eval()
    outputs = []
    leaves = [layer for layer in network.modules() if not list(layer.children())]
    hooks = [layer.register_forward_hook(lambda _layer, _inputs, output: outputs.append(output)) for layer in leaves]
    with torch.inference_mode():
        network(example, label)
    for hook in hooks:
        hook.remove()
    return _bytes({output.data_ptr(): output for output in outputs}.values())


def _bytes(tensors) -> int:
    """Bytes of all of them together."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
