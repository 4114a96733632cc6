"""Pictures on demand: what the sheet shows, the same bytes every time, and one line for what cannot be drawn."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import assert_nothing_left, assert_one_line_error, assert_refused, run_stage, set_key
from PIL import Image

from stages import generate
from stages.core import command
from stages.networks.gan import Seeds, build_gan
from stages.training.weights import save_network

GANS = ["pattern_1010", "mnist_improved", "mnist_conditional"]
FRAME = generate.FRAME


@pytest.fixture
def gans(project):
    """The GANs' names in params.yaml."""
    set_key("gans", {name: {} for name in GANS})


@pytest.fixture
def trained(gans):
    """All of them with weights; a conditional one draws label 0 white, label 9 nearly black."""
    sizes = {"pattern_1010": ("constant", 1, (4,), 0), "mnist_improved": ("normal", 20, (1, 28, 28), 0),
             "mnist_conditional": ("normal", 20, (1, 28, 28), 10)}
    network = {"hidden_units": 6, "hidden_activation": "leaky_relu", "slope": 0.02, "layer_norm": False}
    generator, discriminator = {"family": "dense_generator", **network}, {"family": "dense_discriminator", **network}
    for name, (distribution, size, shape, classes) in sizes.items():
        torch.manual_seed(1)
        seeds = Seeds(length=size, distribution=distribution)
        gan = build_gan(generator, discriminator, seeds, shape=shape, classes=classes, place=name)
        if classes:
            draw_labels_as_greys(gan)
        description = {"experiment": name, "generator": generator, "discriminator": discriminator,
                       "seeds": seeds.model_dump(), "shape": list(shape), "classes": classes,
                       "taught": 0, "training": {"batch_size": 1}}
        save_network(weights_of(name), gan, description)


def weights_of(name):
    return Path(f"data/models/gans/{name}.safetensors")


def draw_labels_as_greys(gan):
    """Let the generator paint the whole picture in a grey that grows with the label and hardly with the seed."""
    first, last = (layer for layer in gan.generator.modules() if isinstance(layer, torch.nn.Linear))
    with torch.no_grad():
        first.weight.mul_(0.01)
        first.bias.zero_()
        first.weight[:, 20:] = torch.arange(10.0) / 10
        last.weight.fill_(1)
        last.bias.fill_(-3)


