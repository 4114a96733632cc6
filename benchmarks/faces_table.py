"""README's table and picture of faces: of one run as shipped, kept on purpose, so that no other run changes them.

    python -m benchmarks.faces_table              keeps those of the last `make repro`, which was made on this machine
"""

import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from benchmarks.machine import machine, versions, words
from stages.core.command import UserError
from stages.core.files import write_json
from stages.core.parameters import load
from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.evaluation import memorisation

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "benchmarks/samples"
RECORD = ROOT / "benchmarks/faces_demo.json"
SHOWN = 10
FLOOR = "celeba_best"  # GANs see faces in different sizes; for each, real ones are a little differently apart


def main() -> None:
    """Keep the faces of the last run; end with 1 where it is another one than as shipped."""
    try:
        keep()
    except UserError as mistake:
        sys.exit(f"error: {mistake}")


def faces_table() -> str:
    """One row per GAN of faces: what was kept last, in the book's order."""
    columns = {"Frechet distance": ("frechet_distance", 1, 2), "coverage, %": ("coverage", 100, 1),
               "recall, %": ("recall", 100, 1), "variety": ("pairwise_distance_ratio", 1, 2),
               "attribute gap, points": ("attribute_gap", 100, 1)}  # metric, scale, decimals
    floors = {"pairwise_distance_ratio": None, "frechet_distance": "frechet_floor",
              "attribute_gap": "attribute_gap_floor"}
    header = ["experiment", *columns, "sharpness, % of real", "copying"]
    rows = [f"| {' | '.join(header)} |", "|---|" + "--:|" * (len(header) - 2) + "---|"]
    kept = json.loads(RECORD.read_text(encoding="utf-8"))
    found = {key: kept["metrics"][key] for key in _face_gans()}
    for key, metrics in found.items():
        sharpness = f"{100 * metrics['sharpness'] / metrics['sharpness_real']:.1f}"
        cells = [*(f"{scale * metrics[name]:.{digits}f}" for name, scale, digits in columns.values()), sharpness,
                 memorisation.verdict_of(metrics)]
        rows.append(f"| `{key}` | {' | '.join(cells)} |")
    floor = found[FLOOR]
    names = [(floors.get(name, f"{name}_real"), scale, digits) for name, scale, digits in columns.values()]
    cells = [f"{scale * floor[name]:.{digits}f}" if name else "–" for name, scale, digits in names]
    rows.append(f"| real training faces, as `{FLOOR}` sees them | {' | '.join(cells)} | – | – |")
    counts = f"{floor['images']:,} generated faces against {floor['real_images']:,} test faces"
    return "\n".join(rows) + (f"\n\nStand-in faces at the `demo` budget, one training each, {counts}; "
                              f"{words(kept['machine'])}, PyTorch {kept['versions']['torch']}.\n")


def keep() -> None:
    """Write the numbers, and ten pictures of each GAN: of stand-in faces only, others are not ours.

    Raises UserError where the last run is another one than as shipped, or there is none.
    """
    paths = {key: ROOT / f"data/samples/gans/{key}.h5" for key in _face_gans()}
    for path in paths.values():
        described = read_attribute(path, "description")
        if (described["data"]["source"], described["budget"]) != ("stand_in", "demo"):
            raise UserError(f"{path}: of {described['data']['title']} at {described['budget']}; expected stand-in "
                            "faces at demo; run make repro as shipped")
    for key, path in paths.items():
        images = read_arrays(path, ["grid/images"])["grid/images"][:SHOWN]
        Image.fromarray(np.concatenate(list(images), axis=1)).save(SAMPLES / f"demo-{key}.png")
    metrics = {key: json.loads((ROOT / f"reports/metrics/gans/{key}.json").read_text(encoding="utf-8"))
               for key in paths}
    write_json(RECORD, {"machine": machine(), "versions": versions(), "metrics": metrics})


def faces_picture() -> Figure:
    """Ten pictures of each GAN of faces, trained on stand-in faces."""
    names = _face_gans()
    figure = Figure(figsize=(7.5, 0.66 * len(names)), layout="constrained")
    for axes, name in zip(figure.subplots(len(names), squeeze=False)[:, 0], names, strict=True):
        with Image.open(SAMPLES / f"demo-{name}.png") as strip:
            axes.imshow(np.asarray(strip))
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    return figure


def _face_gans() -> list[str]:
    """The GANs of faces, in the book's order."""
    return [key for key, block in load(ROOT / "params.yaml")["gans"].items() if block["data"] == "celeba"]


if __name__ == "__main__":
    main()
