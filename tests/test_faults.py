"""What goes wrong around a stage: a full or read-only disk, too little memory, a damaged cache, two runs, a clock."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import small_pipeline
from conftest import REPOSITORY, assert_one_line_error, run_on_small_disk, run_stage, set_key
from ledger_files import write_run
from small_pipeline import DRAWN, REPORT, WEIGHTS, YAML, contents, repro, run

pytestmark = pytest.mark.slow
# stage, name, a folder that it writes to
WRITERS = [
    ("draw", "pattern_1010", "data/hdf5"),
    ("train_discriminator", "pattern_1010", "data/samples/discriminators"),
    ("train_discriminator", "pattern_1010", "reports/metrics/discriminators"),
    ("train_gan", "pattern_1010", "data/models/gans"),
    ("train_gan", "pattern_1010", "data/progress/gans"),
    ("train_gan", "pattern_1010", "reports/losses/gans"),
    ("explore_seeds", "pattern_1010", "data/samples/seeds"),
    ("evaluate_gan", "pattern_1010", "data/samples/gans"),
    ("evaluate_gan", "pattern_1010", "reports/metrics/gans"),
    ("demonstrate", "appendix_b", "reports/metrics"),
    ("list_chapters", "index", "data/chapters"),
    ("report", "gan_concept", "reports/html"),
]
# of other projects than that one
OTHER_WRITERS = [
    ("train_classifier", "baseline", "data/models/classifiers"),
    ("evaluate_classifier", "baseline", "reports/metrics/classifiers"),
    ("list_convolutions", "appendix_c", "reports/convolutions"),
]
ELSEWHERE = {"download": "test_local_digits.py", "convert": "test_bad_data.py"}  # of faces: test_celeba_convert.py

FULL = ('head -c 4096 /dev/zero > {folder}/filler; "$PYTHON" -m stages.{stage} {name}; code=$?; ls -A {folder}; '
        "exit $code")


@pytest.fixture
def project(small_project, tmp_path, monkeypatch):
    """A copy of the small project, the current folder."""
    place = small_pipeline.copy(small_project, tmp_path / "project")
    monkeypatch.chdir(place)
    return place


@pytest.mark.parametrize(("stage", "name", "folder"), WRITERS, ids=lambda value: str(value).replace("/", "_"))
def test_a_full_disk_is_one_line_and_leaves_nothing(project, stage, name, folder):
    shutil.rmtree(folder, ignore_errors=True)
    result = run_on_small_disk(folder, "size=4k", FULL.format(folder=folder, stage=stage, name=name))
    assert_one_line_error(result, "No space left", folder)
    assert result.stdout == "filler\n"


@pytest.mark.parametrize(("stage", "name", "folder"), WRITERS[::3], ids=lambda value: str(value).replace("/", "_"))
def test_a_read_only_output_folder_is_one_line(project, stage, name, folder):
    shutil.rmtree(folder, ignore_errors=True)
    result = run_on_small_disk(folder, "size=1m", f'mount -o remount,ro {folder}; "$PYTHON" -m stages.{stage} {name}')
    assert_one_line_error(result, "Read-only file system", folder)


@pytest.mark.parametrize(("stage", "name", "folder"), OTHER_WRITERS)
def test_a_full_disk_under_other_stages_is_one_line(converted, stage, name, folder):
    if stage == "evaluate_classifier":
        assert run_stage("train_classifier", name).returncode == 0
    if stage == "list_convolutions":
        shutil.copyfile(REPOSITORY / "params.yaml", "params.yaml")
    result = run_on_small_disk(folder, "size=4k", FULL.format(folder=folder, stage=stage, name=name))
    assert_one_line_error(result, "No space left", folder)
    assert result.stdout == "filler\n"


def test_a_full_disk_under_the_ledger_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run()
    result = run_on_small_disk("reports/ledger", "size=4k",
                               FULL.format(folder="reports/ledger", stage="judge_claims", name="ledger"))
    assert_one_line_error(result, "No space left", "reports/ledger")
    assert result.stdout == "filler\n"


def test_a_full_disk_is_tested_under_every_verb():
    definition = YAML.load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))
    commands = (stage.get("do", stage)["cmd"] for stage in definition["stages"].values())
    verbs = {command.split()[2].removeprefix("stages.") for command in commands}
    tested = {stage for stage, _, _ in WRITERS + OTHER_WRITERS} | {"judge_claims"} | set(ELSEWHERE)
    assert verbs == tested
    for file in ELSEWHERE.values():
        assert '"No space left"' in (REPOSITORY / "tests" / file).read_text(encoding="utf-8")


def test_too_little_memory_is_one_line_that_says_what_to_lower(converted):
    """200 MiB more than PyTorch takes by itself are not enough for a layer of 100,000 units."""
    set_key("classifiers.baseline.network.hidden_units", 100_000)
    limited = ("import resource, runpy, sys; import torch; "
               "used = int(open('/proc/self/statm').read().split()[0]) * 4096; "
               "resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20),) * 2); "
               "sys.argv = ['train_classifier.py', 'baseline']; runpy.run_module('stages.train_classifier', "
               "run_name='__main__')")
    result = subprocess.run([sys.executable, "-c", limited], env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
                            capture_output=True, text=True, timeout=300, check=False)
    assert_one_line_error(result, "baseline: not enough memory", "batch_size", "LANES=1")
    assert not list(Path("data/models/classifiers").rglob("*.*"))


def digest_of(project: Path, path: str) -> str:
    lock = YAML.load((project / "dvc.lock").read_text(encoding="utf-8"))
    (digest,) = (out["md5"] for stage in lock["stages"].values() for out in stage["outs"] if out["path"] == path)
    return digest


def damage(project: Path, path: str, rights: int) -> Path:
    """Change one byte of an output's object in the cache."""
    digest = digest_of(project, path)
    stored = project / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    content = stored.read_bytes()
    stored.unlink()
    stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    stored.chmod(rights)
    return stored


