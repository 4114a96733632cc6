"""The numbers that judge a GAN: each against a value known beforehand, and at the edges where it could break."""

import contextlib
import io
import math

import numpy as np
import prdc
import pytest
import torch
from conftest import assert_refused

from stages.datasets.digits.stand_in import draw_digits
from stages.evaluation import distances, memorisation, pattern, reading, second_hand
from stages.evaluation.distances import frechet_distance, kernel_distance
from stages.evaluation.final_losses import final_losses
from stages.evaluation.likeness import DIFFERENT
from stages.evaluation.manifold import precision_recall
from stages.evaluation.neighbours import as_points, mean_pairwise_distance, nearest, nearest_other
from stages.training.determinism import prepare

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread():
    prepare(seed=1, threads=1, device="cpu")


@pytest.fixture(scope="module")
def drawn():
    """Stand-in digits: training pictures, and as many others."""
    return draw_digits(600, seed=1, split="train")[0], draw_digits(600, seed=1, split="test")[0]


def points(count: int, size: int = 4, seed: int = 1, shift: float = 0.0, scale: float = 1.0) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    return torch.randn(count, size, generator=source, dtype=torch.float64) * scale + shift


# distances

def test_frechet_distance_is_that_of_two_gaussians():
    # |m1 - m2|^2 + size * (s1 - s2)^2 for isotropic Gaussians: 4 * 3^2 + 4 * (1 - 2)^2
    distance = frechet_distance(points(100_000), points(100_000, seed=2, shift=3.0, scale=2.0))
    assert distance == pytest.approx(40, abs=0.3)
    assert frechet_distance(points(500), points(500)) == pytest.approx(0, abs=1e-9)


def test_frechet_distance_of_a_collapsed_set_is_the_limit():
    real = points(200)
    collapsed = torch.full((100, 4), 0.5, dtype=torch.float64)
    spread = np.cov(real.numpy().T).trace() + ((real.mean(dim=0) - 0.5) ** 2).sum().item()
    assert frechet_distance(real, collapsed) == pytest.approx(spread, rel=1e-6)


def test_kernel_distance_is_the_unbiased_formula_where_the_subset_is_all():
    one, other = points(40), points(40, seed=2, shift=0.5)
    pairs = ((one, one), (other, other), (one, other))
    kernels = [((first @ second.T / 4 + 1) ** 3).numpy() for first, second in pairs]
    same = sum((kernel.sum() - kernel.trace()) / (40 * 39) for kernel in kernels[:2])
    mean, error = kernel_distance(one, other)
    assert mean == pytest.approx(same - 2 * kernels[2].mean(), abs=1e-5)
    assert error == pytest.approx(0, abs=1e-5)  # every subset is the whole


def test_kernel_distance_is_around_zero_for_equal_distributions_and_leaves_randomness_alone(monkeypatch):
    monkeypatch.setattr(distances, "SUBSET_SIZE", 200)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    mean, error = kernel_distance(points(500), points(500, seed=2))
    assert torch.equal(torch.rand(1), expected)
    assert abs(mean) < 3 * error < 0.1
    assert kernel_distance(points(500), points(500, seed=2)) == (mean, error)


@pytest.mark.parametrize("shift", [0.0, 0.7, 30.0])
def test_precision_recall_density_coverage_are_those_of_the_prdc_package(shift):
    real, generated = points(300), points(250, seed=2, shift=shift, scale=0.8)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints
        expected = prdc.compute_prdc(real.numpy(), generated.numpy(), nearest_k=5)
    assert precision_recall(real, generated, "test") == pytest.approx(expected)


def test_precision_without_recall_shows_collapse():
    real = points(100)
    numbers = precision_recall(real, real[:1].repeat(50, 1), "test")
    assert numbers["precision"] == 1
    assert numbers["recall"] == 0
    assert numbers["coverage"] <= 0.2
    assert all(math.isfinite(value) for value in precision_recall(real[:3], real[:2], "test").values())


