"""The ledger of the book's claims: every verdict and its reason, from small files."""

import csv
import json
from pathlib import Path

import ledger_files
import pytest
import yaml
from conftest import REPOSITORY, run_stage
from ledger_files import CLAIMS, change_claims, change_metric, write_run

from stages import judge_claims
from stages.ledger.claims import read_claims

BASELINE, FIRST = "reports/metrics/classifiers/baseline.json", "reports/metrics/gans/mnist_first.json"
ACCURACY = {"file": BASELINE, "metric": "accuracy"}
WRITTEN = ("reports/metrics/ledger.json", "reports/ledger/ledger.csv")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    """A folder of the test's own, the current one."""
    monkeypatch.chdir(tmp_path)


def judged() -> dict[str, dict[str, str]]:
    """The rows of the ledger by claim, after judging."""
    judge_claims.main("ledger")
    with open(WRITTEN[1], encoding="utf-8", newline="") as file:
        return {row["claim"]: row for row in csv.DictReader(file)}


def keep_one(name: str, **expected: object) -> None:
    """Leave one claim in the file, with other expectations."""
    def change(values: dict) -> None:
        claim = values["claims"][name]
        claim["expected"] = expected | {"because": next(iter(values["reasons"]))}
        claim["judged_at"] = {"budgets": "any", "source": "any"}
        values["claims"] = {name: claim}
    change_claims(change)


def test_as_shipped_what_needs_no_real_pictures_is_judged_and_the_rest_says_why():
    write_run()
    result = run_stage("judge_claims", "ledger")
    assert result.returncode == 0, result.stderr
    rows = judged()
    assert len(rows) >= 60
    assert sum(row["verdict"] == "confirmed" for row in rows.values()) >= 30
    assert {row["reason"] for row in rows.values()} == {"", "stand-in data", "demo budget", "no GPU"}
    for row in rows.values():
        assert (row["verdict"] == "not_judged") == bool(row["reason"]), row
        assert row["verdict"] != "contradicted", row
    found = json.loads(Path(WRITTEN[0]).read_text(encoding="utf-8"))
    assert sum(found.values()) == len(rows) and set(found) == {"confirmed", "contradicted", "not_judged"}


def test_on_real_pictures_every_claim_has_its_metric_and_only_a_gpu_is_missing():
    write_run("local", "book")
    rows = judged()
    assert {row["reason"] for row in rows.values() if row["verdict"] == "not_judged"} == {"no GPU"}
    assert sum(row["source"] == "local" for row in rows.values()) >= 30
    # the metrics here are those of short trainings on stand-in digits: many claims fail, and are said to
    assert rows["baseline_accuracy"]["verdict"] == "contradicted"
    assert rows["baseline_accuracy"]["measured"] == "58.35 %"
    assert rows["baseline_accuracy"]["expected"] == "88.00 % ± 0.50 points"


def test_metrics_that_wait_for_a_gpu_are_written_by_the_benchmarks():
    code = {name: (REPOSITORY / f"benchmarks/{name}.py").read_text(encoding="utf-8")
            for name in ("basics", "face_training")}
    waiting = [claim for claim in read_claims(REPOSITORY / CLAIMS).claims.values() if claim.judged_at.gpu]
    assert waiting
    for place in (place for claim in waiting for place in claim.places()):
        name = Path(place.file).stem
        assert name == "basics" or name == "face_training-cuda-book"
        device, *_, column = place.metric.split(".")
        assert f'"{column}"' in code[name.split("-")[0]]
        assert name != "basics" or (device in ("cpu", "cuda") and f'"{place.metric.split(".")[2]}"' in code["basics"])


def test_every_file_behind_a_claim_is_declared():
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    declared = [Path(place) for place in stages["judge_claims"]["deps"]]
    for claim in read_claims(REPOSITORY / CLAIMS).claims.values():
        for path in (Path(place.file) for place in claim.places()):
            missing = path.parts[0] == "benchmarks" and not (REPOSITORY / path).exists()
            assert missing or any(path == place or place in path.parents for place in declared), \
                f"declare {path} in dvc.yaml"


def test_every_reason_is_used_and_the_book_is_not_quoted_at_length():
    ledger = read_claims(REPOSITORY / CLAIMS)
    assert set(ledger.reasons) == {claim.expected.because for claim in ledger.claims.values()}
    assert max(len(claim.statement) for claim in ledger.claims.values()) < 220


