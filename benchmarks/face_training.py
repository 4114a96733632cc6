"""Training GANs of faces at full size: pictures per second, share of the processor's peak, memory; beside the book's.

    python -m benchmarks.face_training                 (a few iterations of each of the book's GANs of faces at `book`)
    python -m benchmarks.face_training --record        (writes benchmarks/face_training-<cpu or cuda>-<budget>.json)

Each GAN is trained in a process of its own on as many pictures as the book's, of random bytes: what they show changes
neither time nor memory. The book's seconds and GiB stand in params.yaml; it measured them on GPUs of 2020.
"""

import argparse
import copy
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
import torch
import yaml
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.machine import machine, versions
from stages.core.files import write_json
from stages.core.parameters import load
from stages.training import gan
from stages.training.gan_setup import set_up

ROOT = Path(__file__).parents[1]
GIB = 2**30
SIDES = (218, 178)
PEAK_SIDE = {"cpu": 2048, "cuda": 8192}  # of the matrices whose product measures the peak


def main() -> None:
    """Measure each GAN in a process of its own, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gans", nargs="*", default=["celeba_dense", "celeba_conv", "celeba_conv_gelu"])
    parser.add_argument("--budget", default="book", choices=["demo", "book", "best"])
    parser.add_argument("--images", type=int, default=20_000, help="pictures in memory, the book's 20,000 if left out")
    parser.add_argument("--iterations", type=int, default=20, help="that are timed, after as many that are not")
    parser.add_argument("--record", action="store_true", help="write benchmarks/face_training-<device>-<budget>.json")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(_measure(chosen.gans[0], chosen.budget, chosen.iterations)))
        return

    with tempfile.TemporaryDirectory() as scratch:
        prepare(Path(scratch), chosen.images, chosen.budget)
        rows = []
        for key in chosen.gans:
            command = [sys.executable, "-m", "benchmarks.face_training", key, "--one", "--budget", chosen.budget,
                       "--iterations", str(chosen.iterations)]
            answer = subprocess.run(command, cwd=scratch, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True,
                                    capture_output=True, text=True)
            rows.append(_with_the_book(json.loads(answer.stdout.splitlines()[-1])))
            print(rows[-1], flush=True)
    if chosen.record:
        device = rows[0]["device"]
        write_json(ROOT / f"benchmarks/face_training-{device}-{chosen.budget}.json",
                   {"rows": rows, "images": chosen.images, "machine": machine(), "versions": versions()})


def prepare(folder: Path, images: int, budget: str) -> None:
    """A project with nothing but parameters and one file of pictures, of random bytes."""
    settings = copy.deepcopy(load(ROOT / "params.yaml"))
    settings["run"]["budget"] = budget
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "data/hdf5").mkdir(parents=True)
    random = np.random.default_rng(1)
    with h5py.File(folder / "data/hdf5/celeba.h5", "w") as file:
        pictures = file.create_dataset("train/images", (images, *SIDES, 3), np.uint8)
        for start in range(0, images, 1000):
            count = min(1000, images - start)
            pictures[start : start + count] = random.integers(0, 256, (count, *SIDES, 3), np.uint8)
        provenance = {"title": "random bytes", "source": "stand_in", "licence": "", "digests": {}}
        file.attrs.update({"provenance": json.dumps(provenance), "digest": json.dumps("none")})


def _measure(key: str, budget: str, iterations: int) -> dict:
    """Train one GAN for a while in the current folder, as its stage does."""
    setup = set_up(key)
    size, device = setup.budget.batch_size, setup.device.type
    count = 2 * iterations * size
    marks: list[float] = []

    def mark(*_: object) -> None:
        if device == "cuda":
            torch.cuda.synchronize()
        marks.append(time.perf_counter())

    chosen = setup.budget.model_copy(update={"epochs": 1})
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the counter sees its own thread only
    with FlopCounterMode(display=False) as counter:
        gan.train(setup.gan, setup.samples[: 10 * size], None, budget=chosen, device=setup.device, title=key, frames=1,
                  show=lambda *_: None)
    operations = counter.get_total_flops() / 11  # the recording counts as an iteration
    torch.set_num_threads(threads)
    gan.train(setup.gan, setup.samples[:count], None, budget=chosen, device=setup.device, title=key, frames=2,
              show=mark)
    seconds = (marks[2] - marks[1]) / iterations
    peak = torch.cuda.max_memory_allocated() if device == "cuda" else \
        1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    name = torch.cuda.get_device_name() if device == "cuda" else ""
    precision = setup.budget.gpu_precision if device == "cuda" else "float32"
    return {
        "experiment": key, "budget": budget, "device": device, "gpu": name, "batch_size": size,
        "images_per_second": round(size / seconds, 3), "gflop_per_iteration": round(operations / 1e9, 2),
        "share_of_peak": round(operations / seconds / _peak(setup.device, precision), 4),
        "precision": precision, "peak_gib": round(peak / GIB, 2),
        "pictures_gib": round(setup.samples.numel() / GIB, 2),
    }


def _peak(device: torch.device, precision: str) -> float:
    """Operations per second of a large product of matrices of that precision."""
    side = PEAK_SIDE[device.type]
    one, other = (torch.rand(side, side, device=device).to(getattr(torch, precision)) for _ in range(2))
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        one @ other
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = max(best, 2 * side**3 / (time.perf_counter() - began))
    return best


def _with_the_book(row: dict) -> dict:
    """Add what the book measured."""
    book = load(ROOT / "params.yaml")["pages"]["gans"][row["experiment"]]["book"]
    if not book:
        return row
    return row | {"book_images_per_second": round(book["samples"] * book["epochs"] / book["seconds"], 1),
                  "book_device": book["device"], "book_peak_gib": book.get("memory_peak")}


if __name__ == "__main__":
    main()
