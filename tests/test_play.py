"""Networks small enough for a page, and the section in which readers move their seeds."""

import base64
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import assert_refused
from play_gans import GANS, section, weights, write_project

from stages.evaluation.seed_paths import explore
from stages.reporting import gans_page
from stages.reporting.compact_networks import BITS, MOST_GREY, MOST_OPINION, compact
from stages.reporting.gan_play import first_corners
from stages.reporting.rounded_weights import packed, restored
from stages.training.gan_weights import load_gan


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """The folder of all GANs."""
    folder = tmp_path_factory.mktemp("play")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_project()
    return folder


@pytest.fixture
def here(project, monkeypatch) -> Path:
    monkeypatch.chdir(project)
    return project


@pytest.mark.parametrize("bits", [6, 7, 11, 16])
def test_packed_weights_decode_to_what_was_measured(bits):
    made = np.random.default_rng(bits).normal(size=(5, 3, 2, 2))
    made[2] = 0
    found = packed(made, bits)
    content, scales = (np.frombuffer(base64.b64decode(found[part]), kind)
                       for part, kind in (("numbers", np.uint8), ("scales", "<f4")))
    places = np.unpackbits(content, bitorder="little")[: bits * found["count"]].reshape(-1, bits)
    numbers = (places * 2.0 ** np.arange(bits)).sum(axis=1) - 2 ** (bits - 1)
    decoded = (numbers.reshape(5, -1) * scales[:, None].astype(float)).reshape(made.shape)
    assert np.allclose(decoded, restored(made, bits), rtol=1e-12)
    assert np.abs(decoded - made).max() <= np.abs(made).max() / 2 ** (bits - 1)


@pytest.mark.parametrize("name", GANS)
def test_rounding_keeps_to_the_limits_with_few_bits(here, name):
    gan, _ = load_gan(weights(name))
    found = compact(gan)
    assert 0 < found.grey <= MOST_GREY and 0 < found.opinion <= MOST_OPINION
    assert all(bits in BITS and bits < 16 for bits in found.bits.values())


@pytest.mark.parametrize("name", ["plain", "ordered", "projected"])
def test_the_map_begins_at_the_ends_of_the_first_rows_between_seeds(here, name):
    gan, _ = load_gan(weights(name))
    pictures, _ = explore(gan, torch.device("cpu"))
    ends = pictures["linear/pictures"][:2][:, [0, -1]].reshape(4, 28, 28)
    labels = gan.one_hot(torch.tensor([0, 0, 1, 1]), torch.device("cpu")) if gan.classes else None
    drawn = gan.generator(first_corners(gan), labels).detach().numpy().reshape(4, 28, 28)
    assert np.abs(255 * drawn - ends).max() <= 0.51  # rounded to whole grey levels


def test_a_section_is_the_same_bytes_twice_and_says_what_rounding_changes(here, monkeypatch):
    one, two = (section("ordered", monkeypatch) for _ in range(2))
    assert one == two
    assert re.search(r"rounded to \d+ bits in the generator and to \d+ in the discriminator", one)
    assert "no pixel by more than 0." in one and "no opinion by more than 0.00" in one
    assert "Compare" not in one and "compare its opinions" in section("projected", monkeypatch)


def test_layers_that_no_page_can_run_are_named(here, monkeypatch):
    shown = section("unknown", monkeypatch)
    assert "A page cannot run GELU" in shown and "<script" not in shown


def test_missing_weights_are_the_users_to_mend(here, tmp_path, monkeypatch):
    page = gans_page.Page("plain")
    monkeypatch.chdir(tmp_path)
    assert_refused(page.samples.show_play, "data/models/gans/plain.safetensors", "not found")
