"""Training a classifier: the book's way, one picture after the other, or in shuffled mini-batches."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Literal

import torch
from pydantic import Field
from torch import nn
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from stages.core.command import UserError
from stages.core.parameters import Block
from stages.core.progress import progress_bar
from stages.datasets.pictures import to_unit_range
from stages.training.checkpoint import Checkpoint
from stages.training.classifier_feed import feed_of, targets_of
from stages.training.kept import Part, Rows, Stepper, Tensors
from stages.training.losses import LOSSES, Loss, LossName
from stages.training.replay import RECORDABLE, Update, record_update

RECORD_EVERY = 10  # updates, as in the book
OptimizerName = Literal["sgd", "adam", "adamw"]


class Budget(Block):
    """How long and how to train: what differs between demo, book and best."""

    epochs: int = Field(ge=1, le=100_000)
    batch_size: int = Field(ge=1, le=1_000_000)
    learning_rate: float = Field(gt=0, le=1000)
    schedule: Literal["constant", "one_cycle"]
    shuffle: bool
    label_smoothing: float = Field(default=0, ge=0, lt=1)
    warm_up: float = Field(default=0.3, gt=0, lt=1)
    weight_decay: float = Field(default=0, ge=0, lt=1)
    distortion: float = Field(default=0, ge=0, le=4)
    weight_average: float = Field(default=0, ge=0, lt=1)


class Budgets(Block):
    """One of each."""

    demo: Budget
    book: Budget
    best: Budget


class Settings(Block):
    """A block of `classifiers` in params.yaml."""

    network: dict
    loss: LossName
    optimizer: OptimizerName
    budgets: Budgets


def train(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, *, loss: LossName, optimizer: OptimizerName,
          budget: Budget, device: torch.device, title: str, watch: Callable[[nn.Module], None] | None = None,
          checkpoint: Checkpoint | None = None) -> list[tuple[int, float]]:
    """Train `network` in place on uint8 pictures and labels [n], or attributes 0 or 1 [n, attributes].

    Returns the loss at every tenth update as (update, loss), and shows `watch` the network at the same times; or goes
    on from a checkpoint. Raises UserError when the loss is no longer finite.
    """
    checkpoint = checkpoint or Checkpoint()
    updates = budget.epochs * -(-len(images) // budget.batch_size)
    _refuse_impossible(network, len(images), updates, budget, title)
    network = network.to(device).train()
    images, labels = images.to(device), labels.to(device)
    targets = targets_of(labels, budget.label_smoothing)
    with _refusals_explained(title, update=1):
        update_once, stepper = _updater(network, LOSSES[loss], optimizer, budget, updates, images, targets)
    average = _average(network, budget.weight_average)
    changing = [tensor for module in (network, average) if module for tensor in module.state_dict().values()]
    feed = feed_of(images, targets, budget.epochs, budget.batch_size, shuffle=budget.shuffle,
                   distortion=budget.distortion)
    history, recent = [], []
    checkpoint.keep(tensors=Tensors(changing), stepper=stepper, feed=feed, history=Rows(history))
    done = checkpoint.load()

    with (progress_bar(updates * budget.batch_size, title, "image", done * budget.batch_size) as bar,
          checkpoint.watched()):
        for update, (pictures, wanted) in enumerate(feed, start=done + 1):
            with _refusals_explained(title, update):
                recent.append(update_once(pictures, wanted))
            if average:
                average.update_parameters(network)
            due = checkpoint.due()

            # reading a loss waits for the device: once for ten updates
            if update % RECORD_EVERY == 0 or update == updates or due:
                values = torch.stack(recent).tolist()
                stop_if_not_finite(values, update - len(values) + 1, title)
                if update % RECORD_EVERY == 0:
                    history.append((update, values[-1]))
                    if watch:
                        watch(average.module if average else network)
                bar.update(len(recent) * budget.batch_size)
                recent.clear()
            if due:
                checkpoint.save(update, updates, "updates")
    if average:
        network.load_state_dict(average.module.state_dict())
    return history


def _refuse_impossible(network: nn.Module, images: int, updates: int, budget: Budget, title: str) -> None:
    """Refuse a budget that fits its data badly before any time is spent."""
    if updates < RECORD_EVERY:
        raise UserError(f"{title}: {budget.epochs} epochs of {images:,} pictures, batch_size {budget.batch_size}, are "
                        f"{updates} updates; at least {RECORD_EVERY} are needed: lower batch_size or raise epochs")
    if budget.schedule == "one_cycle" and budget.warm_up * updates <= 1:
        raise UserError(f"{title}: warm_up {budget.warm_up} of {updates} updates is less than two; raise it")
    lonely = budget.batch_size == 1 or images % budget.batch_size == 1
    if lonely and any(isinstance(layer, nn.BatchNorm1d) for layer in network.modules()):
        raise UserError(f"{title}: batch_size {budget.batch_size} leaves a picture of {images:,} alone, and its "
                        "network normalises over the batch; choose another batch_size")


@contextlib.contextmanager
def _refusals_explained(title: str, update: int) -> Iterator[None]:
    """PyTorch's binary cross entropy refuses outputs outside 0..1 and NaN by itself: say where and why."""
    try:
        yield
    except RuntimeError as refused:
        if "between 0 and 1" not in str(refused):
            raise
        raise UserError(
            f"{title}: outputs outside 0 to 1 at update {update}; binary_cross_entropy needs output_activation sigmoid "
            "and finite weights: correct it or lower the learning rate"
        ) from None


