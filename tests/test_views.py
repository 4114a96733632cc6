"""Views of faces: what is cut out, how it is made smaller, and what cannot be."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import assert_refused

from stages.datasets import hdf5, views
from stages.datasets.pictures import network_shape, to_stored, to_unit_range
from stages.datasets.views import View, apply_view, read_training, read_views

CPU = torch.device("cpu")


@pytest.fixture
def path(tmp_path, monkeypatch) -> Path:
    """Nine colour pictures of 20 x 16 pixels, read in blocks of two."""
    monkeypatch.setattr(views, "BLOCK_BYTES", 2 * 4 * 3 * 20 * 16)
    images = np.random.default_rng(1).integers(0, 256, (9, 20, 16, 3), np.uint8)
    hdf5.write_arrays(tmp_path / "faces.h5", {"train/images": images}, {"provenance": {}, "digest": ""})
    return tmp_path / "faces.h5"


def test_all_of_a_picture_is_the_view_where_none_is_asked_for(path):
    seen = read_views(path, "train", View(), CPU)
    assert torch.equal(seen, torch.from_numpy(hdf5.read_arrays(path, ["train/images"])["train/images"]))


def test_a_part_is_cut_from_the_middle(path):
    whole = hdf5.read_arrays(path, ["train/images"])["train/images"]
    seen = read_views(path, "train", View(crop=(9, 12)), CPU)
    np.testing.assert_array_equal(seen.numpy(), whole[:, 5:14, 2:14])


def test_the_central_part_is_averaged_down(path):
    whole = hdf5.read_arrays(path, ["train/images"])["train/images"]
    seen = read_views(path, "train", View(crop=(8, 12), resize=(4, 3)), CPU)
    part = whole[:, 6:14, 2:14].astype(float)
    expected = part.reshape(9, 4, 2, 3, 4, 3).mean(axis=(2, 4))
    assert seen.shape == (9, 4, 3, 3) and seen.dtype == torch.uint8
    np.testing.assert_allclose(seen.numpy(), expected, atol=0.5001)


def test_a_view_of_pictures_in_memory_is_that_of_the_file(path):
    view = View(crop=(10, 10), resize=(4, 5))
    assert torch.equal(apply_view(read_views(path, "train", View(), CPU), view), read_views(path, "train", view, CPU))


@pytest.mark.parametrize(("view", "parts"), [
    (View(crop=(21, 16)), ("gans.x.view.crop is [21, 16]", "20 x 16 pixels", "lower it")),
    (View(crop=(8, 8), resize=(8, 9)), ("gans.x.view.resize is [8, 9]", "8 x 8 pixels")),
])
def test_a_view_larger_than_the_picture_is_refused(path, view, parts):
    assert_refused(lambda: read_views(path, "train", view, CPU, "gans.x.view"), *parts)


def test_digits_and_numbers_have_no_views(converted, tmp_path):
    digits, labels = read_training(converted, "train", View(), CPU, "view")
    assert digits.shape[1:] == (28, 28) and len(labels) == len(digits)
    assert_refused(lambda: read_training(converted, "train", View(crop=(8, 8)), CPU, "gans.x.view"), "gans.x.view",
                   "for colour pictures", "remove it")


def test_colour_goes_to_networks_and_back():
    pictures = torch.randint(256, (5, 4, 6, 3), dtype=torch.uint8)
    seen = to_unit_range(pictures)
    assert seen.shape == (5, 3, 4, 6) and seen.is_contiguous() and network_shape((5, 4, 6, 3)) == (3, 4, 6)
    assert torch.equal(seen[:, 1], pictures[..., 1] / 255)
    assert np.array_equal(to_stored(seen), pictures.numpy())
    assert network_shape((9, 28, 28)) == (1, 28, 28) and network_shape((9, 4)) == (4,)
