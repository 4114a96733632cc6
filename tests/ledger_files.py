"""A folder with committed metrics, and samples that say of which run they are, for tests of the ledger."""

import json
import shutil
from pathlib import Path

import yaml
from conftest import REPOSITORY

from stages.core import parameters
from stages.core.files import write_json
from stages.datasets.hdf5 import write_arrays

TITLES = {"stand_in": {"mnist": "stand-in digits", "celeba": "stand-in faces"},
          "local": {"mnist": "MNIST", "celeba": "CelebA"}}
CLAIMS = Path("reports/claims.yaml")
BYTES = {"celeba_dense": 748_336_312}  # of training; of all others:
FEWER_BYTES = 166_495_232


def write_run(source: str = "stand_in", budget: str = "demo", faces: str | None = None, without: str = "-") -> None:
    """Fill the current folder as a run does; `faces` is the source of faces, names that hold `without` were not run."""
    shutil.copyfile(REPOSITORY / "params.yaml", "params.yaml")
    shutil.copytree(REPOSITORY / "reports/metrics", "reports/metrics")
    shutil.copyfile(REPOSITORY / CLAIMS, CLAIMS)
    Path("benchmarks").mkdir()
    for name in ("basics", "face_training-cpu-book"):
        shutil.copyfile(REPOSITORY / f"benchmarks/{name}.json", f"benchmarks/{name}.json")
    pages = parameters.load()["pages"]
    for folder in ("classifiers", "gans", "discriminators", "seeds"):
        kind = "classifiers" if folder == "classifiers" else "gans"
        for name, page in pages[kind].items():
            if without not in name:
                data = "celeba" if name.startswith("celeba") else "mnist"
                describe(folder, name, page["book"], data, faces or source if data == "celeba" else source, budget)


def describe(folder: str, name: str, book: dict | None, data: str, source: str, budget: str) -> None:
    """Samples without samples: the attributes that the ledger reads."""
    provenance = {"title": TITLES[source][data], "source": source}
    if name == "pattern_1010":
        provenance = {"title": "1010 rule", "source": "rule"}
    facts = book or {}
    counts = facts.get("parameters", 1) if folder == "classifiers" else {
        network: facts.get(f"{network}_parameters", 1) for network in ("generator", "discriminator")
    }
    attributes = {"description": {"data": provenance, "budget": budget, "seed": 1, "parameters": counts}}
    if folder == "gans" and data == "celeba":
        attributes["memory"] = {"training_bytes": BYTES.get(name, FEWER_BYTES)}
    write_arrays(Path(f"data/samples/{folder}/{name}.h5"), {}, attributes)


def change_metric(file: str, value: object, *keys: str) -> None:
    """Put another number into a metrics file."""
    path = Path(file)
    metrics = block = json.loads(path.read_text(encoding="utf-8"))
    for key in keys[:-1]:
        block = block[key]
    block[keys[-1]] = value
    write_json(path, metrics)


def change_claims(change) -> None:
    """Let `change` edit the values of claims.yaml."""
    values = yaml.load(CLAIMS.read_text(encoding="utf-8"), Loader=parameters._Loader)
    change(values)
    CLAIMS.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
