"""Batches, epoch after epoch, that go on from any of them as if nothing had happened."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from stages.training.kept import State

Order = torch.Tensor | None


class Feed:
    """Hands out the batches of each epoch, drawn block by block, and knows where it stands.

    `draw_order` gives the order of an epoch; `draw_block` the batches of its samples from a place on. Both may draw
    random numbers of the CPU: where each begins is remembered, so that they can be drawn again.
    """

    def __init__(self, epochs: int, samples: int, block: int, draw_order: Callable[[], Order],
                 draw_block: Callable[[Order, int], Sequence[Any]]) -> None:
        self.epochs, self.samples, self.block = epochs, samples, block
        self._draw_order, self._draw_block = draw_order, draw_block
        self._epoch = self._start = self._batch = 0
        self._before: State = {}  # random numbers before the order of the epoch, and before the block
        self._again: State = {}  # what was restored and is still to be done

    def __iter__(self) -> Iterator[Any]:
        """The batches that come next."""
        while self._epoch < self.epochs:
            order = self._drawn("epoch", self._draw_order)
            while self._start < self.samples:
                batches = self._drawn("block", functools.partial(self._draw_block, order, self._start))
                _set_random(self._again)
                self._again = {}
                while self._batch < len(batches):
                    self._batch += 1
                    yield batches[self._batch - 1]
                self._start, self._batch = self._start + self.block, 0
            self._epoch, self._start = self._epoch + 1, 0

    def state(self) -> State:
        """Where it stands, and all random numbers."""
        place = torch.tensor([self._epoch, self._start, self._batch])
        return {"place": place, **self._before, **_random()}

    def restore(self, state: State) -> None:
        """Go on from there."""
        self._epoch, self._start, self._batch = state["place"].tolist()
        self._again = state

    def _drawn(self, name: str, draw: Callable[[], Any]) -> Any:
        """What `draw` gives: for the first time, or once more with the same random numbers."""
        if name in self._again:
            torch.set_rng_state(self._again[name])
        self._before[name] = torch.get_rng_state()
        return draw()


def _random() -> State:
    """The random numbers of the CPU and of the GPU that is used; nothing here draws Python's or NumPy's."""
    state = {"cpu": torch.get_rng_state()}
    return {**state, "cuda": torch.cuda.get_rng_state()} if torch.cuda.is_initialized() else state


def _set_random(state: State) -> None:
    """Put them back, where there are any in `state`."""
    if "cpu" in state:
        torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"])
