"""Distances between two sets of features, by torchmetrics; it needs no Inception network where it gets features."""

import warnings

import torch
from torch import nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

SUBSETS, SUBSET_SIZE = 100, 1000  # of the kernel distance, as its authors chose
SUBSET_SEED = 1


def frechet_distance(real: torch.Tensor, generated: torch.Tensor) -> float:
    """Frechet distance of the Gaussians fitted to two sets of features, float64 [n, size] and [m, size].

    |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), with means m and covariances C; 0 where both are equal.
    """
    metric = FrechetInceptionDistance(feature=_features_as_they_are(real.shape[1]))
    metric.update(real, real=True)
    metric.update(generated, real=False)
    return max(metric.compute().item(), 0.0)  # rounding may leave -1e-12 between equal sets


def kernel_distance(real: torch.Tensor, generated: torch.Tensor) -> tuple[float, float]:
    """Squared maximum mean discrepancy with kernel (xy/size + 1)^3, unbiased, and its standard error.

    The mean over 100 random subsets of 1,000, or of all where there are fewer; around 0 for equal distributions. The
    subsets overlap, so its error is that of as many as fit side by side into the smaller set.
    """
    # twice as fast as float64, and rounding stays far below the error
    real, generated = real.float(), generated.float()
    smaller = min(len(real), len(generated))
    size = min(SUBSET_SIZE, smaller)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that it keeps all features: they are small here
        torch.manual_seed(SUBSET_SEED)
        metric = KernelInceptionDistance(_features_as_they_are(real.shape[1]), subsets=SUBSETS, subset_size=size)
        metric.update(real, real=True)
        metric.update(generated, real=False)
        mean, deviation = metric.compute()
    return mean.item(), deviation.item() / (smaller / size) ** 0.5


def _features_as_they_are(size: int) -> nn.Module:
    """What torchmetrics takes for a network that finds `size` features: here they were found before."""
    network = nn.Identity()
    network.num_features = size
    return network
