"""Two runs compared, in a small repository of git and DVC with two commits and changes that are not committed."""

import json
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import REPOSITORY, assert_one_line_error, assert_refused, run_stage
from dvc.repo import Repo

from stages import compare
from stages.core.files import write_json, write_text
from stages.datasets.hdf5 import write_arrays
from stages.reporting import html, revisions_changes, revisions_page
from stages.reporting.revisions_changes import Change
from stages.reporting.revisions_side import Side
from stages.revisions.side import opened

SUBJECTS = ("first", "second <script>")


def git(*command: str) -> str:
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
    return subprocess.run(["git", *identity, *command], capture_output=True, text=True, check=True).stdout


def random_pictures(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), np.uint8)


def write_run(kind: str, name: str, metrics: dict, losses: list[str], arrays: dict, **attributes: object) -> None:
    """What an experiment leaves behind, in the formats of the real stages."""
    write_json(f"reports/metrics/{kind}/{name}.json", metrics)
    write_text(f"reports/losses/{kind}/{name}.csv", "\n".join(losses) + "\n")
    write_arrays(Path(f"data/samples/{kind}/{name}.h5"), arrays, attributes)


def write_classifier(name: str, accuracy: float) -> None:
    losses = ["update,loss", *(f"{step},{accuracy / step:.4f}" for step in range(10, 110, 10))]
    wrong = round(20 * (1 - accuracy))
    write_run("classifiers", name, {"accuracy": accuracy, "errors": wrong, "images": 20}, losses, {
        "mistakes/images": random_pictures(1, wrong), "mistakes/labels": np.full(wrong, 4, np.uint8),
        "mistakes/predictions": np.full(wrong, 9, np.uint8),
    })


def write_digits(name: str, distance: float, variety: float) -> None:
    columns = "iteration,discriminator_real,discriminator_fake,generator"
    losses = [columns, *(f"{step},{distance / 10},0.{step},0.5" for step in range(5, 55, 5))]
    metrics = {"frechet_distance": distance, "frechet_floor": 0.5, "pairwise_distance_ratio": variety, "images": 100,
               "modes_covered": 8}
    grid = random_pictures(round(distance), 100)
    write_run("gans", name, metrics, losses, {"grid/images": grid}, description={"classes": 0, "data": {}})


def write_pattern(name: str, valid: float) -> None:
    losses = ["iteration,pairs,generator", *(f"{step},{valid / step:.4f},0.25" for step in range(5, 55, 5))]
    outputs = np.array([[valid, 0.1, 0.9, 0.1]], np.float32)
    write_run("gans", name, {"valid_share": valid, "images": 1}, losses, {"grid/outputs": outputs},
              description={"classes": 0, "data": {"ranges": []}})


