"""Paths between seeds: where they run, what the numbers say of known pictures, what the stage writes."""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import assert_nothing_left, assert_refused

from stages import explore_seeds
from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.evaluation import seed_paths
from stages.evaluation.seed_paths import PAIRS, ROWS, STEPS, greyness, linear_path, smoothness, spherical_path
from stages.networks.gan import Seeds, build_gan
from stages.training.weights import save_network

PICTURES, OUTPUTS, METRICS = "data/samples/seeds/tiny.h5", "data/samples/seeds", "reports/metrics/seeds/tiny.json"
NAMES = ["linear/pictures", "spherical/pictures", "arithmetic/pictures", "labels/pictures"]
NONE = np.empty((0, STEPS, 28, 28), np.uint8)


def build(distribution, size, classes=0, shape=(1, 28, 28)):
    """A small GAN with weights as they fall, and what its file says of it."""
    torch.manual_seed(1)
    network = {"hidden_units": 6, "hidden_activation": "sigmoid", "layer_norm": False}
    generator, discriminator = {"family": "dense_generator", **network}, {"family": "dense_discriminator", **network}
    seeds = Seeds(length=size, distribution=distribution)
    gan = build_gan(generator, discriminator, seeds, shape=shape, classes=classes, place="gans.tiny")
    description = {"experiment": "tiny", "generator": generator, "discriminator": discriminator,
                   "seeds": seeds.model_dump(), "shape": list(shape), "classes": classes,
                   "taught": 0, "training": {"batch_size": 1}}
    return gan, description


def explore(*settings, **more):
    """Run the stage on such a GAN; returns arrays and metrics."""
    gan, description = build(*settings, **more)
    save_network(Path("data/models/gans/tiny.safetensors"), gan, description)
    explore_seeds.main("tiny")
    assert read_attribute(Path(PICTURES), "description") == description
    return read_arrays(Path(PICTURES), NAMES), json.loads(Path(METRICS).read_text())


def paths_of(weigh):
    """One path from a white picture to a black one, its pictures weighed by `weigh` of the share of the way."""
    shares = np.array([weigh(place / (STEPS - 1)) for place in range(STEPS)])
    return np.rint(255 * shares[None, :, None, None] * np.ones((1, STEPS, 28, 28))).astype(np.uint8)


