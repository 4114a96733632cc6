"""Training a GAN: the book's way, one sample after the other, or in shuffled mini-batches."""

import contextlib
import copy
from collections.abc import Callable, Iterator

import torch
from torch import nn

from stages.core.command import UserError
from stages.core.progress import progress_bar
from stages.datasets.pictures import to_unit_range
from stages.networks.gan import Gan
from stages.training import gan_recording, gan_steps
from stages.training.checkpoint import Checkpoint
from stages.training.feed import Feed
from stages.training.gan_settings import Budget
from stages.training.kept import Rows, Tensors

RECORD_EVERY = 5  # iterations: ten updates of the discriminator, as in the book
BLOCK_SAMPLES = 1000  # scaled and handed out together: at batch 1 that costs nearly nothing per sample
BLOCK_BYTES = 64 << 20  # of float32, for large pictures fewer
Losses = list[tuple[int, float, float, float]]  # iteration, discriminator on real and on fake samples, generator


class NotFinite(Exception):
    """A loss became infinite or no number: what follows would be noise."""

    def __init__(self, iteration: int) -> None:
        super().__init__(iteration)
        self.iteration = iteration


def train(gan: Gan, samples: torch.Tensor, labels: torch.Tensor | None, *, budget: Budget, device: torch.device,
          title: str, frames: int, show: Callable[[int, nn.Module], None],
          checkpoint: Checkpoint | None = None) -> Losses:
    """Train `gan` in place on samples, uint8 pictures [n, height, width, ...] or float32 [n, numbers], and labels [n].

    Returns the losses at every fifth iteration, and shows the generator `frames` times along training, and once
    before it; or goes on from a checkpoint. Raises NotFinite where a loss is no longer finite.
    """
    checkpoint = checkpoint or Checkpoint()
    per_epoch = len(samples) // budget.batch_size  # the last samples of an epoch wait for the next shuffling
    iterations = budget.epochs * per_epoch
    refuse_impossible(len(samples), iterations, frames, budget, title)
    gan = gan.to(device).train()
    labels = gan.one_hot(labels, device)
    if not samples.is_pinned():  # pinned: too large for the device, which gets them block by block
        samples = samples.to(device)
    shown = copy.deepcopy(gan.generator) if budget.weight_average else gan.generator
    at = {round(frame * iterations / frames) for frame in range(1, frames + 1)}

    show(0, shown)
    with outputs_stay_finite(iteration=1):
        iterate, changing = gan_recording.record(gan, shown, budget, _example(gan, samples, labels, budget, device))
    feed, history, recent = _feed(gan, samples, labels, budget, device), [], []
    checkpoint.keep(tensors=Tensors(changing), feed=feed, history=Rows(history))
    done, size = checkpoint.load(), budget.batch_size
    with progress_bar(iterations * size, title, "sample", done * size) as bar, checkpoint.watched():
        for iteration, batch in enumerate(feed, start=done + 1):
            with outputs_stay_finite(iteration):
                recent.append(iterate(batch, (iteration - 1) / iterations))
            due = checkpoint.due()

            # reading losses waits for the device: once in a while
            if len(recent) * size >= BLOCK_SAMPLES or iteration in at or due:
                values = finite(torch.stack(recent).tolist(), first=iteration - len(recent) + 1)
                history += [(step, *losses) for step, losses in values if step % RECORD_EVERY == 0]
                bar.update(len(recent) * size)
                recent.clear()
            if iteration in at:  # the last is among them
                _take_over_buffers(shown, gan.generator)
                if not all(tensor.isfinite().all() for tensor in [*gan.parameters(), *shown.parameters()]):
                    raise NotFinite(iteration)  # losses are taken before their update
                show(iteration, shown)
            if due:
                checkpoint.save(iteration, iterations, "iterations")
    gan.generator.load_state_dict(shown.state_dict())
    return history


