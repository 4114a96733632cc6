"""Run experiments through the pipeline's own stages for several seeds, and record what came out.

    python -m benchmarks.record --budget book --local-dir ../shared/data

Each experiment gets one small JSON in benchmarks/runs/, the source of README's table. Seconds are those of the whole
training stage as a user runs it, start of Python included.
"""

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from benchmarks.machine import machine, versions
from stages.core.files import write_json
from stages.core.parameters import load
from stages.datasets.hdf5 import read_arrays, read_attribute

ROOT = Path(__file__).parents[1]
RUNS, SAMPLES = ROOT / "benchmarks/runs", ROOT / "benchmarks/samples"
SHOWN = 10  # pictures
JUDGE = Path("data/models/classifiers/reference.safetensors")
KINDS = ("classifiers", "gans")  # blocks of params.yaml
FACES = "celeba"  # the data set whose real pictures are not at hand here


def main() -> None:
    """Record the experiments named on the command line, or all that need no faces."""
    settings = copy.deepcopy(load(ROOT / "params.yaml"))
    kinds = {experiment: kind for kind in KINDS for experiment in settings[kind]}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    digits = [experiment for experiment, kind in kinds.items() if settings[kind][experiment].get("data") != FACES]
    parser.add_argument("experiments", nargs="*", default=digits)
    parser.add_argument("--budget", required=True, choices=["demo", "book", "best"])
    parser.add_argument("--local-dir", type=Path, help="folder with mnist/: source local; without it: source official")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--side-by-side", type=int, default=1, help="trainings at the same time (batch 1: one a core)")
    parser.add_argument("--threads", type=int, default=settings["run"]["threads"], help="of each training")
    parser.add_argument("--variant", metavar="NAME", help="of one experiment: record it as <experiment>_NAME")
    parser.add_argument("--training", type=yaml.safe_load, help="with --variant: its budget, as YAML in braces")
    parser.add_argument("--keep", type=Path, help="folder that keeps what was trained: a later call goes on from there")
    parser.add_argument("--train-only", action="store_true", help="with --keep: evaluate and record in a later call")
    chosen = parser.parse_args()
    if unknown := [experiment for experiment in chosen.experiments if experiment not in digits]:
        parser.error(f"{', '.join(unknown)}: expected experiments on digits or patterns, of {', '.join(digits)}; "
                     "GANs of faces are timed by benchmarks.face_training")
    if chosen.variant:
        (original,) = chosen.experiments
        chosen.experiments = [f"{original}_{chosen.variant}"]
        kinds[chosen.experiments[0]] = kind = kinds[original]
        budgets = {**settings[kind][original]["budgets"], chosen.budget: chosen.training}
        settings[kind][chosen.experiments[0]] = {**settings[kind][original], "budgets": budgets}

    settings["run"] |= {"source": "official", "budget": chosen.budget, "threads": chosen.threads}
    if chosen.local_dir:
        settings["run"] |= {"source": "local", "local_dir": str(chosen.local_dir.resolve())}
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(chosen.side_by_side) as workers:
        place = (chosen.keep or Path(scratch)).resolve()
        folders = {seed: _prepare(place / f"{chosen.budget}-{seed}", settings, seed) for seed in chosen.seeds}
        trainings = {
            (experiment, seed): workers.submit(_train, kinds[experiment], experiment, folder)
            for experiment in chosen.experiments for seed, folder in folders.items()
        }
        for experiment in chosen.experiments:
            seconds = [trainings[experiment, seed].result() for seed in chosen.seeds]
            if not chosen.train_only:
                if kinds[experiment] == "gans":
                    _share_judge(list(folders.values()))
                found = [_evaluate(kinds[experiment], experiment, folders[seed]) for seed in chosen.seeds]
                _record(kinds[experiment], experiment, settings, chosen, found, seconds)
                _keep_samples(experiment, chosen.budget, folders[chosen.seeds[0]])


