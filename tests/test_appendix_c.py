"""Appendix C: loops, formulas and PyTorch agree; what networks never see; the list of convolutions; the page."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from conftest import REPOSITORY, assert_refused, set_key
from torch import nn

from stages import demonstrate, list_convolutions
from stages.core.parameters import load
from stages.lessons.appendix_c import loops, pytorch, sizes
from stages.lessons.appendix_c.cases import BOOK, CASES, DISCRIMINATOR, MNIST_CNN, numbers
from stages.lessons.appendix_c.sizes import Layer
from stages.networks.families import build_network
from stages.reporting import appendix_c_figures as figures
from stages.reporting import convolution_tables, html
from stages.reporting.metrics import read_metrics, read_table

LIST, TABLE = Path("reports/metrics/convolutions/appendix_c.json"), Path("reports/convolutions/appendix_c.csv")
KEPT = {"classifiers": ["cnn"], "attribute_classifiers": ["face_attributes"], "gans": ["mnist_best", "celeba_conv"]}


def write_parameters(folder: Path, **changes: object) -> None:
    """params.yaml of the project with a few networks only."""
    values = load(REPOSITORY / "params.yaml")
    small = {"run": values["run"] | {"budget": "demo"}, "lessons": {"appendix_c": values["lessons"]["appendix_c"]},
             "pages": {"lessons": values["pages"]["lessons"]},
             **{kind: {name: values[kind][name] for name in names} for kind, names in KEPT.items()}}
    small["lessons"]["appendix_c"] |= {"networks": KEPT, **changes}
    (folder / "params.yaml").write_text(yaml.safe_dump(small, sort_keys=False), encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_parameters(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def listed(tmp_path_factory) -> Path:
    """A folder in which both stages have run."""
    folder = tmp_path_factory.mktemp("listed")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_parameters(folder)
        demonstrate.main("appendix_c")
        list_convolutions.main("appendix_c")
    return folder


@pytest.mark.parametrize(("side", "layer"), [
    (28, Layer(5, 2)), (7, Layer(4, 3, 2)), (9, Layer(1)), (11, Layer(8, 2, 1, True)), (5, Layer(3, 4, 2, True, 3)),
])
def test_a_formula_gives_the_size_that_a_layer_of_pytorch_makes(side, layer):
    kind = nn.ConvTranspose2d if layer.transposed else nn.Conv2d
    more = {"output_padding": layer.output_padding} if layer.transposed else {}
    made = kind(1, 1, layer.kernel, layer.stride, layer.padding, **more)(torch.zeros(1, 1, side, side))
    assert layer.output_side(side) == made.shape[-1] == loops.result(
        np.zeros((side, side)), np.zeros((layer.kernel, layer.kernel)), layer).shape[0]


def test_uncovered_cells_are_of_the_picture_and_left_over_ones_of_the_padding_too():
    assert (Layer(3, 2).left_over(6), Layer(3, 2).uncovered(6)) == (1, 1)
    assert (Layer(5, 2, 2).left_over(28), Layer(5, 2, 2).uncovered(28)) == (1, 0)
    assert Layer(3, 2, transposed=True).left_over(6) == 0


def test_the_steps_of_a_case_fill_the_output_one_after_the_other():
    case = CASES["stride_1"]
    picture, kernel = numbers(case, seed=1)
    steps = list(loops.steps(picture, kernel, case.layer))
    assert [int((~np.isnan(step.canvas)).sum()) for step in steps] == list(range(1, 10))
    assert np.array_equal(steps[-1].canvas, pytorch.result(picture, kernel, case.layer))


def test_a_stamp_shows_its_cells_and_the_last_step_all():
    case = CASES["transposed_stride_2_padded"]
    first, *_, last = loops.steps(*numbers(case, seed=1), case.layer)
    assert (~np.isnan(first.canvas)).sum() == case.layer.kernel**2
    assert not np.isnan(last.canvas).any()
    assert loops.cut(last.canvas, case.layer).shape == (5, 5)


def gradient(network: nn.Module, *shape: int) -> np.ndarray:
    """How strongly each pixel acts on the output, [height, width]."""
    torch.manual_seed(1)
    picture = torch.rand(1, *shape, requires_grad=True)
    # a weighted sum: the plain one of normalised cells does not depend on the picture
    output = network(picture)
    (found,) = torch.autograd.grad((output * torch.linspace(1, 2, output.numel())).sum(), picture)
    return found[0].abs().sum(dim=0).numpy()


def discriminator(family: str, **settings: object) -> nn.Module:
    shape = settings.pop("shape")
    return build_network({"family": family, "hidden_activation": "leaky_relu", "slope": 0.2, **settings}, "here",
                         "discriminator", shape=shape, classes=0)


@pytest.mark.parametrize(("name", "layers", "seen"), [("cnn", MNIST_CNN, 25), ("faces", DISCRIMINATOR, 122)])
def test_the_books_networks_never_look_at_the_last_rows_and_columns(name, layers, seen):
    """What the page says, of the pipeline's own networks, by their gradients."""
    if name == "cnn":
        settings = load(REPOSITORY / "params.yaml")["classifiers"]["cnn"]["network"]
        shape, network = (1, 28, 28), build_network(settings, "here")
    else:
        shape = (3, 128, 128)
        network = discriminator("conv_discriminator", filters=2, kernel=8, shape=shape)
    acts = gradient(network.eval(), *shape) > 0
    ways = sizes.paths(shape[1], layers)
    assert np.flatnonzero(ways).max() + 1 == seen
    assert not acts[seen:].any() and not acts[:, seen:].any()
    assert acts[seen - 1].any() and acts[:, seen - 1].any()


