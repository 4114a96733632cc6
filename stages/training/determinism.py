"""Same parameters, same machine, same bytes: everything that would otherwise vary is pinned here."""

import os

import torch

from stages.core.command import UserError


def prepare(seed: int, threads: int, device: str) -> torch.device:
    """Pin all random numbers, kernels and threads, and return the device to train on.

    `device` is `auto` (CUDA if there, else CPU: the book's standard check), `cpu` or `cuda`.
    Raises UserError where CUDA is asked for and missing.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("params.yaml: run.device is 'cuda'; this machine has no CUDA device; set auto or cpu")
    chosen = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"

    # cuBLAS reads this when it starts; without it, deterministic mode refuses matrix products
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    # no operation here reads memory that it did not write; filling it first costs a third of the time at batch 1
    torch.utils.deterministic.fill_uninitialized_memory = False
    # numbers below 1e-38 are nothing to a network and slow the CPU down; before any thread starts, so all do it
    torch.set_flush_denormal(True)
    # sums are split between threads: another number of them rounds differently
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    return torch.device(chosen)
