"""The pipeline as its users run it: `dvc repro` in a folder of its own, then changes, comparisons and rebuilds."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
import ruamel.yaml
from conftest import assert_one_line_error, run_stage

from stages.reporting import lesson

ROOT = Path(__file__).parents[1]
# enough of all experiments to see what depends on what, and the judge of the GANs
KEPT = {"classifiers": ("baseline", "combined", "cnn", "reference"),
        "attribute_classifiers": ("face_attributes",),
        "gans": ("pattern_1010", "mnist_improved", "mnist_conditional_best", "celeba_conv")}
LESSONS = ("foundations", "appendix_a", "appendix_c")
FACES = {"celeba", "face_attributes", "faces", "celeba_conv"}
PAGES = {"index", "ledger", "mnist", "classifiers", "gans", *KEPT["classifiers"], *KEPT["gans"], *FACES, *LESSONS}
FACE_COUNTS = {"train_images": 40, "test_images": 24}

# DVC's own reader and writer, to which 08 is a number and "08" is none
YAML = ruamel.yaml.YAML()
pytestmark = pytest.mark.slow


def run(*command: str, cwd: Path) -> str:
    """Run a tool of this Python's environment; what it printed. Fails where it fails."""
    folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}\n{result.stderr}"
    return result.stdout + result.stderr


def repro(project: Path, *command: str) -> set[str]:
    """`dvc repro` or another command that runs stages; the stages that it ran."""
    return set(re.findall(r"Running stage '(.+?)'", run(*(command or ("dvc", "repro")), cwd=project)))


def write(path: Path, values: dict) -> None:
    with path.open("w", encoding="utf-8") as file:
        YAML.dump(values, file)


def change(project: Path, key: str, value: object) -> None:
    path = project / "params.yaml"
    settings = YAML.load(path.read_text(encoding="utf-8"))
    *blocks, last = key.split(".")
    block = settings
    for name in blocks:
        block = block[name]
    block[last] = value
    write(path, settings)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """This project, small, in a folder whose name has a space, built once and committed."""
    folder = tmp_path_factory.mktemp("a folder") / "with space"
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
    ran = repro(folder, "make", "--old-file", ".venv/.installed", "repro")
    experiments = 3 * (len(KEPT["classifiers"]) + len(KEPT["attribute_classifiers"])) + 5 * len(KEPT["gans"])
    assert len(ran) == 5 + experiments + 6 + 2 * len(LESSONS) + 1 + 2
    commit(folder, "built")
    return folder


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


def commit(folder: Path, message: str) -> None:
    run("git", "add", "-A", cwd=folder)
    run("git", "commit", "-qm", message, cwd=folder)


@pytest.fixture
def clean(project):
    """The built project, put back as it was afterwards."""
    yield project
    run("git", "checkout", "-q", "--", ".", cwd=project)
    run("dvc", "checkout", "-q", "--force", cwd=project)


