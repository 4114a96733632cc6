"""The judges of the GANs, classifiers of our own, and the guard that judge and GAN know the same data."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from stages.core.command import UserError
from stages.core.progress import progress_bar
from stages.datasets.pictures import to_unit_range
from stages.training.weights import load_network, read_description

BATCH = 500
Kind = Literal["digits", "attributes"]  # what a judge reads
BLOCKS = {"digits": "classifiers", "attributes": "attribute_classifiers"}  # of params.yaml, where each kind is trained


class NotJudged(Exception):
    """The judge was not trained, for want of what it would have learnt from; the text is the reason."""


@dataclass(frozen=True)
class Opinion:
    """What the judge makes of n pictures: `features` float64 [n, 64], `probabilities` float32 [n, 10 or attributes]."""

    features: torch.Tensor
    probabilities: torch.Tensor


@dataclass(frozen=True)
class Judge:
    """A trained classifier that shows its features, with the description of its training and its weights' digest."""

    network: nn.Module
    description: dict[str, Any]
    digest: str
    device: torch.device

    def look_at(self, pictures: np.ndarray, title: str) -> Opinion:
        """Read uint8 pictures of the size that it was trained on; the answers come back to the CPU."""
        logits = self.description["loss"] == "cross_entropy"
        features, probabilities = [], []
        with torch.inference_mode(), progress_bar(len(pictures), f"judge {title}", "image") as bar:
            for block in torch.from_numpy(pictures).split(BATCH):
                seen = self.network.features(to_unit_range(block.to(self.device)))
                features.append(seen.double().cpu())
                answers = self.network.head(seen)
                probabilities.append((answers.softmax(dim=1) if logits else answers).cpu())
                bar.update(len(block))
        return Opinion(torch.cat(features), torch.cat(probabilities))

    def facts(self) -> dict[str, Any]:
        """Who judged: `experiment digest title features`."""
        size = next(layer.in_features for layer in self.network.head if isinstance(layer, nn.Linear))
        return {"experiment": self.description["experiment"], "digest": self.digest,
                "title": self.description["data"]["title"], "features": size}


def load_judge(path: Path, provenance: dict[str, Any], data: Path, device: torch.device,
               kind: Kind = "digits") -> Judge:
    """The judge of the GANs trained on the file `data`.

    Raises UserError where it was trained on other data, not at all, or reads something else.
    """
    description = read_description(path, needs=["experiment", "data", "loss"])
    reads = "attributes" if "attributes" in description else "digits"
    if reads != kind:
        raise UserError(f"{path}: a judge of {reads}; this evaluation needs one of {kind}; name one of "
                        f"{BLOCKS[kind]} under `judge` in params.yaml")
    require_same_data("judge", path, description, provenance, data)
    if "skipped" in description:
        raise NotJudged(description["skipped"])
    network, _ = load_network(path)
    if not (hasattr(network, "features") and hasattr(network, "head")):
        raise UserError(f"{path}: a judge needs features, which the families reference_classifier and "
                        "attribute_classifier have; name such a classifier under `judge` in params.yaml")
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