@pytest.mark.parametrize(("expected", "verdict", "text"), [
    ({"operator": "within", "value": 0.5, "tolerance": 0.08351}, "confirmed", "0.5 ± 0.08351"),
    ({"operator": "within", "value": 0.5, "tolerance": 0.0834}, "contradicted", "0.5 ± 0.0834"),
    ({"operator": "within", "value": 0.5835}, "confirmed", "0.5835"),
    ({"operator": "within", "value": [0.5835]}, "contradicted", "[0.5835]"),
    ({"operator": "at_least", "value": 0.5835, "unit": "share"}, "confirmed", "at least 58.35 %"),
    ({"operator": "at_least", "value": 0.5836}, "contradicted", "at least 0.5836"),
    ({"operator": "at_most", "value": 0.5835}, "confirmed", "at most 0.5835"),
    ({"operator": "at_most", "value": 0.5834}, "contradicted", "at most 0.5834"),
    ({"operator": "greater_than", "other": ACCURACY}, "contradicted", "more than 0.5835"),
    ({"operator": "less_than", "other": ACCURACY}, "contradicted", "less than 0.5835"),
    ({"operator": "less_than", "other": {"file": BASELINE, "metric": "images"}, "unit": "count"}, "confirmed",
     "less than 2,000 (images)"),
    ({"operator": "at_most", "value": 0, "unit": "yes_no"}, "contradicted", "yes"),
    ({"operator": "greater_than", "other": {"file": FIRST, "metric": "recall"}}, "confirmed",
     "more than 0 (mnist_first)"),
])
def test_operators(expected, verdict, text):
    write_run()
    keep_one("baseline_accuracy", **expected)
    row = judged()["baseline_accuracy"]
    assert (row["verdict"], row["expected"]) == (verdict, text)


def test_differences_and_ratios_show_both_sides():
    write_run("local", "book")
    rows = judged()
    assert rows["bce_beats_baseline"]["measured"] == "25.50 points (83.85 % − 58.35 %)"
    assert rows["cnn_is_small"]["measured"] == "42.9 times (159,410 to 3,720)"


@pytest.mark.parametrize(("run", "claim", "verdict", "reason"), [
    (("stand_in", "book"), "baseline_accuracy", "not_judged", "stand-in data"),
    (("local", "demo"), "baseline_accuracy", "not_judged", "demo budget"),
    (("local", "best"), "baseline_accuracy", "not_judged", "best budget"),
    (("local", "book", "stand_in"), "conv_beats_dense", "not_judged", "stand-in data"),
    (("local", "book"), "gelu_beats_leaky_relu", "confirmed", ""),
    (("stand_in", "book"), "conv_memory_counted", "confirmed", ""),
    (("stand_in", "demo"), "conv_memory_counted", "not_judged", "demo budget"),
    (("stand_in", "demo"), "pattern_first", "confirmed", ""),
    (("stand_in", "demo"), "dense_memory", "not_judged", "no GPU"),
])
def test_reasons(run, claim, verdict, reason):
    write_run(*run)
    row = judged()[claim]
    assert (row["verdict"], row["reason"]) == (verdict, reason)


def test_digits_that_are_not_mnist_judge_nothing(monkeypatch):
    monkeypatch.setitem(ledger_files.TITLES, "local", {"mnist": "custom", "celeba": "CelebA"})
    write_run("local", "book")
    assert judged()["baseline_accuracy"]["reason"] == "other data than the book's"


def test_what_was_not_run_is_not_judged():
    """As in a clone: metrics of another run are in git, and the samples that would say so are not there."""
    write_run("local", "book", without="celeba")
    rows = judged()
    assert rows["conv_beats_dense"]["reason"] == rows["celeba_conv_alone_real"]["reason"] == "not run here"
    assert rows["improved_variety"]["verdict"] == "confirmed"
    Path("reports/metrics/appendix_d.json").unlink()
    assert judged()["spiral_end"]["reason"] == "not run here"


def test_a_comparison_of_two_runs_is_no_comparison():
    write_run("local", "book")
    ledger_files.describe("classifiers", "cnn", {"parameters": 3720}, "mnist", "local", "best")
    assert judged()["cnn_is_small"]["reason"] == "its two sides are of different runs"


def test_a_recorded_gpu_is_judged():
    write_run()
    rows = [{"what": "PyTorch with CUDA, float32", "gflop_per_second": 5791.0}]
    change_metric("benchmarks/basics.json", {"rows": rows}, "cuda")
    found = judged()
    assert found["cuda_beats_numpy"]["verdict"] == "confirmed" and found["dense_memory"]["reason"] == "no GPU"
    assert found["cuda_beats_loops"]["verdict"] == "contradicted"


@pytest.mark.parametrize(("file", "keys", "value", "claim"), [
    ("reports/metrics/appendix_a.json", ("examples", "mean_squared_error_of_an_unsure_discriminator", "value"),
     [0.25, 0.26], "unsure_mse"),
    ("reports/metrics/gans/pattern_1010.json", ("mean_output", "first"), 0.7, "pattern_first_is_high"),
    ("reports/metrics/foundations.json", ("examples", "plain_function", "value"), 14.26, "plain_function"),
])
def test_a_changed_metric_changes_the_verdict(file, keys, value, claim):
    write_run()
    assert judged()[claim]["verdict"] == "confirmed"
    before = json.loads(Path(WRITTEN[0]).read_text(encoding="utf-8"))
    change_metric(file, value, *keys)
    assert judged()[claim]["verdict"] == "contradicted"
    after = json.loads(Path(WRITTEN[0]).read_text(encoding="utf-8"))
    assert after["contradicted"] > before["contradicted"]


def test_the_same_measurements_give_the_same_bytes():
    write_run()
    found = []
    for _ in range(2):
        judged()
        found.append([Path(path).read_bytes() for path in WRITTEN])
    assert found[0] == found[1]
