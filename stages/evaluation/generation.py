"""Samples from a trained generator, in the form in which real ones are stored."""

import numpy as np
import torch

from stages.core.progress import progress_bar
from stages.datasets.pictures import to_stored
from stages.networks.gan import Gan

BATCH = 500


def generate(gan: Gan, seeds: torch.Tensor, labels: torch.Tensor | None, device: torch.device) -> np.ndarray:
    """Samples for `seeds` [n, size], and `labels` [n] of a conditional GAN.

    Pictures come as uint8 [n, height, width], other samples as float32 [n, ...].
    """
    generator = gan.generator.to(device).eval()
    wanted = gan.one_hot(labels, device)
    samples = []
    with torch.inference_mode(), progress_bar(len(seeds), "generate", "sample") as bar:
        for start in range(0, len(seeds), BATCH):
            block = slice(start, start + BATCH)
            samples.append(generator(seeds[block].to(device), None if wanted is None else wanted[block]))
            bar.update(len(samples[-1]))
    return to_stored(torch.cat(samples))
