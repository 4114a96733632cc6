"""Run classifiers through the pipeline's own stages for several seeds, and record what came out.

    python -m benchmarks.record --budget book --local-dir ../shared/data

Each experiment gets one small JSON in benchmarks/runs/, the source of README's table. Seconds are those of the whole
training stage as a user runs it, start of Python included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from benchmarks.machine import machine, versions
from stages.core.files import write_json
from stages.core.parameters import load

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "benchmarks/runs"


def main() -> None:
    """Record the experiments named on the command line, or all."""
    settings = load(ROOT / "params.yaml")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiments", nargs="*", default=list(settings["classifiers"]))
    parser.add_argument("--budget", required=True, choices=["demo", "book", "best"])
    parser.add_argument("--local-dir", type=Path, help="folder with mnist/: source local; without it: source official")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--side-by-side", type=int, default=1, help="trainings at the same time (batch 1: one a core)")
    chosen = parser.parse_args()

    settings["run"] |= {"source": "official", "budget": chosen.budget}
    if chosen.local_dir:
        settings["run"] |= {"source": "local", "local_dir": str(chosen.local_dir.resolve())}
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(chosen.side_by_side) as workers:
        folders = {seed: _prepare(Path(scratch) / str(seed), settings, seed) for seed in chosen.seeds}
        tasks = {
            (experiment, seed): workers.submit(_train_and_evaluate, experiment, folder)
            for experiment in chosen.experiments for seed, folder in folders.items()
        }
        for experiment in chosen.experiments:
            results = [tasks[experiment, seed].result() for seed in chosen.seeds]
            _record(experiment, settings, chosen, results)


def _prepare(folder: Path, settings: dict, seed: int) -> Path:
    """A folder with its own params.yaml and data."""
    folder.mkdir()
    settings["run"]["seed"] = seed
    (folder / "params.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    _stage("download", "mnist", folder)
    _stage("convert", "mnist", folder)
    return folder


def _train_and_evaluate(experiment: str, folder: Path) -> dict:
    """Metrics of one training, with its seconds."""
    began = time.perf_counter()
    _stage("train_classifier", experiment, folder)
    seconds = time.perf_counter() - began
    _stage("evaluate_classifier", experiment, folder)
    metrics = json.loads((folder / f"reports/metrics/classifiers/{experiment}.json").read_text(encoding="utf-8"))
    print(f"{experiment} {folder.name}: {metrics['accuracy']:.4f} in {seconds:.1f} s", flush=True)
    return {**metrics, "seconds": round(seconds, 1)}


def _record(experiment: str, settings: dict, chosen: argparse.Namespace, results: list[dict]) -> None:
    """Write the JSON of one experiment."""
    run, training = settings["run"], settings["classifiers"][experiment]["budgets"][chosen.budget]
    write_json(RUNS / f"{chosen.budget}-{experiment}.json", {
        "experiment": experiment, "source": run["source"], "budget": chosen.budget, "training": training,
        "threads": run["threads"],
        "seeds": chosen.seeds, "accuracy": [result["accuracy"] for result in results],
        "images": results[0]["images"], "seconds": [result["seconds"] for result in results],
        "side_by_side": chosen.side_by_side, "machine": machine(), "versions": versions(),
    })


def _stage(verb: str, name: str, folder: Path) -> None:
    """Run one stage as a user does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", f"stages.{verb}", name], cwd=folder, env=environment, check=True)


if __name__ == "__main__":
    main()
