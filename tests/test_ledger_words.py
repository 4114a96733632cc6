"""What the ledger writes of a claim: units, the side it stands on, and whose claim it is."""

import csv
import json
from pathlib import Path

import pytest
from conftest import REPOSITORY
from ledger_files import CLAIMS, change_metric, write_run

from stages import judge_claims
from stages.ledger.claims import read_claims

MEASURED = {  # another processor rounds differently: what the words below speak of does not come from the last run
    "gans/celeba_conv": {"frechet_distance": 47.451}, "gans/celeba_dense": {"frechet_distance": 29.934},
    "seeds/mnist_improved": {"cross_fade_greyness": 0.383112, "linear_midpoint_greyness": 0.210479},
}
SLOPE = "error_of_central_difference_of_sigmoid"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    """A folder of the test's own, the current one."""
    monkeypatch.chdir(tmp_path)


def judged() -> dict[str, dict[str, str]]:
    """The rows of the ledger by claim, after judging."""
    judge_claims.main("ledger")
    with Path("reports/ledger/ledger.csv").open(encoding="utf-8", newline="") as file:
        return {row["claim"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize(("claim", "expected", "measured"), [
    # what is measured is what the statement speaks of, and never more figures than its verdict needs
    ("conv_beats_dense", "less than 29.93 (celeba_dense)", "47.45"),
    ("morph_is_no_cross_fade", "less than 0.3831 (cross fade greyness)", "0.2105"),
    ("conv_is_slower", "less than 2.712 pictures/s (celeba_dense)", "0.796 pictures/s"),
    ("numpy_beats_loops", "at least 1,000 times", "2,620 times (38.75 GFLOP/s to 0.01479 GFLOP/s)"),
    ("conv_memory_counted", "5 times ± 1 times", "4.49 times (713.7 MiB to 158.8 MiB)"),
    ("layer_sum", "2.3755 ± 5 × 10⁻⁵", "2.3755"),
    ("detached_history", "yes", "yes"),
    ("difference_sigmoid", "at most 10⁻⁶ apart", "1.21 × 10⁻⁷ apart"),
    ("difference_square", "at most 10⁻⁶ apart", "no difference"),
])
def test_values_have_units_and_stand_on_the_side_of_the_claim(claim, expected, measured):
    write_run("local", "book")
    for file, metrics in MEASURED.items():
        for metric, value in metrics.items():
            change_metric(f"reports/metrics/{file}.json", value, metric)
    change_metric("reports/metrics/foundations.json", 1.21e-07, "examples", SLOPE, "value")
    row = judged()[claim]
    assert (row["expected"], row["measured"]) == (expected, measured)


def test_what_is_not_as_claimed_is_a_no():
    write_run()
    change_metric("reports/metrics/foundations.json", 1.0, "examples", "detached_shares_values", "difference")
    row = judged()["detached_values"]
    assert (row["verdict"], row["expected"], row["measured"]) == ("contradicted", "yes", "no")


def test_claims_of_the_lessons_are_of_those_who_make_them():
    """Metrics of chapter 1 say where each example is from."""
    origins = {"Weidman, chapter 1": "weidman", "the autograd tutorials": "tutorials",
               "chapter 1, notebooks 00 and 01": "book"}
    examples = json.loads((REPOSITORY / "reports/metrics/foundations.json").read_text(encoding="utf-8"))["examples"]
    claims = read_claims(REPOSITORY / CLAIMS).claims
    of_chapter = {name: claim for name, claim in claims.items() if claim.chapter == 1}
    for name, claim in of_chapter.items():
        assert claim.origin == origins[examples[claim.measured.metric.split(".")[1]]["source"]], name
    assert all(claim.origin in ("book", "own") for name, claim in claims.items() if name not in of_chapter)