def test_batch_normalisation_alone_feels_the_strip_while_it_trains():
    network = discriminator("conv_discriminator", filters=2, kernel=8, shape=(3, 128, 128)).train()
    assert (gradient(network, 3, 128, 128)[122:] > 0).any()


def test_our_own_discriminators_see_every_pixel():
    assert sizes.paths(64, [Layer(4, 2, 1)] * 4).all() and sizes.paths(28, [Layer(4, 2, 1)] * 2).all()
    network = discriminator("strided_conv_discriminator", filters=4, features=8, shape=(1, 28, 28)).eval()
    assert (gradient(network, 1, 28, 28) > 0).all()


def test_every_convolution_is_listed_with_its_sizes(listed):
    table = read_table(listed / TABLE).fillna("").set_index("name")
    assert not table.index.duplicated().any()
    for part, layers in (("generator", (0, 1, 2)), ("discriminator", (0, 1, 2))):
        rows = table[(table["network"] == "celeba_conv") & (table["part"] == part) & (table["budget"] == "book")]
        sides = [rows["input_height"].iloc[0], *rows["output_height"]]
        assert sides == BOOK[part][1] and len(rows) == len(layers)
        assert list(rows["parameters"])[1] == 256 * 256 * 8 * 8 + 256
    assert set(table[table["network"] == "celeba_conv"]["budget"]) == {"book", "demo"}
    assert list(table[table["network"] == "cnn"]["output_width"]) == [12, 5]
    assert int(read_metrics(listed / LIST)["count"]) == 2 * (1 + 1 + 2 * 2 * 2)


def test_the_list_has_the_same_bytes_twice(listed, monkeypatch):
    monkeypatch.chdir(listed)
    before = [path.read_bytes() for path in (LIST, TABLE)]
    list_convolutions.main("appendix_c")
    assert before == [path.read_bytes() for path in (LIST, TABLE)]


