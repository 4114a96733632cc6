"""Samples from a trained generator, in the form in which real ones are stored."""

import numpy as np
import torch

from stages.core.progress import progress_bar
from stages.datasets.pictures import to_stored
from stages.networks.gan import Gan

BATCH = 500
BATCH_NUMBERS = 1 << 21  # that a generator may put out at once: its layers hold many times as many


def generate(gan: Gan, seeds: torch.Tensor, labels: torch.Tensor | None, device: torch.device) -> np.ndarray:
    """Samples for `seeds` [n, size], and `labels` [n] of a conditional GAN.

    Pictures come as uint8 [n, height, width], in colour [n, height, width, 3]; other samples as float32 [n, ...].
    """
    generator = gan.generator.to(device).eval()
    wanted = gan.one_hot(labels, device)
    samples = []
    with torch.inference_mode(), progress_bar(len(seeds), "generate", "sample") as bar:
        numbers = generator(seeds[:1].to(device), None if wanted is None else wanted[:1]).numel()
        batch = max(min(BATCH, BATCH_NUMBERS // numbers), 1)
        for start in range(0, len(seeds), batch):
            block = slice(start, start + batch)
            # as bytes at once: large pictures would not fit into memory as numbers
            samples.append(to_stored(generator(seeds[block].to(device), None if wanted is None else wanted[block])))
            bar.update(len(samples[-1]))
    return np.concatenate(samples)