def refuse_impossible(count: int, iterations: int, frames: int, budget: Budget, title: str) -> None:
    """Refuse a budget that fits its data badly before any time is spent."""
    if iterations < max(frames, 2 * RECORD_EVERY):
        raise UserError(f"{title}: {budget.epochs} epochs of {count:,} samples, batch_size {budget.batch_size}, are "
                        f"{iterations} iterations; at least {max(frames, 2 * RECORD_EVERY)} are needed: lower "
                        "batch_size or raise epochs")


@contextlib.contextmanager
def outputs_stay_finite(iteration: int) -> Iterator[None]:
    """PyTorch's binary cross entropy refuses NaN by itself."""
    try:
        yield
    except RuntimeError as refused:
        if "between 0 and 1" not in str(refused):
            raise
        raise NotFinite(iteration) from None


def finite(losses: list[list[float]], first: int) -> list[tuple[int, list[float]]]:
    """Losses with their iterations; raises NotFinite at the first that is NaN or infinite."""
    for iteration, values in enumerate(losses, start=first):
        if any(value - value != 0 for value in values):  # true for NaN and both infinities only
            raise NotFinite(iteration)
    return list(enumerate(losses, start=first))


def block_length(samples: torch.Tensor) -> int:
    """How many of the stored samples are scaled together."""
    return max(min(BLOCK_SAMPLES, BLOCK_BYTES // (4 * samples[:1].numel())), 1)


def to_samples(stored: torch.Tensor) -> torch.Tensor:
    """Stored samples as networks see them: pictures [n, channels, height, width] in [0, 1], numbers as they are."""
    return to_unit_range(stored) if stored.dtype == torch.uint8 else stored


def _to_device(stored: torch.Tensor, pinned: bool, device: torch.device) -> torch.Tensor:
    """Stored samples on the device; from a set in pinned memory, the way there is pinned as well, and nothing waits."""
    return stored.pin_memory().to(device, non_blocking=True) if pinned else stored.to(device)


def _take_over_buffers(average: nn.Module, generator: nn.Module) -> None:
    """Statistics of batch normalisation are averages already."""
    for kept, new in zip(average.buffers(), generator.buffers(), strict=True):
        kept.copy_(new)


def _example(gan: Gan, samples: torch.Tensor, labels: torch.Tensor | None, budget: Budget,
             device: torch.device) -> gan_steps.Batch:
    """A batch of the shapes that all have."""
    size = budget.batch_size
    seeds, wanted = torch.zeros(size, gan.seeds.length, device=device), None if labels is None else labels[:size]
    return gan_steps.Batch(to_samples(samples[:size].to(device)), wanted, (seeds, seeds), (wanted, wanted))


def _feed(gan: Gan, samples: torch.Tensor, labels: torch.Tensor | None, budget: Budget, device: torch.device) -> Feed:
    """Batches of real samples in file order or shuffled, epoch after epoch, with fresh seeds and labels for fakes."""
    size, count = budget.batch_size, len(samples) // budget.batch_size * budget.batch_size
    block = max(block_length(samples) // size, 1) * size

    def draw_order() -> torch.Tensor:
        return (torch.randperm if budget.shuffle else torch.arange)(len(samples)).to(samples.device)

    def draw_block(order: torch.Tensor, start: int) -> list[gan_steps.Batch]:
        chosen = order[start : min(start + block, count)]
        # on large pictures many times as fast as samples[chosen]
        real = to_samples(_to_device(samples.index_select(0, chosen), samples.is_pinned(), device)).split(size)
        seeds = [gan.seeds.draw(len(chosen)).to(device).split(size) for _ in range(2)]
        if labels is None:
            wanted = [[None] * len(real)] * 3
        else:
            drawn = [torch.randint(gan.label_count, (len(chosen),)) for _ in range(2)]
            wanted = [labels[chosen.to(device)].split(size),
                      *(gan.one_hot(fakes, device).split(size) for fakes in drawn)]
        return [gan_steps.Batch(shown, wanted[0][place], (seeds[0][place], seeds[1][place]),
                                (wanted[1][place], wanted[2][place])) for place, shown in enumerate(real)]

    return Feed(budget.epochs, count, block, draw_order, draw_block)
