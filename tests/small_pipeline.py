"""A pipeline of five real stages in a git repository of its own, quick to build: for tests of what DVC does with it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import ruamel.yaml

ROOT = Path(__file__).parents[1]
STAGES = ("draw", "train_gan", "demonstrate", "list_chapters", "report_gan_concept")
EXPERIMENT, LESSON, PAGE = "pattern_1010", "appendix_b", "gan_concept"
NAMES = {f"draw@{EXPERIMENT}", f"train_gan@{EXPERIMENT}", f"demonstrate@{LESSON}", "list_chapters", f"report_{PAGE}"}
DRAWN, WEIGHTS = f"data/hdf5/{EXPERIMENT}.h5", f"data/models/gans/{EXPERIMENT}.safetensors"
REPORT = f"reports/html/{PAGE}.html"
LEFT_OUT = re.compile(r"dvc\.lock|tests/|reports/(losses|metrics|per_|pred|convol)|benchmarks/(runs|samples)/")
YAML = ruamel.yaml.YAML()  # DVC's own reader and writer, to which 08 is a number and "08" is none
SAMPLES = 60


def make(folder: Path) -> Path:
    """The project with those stages only and few samples, committed, nothing of it run yet."""
    files = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    for file in files:
        if (ROOT / file).is_file() and not LEFT_OUT.match(file):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, folder / file)
    definition = YAML.load((folder / "dvc.yaml").read_text(encoding="utf-8"))
    write(folder / "dvc.yaml", {"stages": {name: definition["stages"][name] for name in STAGES}})
    write(folder / "params.yaml", _shrunk(YAML.load((folder / "params.yaml").read_text(encoding="utf-8"))))
    (folder / ".venv").symlink_to(sys.prefix)
    run("git", "init", "-q", "-b", "main", cwd=folder)
    run("git", "config", "user.email", "tests@example.org", cwd=folder)
    run("git", "config", "user.name", "tests", cwd=folder)
    commit(folder, "made")
    return folder


def build(folder: Path) -> Path:
    """The same, run and committed."""
    ran = repro(make(folder))
    assert ran == NAMES, ran
    commit(folder, "built")
    return folder


def copy(project: Path, place: Path) -> Path:
    """Another folder with the same project, cache included, to be changed at will."""
    shutil.copytree(project, place, symlinks=True)
    return place


def run(*command: str, cwd: Path, status: int = 0, **environment: str) -> str:
    """Run a tool of this Python's environment; what it printed. Fails where it ends with another status."""
    result = start(*command, cwd=cwd, **environment)
    said, _ = result.communicate(timeout=1800)
    assert result.returncode == status, f"{' '.join(command)}\n{said}"
    return said


def start(*command: str, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """The same, without waiting for its end."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(command, cwd=cwd, env={**os.environ, "PATH": path, **environment}, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def repro(folder: Path, *command: str) -> set[str]:
    """`dvc repro` or another command that runs stages; the stages that it ran."""
    return set(re.findall(r"Running stage '(.+?)'", run(*(command or ("dvc", "repro")), cwd=folder)))


def commit(folder: Path, message: str) -> None:
    """Commit all that git does not ignore."""
    run("git", "add", "-A", cwd=folder)
    run("git", "commit", "-qm", message, cwd=folder)


def change(folder: Path, key: str, value: Any) -> None:
    """Change one key of params.yaml."""
    settings = YAML.load((folder / "params.yaml").read_text(encoding="utf-8"))
    *blocks, last = key.split(".")
    block = settings
    for name in blocks:
        block = block[name]
    block[last] = value
    write(folder / "params.yaml", settings)


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of all that the stages wrote, by path."""
    lock = YAML.load((folder / "dvc.lock").read_text(encoding="utf-8"))
    paths = [out["path"] for stage in lock["stages"].values() for out in stage["outs"]]
    return {path: (folder / path).read_bytes() for path in paths}


def write(path: Path, values: Any) -> None:
    """Write YAML as DVC does."""
    with path.open("w", encoding="utf-8") as file:
        YAML.dump(values, file)


def _shrunk(settings: dict[str, Any]) -> dict[str, Any]:
    """Parameters of what is kept."""
    for block, kept in (("patterns", EXPERIMENT), ("gans", EXPERIMENT), ("lessons", LESSON)):
        settings[block] = {kept: settings[block][kept]}
    pages = settings["pages"]
    settings["pages"] = {"gans": {EXPERIMENT: pages["gans"][EXPERIMENT]}, "lessons": {PAGE: pages["lessons"][PAGE]},
                         "site": pages["site"]}
    for chapter in pages["site"]["index"]["chapters"]:
        chapter["pages"] = [name for name in chapter["pages"] if name in (EXPERIMENT, PAGE)]
    settings["patterns"][EXPERIMENT]["budgets"]["demo"] = {"train_samples": SAMPLES, "test_samples": 20}
    settings["gans"][EXPERIMENT] |= {"frames": 4, "noise_pairs": dict.fromkeys(("demo", "book", "best"), SAMPLES)}
    return settings
