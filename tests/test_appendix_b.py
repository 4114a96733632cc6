"""Appendix B: samples of a table, groups of pixels, modes; and what the page says of GANs and their data."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY, assert_refused
from gan_files import shown_by, write_digit_gan, write_pattern_gan
from lesson_pages import linked, pages_of_params, require_readable, shown_on_page, write_parameters

from stages import demonstrate
from stages.core.files import write_json
from stages.lessons import appendix_b
from stages.lessons.appendix_b import features, modes, pixels
from stages.lessons.examples import as_metrics
from stages.reporting import appendix_b_figures
from stages.reporting.appendix_b_page import Page

RANDOM = np.random.default_rng
SETTINGS = {"seed": 1, "rows": 2, "columns": 3, "samples": 10_000}


def test_a_pixel_with_probability_0_is_never_dark_and_one_with_1_always():
    drawn = pixels.draw(np.array([[0.0, 1.0]]), 1000, RANDOM(1))
    assert drawn.shape == (1000, 1, 2)
    assert not drawn[:, 0, 0].any() and drawn[:, 0, 1].all()


def test_errors_are_those_of_the_first_so_many_pictures():
    pictures = np.array([[[True]], [[False]], [[True]], [[True]]])
    assert pixels.errors_along(pictures, np.array([[0.5]]), [1, 2, 4]).ravel().tolist() == [0.5, 0, 0.25]
    assert pixels.usual_error(pictures, np.array([[0.5]]), 2) == pytest.approx(math.sqrt((0 + 0.25) / 2))


def test_the_standard_error_shrinks_with_the_root_of_the_count():
    assert pixels.standard_errors(np.array([0.5]), 100) == pytest.approx(0.05)
    assert pixels.expected_error(pixels.TABLE, 400) == pytest.approx(pixels.expected_error(pixels.TABLE, 100) / 2)


@pytest.mark.parametrize(("count", "sizes"), [(10_000, [10, 30, 100]), (100_000, [10, 30, 100, 300, 1000])])
def test_a_hundred_runs_at_least_of_each_size(count, sizes):
    assert pixels.run_sizes(count) == sizes


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_the_examples_hold_whatever_the_seed_with_as_few_samples_as_are_allowed(seed):
    examples = appendix_b.work_out(appendix_b.Settings(seed=seed, rows=4, columns=6, samples=10_000))
    assert [name for name, example in examples.items() if not example.holds] == []


def test_a_wrong_table_is_noticed(monkeypatch):
    """Samples of another table than the one they are compared with."""
    settings = appendix_b.Settings(seed=1, rows=4, columns=6, samples=10_000)
    wrong = pixels.draw(pixels.TABLE + 0.04, 10_000, RANDOM(1))
    monkeypatch.setattr(appendix_b, "drawn_pixels", lambda settings: wrong)
    broken = {name for name, example in appendix_b.work_out(settings).items() if not example.holds}
    assert {"frequencies_of_the_samples", "cells_with_probability_0_that_are_dark",
            "error_of_runs_as_a_part_of_theory"} <= broken


DISTRIBUTIONS = {"replayed": features.replayed(), "pixels": features.pixel_by_pixel(pixels.TABLE),
                 "groups": features.group_by_group()}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_all_three_ways_to_draw_have_the_same_pixels(name):
    assert DISTRIBUTIONS[name].sum() == pytest.approx(1)
    np.testing.assert_allclose(features.marginals(DISTRIBUTIONS[name]), pixels.TABLE, atol=1e-12)


def test_pixels_drawn_for_themselves_are_independent_and_those_of_a_group_are_not():
    alone, groups = DISTRIBUTIONS["pixels"], DISTRIBUTIONS["groups"]
    for pair in itertools.combinations(features.NAMES, 2):
        assert features.together(alone, *pair) == pytest.approx(features.apart(alone, *pair))
    assert features.together(groups, *features.CORNERS.cells) == pytest.approx(4 / 32)
    assert features.apart(groups, *features.CORNERS.cells) == pytest.approx(1 / 32)
    across = (features.CENTRE, features.BOTTOM_LEFT)  # of two groups that know nothing of each other
    assert features.together(groups, *across) == pytest.approx(features.apart(groups, *across))


def test_only_groups_give_what_is_new_and_whole():
    new = {name: features.share_new_and_right(found) for name, found in DISTRIBUTIONS.items()}
    assert new["replayed"] == 0 < new["pixels"] < 0.1 < new["groups"] == pytest.approx(15 / 64)
    assert features.share_right(DISTRIBUTIONS["pixels"]) < 0.6
    assert features.possible(DISTRIBUTIONS["replayed"]) == 4  # of the eight five are the same


def test_frequencies_are_those_of_the_pictures():
    pictures = np.concatenate([features.training_pictures()] * 3)
    np.testing.assert_allclose(features.frequencies(pictures), features.replayed())
    drawn = features.draw(features.replayed(), 200, RANDOM(1))
    assert features.share_new(features.frequencies(drawn)) == 0


def test_a_mode_with_one_in_a_hundred_points_is_lost():
    few = np.repeat(modes.corners()[:2], [99, 1], axis=0)
    assert modes.covered(few) == 1
    assert modes.covered(np.repeat(modes.corners()[:2], [98, 2], axis=0)) == 2


def test_imbalance_is_nothing_where_all_modes_are_drawn_alike_and_good_points_are_near():
    even = np.repeat(modes.corners(), 7, axis=0)
    assert modes.imbalance(even) == pytest.approx(0)
    assert modes.good_share(np.concatenate([even, np.zeros((35, 2))])) == 0.5


def test_the_mean_distance_is_over_pairs():
    assert modes.mean_distance(np.array([[0.0, 0], [0, 0], [3, 4], [0, 1], [9, 9]])) == 3


@pytest.mark.parametrize(("key", "value", "told"), [
    ("samples", 100, "greater than or equal to 10000"), ("rows", 0, "greater than or equal to 1"),
    ("columns", "six", "valid integer"), ("seed", -1, "greater than or equal to 0"),
])
def test_bad_settings_are_refused_in_a_line(tmp_path, monkeypatch, key, value, told):
    monkeypatch.chdir(tmp_path)
    write_parameters("appendix_b", SETTINGS | {key: value})
    assert_refused(lambda: demonstrate.main("appendix_b"), f"lessons.appendix_b.{key}", told)


def test_all_figures_can_be_read():
    table = (pixels.TABLE, np.char.mod("%.4f", pixels.TABLE))
    pictures = features.training_pictures()
    for figure in (
        appendix_b_figures.tables({"the book's table": table, "frequencies in 100,000 pictures": table}),
        appendix_b_figures.small_pictures(pictures, 6),
        appendix_b_figures.small_pictures(pictures, 8, ["broken"] * 8),
        appendix_b_figures.convergence(np.array([10, 100, 100_000]), np.array([0.1, 0.0, 0.01]), [10], [0.1], 0.4, 0.3),
        appendix_b_figures.pairs({"one": np.eye(5), "other": np.eye(5)}, list(features.NAMES.values())),
        appendix_b_figures.modes(dict.fromkeys("ab", (modes.corners(), np.arange(5))), modes.corners()),
    ):
        require_readable(figure)


@pytest.fixture
def gans(tmp_path, monkeypatch):
    """A function that gives pages to some of three GANs, whose results lie in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_pattern_gan("patterned")
    write_digit_gan("plain", parameters={"generator": 588, "discriminator": 10})  # 2,352 bytes for 60 pictures
    write_digit_gan("fallen", {"modes_covered": 1, "class_kl": 2.3, "pairwise_distance_ratio": 0.01,
                               "copies_share": 0.125, "memorisation_ratio": 0.5})

    def give_pages(*names: str) -> None:
        write_parameters("appendix_b", SETTINGS, gans={name: {"title": name, "about": "", "book": None}
                                                       for name in names})

    return give_pages


