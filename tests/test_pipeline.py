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
from conftest import assert_one_line_error, run_stage
from small_pipeline import YAML, change, repro, run, write
from small_site import FACES, PAGES, ROOT, shared

from stages.reporting import lesson

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """This project, small, built once and committed."""
    return shared(tmp_path_factory)


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
        if tag == "a" and not values["href"].startswith("#"):
            self.links.append(values["href"].split("#")[0])
        elif tag == "img":
            self.images.append(values)
        elif tag in ("link", "iframe", "object") or (tag == "script" and "src" in values):
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
        data = {"index.html": "stand-in digits, stand-in faces", "appendix_a.html": "stand-in faces",
                "provenance.html": "stand-in faces, stand-in digits, 1010 rule"}
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


def test_a_changed_classifier_and_a_changed_gan_rerun_themselves_and_the_pages_that_show_them(clean):
    rates = {"classifiers.combined": (0.002, 0.001), "gans.mnist_improved": (0.0002, 0.0001)}
    for block, (rate, _) in rates.items():
        change(clean, f"{block}.budgets.demo.learning_rate", rate)
    of_a_classifier = ("train_classifier", "evaluate_classifier", "report_classifier")
    of_a_gan = ("train_discriminator", "train_gan", "explore_seeds", "evaluate_gan", "report_gan")
    assert repro(clean) == {
        *(f"{stage}@combined" for stage in of_a_classifier), *(f"{stage}@mnist_improved" for stage in of_a_gan),
        "report_comparison", "report_gan_comparison", "report_face_comparison", "report_appendix_a",
        "judge_claims", "report_ledger", "report_index", "report_provenance",
    }
    difference = run("dvc", "metrics", "diff", cwd=clean)
    assert "reports/metrics/classifiers/combined.json" in difference and "baseline.json" not in difference
    assert "reports/metrics/gans/mnist_improved.json" in difference and "frechet_distance" in difference
    assert "mnist_conditional_best" not in difference
    parameters = run("dvc", "params", "diff", cwd=clean)
    assert "learning_rate" in parameters and "0.002" in parameters and "0.0002" in parameters

    for block, (_, rate) in rates.items():
        change(clean, f"{block}.budgets.demo.learning_rate", rate)
    assert repro(clean) == set(), "the run cache should have brought the old results back"
    assert "up to date" in run("dvc", "status", cwd=clean)
    assert run("dvc", "metrics", "diff", cwd=clean) == ""


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
    assert repro(clean) == {"report_provenance"}  # it shows the whole file


def test_any_zip_of_faces_without_lists_will_do(clean, tmp_path):
    """Source local for faces alone: a zip under any name, no lists; the judge is skipped and every page says so."""
    place = tmp_path / "celeba"
    place.mkdir()
    shutil.copyfile(clean / "data/raw/celeba/img_align_celeba.zip", place / "my faces.zip")
    change(clean, "run.local_dir", str(tmp_path))
    change(clean, "datasets.celeba.source", "local")
    pages = ("report_face_data", "report_attribute_classifier", "report_gan@celeba_conv", "report_face_comparison")
    ran = repro(clean, "dvc", "repro", *pages)
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
    assert repro(clean) == {"report_classifier@cnn", "report_comparison", "judge_claims", "report_index",
                            "report_provenance", "list_chapters"}
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
        if not (folder / "params.yaml").exists():  # one stage shows the whole file
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
                "classifiers.combined.budgets.demo.learning_rate=0.0005", "evaluate_classifier@combined")
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

    change(clean, "gans.mnist_improved.seeds.length", 0)
    assert_one_line_error(run_stage("train_gan", "mnist_improved", cwd=clean), "gans.mnist_improved.seeds.length is 0")
    change(clean, "gans.mnist_improved.seeds.length", 100)
    change(clean, "datasets.mnist.stand_in.seed", 2)
    for stage, name in (("download", "mnist"), ("convert", "mnist"), ("train_gan", "mnist_improved")):
        assert run_stage(stage, name, cwd=clean).returncode == 0
    assert_one_line_error(run_stage("evaluate_gan", "mnist_improved", cwd=clean), "reference.safetensors",
                          "trained on other data")
