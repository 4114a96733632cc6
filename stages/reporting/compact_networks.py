"""The networks of a trained GAN, small enough for a page, and how far that takes them from PyTorch's.

They run by our own `play/networks.js`, about a hundred lines, as no maintained runtime is small enough for a page:
onnxruntime-web 1.24 alone brings 12.3 MB of WebAssembly, and these networks need eight kinds of layers.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from stages.networks.gan import Gan
from stages.reporting.rounded_weights import floats, packed, restored

TRIED_SEEDS, SEED = 200, 3  # on which rounding is measured, and the start of their random numbers
BITS = range(6, 17)  # of a weight: the fewest that keep to the limits
MOST_GREY, MOST_OPINION = 1 / 255, 0.005  # that rounding may change of a pixel and of an opinion, both in 0..1
SHAPES_ONLY = (nn.Flatten, nn.Unflatten)  # layers that change no number


class UnknownLayer(Exception):
    """A layer that `play/networks.js` cannot run."""


@dataclass(frozen=True)
class CompactGan:
    """Both networks as JSON, with the bits of a weight in each and what rounding changes at most."""

    networks: dict[str, Any]
    bits: dict[str, int]
    grey: float  # of a pixel in 0..1
    opinion: float  # of an output in 0..1


def compact(gan: Gan) -> CompactGan:
    """Round the weights of both networks to as few bits as change little; what they change is measured.

    Raises UnknownLayer where one of them cannot run in a page.
    """
    gan = copy.deepcopy(gan).double().eval().requires_grad_(False)
    seeds = gan.seeds.draw(TRIED_SEEDS, torch.Generator().manual_seed(SEED)).double()
    labels = None
    if gan.classes:
        labels = gan.one_hot(torch.arange(TRIED_SEEDS) % gan.classes, seeds.device).double()
    pictures = gan.generator(seeds, labels)
    opinions = gan.discriminator(pictures, labels)
    layers = {"generator": layers_of(gan.generator, seeds[:1], labels),
              "discriminator": layers_of(gan.discriminator, pictures[:1], labels)}

    maker, maker_bits, grey = _round(gan.generator, MOST_GREY, lambda made: made(seeds, labels) - pictures)
    drawn = maker(seeds, labels)
    _, judge_bits, opinion = _round(gan.discriminator, MOST_OPINION, lambda made: made(drawn, labels) - opinions)
    bits = {"generator": maker_bits, "discriminator": judge_bits}
    return CompactGan({name: _as_json(layers[name], bits[name], gan.classes) for name in layers}, bits, grey, opinion)


def layers_of(network: nn.Module, values: torch.Tensor, labels: torch.Tensor | None) -> list[dict[str, Any]]:
    """The layers of a network, from an example of its input [1, ...] to its output, each with what it needs besides.

    Raises UnknownLayer for one that cannot run in a page.
    """
    if hasattr(network, "layers"):  # all generators, dense discriminators
        layers = [*network.layers, *([network.output] if hasattr(network, "output") else [])]
    else:
        layers = [*network.features, network.head, network.output]
    if isinstance(layers[0], nn.Linear):
        values = values.flatten(1) if labels is None else torch.cat([values.flatten(1), labels[:1]], dim=1)

    described = []
    for layer in layers:
        before, values = values, layer(values)
        if not isinstance(layer, SHAPES_ONLY):
            described.append({"kind": type(layer).__name__, **_describe(layer, before.shape[1:], values.shape[1:])})
            if labels is not None and layer is getattr(network, "head", None):
                described[-1]["projection"] = network.projection.weight.T  # [classes, features]
    return described


def _describe(layer: nn.Module, before: torch.Size, after: torch.Size) -> dict[str, Any]:
    """What a layer needs besides its input."""
    sides = {"input": list(before), "output": list(after)}
    match layer:
        case nn.Linear(bias=torch.Tensor()):
            return {"weight": layer.weight, "bias": layer.bias}
        case nn.LeakyReLU():
            return {"slope": layer.negative_slope}
        case nn.Sigmoid():
            return {}
        case nn.LayerNorm() if tuple(before) == layer.normalized_shape:
            return {"weight": layer.weight, "bias": layer.bias, "epsilon": layer.eps}
        case nn.Conv2d() | nn.ConvTranspose2d() if len({*layer.kernel_size}) == len({*layer.stride}) == 1:
            return {"weight": layer.weight, "bias": layer.bias, "kernel": layer.kernel_size[0],
                    "stride": layer.stride[0], "padding": layer.padding[0], **sides}
        case nn.PixelShuffle():
            return {"factor": layer.upscale_factor, **sides}
        case _ if type(layer).__name__ == "Trim":
            return sides
    raise UnknownLayer(str(layer))


def _round(network: nn.Module, most: float,
           change: Callable[[nn.Module], torch.Tensor]) -> tuple[nn.Module, int, float]:
    """The network with the fewest bits that change no output by more than `most`, those bits, and the change."""
    for bits in BITS:
        made = copy.deepcopy(network)
        for weights in made.parameters():
            if weights.dim() > 1:
                weights.copy_(torch.from_numpy(restored(weights.numpy(), bits)))
        changed = change(made).abs().max().item()
        if changed <= most:
            break
    return made, bits, changed


def _as_json(layers: list[dict[str, Any]], bits: int, classes: int) -> dict[str, Any]:
    """A network as JSON; `labels`: how many stand beside its input, which is so where it is no picture."""
    def written(value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        return floats(value.numpy()) if value.dim() == 1 else packed(value.contiguous().numpy(), bits)

    written_layers = [{name: written(value) for name, value in layer.items()} for layer in layers]
    return {"labels": classes if layers[0]["kind"] == "Linear" else 0, "layers": written_layers}