def write_parameters(learning_rate: float, seed: int = 1) -> None:
    values = {"run": {"source": "stand_in", "budget": "demo", "seed": seed},
              "classifiers": {"cnn": {"learning_rate": learning_rate, "about": "<b>bold</b>"}}}
    Path("params.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def write_pipeline() -> None:
    """A dvc.yaml whose stages are never run: what they would write is written by the test."""
    stages = {}
    for kind, name in (("classifiers", "cnn"), ("classifiers", "baseline"), ("gans", "plain"), ("gans", "patterned")):
        stages[f"evaluate_{name}"] = {
            "cmd": "true", "params": ["run.seed", "classifiers.cnn.learning_rate"],
            "outs": [f"data/samples/{kind}/{name}.h5"],
            "metrics": [{f"reports/metrics/{kind}/{name}.json": {"cache": False}}],
            "plots": [{f"reports/losses/{kind}/{name}.csv": {"cache": False}}],
        }
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    write_text(".gitignore", "/data/\n/reports/compare/\n")


def commit(subject: str) -> None:
    with Repo() as repo:
        repo.commit(force=True)
    git("add", "-A")
    git("commit", "-qm", subject)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Two commits: the second one has a better classifier and a GAN with less variety."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        git("init", "-q")
        Repo.init().close()
        Path("reports/notebooks").mkdir(parents=True)
        shutil.copyfile(REPOSITORY / "reports/notebooks/revisions.ipynb", "reports/notebooks/revisions.ipynb")
        write_pipeline()
        write_parameters(0.01)
        write_classifier("cnn", 0.5)
        write_classifier("baseline", 0.75)
        write_digits("plain", distance=8.0, variety=0.9)
        write_pattern("patterned", valid=0.75)
        commit(SUBJECTS[0])
        write_parameters(0.02)
        write_classifier("cnn", 0.8)
        write_digits("plain", distance=6.0, variety=0.5)
        commit(SUBJECTS[1])
    return folder


@pytest.fixture
def project(built, tmp_path, monkeypatch) -> Path:
    """A copy of the built repository, the current folder."""
    folder = tmp_path / "project"
    shutil.copytree(built, folder)
    monkeypatch.chdir(folder)
    return folder


def lose_from_cache(revision: str, stage: str) -> None:
    """What `dvc gc` does to an output that only an old revision has."""
    out, = (out for out in yaml.safe_load(git("show", f"{revision}:dvc.lock"))["stages"][stage]["outs"]
            if out["path"].startswith("data/"))
    Path(f".dvc/cache/files/md5/{out['md5'][:2]}/{out['md5'][2:]}").unlink()


class Page(HTMLParser):
    """Images, rows of tables and plain text of a page."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.text, self.images, self.tags, self.rows, self.in_cell = "", [], set(), [], False
        self.source = Path(path).read_text(encoding="utf-8")
        self.feed(self.source)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "img":
            self.images.append(dict(attributes)["alt"])
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.text += data
        if self.in_cell:
            self.rows[-1][-1] += data

    def row(self, *cells: str) -> list[str]:
        return next(row for row in self.rows if row[: len(cells)] == list(cells))


def compared(*revisions: str) -> Page:
    """The page of a comparison on the command line."""
    result = run_stage("compare", *revisions)
    assert result.returncode == 0, result.stderr
    assert not result.stderr
    path, = result.stdout.splitlines()
    return Page(path)


@pytest.mark.slow
def test_a_page_shows_what_differs_and_is_the_same_bytes_twice(project):
    write_pattern("patterned", valid=1.0)  # not committed, as is the parameter
    write_classifier("new", 0.9)
    write_parameters(0.02, seed=7)
    lose_from_cache("HEAD~1", "evaluate_cnn")
    page = compared("HEAD~1", "workspace")
    assert page.source == compared("HEAD~1").source
    assert len(page.source) < 2_000_000 and "/tmp" not in page.source and str(project) not in page.source
    assert 'href="../html/index.html"' in page.source

    assert page.row("commit")[1].endswith(" first")
    assert page.row("commit")[2].endswith(" second <script>, and what is not committed")
    assert page.row("classifiers.cnn.learning_rate") == ["classifiers.cnn.learning_rate", "0.01", "0.02"]
    assert page.row("run.seed") == ["run.seed", "1", "7"]
    assert "Some results of B, workspace are older than its parameters: run.seed changed after the run." in page.text

    assert page.row("accuracy") == ["accuracy", "better", "0.5", "0.8", "+0.3", "+60\u00a0%"]
    assert page.row("errors")[1:] == ["better", "10", "4", "−6", "−60\u00a0%"]
    assert page.row("Frechet distance")[1:] == ["better", "8", "6", "−2", "−25\u00a0%"]
    assert page.row("variety")[1:] == ["worse", "0.9", "0.5", "−0.4", "−44\u00a0%"]
    assert page.row("valid patterns")[1:] == ["better", "0.75", "1", "+0.25", "+33\u00a0%"]
    assert page.row("plain") == ["plain", "Frechet distance: 8 → 6", "1", "1", "0", "GAN"]
    assert "Unchanged: baseline." in page.text
    assert "Only in B, workspace: new." in page.text

    for name in ("cnn", "plain", "patterned"):
        assert any(alt.startswith(f"Loss curves of {name}, A, HEAD~1 dashed and B, workspace solid")
                   for alt in page.images)
    for side in ("A, HEAD~1", "B, workspace"):
        assert f"40 pictures that plain has drawn on side {side}" in page.images
    assert any("4 test pictures read wrongly on side B, workspace: 4 as 9" in alt for alt in page.images)
    assert "A, HEAD~1: data/samples/classifiers/cnn.h5 is not in the cache: dvc pull or rebuild" in page.text
    assert not any("read wrongly on side A" in alt for alt in page.images)
    for side, mean in (("A, HEAD~1", "0.75"), ("B, workspace", "1.00")):
        assert f"Patterns that patterned has made on side {side}, on average {mean}, 0.10, 0.90 and 0.10" in page.images


@pytest.mark.slow
def test_the_same_run_by_a_hostile_name_says_that_nothing_differs(project):
    name = "a/<b>&'$(id)x"
    git("branch", name)
    page = compared(name, "HEAD")
    assert "Nothing differs" in page.text and not page.images
    assert "b" not in page.tags and name in page.text
    made = [path.relative_to(project).as_posix() for path in (project / "reports/compare").rglob("*")]
    assert made == ["reports/compare/a-b-id-x_vs_HEAD.html"]


def test_names_of_files_stay_in_their_folder():
    for name in ("../x", "..", "a/../../x", ":/fix <b>", "-x" * 200, "ä", ""):
        made = compare._file_name(name)
        assert "/" not in made and not made.startswith((".", "-")) and 0 < len(made) <= 60, made
    assert compare._file_name("HEAD~1") == "HEAD~1"


def test_an_unknown_revision_is_one_line(project):
    result = run_stage("compare", "../x")
    assert_one_line_error(result, "revision '../x': unknown", "git log --oneline", "dvc exp show")
    assert_refused(lambda: compare.main("HEAD", "<b>"), "revision '<b>': unknown")
    assert not list((project / "reports").rglob("*.html"))


def test_an_experiment_of_dvc_is_known_by_its_name(project):
    write_parameters(0.5)
    commit_before = git("rev-parse", "HEAD").strip()
    with Repo() as repo:
        repo.experiments.save(name="slower", force=True)
    git("checkout", "-q", "--", "params.yaml")
    with opened("slower") as slower, opened("workspace") as workspace:
        assert b"0.5" in slower.read("params.yaml") and b"0.5" not in workspace.read("params.yaml")
        assert slower.commit != workspace.commit == commit_before
        assert slower.read("data/samples/gans/plain.h5") == Path("data/samples/gans/plain.h5").read_bytes()


def test_places_without_runs_are_the_users_to_mend(project, monkeypatch):
    git("rm", "-rq", "reports/metrics")
    assert_refused(lambda: compare.main("HEAD", "workspace"), "workspace: has no metrics", "dvc repro")
    git("checkout", "-q", "--orphan", "empty")
    git("rm", "-rqf", "--cached", ".")
    git("commit", "-qm", "nothing", "--allow-empty")
    assert_refused(lambda: compare.main("empty", "master"), "empty: has no folder .dvc")
    shutil.rmtree(".git")
    assert_refused(lambda: compare.main("HEAD", "workspace"), "no git repository")
    git("init", "-q")
    assert_refused(lambda: compare.main("HEAD", "workspace"), "revision 'HEAD': unknown")
    assert not list(project.rglob("*.html"))


@pytest.mark.parametrize(("key", "before", "after", "verdict"), [
    ("accuracy", 0.9, 0.95, "better"), ("errors", 4, 5, "worse"), ("images", 4, 5, "–"),
    ("frechet_distance", 3.0, 2.0, "better"), ("pairwise_distance_ratio", 0.9, 1.2, "worse"),
    ("sharpness", 0.5, 0.4, "better"), ("generator_loss", 1.2, 0.6, "better"), ("mean_output.first", 0.1, 0.9, "–"),
    ("against noise: noise_output", 0.1, 0.3, "worse"), ("label_accuracy_of.3", 0.1, 0.3, "better"),
])
def test_a_change_is_for_the_better_where_that_is_known(key, before, after, verdict):
    others = {"sharpness_real": 0.3, "ideal_loss": 0.7}
    assert revisions_changes._verdict(key, {**others, key: before}, {**others, key: after}) == verdict


@pytest.mark.parametrize(("before", "after", "row"), [
    (0, 3, ["0", "3", "+3", "from 0"]), (0.5, 0.500001, ["0.5", "0.500001", "+0.000001", "+0.0002\u00a0%"]),
    (12345, 12346, ["12,345", "12,346", "+1", "+0.0081\u00a0%"]), (-0.5, 0.5, ["−0.5", "0.5", "+1", "+200\u00a0%"]),
    (2.0, 250.0, ["2", "250", "+248", "+12,000\u00a0%"]), (0.25, None, ["0.25", "–", "–", "–"]),
    ([1, 2], [1, 3], ["[1, 2]", "[1, 3]", "–", "–"]),
])
def test_numbers_are_written_so_that_they_differ(before, after, row):
    assert Change("x", before, after, "–").row()[2:] == row


def test_a_page_of_many_changes_shows_the_largest_only(tmp_path, monkeypatch):
    monkeypatch.setattr(revisions_page, "WITH_PICTURES", 2)
    facts = {letter: {"name": letter.lower(), "commit": letter * 40, "subject": "", "made_with": [], "samples": {
        f"data/samples/gans/p{place}.h5": letter for place in range(4)}} for letter in "AB"}
    for letter in "AB":
        (tmp_path / letter).mkdir()
        monkeypatch.chdir(tmp_path / letter)
        write_parameters(0.1)
        for place in range(4):
            write_pattern(f"p{place}", 0.5 if letter == "A" else 0.51 + place / 100)
    write_json(tmp_path / "sides.json", facts)
    shown = []
    monkeypatch.setattr(html, "display", lambda value: shown.append(value.data))

    revisions_page.Page(str(tmp_path)).show_experiments()
    text = "".join(shown)
    assert "of the 2 experiments whose numbers changed most; of the other 2" in text
    assert text.count("Loss curves of ") == 2 and text.count("<h2>") == 4
    assert "Loss curves of p1," not in text and text.index("<h2>p3") < text.index("<h2>p0")


def test_damaged_files_name_their_side(tmp_path, monkeypatch):
    write_json(tmp_path / "sides.json", {"A": {"name": "old", "commit": "a", "subject": "", "made_with": [],
                                               "samples": {}}})
    assert_refused(lambda: Side(tmp_path, "A"), "old: has no params.yaml")
    (tmp_path / "A/reports/metrics/gans").mkdir(parents=True)
    (tmp_path / "A/params.yaml").write_text("run: [", encoding="utf-8")
    assert_refused(lambda: Side(tmp_path, "A"), "old: params.yaml: is no valid YAML")
    (tmp_path / "A/params.yaml").write_text(json.dumps({"run": {"seed": 1}}), encoding="utf-8")
    (tmp_path / "A/reports/metrics/gans/x.json").write_text("{", encoding="utf-8")
    assert_refused(lambda: Side(tmp_path, "A"), "old: reports/metrics/gans/x.json is damaged")


def test_what_one_side_lacks_or_has_in_another_form_is_said(tmp_path, monkeypatch):
    facts = {letter: {"name": letter.lower(), "commit": letter, "subject": "", "made_with": [],
                      "samples": {"data/samples/gans/x.h5": letter}} for letter in "AB"}
    write_json(tmp_path / "sides.json", facts)
    for letter in "AB":
        (tmp_path / letter).mkdir()
        monkeypatch.chdir(tmp_path / letter)
        write_parameters(0.1)
        write_pattern("x", 0.5 if letter == "A" else 0.6)
    (tmp_path / "A/reports/losses/gans/x.csv").write_text("iteration,generator\n", encoding="utf-8")
    write_arrays(tmp_path / "A/data/samples/gans/x.h5", {"grid": np.zeros(3)}, {"description": {"data": {}}})
    shown = []
    monkeypatch.setattr(html, "display", lambda value: shown.append(value.data))

    revisions_page.Page(str(tmp_path)).show_experiments()
    text = "".join(shown)
    assert "A, a: reports/losses/gans/x.csv is missing or damaged" in text
    assert "generator 0.25 in B" in text
    assert "A, a: data/samples/gans/x.h5: no data set &#x27;grid/images&#x27;" in text
    assert "Patterns that x has made on side B, b, on average 0.60" in text
