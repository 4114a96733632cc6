"""One iteration of a GAN's training as a recorded function of its batch: what the loop calls."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import nn

from stages.networks.gan import Gan
from stages.training import gan_steps, replay, shares
from stages.training.gan_settings import Budget
from stages.training.losses import LOSSES, Loss

Players = Callable[[Iterable[torch.Tensor], torch.Tensor], list[gan_steps.Player]]  # of tensors and the rate
Iterate = Callable[[gan_steps.Batch, float], torch.Tensor]


def record(gan: Gan, shown: nn.Module, budget: Budget,
           example: gan_steps.Batch) -> tuple[Iterate, list[torch.Tensor]]:
    """A function of a batch and the share of training done that makes one iteration and returns its three losses.

    The weights of `shown` follow those of the generator as their moving average, where it is another network. With it
    come all tensors that it changes.
    """
    if budget.batch_size == 1:
        torch.set_num_threads(1)  # a second thread costs more than it brings to a single sample
    networks, device = (gan.discriminator, gan.generator), example.real.device
    states, moments = zip(*(state_of(network, budget.optimizer) for network in networks), strict=True)
    state = [*states[0], *states[1]]
    averages, weights = ([tensor.detach() for tensor in network.parameters()] for network in (shown, gan.generator))

    def players(tensors: Iterable[torch.Tensor], rate: torch.Tensor) -> list[gan_steps.Player]:
        tensors = iter(tensors)
        return [player(network, kept, tensors, budget, rate) for network, kept in zip(networks, moments, strict=True)]

    def inputs(batch: gan_steps.Batch, done: float) -> list[torch.Tensor]:
        # float64 on the CPU: the rate that the optimiser is given, to the last bit
        rate = torch.tensor(_at(done, budget.learning_rate, budget.schedule), dtype=torch.float64)
        last_penalty = budget.penalty if budget.last_penalty is None else budget.last_penalty
        penalty = torch.tensor(budget.penalty + done * (last_penalty - budget.penalty), device=device)
        tensors = [rate, penalty, batch.real, *batch.seeds]
        return tensors if batch.real_labels is None else [*tensors, batch.real_labels, *batch.fake_labels]

    if budget.loss == "relativistic":
        count = shares.count_shares(budget.batch_size, networks, device)
        iterate = _pairs(players, state, inputs(example, 0.0), count, told=gan.classes > 0, mismatch=budget.mismatch)
    else:
        iterate = _book(players, state, inputs(example, 0.0), LOSSES[budget.loss])

    def iteration(batch: gan_steps.Batch, done: float) -> torch.Tensor:
        losses = iterate(inputs(batch, done))
        if shown is not gan.generator:
            torch._foreach_lerp_(averages, weights, 1 - budget.weight_average)
        return losses

    return iteration, [*state, *(shown.state_dict().values() if shown is not gan.generator else ())]


def _book(players: Players, state: list[torch.Tensor], inputs: list[torch.Tensor],
          loss: Loss) -> Callable[[list[torch.Tensor]], torch.Tensor]:
    """The book's three updates, recorded together."""
    def iteration(*tensors: torch.Tensor) -> torch.Tensor:
        rate, _penalty, *batch = tensors[len(state):]
        return torch.stack(gan_steps.book_iteration(*players(tensors, rate), _batch(batch), loss))

    replayed = replay.record(iteration, state, inputs)
    return lambda inputs: replayed(*inputs)


def _pairs(players: Players, state: list[torch.Tensor], inputs: list[torch.Tensor],
           count: int, *, told: bool, mismatch: float) -> Callable[[list[torch.Tensor]], torch.Tensor]:
    """One update each of samples judged in pairs, whose gradients `count` threads work out."""
    def judge(*tensors: torch.Tensor) -> list[torch.Tensor]:
        rate, penalty, *batch = tensors[len(state):]
        return gan_steps.judge_pairs(*players(tensors, rate), _batch(batch), penalty, told=told, mismatch=mismatch)

    def fool(*tensors: torch.Tensor) -> list[torch.Tensor]:
        rate, _penalty, *batch = tensors[len(state):]
        return gan_steps.fool_pairs(*players(tensors, rate), _batch(batch), told=told)

    few = [*inputs[:2], *(tensor[: len(tensor) // count] for tensor in inputs[2:])]
    turns = [replay.record(turn, state, few) for turn in (judge, fool)]
    workers = shares.Workers(count)

    def iterate(inputs: list[torch.Tensor]) -> torch.Tensor:
        rate, penalty, *batch = inputs
        losses = []
        for turn, updated in zip(turns, players(state, rate), strict=True):
            loss, *gradients = workers.average(turn, [rate, penalty], batch)
            updated.step(gradients)
            losses.append(loss)
        return torch.stack([losses[0], *losses])

    return iterate


def _batch(tensors: Sequence[torch.Tensor]) -> gan_steps.Batch:
    """Tensors as a recording is given them: samples, two lots of seeds, labels of all three where there are any."""
    real, first, second, *labels = tensors
    real_labels, *fake_labels = labels or (None, None, None)
    return gan_steps.Batch(real, real_labels, (first, second), tuple(fake_labels))


def player(network: nn.Module, moments: list[torch.Tensor], state: Iterator[torch.Tensor], budget: Budget,
           learning_rate: torch.Tensor) -> gan_steps.Player:
    """A network whose weights, buffers and moments are the next tensors of `state`."""
    weights = {name: next(state) for name, _ in network.named_parameters()}
    buffers = {name: next(state) for name, _ in network.named_buffers()}
    remembered = [next(state) for _ in moments]
    betas = budget.betas or replay.ADAM_BETAS
    on_gpu = any(tensor.is_cuda for tensor in weights.values())
    precision = getattr(torch, budget.gpu_precision) if on_gpu else torch.float32
    return gan_steps.Player(network, weights, buffers, remembered, budget.optimizer, learning_rate, betas, precision)


def state_of(network: nn.Module, optimizer: replay.Optimizer) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """All tensors that an update of a network changes, and those of its optimiser among them."""
    weights = [tensor.detach() for tensor in network.parameters()]
    moments = replay.new_moments(weights, optimizer)
    return [*weights, *network.buffers(), *moments], moments


def _at(done: float, first: float, schedule: str) -> float:
    """The learning rate when the share `done` of training is over."""
    return first * (1 + math.cos(math.pi * done)) / 2 if schedule == "cosine" else first