class Addresses(HTMLParser):
    """What a page links to and shows."""

    def __init__(self) -> None:
        super().__init__()
        self.links, self.images, self.others = [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "a":
            self.links.append(values["href"])
        elif tag == "img":
            self.images.append(values)
        elif tag in ("script", "link", "iframe", "object"):
            self.others.append(tag)


def test_pages_are_self_contained_and_lead_to_each_other(project):
    pages = {path.name: path.read_text(encoding="utf-8") for path in (project / "reports/html").glob("*.html")}
    assert set(pages) == {f"{page}.html" for page in PAGES}
    whole = YAML.load((ROOT / "params.yaml").read_text(encoding="utf-8"))["pages"]
    left_out = {f"{page}.html" for kind in whole.values() for page in kind} - set(pages)  # prose leads there too
    seen = {"index.html"}
    for name, text in pages.items():
        found = Addresses()
        found.feed(text)
        assert not found.others, f"{name} loads something"
        assert all(re.match(r"data:image/(png|gif|jpeg);base64,", image["src"]) and image["alt"]
                   for image in found.images)
        assert set(found.links) <= set(pages) | left_out, f"{name} has a link that leads nowhere"
        assert name == "index.html" or "index.html" in found.links
        seen |= set(found.links)
        data = {"index.html": "stand-in digits, stand-in faces", "appendix_a.html": "stand-in faces"}
        data = data.get(name, "stand-in digits")
        if name.removesuffix(".html") in FACES:
            data = "stand-in faces"
        badge = ("1010 rule" if name == "pattern_1010.html" else data) + " · demo budget"
        assert (lesson.BADGE if name.removesuffix(".html") in ("foundations", "appendix_c") else badge) in text
    assert seen - left_out == set(pages)


def test_nothing_half_written_and_nothing_unknown_to_git_is_left(project):
    assert not list(project.rglob("*.partial"))
    assert run("git", "status", "--porcelain", cwd=project) == ""


def test_a_second_repro_runs_nothing(project):
    assert repro(project) == set()
    assert "up to date" in run("dvc", "status", cwd=project)


def test_a_changed_leaf_reruns_its_classifier_and_the_pages_that_show_it(clean):
    change(clean, "classifiers.combined.budgets.demo.learning_rate", 0.002)
    assert repro(clean) == {
        "train_classifier@combined", "evaluate_classifier@combined", "report_classifier@combined",
        "report_comparison", "judge_claims", "report_ledger", "report_index",
    }
    difference = run("dvc", "metrics", "diff", cwd=clean)
    assert "reports/metrics/classifiers/combined.json" in difference
    assert "baseline.json" not in difference
    parameters = run("dvc", "params", "diff", cwd=clean)
    assert "learning_rate" in parameters and "0.002" in parameters

    change(clean, "classifiers.combined.budgets.demo.learning_rate", 0.001)
    assert repro(clean) == set(), "the run cache should have brought the old results back"
    assert "up to date" in run("dvc", "status", cwd=clean)
    assert run("dvc", "metrics", "diff", cwd=clean) == ""


def test_a_changed_gan_reruns_itself_and_the_pages_that_show_it(clean):
    change(clean, "gans.mnist_improved.budgets.demo.learning_rate", 0.0002)
    of_its_own = ("train_discriminator", "train_gan", "explore_seeds", "evaluate_gan", "report_gan")
    assert repro(clean) == {*(f"{stage}@mnist_improved" for stage in of_its_own), "report_gan_comparison",
                            "report_face_comparison", "report_appendix_a", "judge_claims", "report_ledger",
                            "report_index"}
    difference = run("dvc", "metrics", "diff", cwd=clean)
    assert "reports/metrics/gans/mnist_improved.json" in difference and "frechet_distance" in difference
    assert "mnist_conditional_best" not in difference


def test_a_changed_classifier_that_judges_nothing_leaves_the_gans_alone(clean):
    change(clean, "classifiers.baseline.budgets.demo.learning_rate", 0.02)
    assert not any("gan" in stage.split("@")[0] for stage in repro(clean, "dvc", "repro", "--dry"))


def test_a_picture_is_drawn_on_demand(clean):
    out = clean / "digits.png"
    run("python", "-m", "stages.generate", "mnist_conditional_best", "--label", "7", "--out", str(out), cwd=clean)
    assert out.read_bytes().startswith(b"\x89PNG")
    out.unlink()


def test_a_budget_that_is_not_active_reruns_nothing(clean):
    change(clean, "classifiers.combined.budgets.best.epochs", 99)
    change(clean, "datasets.mnist.budgets.book.train_images", 99)
    assert repro(clean) == set()


def test_any_zip_of_faces_without_lists_will_do(clean, tmp_path):
    """Source local for faces alone: a zip under any name, no lists; the judge is skipped and every page says so."""
    place = tmp_path / "celeba"
    place.mkdir()
    shutil.copyfile(clean / "data/raw/celeba/img_align_celeba.zip", place / "my faces.zip")
    change(clean, "run.local_dir", str(tmp_path))
    change(clean, "datasets.celeba.source", "local")
    ran = repro(clean)
    assert {"download_celeba", "convert_celeba", "train_attribute_classifier@face_attributes",
            "evaluate_gan@celeba_conv", "report_face_comparison"} <= ran
    metrics = json.loads((clean / "reports/metrics/gans/celeba_conv.json").read_text(encoding="utf-8"))
    assert "frechet_distance" not in metrics and metrics["sharpness"] > 0 and "memorisation_ratio" in metrics
    for page in ("face_attributes", "celeba_conv"):
        text = (clean / f"reports/html/{page}.html").read_text(encoding="utf-8")
        assert "custom faces (local)" in text and "not judged" in text.lower(), page
    assert "custom faces" in (clean / "reports/html/celeba.html").read_text(encoding="utf-8")


def test_a_page_text_retrains_nothing(clean):
    change(clean, "pages.classifiers.cnn.about", "Another text with <b>marks</b> & signs.")
    assert repro(clean) == {"report_classifier@cnn", "report_comparison", "judge_claims", "report_index"}
    assert "with &lt;b&gt;marks&lt;/b&gt; &amp; signs" in (clean / "reports/html/cnn.html").read_text(encoding="utf-8")


def test_an_edited_family_retrains_no_other(clean):
    with (clean / "stages/networks/conv_classifier.py").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")
    assert "train_classifier@baseline" not in run("dvc", "status", cwd=clean)
    assert "train_classifier@cnn" in run("dvc", "status", cwd=clean)


def test_every_stage_needs_no_more_than_it_declares_and_gives_the_same_bytes(project, tmp_path):
    """Each stage runs again with its declared parameters and dependencies only, in another folder."""
    stages = YAML.load((project / "dvc.lock").read_text(encoding="utf-8"))["stages"]

    def again(name: str) -> None:
        stage, folder = stages[name], tmp_path / name
        for dependency in (dependency["path"] for dependency in stage["deps"]):
            copy(project / dependency, folder / dependency)
        for package in (project / "stages").rglob("__init__.py"):
            copy(package, folder / package.relative_to(project))
        write(folder / "params.yaml", nested(stage.get("params", {}).get("params.yaml", {})))
        run(*stage["cmd"].split(), cwd=folder)

        for out in (out["path"] for out in stage["outs"]):
            made = [path for path in [folder / out, *sorted((folder / out).rglob("*"))] if path.is_file()]
            assert made, f"{name} did not write {out}"
            for path in made:
                same = path.read_bytes() == (project / path.relative_to(folder)).read_bytes()
                assert same, f"{name} wrote other bytes to {path.relative_to(folder)}"

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(again, stages))


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


