"""The judge of the GANs: our reference classifier, and the guard that it and the GAN know the same data."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from stages.core.command import UserError
from stages.core.progress import progress_bar
from stages.datasets.pictures import to_unit_range
from stages.training.weights import load_network

BATCH = 500


@dataclass(frozen=True)
class Opinion:
    """What the judge makes of n pictures: `features` float64 [n, 64], `probabilities` float32 [n, 10]."""

    features: torch.Tensor
    probabilities: torch.Tensor

    @property
    def classes(self) -> torch.Tensor:
        """The class that it reads, [n]."""
        return self.probabilities.argmax(dim=1)

    @property
    def confidence(self) -> torch.Tensor:
        """The probability of that class, [n]."""
        return self.probabilities.amax(dim=1)


@dataclass(frozen=True)
class Judge:
    """A trained classifier that shows its features, with the description of its training and its weights' digest."""

    network: nn.Module
    description: dict[str, Any]
    digest: str
    device: torch.device

    def look_at(self, pictures: np.ndarray, title: str) -> Opinion:
        """Read uint8 pictures [n, 28, 28]; the answers come back to the CPU."""
        features, probabilities = [], []
        with torch.inference_mode(), progress_bar(len(pictures), f"judge {title}", "image") as bar:
            for block in torch.from_numpy(pictures).split(BATCH):
                seen = self.network.features(to_unit_range(block.to(self.device)))
                features.append(seen.double().cpu())
                probabilities.append(self.network.head(seen).softmax(dim=1).cpu())
                bar.update(len(block))
        return Opinion(torch.cat(features), torch.cat(probabilities))

    def facts(self) -> dict[str, Any]:
        """Who judged: `experiment digest title features`."""
        size = self.network.head[-1].in_features
        return {"experiment": self.description["experiment"], "digest": self.digest,
                "title": self.description["data"]["title"], "features": size}


def load_judge(path: Path, provenance: dict[str, Any], data: Path, device: torch.device) -> Judge:
    """The judge of the GANs trained on the file `data`. Raises UserError where it was trained on other data."""
    network, description = load_network(path, needs=["experiment", "data"])
    if not (hasattr(network, "features") and hasattr(network, "head")):
        raise UserError(f"{path}: a judge needs features, which only the family reference_classifier has; "
                        "name such a classifier under `judge` in params.yaml")
    require_same_data("judge", path, description, provenance, data)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Judge(network.to(device), description, digest, device)


def require_same_data(who: str, path: Path, description: dict[str, Any], provenance: dict[str, Any],
                      data: Path) -> None:
    """Refuse weights whose data is not that of the file `data`: their numbers would compare nothing."""
    trained_on = description["data"]
    if trained_on["digest"] != provenance["digest"]:
        raise UserError(
            f"{path}: the {who} was trained on other data ({trained_on['title']}, digest {trained_on['digest'][:12]}) "
            f"than {data} holds ({provenance['title']}, digest {provenance['digest'][:12]}); train it again"
        )
