"""The pipeline in small, built once by `make repro` as users run it, for tests that need it or its site."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from small_pipeline import YAML, commit, repro, run, write

ROOT = Path(__file__).parents[1]
# enough of all experiments to see what depends on what, and the judge of the GANs
KEPT = {"classifiers": ("baseline", "combined", "cnn", "reference"),
        "attribute_classifiers": ("face_attributes",),
        "gans": ("pattern_1010", "mnist_improved", "mnist_conditional_best", "celeba_conv")}
LESSONS = ("foundations", "appendix_a", "appendix_c")
FACES = {"celeba", "face_attributes", "faces", "celeba_conv"}
SITE = "site"  # the pages as they were built, beside the project
PAGES = {"index", "ledger", "provenance", "mnist", "classifiers", "gans", *KEPT["classifiers"], *KEPT["gans"], *FACES,
         *LESSONS}
FACE_COUNTS = {"train_images": 40, "test_images": 24}


def shared(tmp_path_factory) -> Path:
    """The built project, the same for all tests of a run; those who change it put it back afterwards."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # the folder above is that of all workers
        place = place.parent
    folder = place / "a folder" / "with space"
    with (place / "small_site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder.parent / SITE).is_dir():
            build(folder)
            shutil.copytree(folder / "reports/html", folder.parent / SITE)
    return folder


def build(folder: Path) -> None:
    """This project, small, built and committed."""
    make_small(folder)
    ran = repro(folder, "make", "--old-file", ".venv/.installed", "repro")
    experiments = 3 * (len(KEPT["classifiers"]) + len(KEPT["attribute_classifiers"])) + 5 * len(KEPT["gans"])
    assert len(ran) == 5 + experiments + 10 + 2 * len(LESSONS) + 1
    commit(folder, "built")


def make_small(folder: Path) -> None:
    """This project with a few experiments of a few updates each, as a new repository."""
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.splitlines()
    for file in files:
        if (ROOT / file).is_file() and not re.match(r"dvc\.lock|reports/(losses|metrics|per_class|predictions)", file):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, folder / file)

    settings = YAML.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for kind, kept in KEPT.items():
        for block in (settings[kind], settings["pages"][kind]):
            for key in set(block) - set(kept):
                del block[key]
        for key in kept:
            budget = settings[kind][key]["budgets"]["demo"]
            most = 4 if key in FACES else 16
            budget |= {"epochs": 1, "batch_size": min(budget["batch_size"], most)}
    _keep_few_lessons(settings, folder / "dvc.yaml")
    for block in settings["gans"].values():
        block["noise_pairs"]["demo"] = 20
        block["frames"] = 4
    _keep_few_chapters(settings["pages"]["site"]["index"]["chapters"])
    settings["patterns"]["pattern_1010"]["budgets"]["demo"] = {"train_samples": 100, "test_samples": 20}
    settings["datasets"]["mnist"]["stand_in"] |= {"train_images": 300, "test_images": 60}
    settings["datasets"]["mnist"]["budgets"]["demo"] = {"train_images": 300, "test_images": 60}
    settings["datasets"]["celeba"]["stand_in"]["images"] = sum(FACE_COUNTS.values())
    settings["datasets"]["celeba"]["budgets"]["demo"] = FACE_COUNTS
    write(folder / "params.yaml", settings)
    _keep_few_claims(folder / "reports/claims.yaml")

    run("git", "init", "-q", cwd=folder)
    run("git", "config", "user.email", "tests@example.org", cwd=folder)
    run("git", "config", "user.name", "tests", cwd=folder)
    (folder / ".venv").symlink_to(sys.prefix)


def _keep_few_lessons(settings: dict, definition: Path) -> None:
    """Each lesson has a stage of its own; and the one that lists convolutions names experiments that are gone."""
    text = definition.read_text(encoding="utf-8")
    for name in set(settings["pages"]["lessons"]) - set(LESSONS):
        del settings["pages"]["lessons"][name]
        settings["lessons"].pop(name, None)
        text = re.sub(rf"^  report_{name}:\n(    .*\n)+|^ +- reports/metrics/{name}\.json\n", "", text,
                      flags=re.MULTILINE)
    for kind, names in settings["lessons"]["appendix_c"]["networks"].items():
        for name in set(names) - set(KEPT[kind]):
            text = re.sub(rf"^ +- {kind}\.{name}\..*\n", "", text, flags=re.MULTILINE)
        settings["lessons"]["appendix_c"]["networks"][kind] = [name for name in names if name in KEPT[kind]]
    definition.write_text(text, encoding="utf-8")


def _keep_few_claims(path: Path) -> None:
    """Claims rest on experiments by name: those that are gone take theirs along."""
    whole = YAML.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    gone = {name for kind, kept in KEPT.items() for name in set(whole[kind]) - set(kept)}
    gone |= set(whole["lessons"]) - set(LESSONS) | set(whole["pages"]["lessons"]) - set(LESSONS)
    ledger = YAML.load(path.read_text(encoding="utf-8"))
    for claim in list(ledger["claims"]):
        if any(name in json.dumps(ledger["claims"][claim]) for name in gone):
            del ledger["claims"][claim]
    write(path, ledger)


def _keep_few_chapters(chapters: list) -> None:
    """Chapters name pages that are there."""
    for chapter in chapters:
        chapter["pages"] = [page for page in chapter["pages"] if page in PAGES]