# neighbours, variety

def test_nearest_is_the_whole_table_sorted():
    queries, references = points(700).float(), points(900, seed=2).float()
    distances, indices = nearest(queries, references, 3, "test")
    table = torch.cdist(queries.double(), references.double())
    assert torch.equal(indices, table.argsort(dim=1)[:, :3])
    assert torch.allclose(distances.double(), table.sort(dim=1).values[:, :3], atol=1e-5)


def test_distance_between_pictures_is_in_pixels_from_black_to_white():
    black = np.zeros((2, 28, 28), dtype=np.uint8)
    black[1, :2, :2] = 255
    assert mean_pairwise_distance(as_points(black, CPU)) == 2  # the square root of four pixels
    assert nearest_other(as_points(black, CPU), "test").tolist() == [2, 2]


def test_a_picture_that_occurs_twice_is_not_distinct():
    shown = points(20, size=784).float()
    apart = nearest_other(torch.cat([shown, shown[:5]]), "test")
    assert (apart > DIFFERENT).tolist() == [False] * 5 + [True] * 15 + [False] * 5
    assert (apart == 0).sum() == 10


# what the judge reads

def test_modes_and_divergence_of_class_shares():
    one = np.eye(10)[3]
    even = np.full(10, 0.1)
    assert reading.modes_covered(one) == 1
    assert reading.modes_covered(even) == 10
    assert reading.modes_covered(np.array([0.01, 0.011, 0.979] + [0] * 7)) == 2
    assert reading.class_divergence(one, even, 10_000) == pytest.approx(math.log(10))
    assert reading.class_divergence(even, even, 10_000) == pytest.approx(0, abs=1e-12)
    assert math.isfinite(reading.class_divergence(even, one, 30))


def test_divergence_floor_is_the_mean_of_honest_draws():
    random = np.random.default_rng(1)
    even = np.full(10, 0.1)
    draws = [random.multinomial(1000, even) / 1000 for _ in range(2000)]
    mean = np.mean([reading.class_divergence(draw, even, 10**9) for draw in draws])
    assert mean == pytest.approx(reading.divergence_floor(1000), rel=0.05)


def test_label_accuracy_counts_each_label():
    asked = torch.tensor([0, 0, 1, 1, 1, 1])
    assert reading.label_accuracy(torch.tensor([0, 5, 1, 1, 1, 1]), asked) == (5 / 6, {"0": 0.5, "1": 1.0})
    assert reading.unsure_share(torch.tensor([[0.79, 0.21], [0.19, 0.81], [0.99, 0.01], [0.5, 0.5]])) == 0.5


# memorisation

def verdict_on(generated: np.ndarray, drawn) -> tuple[dict, str]:
    training, held_out = drawn
    known = as_points(training, CPU)
    found = [memorisation.look_up(as_points(pictures, CPU), known, "test") for pictures in (generated, held_out)]
    numbers, verdict = memorisation.compare(*found)
    assert all(math.isfinite(value) for value in numbers.values())
    return numbers, verdict["verdict"]


def test_copies_of_training_pictures_are_found(drawn):
    numbers, verdict = verdict_on(drawn[0][:300], drawn)
    assert verdict == "copies"
    assert numbers == {"copies_share": 1, "copies_share_real": 0, "near_copies_share": 1, "memorisation_ratio": 0}


def test_a_few_noisy_copies_among_new_pictures_are_found(drawn):
    random = np.random.default_rng(1)
    noisy = np.clip(drawn[0][:20] + random.normal(0, 5, (20, 28, 28)), 0, 255).round().astype(np.uint8)
    fresh = draw_digits(300, seed=2, split="test")[0]
    numbers, verdict = verdict_on(np.concatenate([fresh, noisy]), drawn)
    assert verdict == "copies"
    assert numbers["copies_share"] == pytest.approx(20 / 320, abs=0.01)