def test_paths_begin_and_end_at_the_seeds_and_keep_their_distance_from_the_origin():
    source = torch.Generator().manual_seed(1)
    starts, ends = torch.randn(50, 100, generator=source), torch.randn(50, 100, generator=source)
    linear, spherical = linear_path(starts, ends), spherical_path(starts, ends)
    for path in (linear, spherical):
        assert path.shape == (50, STEPS, 100) and path.dtype == torch.float32
        torch.testing.assert_close(path[:, 0], starts)
        torch.testing.assert_close(path[:, -1], ends)
    middle = 0.5 * (linear[:, 5] + linear[:, 6])
    torch.testing.assert_close(middle, 0.5 * (starts + ends))
    # straight through: a random pair comes closer to the origin by the square root of a half
    assert middle.norm(dim=1).mean() / starts.norm(dim=1).mean() == pytest.approx(math.sqrt(0.5), abs=0.03)
    shares = torch.linspace(0, 1, STEPS)
    lengths = torch.lerp(starts.norm(dim=1)[:, None], ends.norm(dim=1)[:, None], shares)
    torch.testing.assert_close(spherical.norm(dim=2), lengths)
    angles = torch.cosine_similarity(spherical[:, 1:], spherical[:, :-1], dim=2).acos()
    torch.testing.assert_close(angles, angles[:, :1].expand(-1, STEPS - 1), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("end", [[2.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
def test_a_spherical_path_without_an_arc_is_straight(end):
    starts, ends = torch.tensor([[1.0, 0.0]]), torch.tensor([end])
    torch.testing.assert_close(spherical_path(starts, ends), linear_path(starts, ends))


def test_an_even_change_is_even_and_direct_and_a_jump_is_not():
    even = smoothness(paths_of(lambda share: share), NONE)
    assert even["linear_evenness"] > 0.96  # a step is 23 or 24 of 255
    assert even["linear_directness"] == pytest.approx(1, abs=1e-6)
    assert even["ends_distance"] == 28
    jump = smoothness(paths_of(lambda share: float(share > 0.5)), NONE)
    assert jump["linear_evenness"] == pytest.approx(1 / (STEPS - 1), abs=1e-6)
    assert jump["linear_directness"] == 1
    detour = smoothness(paths_of(lambda share: 2 * share if share < 0.8 else share), NONE)
    assert detour["linear_directness"] < 0.7


def test_a_cross_fade_is_grey_in_the_middle_and_a_shift_is_not():
    one, other = np.zeros((2, 28, 28)), np.zeros((2, 28, 28))
    one[:, :, 4:8] = other[:, :, 20:24] = 255
    shares = np.linspace(0, 1, STEPS)[None, :, None, None]
    fade = ((1 - shares) * one[:, None] + shares * other[:, None]).astype(np.uint8)
    shift = np.stack([np.roll(one, round(16 * share), axis=2) for share in shares.flat], axis=1).astype(np.uint8)
    numbers = smoothness(fade, shift)
    assert numbers["ends_greyness"] == 0 and numbers["cross_fade_greyness"] == pytest.approx(0.5)
    assert numbers["linear_midpoint_greyness"] == pytest.approx(0.5, abs=0.01)
    assert numbers["spherical_midpoint_greyness"] == 0
    assert numbers["linear_directness"] == pytest.approx(1, abs=0.01) and numbers["spherical_directness"] < 0.6


def test_pictures_without_ink_are_not_grey():
    assert greyness(np.zeros((3, 28, 28))) == 0
    assert greyness(np.full((3, 28, 28), 0.25)) == pytest.approx(0.75)


@pytest.mark.parametrize("bias", [-100.0, 0.0, 100.0])
def test_a_collapsed_generator_gives_finite_numbers(bias):
    gan, _ = build("normal", 100)
    last = [layer for layer in gan.generator.modules() if isinstance(layer, torch.nn.Linear)][-1]
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.constant_(last.bias, bias)
    _, numbers = seed_paths.explore(gan, torch.device("cpu"))
    assert all(math.isfinite(number) for number in numbers.values())
    assert numbers["ends_distance"] == 0
    assert numbers["linear_evenness"] == numbers["spherical_evenness"] == numbers["linear_directness"] == 1


def test_normal_seeds_are_explored_in_every_way(project):
    arrays, metrics = explore("normal", 100)
    shapes = [arrays[name].shape for name in NAMES]
    assert shapes == [(ROWS, 12, 28, 28), (ROWS, 12, 28, 28), (ROWS, 5, 28, 28), (0, 10, 28, 28)]
    assert all(array.dtype == np.uint8 for array in arrays.values())
    assert set(metrics) == {"pairs", "ends_distance", "ends_greyness", "cross_fade_greyness", *(
        f"{kind}_{what}" for kind in ("linear", "spherical") for what in ("evenness", "directness", "midpoint_greyness")
    )}
    assert metrics["pairs"] == PAIRS
    assert all(0 < number <= 1 for name, number in metrics.items() if name.endswith("ness"))
    for kind in ("linear", "spherical"):  # both kinds of path and the sums begin with the same seeds
        assert (arrays[f"{kind}/pictures"][:, [0, -1]] == arrays["arithmetic/pictures"][:, :2]).all()


def test_a_generator_that_looks_at_directions_only_changes_most_evenly_on_spherical_paths():
    gan, _ = build("normal", 100)
    torch.manual_seed(1)
    gan.generator.layers = torch.nn.Sequential(
        torch.nn.LayerNorm(100, elementwise_affine=False), torch.nn.Linear(100, 784), torch.nn.Sigmoid()
    )
    _, numbers = seed_paths.explore(gan, torch.device("cpu"))
    assert numbers["spherical_evenness"] > 0.95 > 0.85 > numbers["linear_evenness"]


def test_the_same_weights_give_the_same_bytes(project):
    found = []
    for training_seed in (1, 2):
        torch.manual_seed(training_seed)
        explore("normal", 5)
        found.append([hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in (PICTURES, METRICS)])
    assert found[0] == found[1]


def test_a_conditional_gan_shows_one_seed_under_all_labels(project):
    arrays, _ = explore("normal", 8, classes=10)
    under_labels = arrays["labels/pictures"]
    assert under_labels.shape == (ROWS, 10, 28, 28)
    assert len({picture.tobytes() for picture in under_labels[0]}) == 10
    for row in range(ROWS):  # the row's own label is its number
        assert (under_labels[row, row] == arrays["linear/pictures"][row, 0]).all()


def test_one_uniform_number_has_one_path(project):
    arrays, metrics = explore("uniform", 1)
    assert [len(arrays[name]) for name in NAMES] == [1, 0, ROWS, 0]
    assert metrics["pairs"] == 1 and "spherical_evenness" not in metrics
    gan, _ = build("uniform", 1)
    with torch.inference_mode():
        ends = gan.generator(torch.tensor([[0.0], [1.0]])).mul(255).round().squeeze(1).numpy()
    assert (arrays["linear/pictures"][0, [0, -1]] == ends).all()


def test_many_uniform_numbers_have_many_straight_paths(project):
    arrays, metrics = explore("uniform", 20)
    assert [len(arrays[name]) for name in NAMES] == [ROWS, 0, ROWS, 0]
    assert metrics["pairs"] == PAIRS


def test_the_constant_of_1010_has_one_path_and_nothing_else(project):
    arrays, metrics = explore("constant", 1, shape=(4,))
    assert [arrays[name].shape for name in NAMES] == [(1, 12, 4), (0, 12, 4), (0, 5, 4), (0, 10, 4)]
    assert all(array.dtype == np.float32 for array in arrays.values())
    assert set(metrics) == {"pairs", "ends_distance", "linear_evenness", "linear_directness"}


def test_exploring_before_training_is_refused(project):
    assert_refused(lambda: explore_seeds.main("tiny"), "data/models/gans/tiny.safetensors", "not found", "train")
    assert_nothing_left(OUTPUTS, "reports")
