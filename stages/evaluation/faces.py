"""What a GAN of faces is worth: its pictures beside real ones, in the judge's features and in pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from stages.core.command import UserError
from stages.core.parameters import check
from stages.datasets.hdf5 import picture_shape, read_provenance
from stages.datasets.views import View, read_views
from stages.evaluation import memorisation
from stages.evaluation.distances import frechet_distance
from stages.evaluation.face_pictures import (
    SMALL,
    Training,
    as_judged,
    judged_part,
    pick,
    read_training,
    sharpness,
    small_points,
)
from stages.evaluation.footprint import count_memory
from stages.evaluation.generation import generate
from stages.evaluation.inception import inception_features, load_inception
from stages.evaluation.judge import Judge, NotJudged, load_judge
from stages.evaluation.likeness import DIFFERENT, PAIRED, likeness, variety
from stages.evaluation.subject import Subject

GENERATED = 5000
REAL_SHOWN, GRID_SHOWN = 24, 100
EVALUATION_SEED = 7  # start of the random numbers here, whatever the training's was
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Sets:
    """uint8 pictures [n, height, width, 3], all in the GAN's view; `known` are training pictures, for the floors."""

    generated: np.ndarray
    real: np.ndarray
    known: np.ndarray

    def titled(self) -> list[tuple[np.ndarray, str]]:
        """Each with its name in progress bars."""
        return [(self.generated, "generated"), (self.real, "test"), (self.known, "training")]


def measure(subject: Subject) -> tuple[dict, dict, dict]:
    """Metrics, arrays and attributes for a GAN of faces; without what needs a judge where the data cannot teach one."""
    judge, note = _find_judge(subject)
    inception = load_inception(subject.inception_weights, subject.device) if subject.inception_weights else None
    sets, training, view = _gather(subject)

    metrics = {"images": len(sets.generated), "real_images": len(sets.real)}
    metrics |= {"sharpness": sharpness(sets.generated), "sharpness_real": sharpness(sets.real)}
    shares = [np.empty(0), np.empty(0)]
    if judge:
        part = judged_part(view, check(judge.description["view"], View, "view"), picture_shape(subject.data, "train"))
        numbers, shares = _judged(judge, sets, part)
        metrics |= numbers
    if inception:
        features = [inception_features(inception, some, subject.device, title) for some, title in sets.titled()]
        metrics["inception_frechet_distance"] = frechet_distance(features[1], features[0])
        metrics["inception_frechet_floor"] = frechet_distance(features[1], features[2])

    # pixels of small copies
    points, real_points = (small_points(some, subject.device) for some in (sets.generated, sets.real))
    metrics |= variety(points, real_points)
    near, near_real = (memorisation.look_up(some, training.points, f"nearest to {title}")
                       for some, title in ((points, "generated"), (real_points, "test")))
    numbers, verdict = memorisation.compare(near, near_real)

    arrays = {"grid/images": sets.generated[:GRID_SHOWN], "real/images": training.first,
              "attributes/generated": shares[0], "attributes/real": shares[1]}
    arrays |= memorisation.closest(near, near_real, (sets.generated, sets.real),
                                   lambda places: pick(subject.data, view, places))
    described = subject.description
    attributes = {
        "judge": judge.facts() if judge else None, "judge_note": note,
        "attribute_names": judge.description["attributes"] if judge else [], "memorisation": verdict,
        "samples": _sample_counts(sets, len(training.points), near, near_real),
        "memory": count_memory(subject.gan, described["shape"], described["training"]["optimizer"]),
    }
    return metrics | numbers, arrays, attributes


def _gather(subject: Subject) -> tuple[Sets, Training, View]:
    """All pictures, and the view in which the GAN sees them."""
    data, device, seeds = subject.data, subject.device, subject.gan.seeds
    view = check(subject.description["view"], View, "view")
    counts = {split: picture_shape(data, split)[0] for split in ("train", "test")}
    for split, count in counts.items():
        if count < 2:
            raise UserError(f"{data}: one picture only in '{split}'; two at least are needed; raise {split}_images")

    # whatever takes a part of the pictures takes a fair one: a file may be sorted
    random = np.random.default_rng(EVALUATION_SEED)
    training = read_training(data, view, REAL_SHOWN, random.permutation(counts["train"])[:GENERATED], device)
    real = read_views(data, "test", view, CPU).numpy()[random.permutation(counts["test"])]
    drawn = seeds.draw(GENERATED, torch.Generator().manual_seed(EVALUATION_SEED))
    return Sets(generate(subject.gan, drawn, None, device), real, training.chosen), training, view


def _find_judge(subject: Subject) -> tuple[Judge | None, str]:
    """The judge and no note, or none and the reason."""
    try:
        return load_judge(subject.judge, read_provenance(subject.data), subject.data, subject.device, "attributes"), ""
    except NotJudged as reason:
        return None, str(reason)


def _judged(judge: Judge, sets: Sets, part: View) -> tuple[dict[str, float], list[np.ndarray]]:
    """The metrics that rest on the judge, and the shares of attributes that it reads in generated and in real faces.

    `part` is what it sees of the pictures.
    """
    opinions = [judge.look_at(as_judged(some, part), title) for some, title in sets.titled()]
    shares, real, known = ((opinion.probabilities > 0.5).double().mean(dim=0).numpy() for opinion in opinions)
    metrics = likeness(*(opinion.features for opinion in opinions))
    metrics |= {"attribute_gap": attribute_gap(shares, real), "attribute_gap_floor": attribute_gap(known, real)}
    return metrics, [shares, real]


def attribute_gap(shares: np.ndarray, real: np.ndarray) -> float:
    """The mean difference of shares [attributes], whichever is larger."""
    return float(np.abs(shares - real).mean())


def _sample_counts(sets: Sets, train: int, near: memorisation.Neighbours,
                   near_real: memorisation.Neighbours) -> dict[str, Any]:
    """How many pictures stand behind the numbers, and the limits that were set."""
    counts = [len(some) for some, _ in sets.titled()]
    return {
        "generated": counts[0], "test": counts[1], "train": train, "floor": counts[2], "neighbourhoods": min(counts),
        "paired": PAIRED, "memorisation": len(near.places), "held_out": len(near_real.places),
        "different": DIFFERENT, "small": list(SMALL),
    }
