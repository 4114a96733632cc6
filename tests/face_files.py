"""What stages leave behind for the pages of faces: data, a judge and GANs, small and made up."""

from pathlib import Path

import numpy as np
from gan_files import describe, write_gan

from stages.core.files import write_json, write_text
from stages.datasets.hdf5 import write_arrays

NAMES = ["Smiling", "Wearing_Hat", "<b>Odd</b> & $5", "Male"]
DATA = {"title": "stand-in faces", "source": "stand_in", "licence": "none <needed>", "digests": {"archive": "a" * 32},
        "digest": "f" * 64}
JUDGE = {"experiment": "face_attributes", "digest": "c" * 64, "title": DATA["title"], "features": 64}
NOTE = "stand-in faces has no list of attributes, so nothing can be learnt from it."
PIXELS_ONLY = {
    "images": 100, "real_images": 50, "sharpness": 0.02, "sharpness_real": 0.04, "pairwise_distance_ratio": 0.8,
    "distinct_share": 1.0, "distinct_share_real": 1.0, "memorisation_ratio": 0.9, "copies_share": 0.0,
    "copies_share_real": 0.0, "near_copies_share": 0.01, "discriminator_loss": 0.5, "generator_loss": 1.2,
    "ideal_loss": 0.693147,
}
JUDGED = {
    "frechet_distance": 8.4, "frechet_floor": 0.95, "kernel_distance": 0.02, "kernel_distance_error": 0.001,
    "kernel_floor": 0.0001, "precision": 0.9, "recall": 0.8, "density": 1.02, "coverage": 0.7, "precision_real": 0.95,
    "recall_real": 0.95, "density_real": 1.0, "coverage_real": 0.96, "attribute_gap": 0.1, "attribute_gap_floor": 0.01,
}
WHOLE, CENTRE = {"crop": None, "resize": None}, {"crop": [128, 128], "resize": [32, 32]}
MEMORY = {"weights_bytes": 4096, "gradients_bytes": 4096, "moments_bytes": 8192, "activations_bytes": 1024}


def faces(*counts: int, height: int = 32, width: int = 32) -> np.ndarray:
    """Smooth colours: what is told of sizes should hold for photographs, not for noise."""
    random = np.random.default_rng(sum(counts))
    down, right = np.mgrid[0:1:height * 1j, 0:1:width * 1j]
    mixed = random.random((*counts, 1, 1, 3)) * down[..., None] + random.random((*counts, 1, 1, 3)) * right[..., None]
    return (127 * mixed).astype(np.uint8)