def cells(path, columns, height=28, width=28):
    """The pictures of a sheet, each as bytes where dark ink is high, frames left off."""
    page = np.asarray(Image.open(path))
    assert page.dtype == np.uint8 and page.ndim == 2
    scale = ((page.shape[1] - FRAME) // columns - FRAME) // width
    down, across = height * scale + FRAME, width * scale + FRAME
    assert page.shape[1] == columns * across + FRAME and (page.shape[0] - FRAME) % down == 0
    found = [page[top + FRAME : top + down : scale, left + FRAME : left + across : scale]
             for top in range(0, page.shape[0] - FRAME, down) for left in range(0, page.shape[1] - FRAME, across)]
    return [255 - cell[:height, :width] for cell in found]


def test_the_line_of_the_readme_draws_sixteen_sevens(trained):
    result = run_stage("generate", "mnist_conditional", "--label", "7", "--images", "16", "--seed", "3", "--out",
                       "new/folder/digits.png")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "new/folder/digits.png: 16 pictures by mnist_conditional\n"
    pictures = cells("new/folder/digits.png", columns=4)
    assert len(pictures) == 16
    generate.main("mnist_conditional", images=10, seed=3, out="all.png")
    means = [picture.mean() for picture in cells("all.png", columns=10)]
    assert means == sorted(means)  # labels 0 to 9 in turn
    assert all(abs(picture.mean() - means[7]) < min(means[8] - means[7], means[7] - means[6]) / 2
               for picture in pictures)
    assert_nothing_left()


def test_the_same_request_gives_the_same_bytes_and_another_seed_other_pictures(trained):
    for out, seed in (("a.png", 3), ("b.png", 3), ("c.png", 4)):
        generate.main("mnist_improved", seed=seed, out=out)
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes() != Path("c.png").read_bytes()


def test_the_sheet_shows_what_the_generator_makes(trained):
    from stages.evaluation.generation import generate as draw
    from stages.training.gan_weights import load_gan

    generate.main("mnist_improved", images=5, seed=3)
    gan, _ = load_gan(weights_of("mnist_improved"))
    drawn = draw(gan, gan.seeds.draw(5, torch.Generator().manual_seed(3)), None, torch.device("cpu"))
    shown = cells("mnist_improved.png", columns=3)
    assert len(shown) == 6
    assert (np.stack(shown[:5]) == drawn).all()
    assert not shown[5].any()  # white, where no picture is


def test_the_pattern_is_drawn_as_four_squares(trained):
    generate.main("pattern_1010", images=2, out="pattern.png")
    pictures = cells("pattern.png", columns=1, height=7)
    assert len(pictures) == 2
    greys = pictures[0].reshape(7, 4, 7)
    assert len(np.unique(greys)) == 4
    assert (greys == greys[:1, :, :1]).all()


@pytest.mark.parametrize(("count", "height", "step", "columns"), [
    (1, 28, 1, 1), (2, 28, 1, 2), (16, 28, 1, 4), (17, 28, 1, 5), (16, 7, 1, 2), (3, 28, 10, 3), (16, 28, 10, 10),
    (100, 28, 10, 10), (1000, 28, 10, 30),
])
def test_sheets_are_about_square_with_labels_below_one_another(count, height, step, columns):
    page = generate.sheet(np.full((count, height, 28), 255, np.uint8), step)
    rows = math.ceil(count / columns)
    scale = (page.shape[0] - rows - 1) // (rows * height)
    assert page.shape == (rows * (height * scale + 1) + 1, columns * (28 * scale + 1) + 1)
    assert 1 <= scale <= 8
    assert int((page == 0).sum()) == count * height * 28 * scale**2


@pytest.mark.parametrize(("options", "parts"), [
    ({"label": 11}, ["--label is 11", "0 to 9"]),
    ({"label": -1}, ["--label is -1", "0 to 9"]),
    ({"images": 0}, ["--images is 0", "1 to 10000"]),
    ({"images": -5}, ["--images is -5", "1 to 10000"]),
    ({"images": 10_001}, ["--images is 10001", "1 to 10000"]),
    ({"seed": -1}, ["--seed is -1", "0 to 4294967295"]),
    ({"seed": 2**32}, ["--seed is 4294967296", "0 to 4294967295"]),
    ({"out": "digits.jpg"}, ["--out is 'digits.jpg'", ".png"]),
    ({"out": "digits"}, ["--out is 'digits'", ".png"]),
    ({"out": ""}, ["--out is '.'", ".png"]),
    ({"out": "folder.png"}, ["--out is 'folder.png', a folder", "folder.png/pictures.png"]),
    ({"out": "params.yaml/digits.png"}, ["--out is 'params.yaml/digits.png'", "choose another"]),
    ({"out": "a" * 300 + ".png"}, ["--out is", "name too long", "choose another"]),
])
def test_a_value_that_cannot_be_is_refused(trained, options, parts):
    Path("folder.png").mkdir()
    before = set(Path().rglob("*"))
    assert_refused(lambda: generate.main("mnist_conditional", **options), *parts)
    assert set(Path().rglob("*")) == before


def test_a_label_for_a_gan_without_labels_is_refused(trained):
    assert_refused(lambda: generate.main("mnist_improved", label=7), "--label is 7", "mnist_improved", "without labels",
                   "leave --label out")
    assert_nothing_left("mnist_improved.png")


def test_an_unknown_experiment_is_refused_with_the_known_ones(gans):
    assert_refused(lambda: generate.main("mnist_conditioned"), "mnist_conditioned", *GANS)


def test_damaged_weights_are_refused(trained):
    path = weights_of("mnist_improved")
    path.write_bytes(path.read_bytes()[:-10])
    assert_refused(lambda: generate.main("mnist_improved"), str(path), "train again")
    assert_nothing_left("mnist_improved.png")


def test_generating_before_training_is_one_line_on_the_command_line(gans):
    result = run_stage("generate", "mnist_conditional", "--label", "7")
    assert_one_line_error(result, str(weights_of("mnist_conditional")), "not trained yet",
                          "dvc repro train_gan@mnist_conditional")
    assert_nothing_left("mnist_conditional.png")


@pytest.mark.parametrize(("words", "message"), [
    (["mnist_improved", "--images", "0"], "error: --images is 0"),
    (["mnist_improved", "--seed", "-1"], "error: --seed is -1"),
])
def test_the_command_line_passes_its_options_on(gans, monkeypatch, capsys, words, message):
    monkeypatch.setattr(sys, "argv", ["generate.py", *words])
    with pytest.raises(SystemExit) as ended:
        command.run(generate.main, add_options=generate._add_options)
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(message)


@pytest.mark.parametrize("words", [[], ["mnist_improved", "--label", "seven"], ["mnist_improved", "--size", "3"]])
def test_wrong_usage_is_status_2(monkeypatch, capsys, words):
    monkeypatch.setattr(sys, "argv", ["generate.py", *words])
    with pytest.raises(SystemExit) as ended:
        command.run(generate.main, add_options=generate._add_options)
    assert ended.value.code == 2
    assert "usage: python -m stages.generate" in capsys.readouterr().err


def test_a_write_that_fails_keeps_the_old_picture(trained, monkeypatch):
    generate.main("mnist_improved")
    before = Path("mnist_improved.png").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="No space left"):
        generate.main("mnist_improved", seed=2)
    assert Path("mnist_improved.png").read_bytes() == before
    assert_nothing_left()
