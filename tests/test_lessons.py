"""Lessons: examples that hold are written, one that does not stops the stage and says which."""

import json
from pathlib import Path

import numpy as np
import pytest

from stages import demonstrate
from stages.core.command import UserError
from stages.lessons.examples import Example, as_metrics, require_all
from tests.conftest import assert_one_line_error, run_stage

LESSONS = ("foundations", "appendix_a", "appendix_b", "appendix_c", "appendix_d")


@pytest.mark.parametrize(("example", "difference"), [
    (Example(1.5, 1.25), 0.25),
    (Example([1, 2], [1, 2.5]), 0.5),
    (Example([1, 2], [[1, 2]]), float("inf")),
    (Example("a", "a"), 0),
    (Example(False, True), 1),
])
def test_difference_is_the_largest_of_any_element(example, difference):
    assert example.difference == difference


def test_what_is_no_number_does_not_hold():
    assert not Example(float("nan"), 1.0, tolerance=10).holds
    assert Example(1.05, 1.0, tolerance=0.1).holds


def test_the_first_broken_example_is_named_and_the_others_are_counted():
    examples = {"fine": Example(1, 1), "off": Example(2.0, 3.0, 0.5), "worse": Example("a", "b")}
    with pytest.raises(UserError, match=r"lesson x: 'off' gives 2.0, expected 3.0 within 0.5, and 1 more"):
        require_all("x", examples)


def test_metrics_are_plain_and_rounded():
    block = as_metrics({"one": Example(np.float32(0.1), 0.1, 1e-6, "chapter 1")})["examples"]["one"]
    assert block == {"value": 0.100000001, "expected": 0.1, "difference": 1e-9, "tolerance": 1e-6,
                     "source": "chapter 1"}
    json.dumps(block)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_holds_and_gives_the_same_bytes_twice(project, lesson):
    path, found = Path(f"reports/metrics/{lesson}.json"), []
    for _ in range(2):
        demonstrate.main(lesson)
        found.append(path.read_bytes())
    assert found[0] == found[1]
    metrics = json.loads(found[0])
    assert metrics["count"] == len(metrics["examples"]) > 0
    for name, example in metrics["examples"].items():
        assert example["difference"] <= example["tolerance"], name
        assert example["source"], name


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_that_stops_being_true_stops_and_writes_nothing(project, lesson, monkeypatch):
    """Every example, broken in turn, is found."""
    module = demonstrate.import_module("stages.lessons", lesson)
    examples = module.work_out(demonstrate.read_block(f"lessons.{lesson}", module.Settings))
    for name, example in examples.items():
        wrong = f"not {example.value}" if isinstance(example.expected, str) else (
            not example.value if isinstance(example.expected, bool) else np.asarray(example.value, float) + 1)
        changed = examples | {name: Example(wrong, example.expected, example.tolerance, example.source)}
        monkeypatch.setattr(module, "work_out", lambda settings, changed=changed: changed)
        with pytest.raises(UserError, match="gives") as refused:
            demonstrate.main(lesson)
        assert f"'{name}'" in str(refused.value)
    assert not Path(f"reports/metrics/{lesson}.json").exists()


def test_an_unknown_lesson_is_refused_with_the_known_ones(project):
    assert_one_line_error(run_stage("demonstrate", "appendix_z"), "no 'appendix_z' in lessons", *LESSONS)
