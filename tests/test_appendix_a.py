"""Appendix A: curves against formulas, the ideals of the pipeline's own losses, and the page over small results."""

import math

import numpy as np
import pytest
import torch
from conftest import assert_refused
from gan_files import TRAINING, write_digit_gan, write_pattern_gan
from lesson_pages import pictures, require_readable, shown_on

from stages.core.parameters import check
from stages.evaluation.final_losses import IDEAL
from stages.lessons.appendix_a import Settings, curves, work_out
from stages.lessons.examples import require_all
from stages.reporting import appendix_a_figures as figures
from stages.reporting.appendix_a_page import Page
from stages.training import gan_steps

OUTPUTS = np.array([0.1, 0.5, 0.8])
SETTINGS = {"points": 199, "mistake": 0.01, "real_shares": [0.2, 0.5, 0.8]}


class Undecided:
    """In place of a player: rates all alike, gives its seeds as samples, and shows what it is asked to lower."""

    def __call__(self, samples, label=None, as_logits=False):
        return 0 * samples.sum(dim=1) if as_logits else samples

    def gradients(self, objective):
        return [objective(self)]


def test_the_ideals_of_the_evaluation_are_those_of_the_lesson():
    found = work_out(Settings(**SETTINGS))
    for name in ("mean_squared_error", "binary_cross_entropy"):
        assert found[f"{name}_of_an_unsure_discriminator"].value == pytest.approx([IDEAL[name]] * 2)
    assert found["relativistic_loss_of_a_pair_rated_alike"].value == pytest.approx(IDEAL["relativistic"])


def test_the_loss_of_pairs_is_the_one_that_our_gans_are_trained_with():
    samples, player = torch.rand(4, 3), Undecided()
    batch = gan_steps.Batch(samples, None, (torch.rand(4, 3), torch.rand(4, 3)), (None, None))
    judged, *_ = gan_steps.judge_pairs(player, player, batch, torch.tensor(1.0), told=False, mismatch=0)
    fooled, *_ = gan_steps.fool_pairs(player, player, batch, told=False)
    assert judged.item() == pytest.approx(curves.pair(0)) and fooled.item() == pytest.approx(curves.pair(0))
    assert curves.pair(2) < curves.pair(0) < curves.pair(-2)


@pytest.mark.parametrize(("name", "target", "loss", "slope"), [
    ("mean_squared_error", 1.0, (OUTPUTS - 1) ** 2, 2 * (OUTPUTS - 1)),
    ("mean_squared_error", 0.0, OUTPUTS ** 2, 2 * OUTPUTS),
    ("binary_cross_entropy", 1.0, -np.log(OUTPUTS), -1 / OUTPUTS),
    ("binary_cross_entropy", 0.0, -np.log(1 - OUTPUTS), 1 / (1 - OUTPUTS)),
])
def test_curves_are_those_of_the_formulas(name, target, loss, slope):
    found = curves.curve(name, OUTPUTS, target)
    assert np.allclose(found.loss, loss) and np.allclose(found.slope, slope)
    assert np.allclose(found.slope_before, slope * OUTPUTS * (1 - OUTPUTS))


@pytest.mark.parametrize("changes", [
    {"points": 20}, {"points": 999, "mistake": 0.001}, {"mistake": 0.2, "real_shares": [0.1, 0.33, 0.9]},
])
def test_all_holds_for_whatever_params_may_say(changes):
    require_all("appendix_a", work_out(Settings(**{**SETTINGS, **changes})))


@pytest.mark.parametrize(("key", "value", "named"), [
    ("points", 3, "points is 3"), ("mistake", 0.5, "mistake is 0.5"),
    ("real_shares", [1.0, 0.5, 0.8], "real_shares.0 is 1.0"), ("real_shares", [0.5], "real_shares.1 is missing"),
])
def test_a_bad_parameter_is_named(key, value, named):
    assert_refused(lambda: check({**SETTINGS, key: value}, Settings, "lessons.appendix_a"),
                   f"lessons.appendix_a.{named}")


@pytest.fixture
def trained(project):
    """The results of three GANs: one near the ideal, two whose discriminator or generator has the upper hand."""
    write_pattern_gan("pattern_1010")
    write_digit_gan("mnist_improved", {"discriminator_loss": 0.2, "generator_loss": 2 * math.log(2)})
    write_digit_gan("mnist_conditional", {"discriminator_loss": 0.9, "generator_loss": 0.3}, classes=10,
                    loss="relativistic", training={**TRAINING, "loss": "relativistic", "batch_size": 64})
    return project


def test_the_page_tells_how_every_gan_ended_and_of_which_run(trained, monkeypatch):
    shown = shown_on("appendix_a", monkeypatch)
    alts = pictures(shown)
    assert len(alts) == shown.count("<figure>") == 4
    assert "mean squared error 0.25 and binary cross entropy 0.693" in alts[0]
    assert "mnist_improved 0.289 and 2.00" in alts[3]  # of the ideal
    rows = {"pattern_1010": ("mean squared error", "0.250", "neither"),
            "mnist_improved": ("binary cross entropy", "0.693", "discriminator"),
            "mnist_conditional": ("relativistic", "0.693", "generator")}
    for name, (loss, ideal, ahead) in rows.items():
        row = next(part for part in shown.split("<tr>") if f'href="{name}.html"' in part)
        assert all(f">{text}</td>" in row for text in (loss, ideal, ahead)), row
    assert "Both losses end within a tenth of the ideal: pattern_1010." in shown
    assert "1010 rule, stand-in digits · demo budget" in shown
    for name in Page("appendix_a").examples():  # as many as the first page says
        assert f"<td>{name.replace('_', ' ')}</td>" in shown, name


def test_the_badge_names_data_and_budget(trained):
    assert Page("appendix_a").badge == "losses of GANs: 1010 rule, stand-in digits · demo budget"
    write_digit_gan("mnist_improved", budget="book")
    assert_refused(lambda: Page("appendix_a"), "another run")


def test_figures_can_be_drawn_from_extreme_losses():
    figure = figures.against_ideal(["lost", "won", "ideal"], [0.0, 1e9, 1.0], [1e9, 0.0, 1.0])
    require_readable(figure)
    left, right = figure.axes[0].get_xlim()
    assert 0 < left < 1 / 16 and 16 < right < 32