def test_the_page_tells_which_gans_copy_and_how_much_room_they_have(gans, monkeypatch):
    gans("patterned", "plain", "fallen")
    write_json(Path("reports/metrics/appendix_b.json"),
               as_metrics(appendix_b.work_out(appendix_b.Settings(**SETTINGS))))
    text = shown_on_page("appendix_b", monkeypatch)
    assert 'href="plain.html"' in text and 'href="patterned.html"' not in text  # a rule has no training pictures
    assert "12.5\u00a0%" in text and "0.500" in text  # copies and distance of the fallen one
    assert "Collapsed: fallen." in text and "largest imbalance is that of fallen, 2.30" in text
    assert "2.3\u00a0KiB" in text and "45.9\u00a0KiB" in text  # 60 pictures of 784 bytes
    assert "5.0\u00a0%" in text  # 39.2 of 784 bytes
    assert "2 × 3 pictures drawn from the table" in text


def test_the_pages_badge_names_the_run(gans):
    gans("plain", "fallen")
    assert Page("appendix_b").badge == "stand-in digits · demo budget"


def test_without_a_gan_of_pictures_the_page_says_so(gans, monkeypatch):
    gans("patterned")
    page = Page("appendix_b")
    assert shown_by(monkeypatch, page.show_digits, page.show_copies, page.show_sizes).count("has no such GAN") == 3
    assert page.badge == "computed here · no data set"


def test_links_of_the_prose_lead_to_pages():
    notebook = (REPOSITORY / "reports/notebooks/appendix_b.ipynb").read_text(encoding="utf-8")
    assert linked(notebook) and linked(notebook) <= pages_of_params()
