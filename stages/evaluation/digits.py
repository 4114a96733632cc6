"""What a GAN of digits is worth: its pictures beside real ones, in pixels and in the features of the judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from stages.core.command import UserError
from stages.datasets.hdf5 import read_provenance, read_split
from stages.evaluation import memorisation, reading
from stages.evaluation.generation import generate
from stages.evaluation.judge import Opinion, load_judge
from stages.evaluation.likeness import DIFFERENT, PAIRED, likeness, variety
from stages.evaluation.neighbours import as_points
from stages.evaluation.second_hand import accuracy_of_training_on
from stages.evaluation.subject import Subject
from stages.networks.gan import Gan

GENERATED = 10_000
REAL_SHOWN, GRID_COLUMNS, GRID_SHOWN = 24, 10, 100
EVALUATION_SEED = 7  # start of the random numbers here, whatever the training's was


@dataclass(frozen=True)
class Pictures:
    """uint8 pictures [n, 28, 28] in random order, with the labels that they have or were asked for, or None."""

    images: np.ndarray
    labels: np.ndarray | None

    def first(self, count: int) -> "Pictures":
        """The first `count`, or all where there are fewer."""
        return Pictures(self.images[:count], None if self.labels is None else self.labels[:count])


def measure(subject: Subject) -> tuple[dict, dict, dict]:
    """Metrics, arrays and attributes for a GAN of digits."""
    data, device = subject.data, subject.device
    judge = load_judge(subject.judge, read_provenance(data), data, device)
    train, test = (read_split(data, split) for split in ("train", "test"))
    if len(train[0]) < 2:
        raise UserError(f"{data}: one training picture only; two at least are needed; raise train_images")
    images, asked = _draw(subject.gan, device)

    # whatever takes a part of the pictures takes a fair one: some files are sorted by class
    random = np.random.default_rng(EVALUATION_SEED)
    generated, shuffled, held_out = (_shuffled(random, *pair) for pair in ((images, asked), train, test))
    known = shuffled.first(GENERATED)  # the real pictures that stand in for generated ones: the floor
    opinion, real, floor = (judge.look_at(some.images, title)
                            for some, title in ((generated, "generated"), (held_out, "test"), (known, "training")))

    metrics = {"images": len(images), "real_images": len(held_out.images)}
    metrics |= likeness(*(some.features for some in (opinion, real, floor)))
    metrics |= _modes(opinion, real, train[1], conditional=asked is not None)
    points, real_points = (as_points(some.images, device) for some in (generated, held_out))
    metrics |= variety(points, real_points)
    if asked is not None:
        metrics |= _obedience(opinion, generated, known, test, device)
    known_points = as_points(train[0], device)
    near, near_real = (memorisation.look_up(some, known_points, f"nearest to {title}")
                       for some, title in ((points, "generated"), (real_points, "test")))
    numbers, verdict = memorisation.compare(near, near_real)

    arrays = {
        "grid/images": _grid(images, asked),
        "histogram/generated": reading.shares(reading.most_likely(opinion.probabilities)),
        "histogram/real": reading.shares(train[1]), "real/images": train[0][:REAL_SHOWN],
        "real/labels": train[1][:REAL_SHOWN],
    }
    arrays |= memorisation.closest(near, near_real, (generated.images, held_out.images), train[0].__getitem__)
    samples = _sample_counts(generated, shuffled, held_out, near, near_real)
    attributes = {"judge": judge.facts(), "memorisation": verdict, "samples": samples}
    return metrics | numbers, arrays, attributes


def _draw(gan: Gan, device: torch.device) -> tuple[np.ndarray, np.ndarray | None]:
    """Pictures from fixed seeds; of a conditional GAN equally many of each label, label after label."""
    seeds = gan.seeds.draw(GENERATED, torch.Generator().manual_seed(EVALUATION_SEED))
    labels = torch.arange(GENERATED) * gan.classes // GENERATED if gan.classes else None
    return generate(gan, seeds, labels, device), None if labels is None else labels.numpy().astype(np.uint8)


def _shuffled(random: np.random.Generator, images: np.ndarray, labels: np.ndarray | None) -> Pictures:
    """Pictures and labels in one random order."""
    order = random.permutation(len(images))
    return Pictures(images[order], None if labels is None else labels[order])


def _modes(generated: Opinion, real: Opinion, labels: np.ndarray, *, conditional: bool) -> dict[str, float | int]:
    """Which classes the judge reads, compared with the training labels, or with the labels asked for: even ones."""
    found = reading.shares(reading.most_likely(generated.probabilities))
    expected = np.full(reading.CLASSES, 1 / reading.CLASSES) if conditional else reading.shares(labels)
    return {
        "modes_covered": reading.modes_covered(found),
        "class_kl": reading.class_divergence(found, expected, len(labels)),
        "class_kl_floor": 0.0 if conditional else reading.divergence_floor(len(generated.probabilities)),
        "unsure_share": reading.unsure_share(generated.probabilities),
        "unsure_share_real": reading.unsure_share(real.probabilities),
    }


def _obedience(opinion: Opinion, generated: Pictures, known: Pictures, test: tuple[np.ndarray, np.ndarray],
               device: torch.device) -> dict[str, Any]:
    """Does the GAN draw the label asked for, and can a classifier learn from it what it learns from real pictures?"""
    read = reading.most_likely(opinion.probabilities)
    right, right_of = reading.label_accuracy(read, torch.from_numpy(generated.labels))
    taught, taught_real = (accuracy_of_training_on(some.images, some.labels, test, device, f"learn from {title}")
                           for some, title in ((generated, "generated"), (known, "training")))
    return {"label_accuracy": right, "label_accuracy_of": right_of, "gan_train_accuracy": taught,
            "gan_train_accuracy_real": taught_real}


def _grid(images: np.ndarray, asked: np.ndarray | None) -> np.ndarray:
    """A hundred pictures; of a conditional GAN ten of each label, a row for each."""
    if asked is None:
        return images[:GRID_SHOWN]
    return np.concatenate([images[asked == label][:GRID_COLUMNS] for label in np.unique(asked)])


def _sample_counts(generated: Pictures, train: Pictures, test: Pictures, near: memorisation.Neighbours,
                   near_real: memorisation.Neighbours) -> Mapping[str, int | float]:
    """How many pictures stand behind the numbers, and the limits that were set."""
    counts = [len(some.images) for some in (generated, test, train.first(GENERATED))]
    return {
        "generated": counts[0], "test": counts[1], "train": len(train.images), "floor": counts[2],
        "neighbourhoods": min(counts), "paired": PAIRED,
        "memorisation": len(near.places), "held_out": len(near_real.places),
        "sure": reading.SURE, "mode_share": reading.MODE_SHARE, "different": DIFFERENT,
    }
