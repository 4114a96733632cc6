"""A broken file of claims, or a damaged metric, is refused in one line, and nothing is written."""

from pathlib import Path

import pytest
from conftest import assert_nothing_left, assert_one_line_error, assert_refused, run_stage
from ledger_files import CLAIMS, change_claims, write_run

from stages import judge_claims

BASELINE = "reports/metrics/classifiers/baseline.json"
TABLE = "reports/ledger/ledger.csv"


@pytest.fixture(autouse=True)
def run(tmp_path, monkeypatch) -> None:
    """A run in a folder of the test's own, the current one."""
    monkeypatch.chdir(tmp_path)
    write_run()


def put(*keys: str, value: object = None):
    """A change of one claim's block; without a value the key goes."""
    def change(values: dict) -> None:
        block = values["claims"]["baseline_accuracy"]
        for key in keys[:-1]:
            block = block[key]
        if value is None:
            del block[keys[-1]]
        else:
            block[keys[-1]] = value
    return change


@pytest.mark.parametrize(("change", "parts"), [
    (put("colour", value="red"), ("claims.baseline_accuracy.colour is unknown", "accepted keys: chapter, page")),
    (put("statement"), ("claims.baseline_accuracy.statement is missing",)),
    (put("expected", "value", value=float("nan")), ("expected.value is nan", "finite number")),
    (put("expected", "value", value="88 %"), ("expected.value is '88 %'", "a number")),
    (put("expected", "tolerance", value=float("inf")), ("expected.tolerance is inf", "finite number")),
    (put("expected", "operator", value="near"), ("expected.operator is 'near'", "'at_least'")),
    (put("expected", "operator", value="at_least"), ("expected.tolerance is 0.005", "only `within`")),
    (put("expected", "operator", value="greater_than"), ("give `other`",)),
    (put("expected", "because", value="so"), ("expected.because is 'so'", "published_accuracy")),
    (put("expected", "value"), ("give `value`",)),
    (put("measured", "metric", value="acuracy"), ("baseline.json has no 'acuracy'", "accuracy, errors, images")),
    (put("measured", "file", value="reports/metrics/classifiers/bsaeline.json"), ("bsaeline.json", "correct the name")),
    (put("measured", "file", value="../secrets.json"), ("../secrets.json", "correct the name")),
    (put("expected", "operator", value="less_than"), ("less_than compares with another metric", "give `other`")),
    (put("expected", "sides", value="count"), ("expected.sides", "give measured `over`")),
    (put("origin", value="me"), ("origin is 'me'", "'weidman'")),
    (put("origin"), ("claims.baseline_accuracy.origin is missing",)),
    (put("page", value="basline"), ("page is 'basline'", "no such page")),
    (put("chapter", value=11), ("chapter is 11",)),
])
def test_broken_claims_are_refused_in_a_line(change, parts):
    change_claims(change)
    assert_refused(lambda: judge_claims.main("ledger"), "reports/claims.yaml: ", *parts)
    assert_nothing_left(TABLE)


def test_refusals_on_the_command_line():
    Path(BASELINE).write_text('{"accuracy": NaN}', encoding="utf-8")
    assert_one_line_error(run_stage("judge_claims", "ledger"), "baseline_accuracy", "'accuracy'", "nan", "finite")
    Path(BASELINE).write_text("{", encoding="utf-8")
    assert_one_line_error(run_stage("judge_claims", "ledger"), "baseline.json: is damaged")
    CLAIMS.unlink()
    assert_one_line_error(run_stage("judge_claims", "ledger"), "reports/claims.yaml: not found")
    assert_one_line_error(run_stage("judge_claims", "legder"), "no 'legder' in pages.ledgers; it has: ledger")
    assert_nothing_left(TABLE)
