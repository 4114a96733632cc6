"""The book's first test of every discriminator: alone, real samples against uniform noise."""

from dataclasses import dataclass

import numpy as np
import torch

from stages.core.progress import progress_bar
from stages.networks.gan import Gan
from stages.training import gan_steps, replay
from stages.training.checkpoint import Checkpoint
from stages.training.feed import Feed
from stages.training.gan import RECORD_EVERY, block_length, finite, outputs_stay_finite, to_samples
from stages.training.gan_recording import player, state_of
from stages.training.gan_settings import Budget
from stages.training.kept import Rows, Tensors
from stages.training.losses import LOSSES

Pairs = list[tuple[int, float, float]]  # pair, loss on the real sample, loss on the noise


@dataclass(frozen=True)
class Samples:
    """Samples as stored, with labels where the GAN has classes."""

    values: torch.Tensor
    labels: torch.Tensor | None


def draw_noise(like: torch.Tensor, gan: Gan, source: torch.Generator | None = None) -> Samples:
    """Uniform noise of the shape and kind of the stored samples `like`, with random labels where there are classes."""
    if like.dtype == torch.uint8:
        values = torch.randint(256, like.shape, dtype=torch.uint8, generator=source)  # on the CPU: any device, the same
    else:
        values = torch.rand(like.shape, generator=source)
    labels = torch.randint(gan.classes, (len(like),), generator=source) if gan.classes else None
    return Samples(values, labels)


def train(gan: Gan, real: Samples, pairs: int, *, budget: Budget, device: torch.device, title: str,
          checkpoint: Checkpoint | None = None) -> Pairs:
    """Train the discriminator alone on so many pairs, one by one, of samples in file order, and again from the start.

    Returns the losses at every fifth pair, ten updates. Raises NotFinite where a loss is no longer finite.
    """
    checkpoint = checkpoint or Checkpoint()
    torch.set_num_threads(1)  # a second thread costs more than it brings to a single sample
    network = gan.discriminator.to(device).train()
    state, moments = state_of(network, budget.optimizer)
    rate = torch.tensor(budget.learning_rate, dtype=torch.float64)

    def iteration(*tensors: torch.Tensor) -> torch.Tensor:
        current, (shown, noise, *labels) = iter(tensors[: len(state)]), tensors[len(state) :]
        discriminator = player(network, moments, current, budget, rate)
        return torch.stack(_iteration(discriminator, shown, noise, tuple(labels) or (None, None), budget))

    def draw_block(places: torch.Tensor, start: int) -> list[tuple[torch.Tensor, ...]]:
        return list(zip(*_columns(gan, real, places[start : start + block], device), strict=True))

    block = block_length(real.values)
    feed = Feed(1, pairs, block, lambda: torch.arange(pairs) % len(real.values), draw_block)
    history, recent = [], []
    replayed = replay.record(iteration, state, _example(gan, real, device))
    checkpoint.keep(tensors=Tensors(state), feed=feed, history=Rows(history))
    done = checkpoint.load()
    with progress_bar(pairs, f"{title} against noise", "pair", done) as bar, checkpoint.watched():
        for pair, inputs in enumerate(feed, start=done + 1):
            with outputs_stay_finite(pair):
                recent.append(replayed(*inputs))
            due = checkpoint.due()

            # reading losses waits for the device: once in a while
            if pair % block == 0 or pair == pairs or due:
                values = finite(torch.stack(recent).tolist(), first=pair - len(recent) + 1)
                history += [(step, *losses) for step, losses in values if step % RECORD_EVERY == 0]
                bar.update(len(recent))
                recent.clear()
            if due:
                checkpoint.save(pair, pairs, "pairs")
    return history


def _iteration(discriminator: gan_steps.Player, real: torch.Tensor, noise: torch.Tensor,
               labels: tuple[gan_steps.Labels, gan_steps.Labels], budget: Budget) -> tuple[torch.Tensor, ...]:
    """One update on a real sample, one on noise, by the loss of the budget; returns both losses.

    A relativistic loss compares reals with fakes in one update: alone, a discriminator learns by cross entropy instead,
    of what it says before its sigmoid. Without penalties it may be quite sure and wrong, and then an output of exactly
    0 or 1 would teach it nothing any more.
    """
    if budget.loss != "relativistic":
        return gan_steps.noise_iteration(discriminator, real, noise, labels, LOSSES[budget.loss])
    softplus = torch.nn.functional.softplus
    return (discriminator.update(lambda judge: softplus(-judge(real, labels[0], as_logits=True)).mean()),
            discriminator.update(lambda judge: softplus(judge(noise, labels[1], as_logits=True)).mean()))


def outputs(gan: Gan, samples: Samples, device: torch.device) -> np.ndarray:
    """The discriminator's outputs [n] in 0..1."""
    labels = gan.one_hot(samples.labels, device)
    network, block = gan.discriminator.to(device).eval(), block_length(samples.values)
    wanted = [None] * -(-len(samples.values) // block) if labels is None else labels.split(block)
    with torch.inference_mode():
        answers = [network(to_samples(values.to(device)), asked)
                   for values, asked in zip(samples.values.split(block), wanted, strict=True)]
    return torch.cat(answers).squeeze(1).cpu().numpy()


def _example(gan: Gan, real: Samples, device: torch.device) -> list[torch.Tensor]:
    """A sample and noise, without drawing any, of the shapes that all have, and labels where there are classes."""
    shown = to_samples(real.values[:1].to(device))
    labels = [] if real.labels is None else [gan.one_hot(real.labels[:1], device)] * 2
    return [shown, shown, *labels]


def _columns(gan: Gan, real: Samples, places: torch.Tensor, device: torch.device) -> list[tuple[torch.Tensor, ...]]:
    """Real samples and noise of some places, and the labels of both where there are classes, each one by one."""
    shown = real.values[places.to(real.values.device)]
    noise = draw_noise(shown, gan)
    columns = [to_samples(shown.to(device)), to_samples(noise.values.to(device))]
    if real.labels is not None:
        columns += [gan.one_hot(real.labels[places], device), gan.one_hot(noise.labels, device)]
    return [column.split(1) for column in columns]
