"""What a GAN of a pattern such as 1010 is worth: do its numbers lie in the ranges of the rule?"""

import numpy as np
import torch

from stages.core.command import UserError
from stages.datasets.hdf5 import read_provenance, read_samples
from stages.datasets.pattern import place_names
from stages.evaluation.generation import generate
from stages.evaluation.subject import Subject

GENERATED = 10_000
SHOWN = 16
EVALUATION_SEED = 7  # start of the random numbers here, whatever the training's was


def measure(subject: Subject) -> tuple[dict, dict, dict]:
    """Metrics, arrays and attributes for a GAN trained on a pattern, judged by the rule.

    The rule stands in the pattern's own file, its judge. From a constant seed comes one output: one is drawn.
    Raises UserError where that file holds no rule.
    """
    rule, seeds = read_provenance(subject.judge), subject.gan.seeds
    if "ranges" not in rule:
        raise UserError(f"{subject.judge}: holds no rule; `evaluation: pattern` needs a pattern's HDF5 file under "
                        "`judge`; correct either in params.yaml")
    ranges = np.array(rule["ranges"])
    real, _ = read_samples(subject.data, "test")
    count = 1 if seeds.distribution == "constant" else GENERATED
    drawn = seeds.draw(count, torch.Generator().manual_seed(EVALUATION_SEED))
    outputs = generate(subject.gan, drawn, None, subject.device)

    metrics = {"images": len(outputs), "real_images": len(real)} | compare(outputs, ranges)
    arrays = {"grid/outputs": outputs[:SHOWN], "real/samples": real[:SHOWN]}
    return metrics, arrays, {"samples": {"generated": len(outputs), "test": len(real)}}


def compare(outputs: np.ndarray, ranges: np.ndarray) -> dict[str, float | dict[str, float]]:
    """`valid_share range_distance mean_output` of outputs [n, numbers] and the rule's limits [numbers, 2].

    Valid is an output with every number in its range; the distance is Euclidean, from the nearest valid pattern, and
    its mean is given: 0 where all are valid.
    """
    low, high = ranges.T
    outputs = outputs.astype(np.float64)
    outside = np.maximum(low - outputs, 0) + np.maximum(outputs - high, 0)
    return {
        "valid_share": float((outside == 0).all(axis=1).mean()),
        "range_distance": float(np.linalg.norm(outside, axis=1).mean()),
        "mean_output": dict(zip(place_names(len(low)), outputs.mean(axis=0).tolist(), strict=True)),
    }
