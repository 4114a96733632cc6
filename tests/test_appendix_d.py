"""Appendix D: rules against their matrices, claims at the edges of what params.yaml may say, and the page."""

import math
import re

import numpy as np
import pytest
import yaml
from conftest import REPOSITORY, assert_refused, set_key
from gan_files import shown_by
from lesson_pages import pictures, require_readable, shown_on

from stages import demonstrate
from stages.core.parameters import check
from stages.lessons.appendix_d import Settings, averages, methods, work_out
from stages.lessons.examples import require_all
from stages.reporting import appendix_d_figures as figures
from stages.reporting.appendix_d_page import Page

SETTINGS = {"x": 0.6, "y": 0.7, "learning_rate": 0.1, "steps": 499, "momentum": 0.5, "weight_decay": 0.2,
            "penalty": 0.3, "weight_average": 0.99}
NAMES = list(methods.compared(Settings(**SETTINGS)))


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_is_its_matrix(name):
    method = methods.compared(Settings(**SETTINGS))[name]
    points = methods.walk(method, (0.6, -0.7), 5)
    if method.matrix.shape == (2, 2):
        assert np.allclose(points[1:], points[:-1] @ method.matrix.T)
    else:  # the last two points, the newer one first
        states = np.hstack([points[1:], points[:-1]])
        assert np.allclose(states[1:], states[:-1] @ method.matrix.T)


@pytest.mark.parametrize("changes", [
    {"learning_rate": 0.01, "steps": 400, "x": 10.0, "y": 10.0},
    {"learning_rate": 0.4, "steps": 1000, "weight_decay": 0.5, "penalty": 0.8},
    {"learning_rate": 0.01, "steps": 1000, "weight_decay": 0.001, "penalty": 0.8, "momentum": 0.5},
    {"learning_rate": 0.4, "steps": 400, "x": 0.001, "y": 10.0, "weight_average": 0.001},
    {"weight_average": 0.9999, "momentum": 0.001, "penalty": 0.001},
])
def test_all_holds_for_whatever_params_may_say(changes):
    require_all("appendix_d", work_out(Settings(**{**SETTINGS, **changes})))


def test_a_walk_in_small_steps_needs_more_of_them_to_come_as_far():
    """The reason why a smaller rate helps in part only: growth by the square of the rate."""
    factors = [methods.simultaneous(rate).factor - 1 for rate in (0.02, 0.01)]
    assert factors[0] / factors[1] == pytest.approx(4, rel=1e-3) and min(factors) > 0


def test_alternating_steps_keep_the_invariant_and_no_circle():
    points = methods.walk(methods.alternating(0.4), (0.6, 0.7), 400)
    assert np.ptp(averages.invariant(points, 0.4)) < 1e-12
    assert np.ptp(methods.radii(points)) > 0.1


def test_the_moving_average_of_a_standing_point_stays_and_that_of_a_jump_closes_half_the_gap():
    assert (averages.moving_average(np.ones((5, 2)), 0.9) == 1).all()
    assert averages.moving_average(np.array([[0.0, 0], [1, 2]]), 0.5)[-1].tolist() == [0.5, 1]


@pytest.mark.parametrize(("key", "value"), [
    ("learning_rate", 0.5), ("learning_rate", 0), ("steps", 10), ("momentum", 1.0), ("x", "left"),
    ("weight_average", 1.0),
])
def test_a_bad_parameter_is_named(key, value):
    assert_refused(lambda: check({**SETTINGS, key: value}, Settings, "lessons.appendix_d"),
                   f"lessons.appendix_d.{key} is {value!r}")


def test_the_page_tells_what_was_computed(project, monkeypatch):
    shown = shown_on("appendix_d", monkeypatch)
    alts = pictures(shown)
    assert len(alts) == shown.count("<figure>") == 7
    assert "0.922 to 11.0" in alts[1] and "0.8772 and 0.9222" in alts[3]
    assert "momentum has gone that far out after 58 steps" in alts[4]
    fates = dict(re.findall(r"<tr><td>([a-z -]+)</td><td class=\"number\">[\d.]+.*?<td>(\w+)</td></tr>", shown))
    assert fates == {"simultaneous": "grows", "momentum": "grows", "alternating": "stays", "extra-gradient": "shrinks",
                     "optimistic": "shrinks", "weight decay": "shrinks", "gradient penalty": "shrinks"}
    assert 'href="mnist_best.html"' in shown and 'href="celeba_best.html"' in shown


def test_decay_that_is_too_weak_to_tame_is_said_to_grow(project, monkeypatch):
    set_key("lessons.appendix_d.weight_decay", 0.01)
    demonstrate.main("appendix_d")
    shown = shown_by(monkeypatch, Page("appendix_d").show_factors)
    assert re.search(r"<td>weight decay</td>(<td class=\"number\">1\.00\d+</td>){3}.*?<td>grows</td>", shown)


@pytest.mark.parametrize("gan", ["mnist_best", "celeba_best"])
def test_what_the_page_says_of_our_own_gans_is_so(gan):
    """The last table and paragraph of the page, at every budget."""
    budgets = yaml.safe_load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))["gans"][gan]["budgets"]
    for budget in budgets.values():
        assert budget["loss"] == "relativistic" and budget["penalty"] > 0 and budget["last_penalty"] > 0
        assert budget["weight_average"] > 0 and budget["betas"][0] == 0 and budget["schedule"] == "cosine"


def test_texts_of_figures_are_large_enough():
    walks = {name: methods.walk(method, (0.6, 0.7), 400)
             for name, method in methods.compared(Settings(**SETTINGS)).items()}
    for figure in (figures.pull(walks["simultaneous"]), figures.orbits(walks, {}), figures.distances(walks),
                   figures.spiral(walks["simultaneous"], math.sqrt(1.01))):
        require_readable(figure)
        assert figure.get_figwidth() <= 7.5