def write_faces(attributes: bool = True, height: int = 218, width: int = 178, pictures=faces) -> None:
    """What the conversion leaves behind."""
    arrays = {}
    for split, count in (("train", 40), ("test", 24)):
        arrays[f"{split}/images"] = pictures(count, height=height, width=width)
        if attributes:
            places = np.arange(count)
            arrays[f"{split}/attributes"] = (places[:, None] % (2 + np.arange(len(NAMES))) == 0).astype(np.uint8)
            arrays[f"{split}/identities"] = (places // 2 + (0 if split == "train" else 19)).astype(np.uint32)
            arrays[f"{split}/partitions"] = np.full(count, 0 if split == "train" else 2, np.uint8)
    provenance = {key: value for key, value in DATA.items() if key != "digest"}
    write_arrays(Path("data/hdf5/celeba.h5"), arrays, {"digest": DATA["digest"], "provenance": {
        **provenance, "attributes": NAMES if attributes else [], "skipped": 3}})


def write_judge(trained: bool = True, pictures=faces) -> None:
    """What training and evaluation of the judge leave behind."""
    name, count = "face_attributes", 24
    training = {"epochs": 2, "batch_size": 64, "learning_rate": 0.003, "schedule": "one_cycle", "warm_up": 0.3,
                "shuffle": True, "label_smoothing": 0.0, "weight_decay": 0.05, "weight_average": 0.0, "distortion": 0.0}
    description = {"experiment": name, "loss": "binary_cross_entropy", "optimizer": "adamw", "budget": "demo",
                   "training": training, "seed": 1, "images": 40, "parameters": 10, "data": DATA, "view": CENTRE,
                   "attributes": NAMES if trained else []}
    names = NAMES if trained else []
    true = np.arange(count)[:, None] % (2 + np.arange(len(names))) == 0
    layers = [{"layer": "Linear(3, 4)", "output": [4], "parameters": 10}] if trained else []
    write_arrays(Path(f"data/samples/attribute_classifiers/{name}.h5"), {
        "examples/images": pictures(count), "examples/attributes": true.astype(np.uint8),
        "examples/outputs": np.where(true, 0.9, 0.2 + 0.1 * np.arange(len(names))).astype(np.float32),
    }, {"description": description if trained else {**description, "skipped": NOTE}, "layers": layers,
        "attribute_names": names, "skipped": "" if trained else NOTE})
    numbers = {"accuracy": 0.9, "majority": 0.75, "balanced_accuracy": 0.8} if trained else {}
    write_json(f"reports/metrics/attribute_classifiers/{name}.json",
               {**numbers, "attributes": len(names), "images": count})
    rows = [f"{spelt},{0.95 - place / 20},{0.6 + place / 10},0.8,0.3,0.3,{count}" for place, spelt in enumerate(names)]
    header = "attribute,accuracy,majority,balanced_accuracy,share,read_share,images"
    write_text(f"reports/per_attribute/{name}.csv", "\n".join([header, *rows]) + "\n")
    losses = [f"{step},{1 / step:.4g}" for step in range(1, 60)] if trained else []
    write_text(f"reports/losses/attribute_classifiers/{name}.csv", "\n".join(["update,loss", *losses]) + "\n")


def write_face_gan(name: str, metrics: dict | None = None, judged: bool = True, view: dict = CENTRE,
                   side: tuple[int, int] = (32, 32), memory: int = 17_408, pictures=faces, **others: object) -> None:
    """What the stages of a GAN of faces leave behind."""
    description = describe(name, DATA, data_set="celeba", **{"shape": [3, *side], "view": view, **others})

    def samples(*counts: int) -> np.ndarray:
        return pictures(*counts, height=side[0], width=side[1])

    shares = np.linspace(0.1, 0.9, len(NAMES)) if judged else np.zeros(0)
    arrays = {
        "grid/images": samples(100), "real/images": samples(24), "attributes/generated": shares[::-1],
        "attributes/real": shares,
        **{f"closest/{kind}": samples(8) for kind in ("generated", "training", "held_out", "held_out_training")},
        "closest/ratios": np.linspace(0.5, 0.6, 8), "closest/held_out_ratios": np.linspace(0.5, 0.7, 8),
    }
    attributes = {
        "judge": JUDGE if judged else None, "judge_note": "" if judged else NOTE,
        "attribute_names": NAMES if judged else [],
        "memorisation": {"verdict": "clear", "text": "0 of 100 are copies."},
        "samples": {"generated": 100, "test": 50, "train": 60, "floor": 60, "neighbourhoods": 50, "paired": 100,
                    "memorisation": 100, "held_out": 50},
        "memory": {**MEMORY, "training_bytes": memory},
    }
    seeds = {"linear/pictures": samples(4, 12), "spherical/pictures": samples(4, 12),
             "arithmetic/pictures": samples(4, 5), "labels/pictures": samples(0, 10)}
    numbers = {f"{kind}_{key}": 0.5 for kind in ("linear", "spherical")
               for key in ("evenness", "directness", "midpoint_greyness")}
    write_gan(description, samples, {**PIXELS_ONLY, **(JUDGED if judged else {}), **(metrics or {})}, arrays,
              attributes, seeds, {"pairs": 200, "ends_distance": 7.0, "ends_greyness": 0.3, **numbers}, shown=16)