def stop_if_not_finite(losses: list[float], first_update: int, title: str) -> None:
    """Stop at a loss that is NaN or infinite: what follows would be noise."""
    for update, value in enumerate(losses, start=first_update):
        if value - value != 0:  # true for NaN and both infinities only
            raise UserError(f"{title}: the loss is {value} at update {update}; lower the learning rate and run again")


def _updater(network: nn.Module, loss: Loss, optimizer: str, budget: Budget, updates: int, images: torch.Tensor,
             targets: torch.Tensor) -> tuple[Update, Part]:
    """A function of (pictures, wanted) that makes one update and returns its loss, and what it changes."""
    plain = budget.schedule == "constant" and not budget.weight_decay
    if budget.batch_size == 1 and plain and optimizer in RECORDABLE:
        # a second thread costs more than it brings to a single picture
        torch.set_num_threads(1)
        recorded = record_update(network, loss, optimizer, budget.learning_rate, to_unit_range(images[:1]), targets[:1])
        return recorded, Tensors(recorded.state[len(network.state_dict()) :])  # the network itself is kept already

    # PyTorch's defaults; fused kernels do the same arithmetic in one pass over the weights
    optimizers = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    stepper = optimizers[optimizer](
        network.parameters(), lr=budget.learning_rate, weight_decay=budget.weight_decay, fused=True
    )
    schedule = None
    if budget.schedule == "one_cycle":
        schedule = OneCycleLR(stepper, max_lr=budget.learning_rate, total_steps=updates, pct_start=budget.warm_up,
                              cycle_momentum=False)
    update = functools.partial(plain_update, network, loss, stepper, schedule=schedule)
    return update, Stepper(stepper, schedule)


def _average(network: nn.Module, decay: float) -> AveragedModel | None:
    """A moving average of the weights: it has the accuracy of a lower learning rate without the wait."""
    if not decay:
        return None
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def plain_update(network: nn.Module, loss: Loss, optimizer: torch.optim.Optimizer, pictures: torch.Tensor,
                 wanted: torch.Tensor, schedule: LRScheduler | None = None) -> torch.Tensor:
    """One update as PyTorch's tutorials write it: forward, loss, backward, step."""
    value = loss(network(pictures), wanted)
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
    if schedule:
        schedule.step()
    return value.detach()
