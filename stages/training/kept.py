"""The parts of a training that change as it goes on, as tensors that can be put back to the last bit."""

from typing import Protocol

import torch
from torch.optim.lr_scheduler import LRScheduler

State = dict[str, torch.Tensor]


class Part(Protocol):
    """A part of a training that a checkpoint keeps."""

    def state(self) -> State:
        """All that changes, as tensors."""

    def restore(self, state: State) -> None:
        """Put it back."""


class Tensors:
    """Tensors that are changed in place, and stay where they are when they are put back: recordings hold on to them."""

    def __init__(self, tensors: list[torch.Tensor]) -> None:
        self.tensors = tensors

    def state(self) -> State:
        """The tensors by their places."""
        return {str(place): tensor.detach() for place, tensor in enumerate(self.tensors)}

    def restore(self, state: State) -> None:
        """Copy them back."""
        with torch.no_grad():
            for place, tensor in enumerate(self.tensors):
                tensor.copy_(state[str(place)])


class Rows:
    """A history: rows of numbers, of which the first is whole."""

    def __init__(self, rows: list) -> None:
        self.rows = rows

    def state(self) -> State:
        """The rows as one tensor."""
        return {"rows": torch.tensor(self.rows, dtype=torch.float64)}

    def restore(self, state: State) -> None:
        """Fill the list with the rows."""
        self.rows[:] = [(int(first), *others) for first, *others in state["rows"].tolist()]


class Stepper:
    """One of PyTorch's optimisers with its schedule: what it remembers of each weight, its rate, its place."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: LRScheduler | None) -> None:
        self.optimizer, self.schedule = optimizer, schedule

    def state(self) -> State:
        """Moments as `<weight>.<name>`, rates, and how often the schedule went on."""
        found = self.optimizer.state_dict()
        moments = {f"{weight}.{name}": value for weight, kept in found["state"].items() for name, value in kept.items()
                   if value is not None}
        rates = torch.tensor([group["lr"] for group in self.optimizer.param_groups], dtype=torch.float64)
        return {**moments, "rates": rates, "steps": torch.tensor(self.schedule.last_epoch if self.schedule else 0)}

    def restore(self, state: State) -> None:
        """Put them back."""
        whole = self.optimizer.state_dict()
        weights = [weight for group in self.optimizer.param_groups for weight in group["params"]]
        for key, value in state.items():
            place, _, name = key.partition(".")
            if name:
                # fused kernels walk through memory: what belongs to a weight must lie there as the weight does
                like = weights[int(place)].detach()
                laid_out = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
                whole["state"].setdefault(int(place), {})[name] = laid_out
        self.optimizer.load_state_dict(whole)
        for group, rate in zip(self.optimizer.param_groups, state["rates"].tolist(), strict=True):
            group["lr"] = rate
        if self.schedule:
            self.schedule.load_state_dict({"last_epoch": int(state["steps"])})
