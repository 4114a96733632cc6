"""What stages leave behind for the pages of GANs, small and made up; and what such a page holds."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import torch

from stages.core.files import write_json, write_text
from stages.datasets.hdf5 import write_arrays
from stages.networks.gan import Seeds, build_gan
from stages.reporting import html
from stages.training.gan_weights import save_gan

FRAMES, ITERATIONS = 6, 100
BOOK = {
    "chapter": 7, "notebook": "08", "says": "Several <b>digits</b>.", "origin": "published", "output": None,
    "alone": "more than 0.99.", "samples": 60000, "epochs": 4, "loss": "binary_cross_entropy", "optimizer": "adam",
    "learning_rate": 0.0001, "seed_size": 100, "seed_distribution": "normal", "discriminator_layers": "Linear",
    "discriminator_parameters": 10, "generator_layers": "Linear Sigmoid", "generator_parameters": 20,
}
DATA = {"title": "stand-in digits", "source": "stand_in", "licence": "", "digests": {}, "digest": "d" * 64}
RULE = {"title": "1010 rule", "source": "rule", "licence": "", "digests": {}, "digest": "e" * 64,
        "ranges": [[0.8, 1.0], [0.0, 0.2], [0.8, 1.0], [0.0, 0.2]]}
TRAINING = {
    "loss": "binary_cross_entropy", "optimizer": "adam", "learning_rate": 0.0001, "epochs": 3, "batch_size": 1,
    "shuffle": False, "betas": None, "schedule": "constant", "penalty": 0.0, "last_penalty": None,
    "mismatch": 0.0, "weight_average": 0.0,
}
DIGIT_METRICS = {
    "images": 100, "real_images": 100, "frechet_distance": 8.4, "frechet_floor": 0.95, "kernel_distance": 0.02,
    "kernel_distance_error": 0.001, "kernel_floor": 0.0001, "precision": 0.9, "recall": 0.8, "density": 1.02,
    "coverage": 0.7, "precision_real": 0.95, "recall_real": 0.95, "density_real": 1.0, "coverage_real": 0.96,
    "modes_covered": 10, "class_kl": 0.02, "class_kl_floor": 0.00045, "unsure_share": 0.1, "unsure_share_real": 0.01,
    "pairwise_distance_ratio": 0.97, "distinct_share": 1.0, "distinct_share_real": 1.0, "memorisation_ratio": 0.8,
    "copies_share": 0.0, "copies_share_real": 0.001, "near_copies_share": 0.01,
    "discriminator_loss": 0.5, "generator_loss": 1.2, "ideal_loss": 0.693147,
}


def random_pictures(*counts: int) -> np.ndarray:
    return np.random.default_rng(sum(counts)).integers(0, 256, (*counts, 28, 28), np.uint8)


def random_patterns(*counts: int) -> np.ndarray:
    return np.random.default_rng(sum(counts)).random((*counts, 4), np.float32)


def describe(name: str, data: dict, **others: object) -> dict:
    return {
        "experiment": name, "data_set": "mnist", "seeds": {"length": 100, "distribution": "normal"}, "classes": 0,
        "shape": [1, 28, 28],
        "loss": "binary_cross_entropy", "budget": "demo", "training": TRAINING, "seed": 1, "images": 60,
        "iterations": ITERATIONS, "parameters": {"generator": 20, "discriminator": 10}, "data": data, **others,
    }


def write_gan(description: dict, samples, metrics: dict, arrays: dict, attributes: dict, seeds: dict,
              seed_metrics: dict, shown: int) -> None:
    """What five stages leave behind for a page; `samples` makes as many of them as it is asked for."""
    name, steps = description["experiment"], np.arange(5, ITERATIONS + 1, 5)
    losses = [f"{step},0.{step % 7},0.{step % 5},0.{step % 3}" for step in steps]
    write_text(f"reports/losses/gans/{name}.csv",
               "\n".join(["iteration,discriminator_real,discriminator_fake,generator", *losses]) + "\n")
    write_text(f"reports/losses/discriminators/{name}.csv",
               "\n".join(["pair,real,noise", *(f"{step},{1 / step:.3g},{2 / step:.3g}" for step in steps)]) + "\n")
    write_json(f"reports/metrics/discriminators/{name}.json",
               {"real_output": 0.9, "noise_output": 0.2, "samples": 50})
    write_json(f"reports/metrics/gans/{name}.json", metrics)
    write_json(f"reports/metrics/seeds/{name}.json", seed_metrics)

    write_arrays(Path(f"data/progress/gans/{name}.h5"), {
        "iterations": np.linspace(0, ITERATIONS, FRAMES).astype(int), "pictures": samples(FRAMES, shown),
        "labels": np.arange(shown if description["classes"] else 0, dtype=np.uint8) % 10,
    }, {"description": description})
    write_arrays(Path(f"data/samples/discriminators/{name}.h5"), {
        "real/samples": samples(4), "noise/samples": samples(4), "real/outputs": np.array([0.9, 0.8, 0.95, 0.7]),
        "noise/outputs": np.array([0.1, 0.2, 0.25, 0.3]), "untrained/pictures": samples(4),
    }, {"description": {**description, "pairs": 50}})
    layers = {"discriminator": [{"layer": "Linear(3, 1)", "output": [1], "parameters": 10}],
              "generator": [{"layer": "Linear(1, 3)", "output": [3], "parameters": 20},
                            {"layer": "Sigmoid()", "output": [3], "parameters": 0}]}
    write_arrays(Path(f"data/samples/gans/{name}.h5"), arrays,
                 {"description": description, "layers": layers, **attributes})
    write_arrays(Path(f"data/samples/seeds/{name}.h5"), seeds, {"description": description})


def write_weights(description: dict) -> None:
    """Small networks as training leaves them, with random weights."""
    dense = {"hidden_units": 8, "hidden_activation": "leaky_relu", "slope": 0.02, "layer_norm": True}
    networks = {player: {"family": f"dense_{player}", **dense} for player in ("generator", "discriminator")}
    description = {"taught": description["classes"], **networks, **description}
    torch.manual_seed(1)
    gan = build_gan(description["generator"], description["discriminator"], Seeds(**description["seeds"]), place="gan",
                    shape=description["shape"], classes=description["classes"], taught=description["taught"])
    save_gan(Path(f"data/models/gans/{description['experiment']}.safetensors"), gan, description)


def write_digit_gan(name: str, metrics: dict | None = None, samples=random_pictures, histogram=None,
                    real=None, data: dict = DATA, **others: object) -> None:
    """A GAN of digits; conditional with `classes=10`."""
    description = describe(name, data, **others)
    write_weights(description)
    conditional, generated = bool(description["classes"]), np.full(10, 0.1) if histogram is None else histogram
    metrics = {**DIGIT_METRICS, **(metrics or {})}
    if conditional:
        metrics |= {"label_accuracy": 0.9, "label_accuracy_of": {str(label): 0.85 + label / 100 for label in range(10)},
                    "gan_train_accuracy": 0.88, "gan_train_accuracy_real": 0.97}
    normal = description["seeds"]["distribution"] == "normal"
    arrays = {
        "grid/images": samples(100), "histogram/generated": generated, "histogram/real": np.full(10, 0.1),
        "real/images": samples(24) if real is None else real, "real/labels": np.arange(24, dtype=np.uint8) % 10,
        **{f"closest/{kind}": samples(8) for kind in ("generated", "training", "held_out", "held_out_training")},
        "closest/ratios": np.linspace(0.5, 0.6, 8), "closest/held_out_ratios": np.linspace(0.5, 0.7, 8),
    }
    attributes = {
        "judge": {"experiment": "reference", "digest": DATA["digest"], "title": DATA["title"], "features": 64},
        "memorisation": {"verdict": "clear", "text": "0 of 100 are copies."},
        "samples": {"generated": 100, "test": 100, "train": 60, "mode_share": 0.01, "sure": 0.8, "neighbourhoods": 60,
                    "paired": 100, "memorisation": 100, "held_out": 100},
    }
    seeds = {"linear/pictures": samples(4, 12), "spherical/pictures": samples(4 if normal else 0, 12),
             "arithmetic/pictures": samples(4, 5), "labels/pictures": samples(4 if conditional else 0, 10)}
    kinds = ("linear", "spherical") if normal else ("linear",)
    numbers = {f"{kind}_{key}": 0.5 for kind in kinds for key in ("evenness", "directness", "midpoint_greyness")}
    write_gan(description, samples, metrics, arrays, attributes, seeds,
              {"pairs": 200, "ends_distance": 7.0, "ends_greyness": 0.3, "cross_fade_greyness": 0.6,
               **numbers}, shown=20 if conditional else 16)


def write_pattern_gan(name: str) -> None:
    """A GAN of the 1010 rule."""
    description = describe(name, RULE, data_set=name, seeds={"length": 1, "distribution": "constant"},
                           loss="mean_squared_error", training={**TRAINING, "loss": "mean_squared_error"})
    metrics = {
        "images": 100, "real_images": 100, "valid_share": 1.0, "range_distance": 0.0, "discriminator_loss": 0.25,
        "generator_loss": 0.26, "ideal_loss": 0.25,
        "mean_output": {"first": 0.93, "second": 0.05, "third": 0.94, "fourth": 0.2},
    }
    outputs = np.tile(np.float32([0.93, 0.05, 0.94, 0.2]), (16, 1))
    arrays = {"grid/outputs": outputs, "real/samples": random_patterns(16)}
    seeds = {"linear/pictures": random_patterns(1, 12), **{f"{kind}/pictures": random_patterns(0, 12)
                                                           for kind in ("spherical", "arithmetic", "labels")}}
    write_gan(description, random_patterns, metrics, arrays, {"samples": {"generated": 100, "test": 100}}, seeds,
              {"pairs": 1, "ends_distance": 0.4, "linear_evenness": 0.6, "linear_directness": 0.9}, shown=1)


class Outline(HTMLParser):
    """What a page holds: headings with what follows them, pictures, addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images, self.sources, self.tags, self.headings, self.links = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append(tag)
        if tag == "img":
            self.images.append(values)
        elif tag == "source":
            self.sources.append(values)
        elif tag == "a":
            self.links.append(values["href"])
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append(["", ""])

    def handle_data(self, data):
        if self.headings:
            place = int(not re.fullmatch(r"h[1-6]", self.tags[-1]) or bool(self.headings[-1][0]))
            self.headings[-1][place] += data.strip()


def shown_by(monkeypatch, *calls) -> str:
    """What calls to a page's methods display."""
    found = []
    monkeypatch.setattr(html, "display", lambda value: found.append(value.data))
    for call in calls:
        call()
    return "".join(found)