def test_new_pictures_are_no_copies(drawn):
    numbers, verdict = verdict_on(draw_digits(400, seed=2, split="test")[0], drawn)
    assert verdict == "clear"
    assert numbers["near_copies_share"] == pytest.approx(0.01, abs=0.03)
    assert numbers["memorisation_ratio"] == pytest.approx(1, abs=0.1)


def test_one_mean_picture_lies_near_to_all_and_is_no_copy(drawn):
    mean = drawn[0].mean(axis=0).round().astype(np.uint8)
    numbers, verdict = verdict_on(np.stack([mean] * 100), drawn)
    assert verdict == "clear"
    assert numbers["copies_share"] == 0


def test_held_out_pictures_that_are_training_pictures_leave_nothing_to_compare(drawn):
    numbers, verdict = verdict_on(drawn[0][:50], (drawn[0], drawn[0][:50]))
    assert "memorisation_ratio" not in numbers
    assert verdict == "clear"


def test_pictures_most_like_copies_come_first(drawn):
    mixed = np.concatenate([drawn[1][:30], drawn[0][7:8]])
    found = memorisation.look_up(as_points(mixed, CPU), as_points(drawn[0], CPU), "test")
    shown = memorisation.closest(found, found, (mixed, mixed), drawn[0].__getitem__)
    assert np.array_equal(shown["closest/generated"][0], drawn[0][7])
    assert np.array_equal(shown["closest/training"][0], drawn[0][7])
    assert shown["closest/ratios"][0] == 0 == shown["closest/distances"][0]
    assert (np.diff(shown["closest/ratios"]) >= 0).all()
    assert shown["closest/training"].shape == (8, 28, 28)


# a classifier taught by generated pictures; losses; the pattern

def test_a_classifier_learns_from_labelled_pictures_and_not_from_noise():
    images, labels = draw_digits(600, seed=1, split="train")
    test = draw_digits(300, seed=1, split="test")
    taught = second_hand.accuracy_of_training_on(images, labels, test, CPU, "test")
    assert 0.5 < taught < 1
    assert taught == second_hand.accuracy_of_training_on(images, labels, test, CPU, "test")
    assert second_hand.accuracy_of_training_on(np.zeros_like(images), labels, test, CPU, "test") < 0.3


def test_losses_at_the_end_are_means_of_the_last_tenth(tmp_path):
    path = tmp_path / "losses.csv"
    rows = [f"{5 * step},{step},{step + 2},{10 * step}" for step in range(1, 41)]
    path.write_text("iteration,discriminator_real,discriminator_fake,generator\n" + "\n".join(rows), encoding="utf-8")
    # the last four rows: 37, 38, 39, 40
    assert final_losses(path, "mean_squared_error") == {
        "discriminator_loss": 39.5, "generator_loss": 385, "ideal_loss": 0.25}
    assert final_losses(path, "relativistic")["ideal_loss"] == math.log(2)
    for content in ("", "iteration,generator\n5,1\n", "iteration,discriminator_real,discriminator_fake,generator\n"):
        path.write_text(content, encoding="utf-8")
        assert_refused(lambda: final_losses(path, "relativistic"), "losses.csv: missing or damaged; train the GAN")


def test_patterns_are_valid_inside_their_ranges_only():
    ranges = np.array([[0.8, 1], [0, 0.2], [0.8, 1], [0, 0.2]])
    outputs = np.array([[0.9, 0.1, 0.9, 0.1], [0.5, 0.1, 0.9, 0.6], [0.9, 0.1, 0.7, 0.1]], dtype=np.float32)
    numbers = pattern.compare(outputs, ranges)
    assert numbers["valid_share"] == pytest.approx(1 / 3)
    assert numbers["range_distance"] == pytest.approx((0 + 0.5 + 0.1) / 3, abs=1e-6)  # 0.5: 0.3 and 0.4 outside
    assert numbers["mean_output"] == pytest.approx(
        {"first": 2.3 / 3, "second": 0.1, "third": 2.5 / 3, "fourth": 0.8 / 3}, abs=1e-6)