def test_a_wrong_formula_stops_the_list_and_nothing_is_written(folder, monkeypatch):
    monkeypatch.setattr(Layer, "output_side", lambda layer, side: side // layer.stride)
    assert_refused(lambda: list_convolutions.main("appendix_c"), "'cnn_classifier_sizes'", "14 x 14", "12 x 12")
    assert not LIST.exists() and not TABLE.exists()


def test_a_wrong_loop_is_found(folder, monkeypatch):
    right = loops.result
    monkeypatch.setattr(loops, "result", lambda picture, kernel, layer: right(picture, kernel[::-1], layer))
    assert_refused(lambda: demonstrate.main("appendix_c"), "'stride_1' gives", "and")


@pytest.mark.parametrize(("key", "value", "parts"), [
    ("networks.classifiers", ["cnm"], ["'cnm'", "classifiers has: cnn", "correct the list"]),
    ("networks.gans", "celeba_conv", ["lessons.appendix_c.networks.gans", "list"]),
    ("largest_side", 1, ["lessons.appendix_c.largest_side is 1", "8"]),
    ("seed", -1, ["lessons.appendix_c.seed is -1", "0"]),
])
def test_mistakes_in_the_list_are_one_line(folder, key, value, parts):
    set_key(f"lessons.appendix_c.{key}", value)
    assert_refused(lambda: list_convolutions.main("appendix_c"), "params.yaml", *parts)


@pytest.mark.parametrize(("name", "part"), [("mnist_improved", "no convolutions"), ("pattern_1010", "pattern_1010")])
def test_a_network_without_convolutions_does_not_belong_into_the_list(folder, name, part):
    set_key("gans", {name: load(REPOSITORY / "params.yaml")["gans"][name]})
    set_key("lessons.appendix_c.networks", {"classifiers": [], "attribute_classifiers": [], "gans": [name]})
    assert_refused(lambda: list_convolutions.main("appendix_c"), name, part, "remove it from the list")


def test_all_networks_with_convolutions_are_listed_and_declared():
    values, definition = load(REPOSITORY / "params.yaml"), (REPOSITORY / "dvc.yaml").read_text(encoding="utf-8")
    networks = values["lessons"]["appendix_c"]["networks"]
    for kind, fields in (("classifiers", ["network"]), ("attribute_classifiers", ["data", "view", "network"]),
                         ("gans", ["data", "conditional", "seeds", "generator", "discriminator", "budgets.book",
                                   "budgets.${run.budget}"])):
        having = []
        for name, block in values[kind].items():
            families = {block[part]["family"] for part in ("network", "generator", "discriminator") if part in block}
            sources = [(REPOSITORY / f"stages/networks/{family}.py").read_text(encoding="utf-8") for family in families]
            if any(re.search(r"nn\.Conv", source) for source in sources):
                having.append(name)
        assert networks[kind] == having
        for name in having:
            for field in fields:
                assert f"      - {kind}.{name}.{field}\n" in definition, f"{kind}.{name}.{field}"


@pytest.mark.parametrize("name", CASES)
def test_strips_are_as_wide_as_a_page_at_most_and_legible(name):
    case = CASES[name]
    picture, kernel = numbers(case, seed=1)
    steps = list(loops.steps(picture, kernel, case.layer))
    strip = figures.strip(case, picture, kernel, steps)
    assert strip.get_figwidth() <= 7.5
    assert min(text.get_fontsize() for text in strip.axes[0].texts) >= 8
    window = strip.get_window_extent()
    for text in strip.axes[0].texts:
        box = text.get_window_extent()
        assert window.x0 <= box.x0 and box.x1 <= window.x1 and window.y0 <= box.y0 and box.y1 <= window.y1
    assert len({tuple(frame.get_size_inches()) for frame in figures.frames(case, picture, kernel, steps[:2])}) == 1


def test_the_sum_of_a_step_is_written_out():
    case = CASES["stride_2"]
    picture, kernel = numbers(case, seed=1)
    frame = next(figures.frames(case, picture, kernel, list(loops.steps(picture, kernel, case.layer))))
    said = next(text.get_text() for text in frame.axes[0].texts if "=" in text.get_text())
    terms, total = said.removeprefix("1: ").split(" = ")
    assert sum(int(one) * int(other) for one, other in (term.split("·") for term in terms.split(" + "))) == int(total)


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    found = []
    monkeypatch.setattr(html, "display", lambda value: found.append(value.data))
    return found


def test_the_page_shows_a_case_in_motion_and_still(listed, monkeypatch, shown):
    from stages.reporting.appendix_c_page import Page

    monkeypatch.chdir(listed)
    page = Page("appendix_c")
    page.show_case("stride_2_uncovered")
    formula, moving, still = shown
    assert "<math" in formula and "data:image/gif" in moving and "data:image/png" in still
    assert '<figure class="moves"><img class="moving"' in moving
    assert re.search(r'<img class="last" [^>]*alt="[^"]*; the last of them" src="data:image/png', moving)
    assert 'alt="Convolution, stride 2, that leaves cells uncovered: the 4 steps side by side' in still
    assert "Hatched: never covered." in still
    assert '<div class="scroll"><img' in still  # digits keep their size on a telephone


def test_the_page_shows_every_table(listed, monkeypatch, shown):
    from stages.reporting.appendix_c_page import Page

    monkeypatch.chdir(listed)
    page = Page("appendix_c")
    page.show_tried()
    page.show_cases_table()
    page.show_book_sides()
    page.show_unseen()
    page.show_convolutions()
    page.show_examples()
    text = " ".join(shown).replace("\u00a0", " ")
    assert "128 – 61 – 27 – 10" in text and "11 – 28 – 62 – 128" in text
    assert "the last 3 of 28 rows" in text and "the last 6 of 128 rows" in text
    assert ">1,536<" in text and "pictures of 1 to 12 cells" in text
    assert "A dense layer between the same two would have 46," in text
    filters = load(REPOSITORY / "params.yaml")["gans"]["celeba_conv"]["budgets"]["demo"]["generator"]["filters"]
    assert "at the demo budget" in text and f"{filters}×12×12" in text


def test_networks_with_the_same_convolutions_share_their_rows(tmp_path, listed, shown):
    table = read_table(listed / TABLE)
    twin = table[table["network"] == "celeba_conv"].assign(network="celeba_twin")
    twin["name"] += " twin"
    both = tmp_path / "both.csv"
    table = pd.concat([table, twin])
    table.to_csv(both, index=False)
    convolution_tables.show(both)
    text = "".join(shown)
    assert '<a href="celeba_conv.html">celeba_conv</a> and <a href="celeba_twin.html">celeba_twin</a>: gen' in text
    assert text.count(">49,155<") == 2


def test_what_the_notebook_calls_is_there():
    from stages.reporting.appendix_c_page import Page

    text = (REPOSITORY / "reports/notebooks/appendix_c.ipynb").read_text(encoding="utf-8")
    called = re.findall(r"page\.(show_\w+)\(", text)
    assert called and all(hasattr(Page, name) for name in called)
    assert re.findall(r'show_case\(\\"(\w+)\\"\)', text) == list(CASES)
