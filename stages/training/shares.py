"""A mini-batch split between the threads of a processor: each works out the gradients of its share.

Small pictures leave a second thread inside each operation little to do; whole shares keep it busy.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn

SMALLEST = 8  # samples in a share: with fewer, the way to the arithmetic outweighs it


def count_shares(batch_size: int, networks: Sequence[nn.Module], device: torch.device) -> int:
    """How many threads can share a batch: one only on a GPU, or where a network looks at all of a batch at once."""
    if device.type != "cpu" or any(buffer is not None for network in networks for buffer in network.buffers()):
        return 1
    possible = range(1, min(torch.get_num_threads(), batch_size // SMALLEST) + 1)
    return max((count for count in possible if batch_size % count == 0), default=1)


class Workers:
    """As many threads as shares; PyTorch uses one in each, and in the process from here on."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, initializer=_prepare) if count > 1 else None
        if count > 1:
            torch.set_num_threads(1)

    def average(self, work: Callable[..., list[torch.Tensor]], shared: Sequence[torch.Tensor],
                split: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The mean of what `work(*shared, *split)` returns for each share of the tensors `split`, of equal sizes."""
        if self._pool is None:
            return work(*shared, *split)
        shares = zip(*(tensor.chunk(self.count) for tensor in split), strict=True)
        first, *others = self._pool.map(lambda share: work(*shared, *share), shares)
        for other in others:  # in the order of the shares, whoever was first: the same sums each time
            torch._foreach_add_(first, other)
        torch._foreach_div_(first, self.count)
        return first


def _prepare() -> None:
    """What PyTorch keeps for each thread."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
