"""Every convolution of the pipeline's networks, as measured while a sample passes, beside what the formulas say."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import nn

from stages.core.command import UserError
from stages.core.parameters import check, load
from stages.core.run import Budget as BudgetName
from stages.datasets.pictures import network_shape
from stages.datasets.views import View, view_shape
from stages.lessons.appendix_c import Networks
from stages.lessons.appendix_c.sizes import Layer
from stages.lessons.examples import Example
from stages.networks.families import build_network
from stages.networks.gan import Seeds, build_gan
from stages.training.gan_settings import Budget

# what networks are built for, known without the data: pictures as they are stored, and labels
STORED = {"mnist": (1, 28, 28), "celeba": (1, 218, 178, 3)}
LABELS = 10
BOOK: BudgetName = "book"
KINDS = {nn.Conv2d: "convolution", nn.ConvTranspose2d: "transposed"}


@dataclass(frozen=True)
class Subject:
    """A network with an example of what it takes."""

    network: str
    part: str  # classifier, generator or discriminator
    budget: str  # empty where the network is the same at each
    module: nn.Module
    inputs: tuple[torch.Tensor, ...]

    @property
    def key(self) -> str:
        """Its name among examples."""
        return "_".join(filter(None, (self.network, self.part, self.budget)))


@dataclass(frozen=True)
class Convolution:
    """A convolution as it was met: real sizes, without the batch, and the real count of weights."""

    name: str  # of all names the only one that no other convolution has
    network: str
    part: str
    budget: str
    layer: str
    kind: str
    input_channels: int
    input_height: int
    input_width: int
    output_channels: int
    output_height: int
    output_width: int
    kernel: int
    stride: int
    padding: int
    output_padding: int
    biases: int
    parameters: int

    @property
    def settings(self) -> Layer:
        """What decides about the size."""
        return Layer(self.kernel, self.stride, self.padding, self.kind == "transposed", self.output_padding)

    @property
    def parameters_by_formula(self) -> int:
        """A kernel for each pair of a channel that enters and one that leaves, and biases."""
        return self.input_channels * self.output_channels * self.kernel**2 + self.biases


def subjects(networks: Networks, active: BudgetName) -> Iterator[Subject]:
    """The networks of params.yaml by those names, GANs at the book's budget and at the active one."""
    blocks = load()
    for key in networks.classifiers:
        module = build_network(_block(blocks, "classifiers", key)["network"], f"classifiers.{key}.network")
        yield Subject(key, "classifier", "", module, (torch.zeros(1, *_shape("mnist", View(), key)),))
    for key in networks.attribute_classifiers:
        yield _attribute_classifier(key, _block(blocks, "attribute_classifiers", key))
    for key in networks.gans:
        for budget in dict.fromkeys((BOOK, active)):
            yield from _gan(key, _block(blocks, "gans", key), budget)


def measure(subject: Subject) -> list[Convolution]:
    """Each convolution in the order in which the example passes them. Raises UserError where there is none."""
    names = {layer: name for name, layer in subject.module.named_modules() if type(layer) in KINDS}
    found: list[Convolution] = []

    def note(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        # all kernels here are square; another one would have no single side and stop right here
        (kernel,), (stride,), (padding,), (output_padding,) = map(
            set, (layer.kernel_size, layer.stride, layer.padding, layer.output_padding))
        biases = 0 if layer.bias is None else len(layer.bias)
        found.append(Convolution(
            f"{subject.key} {names[layer]}", subject.network, subject.part, subject.budget, names[layer],
            KINDS[type(layer)], *inputs[0].shape[1:], *output.shape[1:], kernel, stride, padding, output_padding,
            biases, sum(weights.numel() for weights in layer.parameters()),
        ))

    for layer in names:
        layer.register_forward_hook(note)
    with torch.inference_mode():
        subject.module.eval()(*subject.inputs)
    if not found:
        raise UserError(f"params.yaml: lessons.appendix_c.networks lists {subject.network}, whose {subject.part} has "
                        "no convolutions; remove it from the list")
    return found


def examples(subject: Subject, found: Sequence[Convolution]) -> dict[str, Example]:
    """Real sizes and counts of weights of a network against the formulas, layer by layer."""
    source = f"params.yaml, {subject.network}"
    real = [(one.output_height, one.output_width) for one in found]
    by_formula = [(one.settings.output_side(one.input_height), one.settings.output_side(one.input_width))
                  for one in found]
    return {
        f"{subject.key}_sizes": Example(_sizes(real), _sizes(by_formula), 0, source),
        f"{subject.key}_parameters": Example(_counts(one.parameters for one in found),
                                             _counts(one.parameters_by_formula for one in found), 0, source),
    }


def as_csv(found: Sequence[Convolution]) -> str:
    """The list as a table."""
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(Convolution)], lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(one) for one in found)
    return text.getvalue()


def _attribute_classifier(key: str, block: dict[str, Any]) -> Subject:
    """The judge of faces; how many attributes it reads changes no convolution."""
    place = f"attribute_classifiers.{key}"
    shape = _shape(block["data"], check(block["view"], View, f"{place}.view"), key)
    module = build_network(block["network"], f"{place}.network", outputs=1, shape=shape)
    return Subject(key, "classifier", "", module, (torch.zeros(1, *shape),))


def _gan(key: str, block: dict[str, Any], budget_name: BudgetName) -> Iterator[Subject]:
    """Both networks of a GAN at a budget."""
    place = f"gans.{key}"
    seeds = check(block["seeds"], Seeds, f"{place}.seeds")
    budget = check(block["budgets"][budget_name], Budget, f"{place}.budgets.{budget_name}")
    classes = LABELS if block["conditional"] else 0
    shape = _shape(block["data"], budget.view, key)
    gan = build_gan(block["generator"] | budget.generator, block["discriminator"] | budget.discriminator, seeds,
                    shape=shape, classes=classes, place=place, taught=LABELS if budget.mismatch else classes)
    told = (torch.zeros(1, classes),) if classes else ()
    yield Subject(key, "generator", budget_name, gan.generator, (torch.zeros(1, seeds.length), *told))
    yield Subject(key, "discriminator", budget_name, gan.discriminator, (torch.zeros(1, *shape), *told))


def _block(blocks: dict[str, Any], kind: str, key: str) -> dict[str, Any]:
    """An experiment's block; training checks it as a whole."""
    known = blocks.get(kind, {})
    if key not in known:
        raise UserError(f"params.yaml: lessons.appendix_c.networks.{kind} lists {key!r}; {kind} has: "
                        f"{', '.join(known)}; correct the list")
    return known[key]


def _shape(data: str, view: View, key: str) -> tuple[int, ...]:
    """Channels, height and width of what a network sees of a data set."""
    if data not in STORED:
        raise UserError(f"params.yaml: lessons.appendix_c.networks lists {key}, which learns from {data}; expected one "
                        f"of {', '.join(STORED)}: remove it from the list")
    stored = STORED[data]
    return network_shape(view_shape(stored, view, f"view of {key}") if len(stored) == 4 else stored)


def _sizes(sides: Sequence[tuple[int, int]]) -> str:
    """Heights and widths as text."""
    return ", ".join(f"{height} x {width}" for height, width in sides)


def _counts(counts: Iterator[int]) -> str:
    """Counts as text."""
    return ", ".join(map(str, counts))
