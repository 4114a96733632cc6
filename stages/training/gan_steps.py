"""The adversarial arithmetic: what one iteration does to discriminator and generator.

D stands for the discriminator's output in 0..1, C for the same before its sigmoid, G for the generator, z for a seed;
where there are labels, networks that learn them see them beside the sample or the seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from stages.training import replay
from stages.training.losses import Loss

Labels = torch.Tensor | None


class Batch(NamedTuple):
    """What one iteration sees: real samples, two lots of seeds, and one-hot labels where a network learns them."""

    real: torch.Tensor
    real_labels: Labels
    seeds: tuple[torch.Tensor, torch.Tensor]  # for the discriminator's update, for the generator's
    fake_labels: tuple[Labels, Labels]


@dataclass(frozen=True)
class Player:
    """A network with its weights, buffers and optimiser as plain tensors, so that an update can be recorded."""

    network: nn.Module
    weights: dict[str, torch.Tensor]
    buffers: dict[str, torch.Tensor]
    moments: list[torch.Tensor]
    optimizer: replay.Optimizer
    learning_rate: torch.Tensor
    betas: tuple[float, float]
    precision: torch.dtype = torch.float32  # of products and convolutions; weights and sums stay float32

    def __call__(self, *inputs: Labels, weights: dict[str, torch.Tensor] | None = None, **options: Any) -> torch.Tensor:
        """The network's output, with other weights where given."""
        tensors = {**(weights or self.weights), **self.buffers}
        if self.precision == torch.float32:
            return functional_call(self.network, tensors, inputs, options)
        # without its cache, which would outlive the weights of this update
        with torch.autocast(inputs[0].device.type, self.precision, cache_enabled=False):
            return functional_call(self.network, tensors, inputs, options).float()

    def gradients(self, objective: Callable[..., torch.Tensor]) -> list[torch.Tensor]:
        """The value of `objective(network)`, and its gradient with respect to each of the network's weights."""
        leaves = {name: tensor.detach().requires_grad_() for name, tensor in self.weights.items()}
        value = objective(lambda *inputs, **options: self(*inputs, weights=leaves, **options))
        # what only labels speak to has no part where none are told: zero
        return [value.detach(), *torch.autograd.grad(value, list(leaves.values()), materialize_grads=True)]

    def step(self, gradients: Sequence[torch.Tensor]) -> None:
        """Make one step down the gradients of the weights."""
        replay.step(self.optimizer, self.learning_rate, self.weights.values(), gradients, self.moments, self.betas)

    def update(self, objective: Callable[..., torch.Tensor]) -> torch.Tensor:
        """Make one step down the gradient of `objective(network)` and return its value before the step."""
        value, *gradients = self.gradients(objective)
        self.step(gradients)
        return value


def book_iteration(discriminator: Player, generator: Player, batch: Batch, loss: Loss) -> tuple[torch.Tensor, ...]:
    """The book's three updates: D(real) to 1, D(G(z)) to 0, then D(G(z')) to 1 by the generator.

    Returns the losses of the three.
    """
    (seeds, fresh_seeds), (labels, fresh_labels) = batch.seeds, batch.fake_labels

    # the target has the shape of the output: one for each sample
    real = discriminator.update(lambda judge: _against(loss, judge(batch.real, batch.real_labels), 1.0))
    fakes = generator(seeds, labels).detach()
    fake = discriminator.update(lambda judge: _against(loss, judge(fakes, labels), 0.0))
    fooled = generator.update(
        lambda make: _against(loss, discriminator(make(fresh_seeds, fresh_labels), fresh_labels), 1.0)
    )
    return real, fake, fooled


def judge_pairs(discriminator: Player, generator: Player, batch: Batch, penalty: torch.Tensor, *, told: bool,
                mismatch: float) -> list[torch.Tensor]:
    """The discriminator's loss over pairs, softplus(C(G(z)) - C(real)), and its gradients with those of penalties.

    The penalties R1 and R2 keep the discriminator flat at real and at fake samples: `penalty` / 2 times its squared
    gradient with respect to the samples; labels are left out of it. After Huang et al., "The GAN is dead; long live
    the GAN!" (R3GAN), 2024. Both samples of a pair carry the same label, where networks are told one.

    `mismatch` is the weight of another pair's loss: a real sample with its label, and with one drawn at random; after
    Reed et al., "Generative adversarial text to image synthesis", 2016.
    """
    label = batch.real_labels if told else None
    fakes = generator(batch.seeds[0], label).detach()
    pair: list[torch.Tensor] = []

    def objective(judge: Callable[..., torch.Tensor]) -> torch.Tensor:
        samples = torch.cat([batch.real, fakes]).requires_grad_()
        logits = judge(samples, torch.cat([label] * 2) if told else None, as_logits=True)
        real, fake = logits.chunk(2)
        pair.append(F.softplus(fake - real).mean())
        slope, = torch.autograd.grad(logits.sum(), samples, create_graph=True)
        value = pair[0] + penalty / 2 * slope.square().sum() / len(batch.real)
        if mismatch:
            right = real if told else judge(batch.real, batch.real_labels, as_logits=True)
            wrong = judge(batch.real, batch.fake_labels[0], as_logits=True)
            value = value + mismatch * F.softplus(wrong - right).mean()
        return value

    _, *gradients = discriminator.gradients(objective)
    return [pair[0].detach(), *gradients]


def fool_pairs(discriminator: Player, generator: Player, batch: Batch, *, told: bool) -> list[torch.Tensor]:
    """The generator's loss over pairs, softplus(C(real) - C(G(z'))), and its gradients."""
    label = batch.real_labels if told else None
    real = discriminator(batch.real, label, as_logits=True)
    return generator.gradients(lambda make: F.softplus(
        real - discriminator(make(batch.seeds[1], label), label, as_logits=True)
    ).mean())


def noise_iteration(discriminator: Player, real: torch.Tensor, noise: torch.Tensor, labels: tuple[Labels, Labels],
                    loss: Loss) -> tuple[torch.Tensor, torch.Tensor]:
    """The book's test of a discriminator alone: D(real) to 1, then D(noise) to 0; returns both losses."""
    return (discriminator.update(lambda judge: _against(loss, judge(real, labels[0]), 1.0)),
            discriminator.update(lambda judge: _against(loss, judge(noise, labels[1]), 0.0)))


def _against(loss: Loss, outputs: torch.Tensor, target: float) -> torch.Tensor:
    """The loss of outputs that should all be `target`; NaN where one is, on every device."""
    if outputs.is_cuda:  # there binary cross entropy of NaN would end the process
        return loss(outputs.nan_to_num(0.5), torch.full_like(outputs, target)) + (outputs - outputs).sum()
    return loss(outputs, torch.full_like(outputs, target))
