"""The stand-in digits: the same bytes always, and statistics and difficulty of the kind that MNIST has."""

import hashlib

import numpy as np
import pytest

from stages.datasets.digits.stand_in import BLOCK_SIZE, draw_digits
from stages.datasets.digits.strokes import ALLOGRAPHS, POINTS_PER_DIGIT, build_templates


@pytest.fixture(scope="module")
def train():
    """6,000 training images: enough for class statistics, drawn in half a second."""
    return draw_digits(6000, seed=1, split="train")


@pytest.fixture(scope="module")
def test():
    return draw_digits(2000, seed=1, split="test")


def test_same_arguments_give_same_bytes(train):
    images, labels = draw_digits(6000, seed=1, split="train")
    assert images.tobytes() == train[0].tobytes()
    assert labels.tobytes() == train[1].tobytes()


def test_bytes_do_not_depend_on_the_machine():
    # Recorded once. A change here changes every stand-in data set and all that was trained on it.
    images, labels = draw_digits(2000, seed=7, split="train")
    digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    assert digest == "01b27e15f0f80d14d3a8c3d1a89b16212748998c65cd036bff6781193ede119a"


def test_global_random_state_is_neither_read_nor_changed():
    np.random.seed(3)
    before = np.random.get_state()[1].tobytes()
    draw_digits(10, seed=1, split="train")
    assert np.random.get_state()[1].tobytes() == before


@pytest.mark.parametrize("count", [0, 1, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1])
def test_smaller_set_is_the_beginning_of_a_larger_one(train, count):
    images, labels = draw_digits(count, seed=1, split="train")
    assert images.shape == (count, 28, 28) and labels.shape == (count,)
    assert images.dtype == np.uint8 and labels.dtype == np.uint8
    assert np.array_equal(images, train[0][:count]) and np.array_equal(labels, train[1][:count])


def test_splits_and_seeds_are_different_draws(train, test):
    other_seed, _ = draw_digits(2000, seed=2, split="train")
    sets = [{image.tobytes() for image in images} for images in (train[0][:2000], test[0], other_seed)]
    assert len(set.union(*sets)) == 6000


def test_no_image_occurs_twice(train):
    assert len({image.tobytes() for image in train[0]}) == len(train[0])


def test_unknown_split_and_negative_numbers_are_refused():
    with pytest.raises(ValueError, match=r"unknown split 'valid'.*test.*train"):
        draw_digits(10, seed=1, split="valid")
    with pytest.raises(ValueError, match="count -1"):
        draw_digits(-1, seed=1, split="train")
    with pytest.raises(ValueError, match="seed -1"):
        draw_digits(1, seed=-1, split="train")


def test_progress_counts_finished_images():
    finished = []
    draw_digits(2 * BLOCK_SIZE + 5, seed=1, split="test", progress=finished.append)
    assert finished == [BLOCK_SIZE, 2 * BLOCK_SIZE, 2 * BLOCK_SIZE + 5]


def test_every_digit_is_about_as_frequent_and_in_random_order(train):
    labels = train[1]
    share = np.bincount(labels, minlength=10) / len(labels)
    assert len(share) == 10 and share.min() > 0.085 and share.max() < 0.115
    assert 0.08 < np.mean(labels[1:] == labels[:-1]) < 0.12


def test_ink_has_the_statistics_of_mnist(train):
    # MNIST: mean 33.3, standard deviation 78.6, 19 % of the pixels not zero; a 20 x 20 box inside 28 x 28.
    images = train[0]
    assert 30 < images.mean() < 38
    assert 70 < images.std() < 86
    assert 0.17 < (images > 0).mean() < 0.24
    assert (images.max(axis=(1, 2)) > 200).mean() > 0.999
    assert (images > 0).sum(axis=(1, 2)).min() >= 20


def test_ink_stays_inside_and_is_centred(train):
    images = train[0].astype(float)
    border = np.ones((28, 28), bool)
    border[1:-1, 1:-1] = False
    assert images[:, border].max() == 0
    mass = images.sum(axis=(1, 2))
    rows = (images.sum(axis=2) @ np.arange(28)) / mass
    columns = (images.sum(axis=1) @ np.arange(28)) / mass
    assert abs(rows.mean() - 13.5) < 0.1 and abs(columns.mean() - 13.5) < 0.1
    assert rows.std() < 0.8 and columns.std() < 0.8


@pytest.mark.parametrize("digit", range(10))
def test_images_of_one_digit_vary(train, digit):
    images = train[0][train[1] == digit][:200].reshape(-1, 784) / 255
    squares = (images**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * images @ images.T, 0))
    pairs = distances[np.triu_indices(len(images), 1)]
    assert pairs.mean() > 0.55 * np.sqrt(2 * squares.mean())  # two pictures without common ink would be at 1.0
    assert pairs.min() > 0.5


def test_nearest_class_mean_is_far_from_chance_and_from_perfect(train, test):
    # On MNIST this classifier reaches 0.82.
    means = np.stack([train[0][train[1] == digit].mean(axis=0).ravel() for digit in range(10)])
    flat = test[0].reshape(-1, 784).astype(float)
    nearest = ((means**2).sum(axis=1) - 2 * flat @ means.T).argmin(axis=1)
    assert 0.75 < np.mean(nearest == test[1]) < 0.90


def test_templates_are_paths_inside_the_cell():
    controls, curves, digits, shares = build_templates()
    paths = curves @ controls
    assert paths.shape == (len(digits), POINTS_PER_DIGIT, 2)
    assert paths.min() > -0.1 and paths.max() < 1.1
    assert np.allclose(curves.sum(axis=2), 1)  # moving all control points moves the path as much
    assert sorted(ALLOGRAPHS) == sorted(set(digits.tolist())) == list(range(10))
    for digit in ALLOGRAPHS:
        assert (digits == digit).sum() >= 4 and shares[digits == digit].sum() == pytest.approx(1)
