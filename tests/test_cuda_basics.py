"""Chapter 4: the benchmark multiplies correctly and reckons correctly, and its page shows what was recorded."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY, assert_refused
from lesson_pages import linked, pages_of_params, require_readable, shown_on_page, write_parameters

from benchmarks import basics
from stages.reporting import cuda_basics_figures, cuda_basics_page
from stages.reporting.cuda_basics_page import Page

MACHINE = {"processor": "Abacus 5", "cores": 2, "system": "Linux"}
VERSIONS = {"python": "3.11.7", "torch": "2.15.0", "numpy": "2.4.6"}


@pytest.fixture
def page(tmp_path, monkeypatch) -> None:
    """A folder of the test's own, with the page in its params.yaml and no record."""
    monkeypatch.chdir(tmp_path)
    write_parameters("cuda_basics")


def row(what: str, seconds: float, side: int = 600) -> dict:
    return {"what": what, "side": side, "seconds": seconds, "gflop_per_second": 2 * side**3 / seconds / 1e9,
            "times_numpy": 1.0}


def record(device: str, *rows: dict, **machine: str) -> None:
    Path("benchmarks").mkdir(exist_ok=True)
    basics.record(Path("benchmarks/basics.json"), device,
                  {"rows": list(rows), "threads": 1, "machine": MACHINE | machine, "versions": VERSIONS})


def test_plain_python_multiplies_as_numpy_does():
    one, other = np.random.default_rng(2).random((2, 7, 7))
    np.testing.assert_allclose(basics.python_product(one.tolist(), other.tolist()), one @ other)


def test_rows_are_of_their_size_and_rates_of_their_seconds(monkeypatch):
    monkeypatch.setattr(basics, "REPEATS", 1)
    rows = {found["what"]: found for found in basics.measure(side=20, python_side=8)}
    assert rows["plain Python"]["side"] == 8 and rows["NumPy"]["side"] == 20
    assert rows["NumPy"]["times_numpy"] == 1
    assert {"NumPy, float32", "PyTorch on the CPU, float32"} <= set(rows)
    for found in rows.values():
        assert found["gflop_per_second"] == pytest.approx(2 * found["side"] ** 3 / found["seconds"] / 1e9, rel=2e-3)
        assert found["times_numpy"] == pytest.approx(
            found["gflop_per_second"] / rows["NumPy"]["gflop_per_second"], rel=2e-3)


def test_a_wrong_product_is_not_timed(monkeypatch):
    monkeypatch.setattr(basics, "python_product", lambda one, other: np.asarray(one) * 2)
    with pytest.raises(AssertionError, match="plain Python: its product is"):
        basics.measure(side=4, python_side=4)


def test_the_number_of_threads_reaches_numpy_before_it_starts(monkeypatch):
    asked = {}

    def run(command, env, **_):
        asked.update(command=command, env=env)
        return subprocess.CompletedProcess(command, 0, stdout="[]\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert basics._in_a_process(threads=3, whole=True) == []
    assert asked["env"]["OPENBLAS_NUM_THREADS"] == asked["env"]["OMP_NUM_THREADS"] == "3"
    assert asked["command"][0] == sys.executable and "--whole" in asked["command"]


def test_make_bench_runs_it():
    assert "-m benchmarks.basics" in (REPOSITORY / "Makefile").read_text(encoding="utf-8")


def test_the_committed_run_is_complete():
    found = json.loads((REPOSITORY / "benchmarks/basics.json").read_text(encoding="utf-8"))["cpu"]
    assert found["machine"]["processor"] and found["versions"]["numpy"] and found["threads"] >= 1
    rates = {one["what"]: one["gflop_per_second"] for one in found["rows"]}
    assert rates["plain Python"] < rates["NumPy"] / 10 and len(rates) >= 4


def test_the_page_names_the_machine_and_stands_beside_the_book(page, monkeypatch):
    record("cpu", row("plain Python", 20.0), row("NumPy", 0.008))
    text = shown_on_page("cuda_basics", monkeypatch)
    assert "Abacus 5, 2 cores, Linux" in text and "numpy 2.4.6" in text
    assert "20.0\u00a0s" in text and "8.00\u00a0ms" in text
    for published in ("200\u00a0s", "13.2\u00a0ms", "74.6\u00a0µs"):
        assert published in text
    assert "432,000,000 multiplications" in text
    assert "estimated" not in text and "On one that has" in text
    assert "torch.cuda.is_available()" in text
    assert linked(text) <= pages_of_params()
    assert Page("cuda_basics").badge == "measured on Abacus 5 · no data set"


def test_a_smaller_product_is_shown_as_the_estimate_that_it_is(page, monkeypatch):
    record("cpu", row("plain Python", 0.16, side=120), row("NumPy", 0.008))
    text = shown_on_page("cuda_basics", monkeypatch)
    assert "120\u00a0×\u00a0120 only, in 160\u00a0ms" in text
    assert "makes 20.0\u00a0s, the mark in the picture" in text and "plain Python, estimated 20.0\u00a0s" in text


def test_a_run_on_a_gpu_stands_beside_that_on_a_cpu(page, monkeypatch):
    record("cpu", row("NumPy", 0.008))
    record("cuda", row("PyTorch with CUDA, float32", 3e-5), gpu="Big GPU")
    text = shown_on_page("cuda_basics", monkeypatch)
    assert "30.0\u00a0µs" in text and "Big GPU" in text and "On one that has" not in text
    assert "Where a row says" not in text  # no row does
    record("cuda", row("PyTorch with CUDA, copies included", 3e-4), gpu="Big GPU")
    assert "Where a row says “copies included”" in shown_on_page("cuda_basics", monkeypatch)
    assert Page("cuda_basics").badge == "measured on Abacus 5, Big GPU · no data set"


def test_without_a_run_the_page_says_how_to_make_one(page, monkeypatch):
    text = shown_on_page("cuda_basics", monkeypatch)
    assert "No run is recorded" in text and cuda_basics_page.COMMAND in text and "200\u00a0s" in text
    assert Page("cuda_basics").badge == "not measured yet · no data set"


def test_a_damaged_run_is_refused_in_a_line(page):
    Path("benchmarks").mkdir()
    Path("benchmarks/basics.json").write_text("{", encoding="utf-8")
    assert_refused(lambda: Page("cuda_basics"), "benchmarks/basics.json", "measure again")


def test_the_figure_can_be_read():
    here = {"plain Python, estimated": 20.0, "PyTorch with CUDA, copies included": 3e-4}
    require_readable(cuda_basics_figures.durations(here, cuda_basics_page.BOOK, cuda_basics_page._duration))