def nested(values: dict) -> dict:
    """{'a.b': 1} as {'a': {'b': 1}}."""
    tree: dict = {}
    for key, value in values.items():
        *blocks, last = key.split(".")
        block = tree
        for name in blocks:
            block = block.setdefault(name, {})
        block[last] = value
    return tree


def test_plots_show_losses_and_confusion(clean, tmp_path):
    said = run("dvc", "plots", "show", "--out", str(tmp_path / "plots"), cwd=clean)
    assert "failed" not in said
    page = (tmp_path / "plots/index.html").read_text(encoding="utf-8")
    for title in ("Loss, combined", "Confusion, cnn", "Recall of each class, baseline",
                  "Generator's loss, mnist_improved", "Discriminator alone against noise, pattern_1010"):
        assert title in page


def test_an_experiment_runs_and_is_listed(clean):
    ran = repro(clean, "dvc", "exp", "run", "-n", "slower", "-S",
                "classifiers.combined.budgets.demo.learning_rate=0.0005")
    assert "train_classifier@combined" in ran and "train_classifier@baseline" not in ran
    listed = run("dvc", "exp", "show", "--csv", cwd=clean)
    assert "slower" in listed and "0.0005" in listed


def test_a_mistake_stops_the_pipeline_in_one_line(clean):
    change(clean, "classifiers.combined.optimizer", "adamm")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(["dvc", "repro"], cwd=clean, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "classifiers.combined.optimizer is 'adamm'" in lines[0] and "'sgd', 'adam' or 'adamw'" in lines[0]


def test_gans_refuse_mistakes_in_one_line(clean):
    """The messages of stages that read weights and judges, as a user meets them."""
    drawn, weights = clean / "digits.png", clean / "data/models/gans/mnist_conditional_best.safetensors"
    draw = ("generate", "mnist_conditional_best", "--out", str(drawn))
    assert_one_line_error(run_stage(*draw, "--label", "11", cwd=clean), "--label is 11")
    assert_one_line_error(run_stage(*draw, "--images", "0", cwd=clean), "--images is 0")

    whole = weights.read_bytes()
    weights.unlink()  # DVC's cache may hold the same file
    weights.write_bytes(whole[: len(whole) // 2])
    assert_one_line_error(run_stage(*draw, cwd=clean), weights.name, "train again")
    weights.write_bytes(whole.replace(b'\\"filters\\": 64', b'\\"filters\\": 32', 1))
    assert_one_line_error(run_stage(*draw, cwd=clean), weights.name, "train again")
    weights.unlink()
    assert_one_line_error(run_stage(*draw, cwd=clean), weights.name, "not trained yet")
    assert not drawn.exists()

    change(clean, "gans.mnist_improved.seeds.size", 0)
    assert_one_line_error(run_stage("train_gan", "mnist_improved", cwd=clean), "gans.mnist_improved.seeds.size is 0")
    change(clean, "gans.mnist_improved.seeds.size", 100)
    change(clean, "datasets.mnist.stand_in.seed", 2)
    for stage, name in (("download", "mnist"), ("convert", "mnist"), ("train_gan", "mnist_improved")):
        assert run_stage(stage, name, cwd=clean).returncode == 0
    assert_one_line_error(run_stage("evaluate_gan", "mnist_improved", cwd=clean), "reference.safetensors",
                          "trained on other data")