def _prepare(folder: Path, settings: dict, seed: int) -> Path:
    """A folder with its own params.yaml and data."""
    folder.mkdir(parents=True, exist_ok=True)
    settings["run"]["seed"] = seed
    (folder / "params.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    if not (folder / "data/hdf5").is_dir():
        _stage("download", "mnist", folder)
        _stage("convert", "mnist", folder)
        _stage("draw", "pattern_1010", folder)
    return folder


def _train(kind: str, experiment: str, folder: Path) -> float:
    """Train one experiment, unless the folder has it; its seconds."""
    note = folder / f"seconds/{experiment}.json"
    if not note.is_file():
        began = time.perf_counter()
        _stage(f"train_{kind.removesuffix('s')}", experiment, folder)
        write_json(note, round(time.perf_counter() - began, 1))
    return json.loads(note.read_text(encoding="utf-8"))


def _share_judge(folders: list[Path]) -> None:
    """One judge for the GANs of all seeds, that of the first."""
    if not (folders[0] / JUDGE).is_file():
        _train("classifiers", "reference", folders[0])
    for folder in folders[1:]:
        (folder / JUDGE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folders[0] / JUDGE, folder / JUDGE)


def _evaluate(kind: str, experiment: str, folder: Path) -> dict:
    """Metrics of one training."""
    _stage(f"evaluate_{kind.removesuffix('s')}", experiment, folder)
    metrics = json.loads((folder / f"reports/metrics/{kind}/{experiment}.json").read_text(encoding="utf-8"))
    _require_same_settings(kind, experiment, folder)
    print(f"{experiment} {folder.name}: {metrics}", flush=True)
    return metrics


def _require_same_settings(kind: str, experiment: str, folder: Path) -> None:
    """Refuse what --keep kept from other settings."""
    described = read_attribute(folder / f"data/samples/{kind}/{experiment}.h5", "description")
    settings = load(folder / "params.yaml")
    block = settings[kind][experiment]
    budget = block["budgets"][settings["run"]["budget"]]
    trained = {name: value for name, value in described["training"].items() if name in budget}
    networks = [name for name in ("network", "generator", "discriminator") if name in block]
    same = trained == budget and described["seed"] == settings["run"]["seed"]
    if not same or any(described[name] != block[name] for name in networks):
        sys.exit(f"error: {folder}: {experiment} was trained with other settings; delete the folder and record again")


def _record(kind: str, experiment: str, settings: dict, chosen: argparse.Namespace, found: list[dict],
            seconds: list[float]) -> None:
    """Write the JSON of one experiment."""
    run, training = settings["run"], settings[kind][experiment]["budgets"][chosen.budget]
    write_json(RUNS / f"{chosen.budget}-{experiment}.json", {
        "experiment": experiment, "source": run["source"], "budget": chosen.budget, "training": training,
        "threads": run["threads"], "seeds": chosen.seeds,
        "metrics": {name: [metrics[name] for metrics in found] for name in sorted(found[0])},
        "seconds": seconds, "side_by_side": chosen.side_by_side, "machine": machine(), "versions": versions(),
    })


def _keep_samples(experiment: str, budget: str, folder: Path) -> None:
    """Ten pictures of a GAN of digits side by side, for README's picture; of a conditional one a picture per label."""
    path = folder / f"data/samples/gans/{experiment}.h5"
    if not path.is_file() or read_attribute(path, "description")["data_set"] != "mnist":
        return
    images = read_arrays(path, ["grid/images"])["grid/images"]
    classes = read_attribute(path, "description")["classes"]
    chosen = images[:: len(images) // SHOWN] if classes else images[:SHOWN]
    SAMPLES.mkdir(exist_ok=True)
    Image.fromarray(np.concatenate(list(chosen), axis=1)).save(SAMPLES / f"{budget}-{experiment}.png")


def _stage(verb: str, name: str, folder: Path) -> None:
    """Run one stage as a user does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", f"stages.{verb}", name], cwd=folder, env=environment, check=True)


if __name__ == "__main__":
    main()
