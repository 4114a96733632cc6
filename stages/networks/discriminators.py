"""What all discriminators have in common."""

import torch
from torch import nn


class Discriminator(nn.Module):
    """Samples [n, *shape], with one-hot labels [n, 10] beside them where there are classes, to outputs [n, 1]."""

    needs_no_label = False  # true: with classes, it can judge samples without labels too

    def __init__(self) -> None:
        super().__init__()
        self.output = nn.Sigmoid()

    def logits(self, samples: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """How real the samples look, without limits: what families define."""
        raise NotImplementedError

    def forward(self, samples: torch.Tensor, labels: torch.Tensor | None = None, *,
                as_logits: bool = False) -> torch.Tensor:
        """How real the samples look, 0..1, or the logits of that."""
        logits = self.logits(samples, labels)
        return logits if as_logits else self.output(logits)