def test_a_damaged_object_of_the_cache_that_may_be_written_is_found_by_dvc_and_made_again(project):
    before = contents(project)
    damage(project, WEIGHTS, 0o644)
    (project / WEIGHTS).unlink()
    assert f"train_gan@{small_pipeline.EXPERIMENT}" in repro(project)
    assert contents(project) == before
    assert "up to date" in run("dvc", "status", cwd=project)


@pytest.mark.parametrize("checked_out", [False, True])
def test_a_damaged_read_only_object_is_found_by_mend_and_made_again(project, checked_out):
    """DVC itself does not look into what is read-only, as it leaves all objects: it checks such bytes out."""
    before = contents(project)
    damage(project, WEIGHTS, 0o444)
    (project / WEIGHTS).unlink()
    if checked_out:
        run("dvc", "checkout", WEIGHTS, cwd=project)
        assert contents(project) != before, "DVC has learnt to look: say so in README"
    said = run("python", "-m", "stages.mend", cwd=project)
    assert f"mended: {WEIGHTS}: damaged in DVC's cache; removed; make repro makes it again" in said
    assert re.search(r"^1 of \d+ objects of DVC's cache were damaged$", said, flags=re.MULTILINE)
    assert f"train_gan@{small_pipeline.EXPERIMENT}" in repro(project)
    assert contents(project) == before
    assert "up to date" in run("dvc", "status", cwd=project)


def test_a_damaged_object_is_put_back_from_a_whole_output(project):
    stored = damage(project, WEIGHTS, 0o444)
    assert f"mended: {WEIGHTS}: damaged in DVC's cache; put back from the workspace" in \
        run("python", "-m", "stages.mend", cwd=project)
    assert stored.read_bytes() == (project / WEIGHTS).read_bytes() and repro(project) == set()
    assert "0 of " in run("python", "-m", "stages.mend", cwd=project)


def test_of_two_runs_at_once_one_works_and_the_other_says_so(project):
    before = contents(project)
    for path in (DRAWN, WEIGHTS, REPORT):
        (project / path).unlink()
    shutil.rmtree(project / ".dvc/cache")
    first, second = (small_pipeline.start("dvc", "repro", cwd=project) for _ in range(2))
    said = {process.communicate(timeout=600)[0]: process.returncode for process in (first, second)}
    assert 0 in said.values()
    for text, status in said.items():
        assert status == 0 or "lock" in text, text
        assert "Traceback" not in text
    assert repro(project) == set() and contents(project) == before


def test_a_clock_set_back_or_forward_reruns_nothing(project):
    for year in (0, 2_000_000_000):  # 1970 and 2033
        for path in project.rglob("*"):
            if path.is_file() and ".git" not in path.parts and not path.is_symlink():
                os.utime(path, (year, year))
        assert repro(project) == set()
        assert "up to date" in run("dvc", "status", cwd=project)


def test_outputs_hold_no_time_and_no_place(project):
    """The reports and metrics name neither the day of their making nor the folder."""
    for path, content in contents(project).items():
        assert str(project).encode() not in content, path
        assert not re.search(rb"\b20[2-9]\d-[01]\d-[0-3]\d\b", content), path
