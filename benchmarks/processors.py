"""Train with the libraries held to older processors' instructions, and compare the bytes of the weights.

    python -m benchmarks.processors               shows the table
    python -m benchmarks.processors --record      writes it to benchmarks/processors.json, for README

A library picks its code by the processor it finds. These variables make it pick as on another one, so one machine shows
what can differ between several. Each training runs in a temporary folder, on few stand-in pictures.
"""

import argparse
import copy
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.machine import MISSING, machine, versions
from stages.core.files import write_json
from stages.core.parameters import load

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/processors.json"
IMAGES = {"train_images": 1000, "test_images": 100}
EXPERIMENTS = {"baseline": ("classifier", "classifiers"), "cnn": ("classifier", "classifiers"),
               "pattern_1010": ("gan", "gans"), "mnist_improved": ("gan", "gans")}
VARIANTS: dict[str, dict[str, str]] = {  # what is told to PyTorch, oneDNN and MKL
    "as it is, a second time": {},
    "PyTorch as on AVX2": {"ATEN_CPU_CAPABILITY": "avx2"},
    "PyTorch as on any": {"ATEN_CPU_CAPABILITY": "default"},
    "oneDNN as on AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "oneDNN as on SSE 4.1": {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    "MKL as on AVX2": {"MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    "MKL as on any": {"MKL_CBWR": "COMPATIBLE"},
    "1 thread": {"threads": "1"},
    "4 threads": {"threads": "4"},
}


def main() -> None:
    """Train all, compare all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true")
    record = parser.parse_args().record
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _prepare(folder)
        plain = {experiment: _train(folder, experiment, {}) for experiment in EXPERIMENTS}
        same = {variant: {experiment: _train(folder, experiment, told) == plain[experiment]
                          for experiment in EXPERIMENTS} for variant, told in VARIANTS.items()}
    found = {"machine": machine() | versions(), "threads": load(ROOT / "params.yaml")["run"]["threads"], "same": same}
    print(table(found))
    if record:
        write_json(RECORD, found)


def table(found: dict[str, Any] | None = None) -> str:
    """README's table, from the recorded run; benchmarks/tables.py puts it there, at the marker `processors`."""
    if found is None and not RECORD.is_file():
        return MISSING
    found = found or json.loads(RECORD.read_text(encoding="utf-8"))
    rows = ["| weights after training | " + " | ".join(f"`{experiment}`" for experiment in EXPERIMENTS) + " |",
            "|---|" + "---|" * len(EXPERIMENTS)]
    for variant in VARIANTS:
        words = ["same" if found["same"][variant][experiment] else "other" for experiment in EXPERIMENTS]
        rows.append(f"| {variant} | {' | '.join(words)} |")
    here = found["machine"]
    return "\n".join([*rows, "", f"{here['processor']}, {found['threads']} threads where nothing else is said, PyTorch "
                                 f"{here['torch']}; {IMAGES['train_images']:,} stand-in pictures.", ""])


def _prepare(folder: Path) -> None:
    """Few pictures, converted, and the pattern."""
    settings = copy.deepcopy(load(ROOT / "params.yaml"))
    settings["run"] |= {"source": "stand_in", "budget": "demo", "device": "cpu"}
    settings["datasets"]["mnist"]["stand_in"] |= IMAGES
    settings["datasets"]["mnist"]["budgets"]["demo"] = IMAGES
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    for stage in (("download", "mnist"), ("convert", "mnist"), ("draw", "pattern_1010")):
        _run(folder, *stage)


def _train(folder: Path, experiment: str, told: dict[str, str]) -> str:
    """The digest of the weights."""
    kind, place = EXPERIMENTS[experiment]
    text = (folder / "params.yaml").read_text(encoding="utf-8")
    told = dict(told)
    if threads := told.pop("threads", None):
        settings = yaml.safe_load(text)
        settings["run"]["threads"] = int(threads)
        (folder / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    _run(folder, f"train_{kind}", experiment, **told)
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    return hashlib.sha256((folder / f"data/models/{place}/{experiment}.safetensors").read_bytes()).hexdigest()


def _run(folder: Path, stage: str, name: str, **told: str) -> None:
    """One stage, with what the libraries are told."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | told
    subprocess.run([sys.executable, "-m", f"stages.{stage}", name], cwd=folder, env=environment, check=True)


if __name__ == "__main__":
    main()
