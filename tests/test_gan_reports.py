"""Pages of GANs: of digits, of digits asked for, of the 1010 rule, and all side by side; from small files."""

import base64
import io
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import REPOSITORY, assert_refused, delete_key, run_stage, set_key
from PIL import Image

from stages.core.files import write_json, write_text
from stages.datasets.hdf5 import write_arrays
from stages.reporting import (
    cards,
    gan_comparisons_page,
    gan_figures,
    gan_kinds,
    gan_metrics,
    gans_page,
    html,
    pixels,
    words,
)

FRAMES, ITERATIONS = 6, 100
BOOK = {
    "chapter": 7, "notebook": "08", "says": "Several <b>digits</b>.", "origin": "published", "output": None,
    "alone": "more than 0.99.", "samples": 60000, "epochs": 4, "loss": "binary_cross_entropy", "optimizer": "adam",
    "learning_rate": 0.0001, "seed_size": 100, "seed_distribution": "normal", "discriminator_layers": "Linear",
    "discriminator_parameters": 10, "generator_layers": "Linear Sigmoid", "generator_parameters": 20,
}
DATA = {"title": "stand-in digits", "source": "stand_in", "licence": "", "digests": {}, "digest": "d" * 64}
RULE = {"title": "1010 rule", "source": "rule", "licence": "", "digests": {}, "digest": "e" * 64,
        "ranges": [[0.8, 1.0], [0.0, 0.2], [0.8, 1.0], [0.0, 0.2]]}
TRAINING = {
    "loss": "binary_cross_entropy", "optimizer": "adam", "learning_rate": 0.0001, "epochs": 3, "batch_size": 1,
    "shuffle": False, "betas": None, "schedule": "constant", "penalty": 0.0, "last_penalty": None,
    "mismatch": 0.0, "weight_average": 0.0,
}
DIGIT_METRICS = {
    "images": 100, "real_images": 100, "frechet_distance": 8.4, "frechet_floor": 0.95, "kernel_distance": 0.02,
    "kernel_distance_error": 0.001, "kernel_floor": 0.0001, "precision": 0.9, "recall": 0.8, "density": 1.02,
    "coverage": 0.7, "precision_real": 0.95, "recall_real": 0.95, "density_real": 1.0, "coverage_real": 0.96,
    "modes_covered": 10, "class_kl": 0.02, "class_kl_floor": 0.00045, "unsure_share": 0.1, "unsure_share_real": 0.01,
    "pairwise_distance_ratio": 0.97, "distinct_share": 1.0, "distinct_share_real": 1.0, "memorisation_ratio": 0.8,
    "copies_share": 0.0, "copies_share_real": 0.001, "near_copies_share": 0.01,
    "discriminator_loss": 0.5, "generator_loss": 1.2, "ideal_loss": 0.693147,
}


def random_pictures(*counts: int) -> np.ndarray:
    return np.random.default_rng(sum(counts)).integers(0, 256, (*counts, 28, 28), np.uint8)


def random_patterns(*counts: int) -> np.ndarray:
    return np.random.default_rng(sum(counts)).random((*counts, 4), np.float32)


def describe(name: str, data: dict, **others: object) -> dict:
    return {
        "experiment": name, "data_set": "mnist", "seeds": {"size": 100, "distribution": "normal"}, "classes": 0,
        "shape": [1, 28, 28],
        "loss": "binary_cross_entropy", "budget": "demo", "training": TRAINING, "seed": 1, "images": 60,
        "iterations": ITERATIONS, "parameters": {"generator": 20, "discriminator": 10}, "data": data, **others,
    }


def write_gan(description: dict, samples, metrics: dict, arrays: dict, attributes: dict, seeds: dict,
              seed_metrics: dict, shown: int) -> None:
    """What five stages leave behind for a page; `samples` makes as many of them as it is asked for."""
    name, steps = description["experiment"], np.arange(5, ITERATIONS + 1, 5)
    losses = [f"{step},0.{step % 7},0.{step % 5},0.{step % 3}" for step in steps]
    write_text(f"reports/losses/gans/{name}.csv",
               "\n".join(["iteration,discriminator_real,discriminator_fake,generator", *losses]) + "\n")
    write_text(f"reports/losses/discriminators/{name}.csv",
               "\n".join(["pair,real,noise", *(f"{step},{1 / step:.3g},{2 / step:.3g}" for step in steps)]) + "\n")
    write_json(f"reports/metrics/discriminators/{name}.json",
               {"real_output": 0.9, "noise_output": 0.2, "samples": 50})
    write_json(f"reports/metrics/gans/{name}.json", metrics)
    write_json(f"reports/metrics/seeds/{name}.json", seed_metrics)

    write_arrays(Path(f"data/progress/gans/{name}.h5"), {
        "iterations": np.linspace(0, ITERATIONS, FRAMES).astype(int), "pictures": samples(FRAMES, shown),
        "labels": np.arange(shown if description["classes"] else 0, dtype=np.uint8) % 10,
    }, {"description": description})
    write_arrays(Path(f"data/samples/discriminators/{name}.h5"), {
        "real/samples": samples(4), "noise/samples": samples(4), "real/outputs": np.array([0.9, 0.8, 0.95, 0.7]),
        "noise/outputs": np.array([0.1, 0.2, 0.25, 0.3]), "untrained/pictures": samples(4),
    }, {"description": {**description, "pairs": 50}})
    layers = {"discriminator": [{"layer": "Linear(3, 1)", "output": [1], "parameters": 10}],
              "generator": [{"layer": "Linear(1, 3)", "output": [3], "parameters": 20},
                            {"layer": "Sigmoid()", "output": [3], "parameters": 0}]}
    write_arrays(Path(f"data/samples/gans/{name}.h5"), arrays,
                 {"description": description, "layers": layers, **attributes})
    write_arrays(Path(f"data/samples/seeds/{name}.h5"), seeds, {"description": description})


def write_digit_gan(name: str, metrics: dict | None = None, samples=random_pictures, histogram=None,
                    real=None, data: dict = DATA, **others: object) -> None:
    """A GAN of digits; conditional with `classes=10`."""
    description = describe(name, data, **others)
    conditional, generated = bool(description["classes"]), np.full(10, 0.1) if histogram is None else histogram
    metrics = {**DIGIT_METRICS, **(metrics or {})}
    if conditional:
        metrics |= {"label_accuracy": 0.9, "label_accuracy_of": {str(label): 0.85 + label / 100 for label in range(10)},
                    "gan_train_accuracy": 0.88, "gan_train_accuracy_real": 0.97}
    normal = description["seeds"]["distribution"] == "normal"
    arrays = {
        "grid/images": samples(100), "histogram/generated": generated, "histogram/real": np.full(10, 0.1),
        "real/images": samples(24) if real is None else real, "real/labels": np.arange(24, dtype=np.uint8) % 10,
        **{f"closest/{kind}": samples(8) for kind in ("generated", "training", "held_out", "held_out_training")},
        "closest/ratios": np.linspace(0.5, 0.6, 8), "closest/held_out_ratios": np.linspace(0.5, 0.7, 8),
    }
    attributes = {
        "judge": {"experiment": "reference", "digest": DATA["digest"], "title": DATA["title"], "features": 64},
        "memorisation": {"verdict": "clear", "text": "0 of 100 are copies."},
        "samples": {"generated": 100, "test": 100, "train": 60, "mode_share": 0.01, "neighbourhoods": 60,
                    "paired": 100, "memorisation": 100, "held_out": 100},
    }
    seeds = {"linear/pictures": samples(4, 12), "spherical/pictures": samples(4 if normal else 0, 12),
             "arithmetic/pictures": samples(4, 5), "labels/pictures": samples(4 if conditional else 0, 10)}
    kinds = ("linear", "spherical") if normal else ("linear",)
    numbers = {f"{kind}_{key}": 0.5 for kind in kinds for key in ("evenness", "directness", "midpoint_greyness")}
    write_gan(description, samples, metrics, arrays, attributes, seeds,
              {"pairs": 200, "ends_distance": 7.0, "ends_greyness": 0.3, "cross_fade_greyness": 0.6,
               **numbers}, shown=20 if conditional else 16)


def write_pattern_gan(name: str) -> None:
    """A GAN of the 1010 rule."""
    description = describe(name, RULE, data_set=name, seeds={"size": 1, "distribution": "constant"},
                           loss="mean_squared_error", training={**TRAINING, "loss": "mean_squared_error"})
    metrics = {
        "images": 100, "real_images": 100, "valid_share": 1.0, "range_distance": 0.0, "discriminator_loss": 0.25,
        "generator_loss": 0.26, "ideal_loss": 0.25,
        "mean_output": {"first": 0.93, "second": 0.05, "third": 0.94, "fourth": 0.2},
    }
    outputs = np.tile(np.float32([0.93, 0.05, 0.94, 0.2]), (16, 1))
    arrays = {"grid/outputs": outputs, "real/samples": random_patterns(16)}
    seeds = {"linear/pictures": random_patterns(1, 12), **{f"{kind}/pictures": random_patterns(0, 12)
                                                           for kind in ("spherical", "arithmetic", "labels")}}
    write_gan(description, random_patterns, metrics, arrays, {"samples": {"generated": 100, "test": 100}}, seeds,
              {"pairs": 1, "ends_distance": 0.4, "linear_evenness": 0.6, "linear_directness": 0.9}, shown=1)


def write_pages() -> None:
    """A params.yaml with the pages of these GANs only."""
    book = {**BOOK, "loss": "mean_squared_error", "output": [0.939, 0.053, 0.939, 0.047], "samples": 60, "epochs": 3}
    pages = {"patterned": {"title": "A pattern", "about": "Four numbers.", "book": book},
             "plain": {"title": "Digits", "about": "Drawn & judged.", "book": BOOK},
             "ordered": {"title": "Digits as asked for", "about": "By label.", "book": None}}
    comparison = {"gans": {"title": "All GANs"}}
    text = yaml.safe_dump({"pages": {"gan_comparisons": comparison, "gans": pages}}, sort_keys=False)
    Path("params.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A folder with the results of three GANs; copied by those who change it."""
    folder = tmp_path_factory.mktemp("gans")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_pages()
        write_pattern_gan("patterned")
        write_digit_gan("plain")
        write_digit_gan("ordered", classes=10, loss="relativistic",
                        training={**TRAINING, "loss": "relativistic", "batch_size": 64, "penalty": 1.0})
        for kind in ("gans", "gan_comparisons"):
            shutil.copy(REPOSITORY / f"reports/notebooks/{kind}.ipynb",
                        _folder(folder / "reports/notebooks") / f"{kind}.ipynb")
    return folder


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def gans(written, tmp_path, monkeypatch) -> Path:
    """The same files in a folder of the test's own, the current one."""
    shutil.copytree(written, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture(scope="module")
def rendered(written) -> dict[str, str]:
    """The bodies of all pages, by the cells of their notebooks, without a kernel: that takes seconds for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(written)
        return {name: "\n".join(cells_of(name, patch)) for name in ("patterned", "plain", "ordered", "gans")}


def cells_of(name: str, patch: pytest.MonkeyPatch) -> list[str]:
    """Everything that a page's notebook shows, in order."""
    shown, names = [], {}
    patch.setattr(html, "display", lambda value: shown.append(value.data))
    notebook = Path(f"reports/notebooks/{'gan_comparisons' if name == 'gans' else 'gans'}.ipynb")
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if "parameters" in cell["metadata"].get("tags", []):
            names["name"] = name
        elif cell["cell_type"] == "code":
            exec(source, names)
        else:
            shown += [re.sub(r"## (.*)", r"<h2>\1</h2>", part) for part in source.split("\n\n")]
    return shown


class Outline(HTMLParser):
    """What a page holds: headings with what follows them, pictures, addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images, self.sources, self.tags, self.headings, self.links = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append(tag)
        if tag == "img":
            self.images.append(values)
        elif tag == "source":
            self.sources.append(values)
        elif tag == "a":
            self.links.append(values["href"])
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append(["", ""])

    def handle_data(self, data):
        if self.headings:
            place = int(not re.fullmatch(r"h[1-6]", self.tags[-1]) or bool(self.headings[-1][0]))
            self.headings[-1][place] += data.strip()


def shown_by(monkeypatch, *calls) -> str:
    """What calls to a page's methods display."""
    found = []
    monkeypatch.setattr(html, "display", lambda value: found.append(value.data))
    for call in calls:
        call()
    return "".join(found)


@pytest.mark.parametrize("name", ["patterned", "plain", "ordered", "gans"])
def test_a_page_is_self_contained_and_every_picture_has_an_alt_text(rendered, name):
    outline = Outline(rendered[name])
    assert not {"script", "link", "iframe", "object"} & set(outline.tags)
    assert outline.images and all(image["alt"].strip() for image in outline.images)
    addresses = [image["src"] for image in outline.images] + [source["srcset"] for source in outline.sources]
    assert all(re.match(r"data:image/(png|gif);base64,", address) for address in addresses)
    assert "nan" not in re.sub(r"base64,[^\"]*", "", rendered[name]).lower().split()


@pytest.mark.parametrize("name", ["patterned", "plain", "ordered", "gans"])
def test_no_section_is_empty(rendered, name):
    headings = Outline(re.sub(r"<details.*?</details>", "", rendered[name], flags=re.DOTALL)).headings
    assert len(headings) >= 5
    for place, (title, content) in enumerate(headings):
        deeper = title == "Both networks" or place == 0  # its tables stand under headings of their own
        assert title and (content or deeper), f"{name}: nothing stands under '{title}'"


def test_sections_that_do_not_apply_say_nothing(rendered):
    asked, copies, sums = "Does it draw what it is asked for?", "Does it copy?", "Sums of seeds"
    assert all(section in rendered["ordered"] for section in (asked, copies, sums))
    assert asked not in rendered["plain"] and copies in rendered["plain"]
    assert not any(section in rendered["patterned"] for section in (asked, copies, sums, "Frechet", "image/gif"))
    assert "0.939" in rendered["patterned"] and "3 of 4 numbers are within 0.1 of the book" in rendered["patterned"]


@pytest.mark.slow
def test_the_stage_renders_the_same_bytes(gans, monkeypatch):
    result = run_stage("report", "ordered")
    assert result.returncode == 0, result.stderr
    page = Path("reports/html/ordered.html").read_text(encoding="utf-8")
    pictures = r"data:image/\w+;base64,[^\"]+"
    assert re.findall(pictures, page) == re.findall(pictures, "".join(cells_of("ordered", monkeypatch)))


@pytest.mark.parametrize(("name", "width", "height"), [("plain", 4, 4), ("ordered", 10, 2)])
def test_the_animation_shows_every_frame_and_a_still_for_those_who_want_no_motion(rendered, name, width, height):
    outline = Outline(rendered[name])
    moving = next(image for image in outline.images if image["src"].startswith("data:image/gif"))
    film = Image.open(io.BytesIO(base64.b64decode(moving["src"].split(",")[1])))
    assert film.n_frames == FRAMES and film.info["loop"] == 0
    assert film.size == (2 * (29 * width + 1), 2 * (29 * height + 1 + 5))
    assert len(moving["src"]) < 600_000

    still, = outline.sources
    assert still["media"] == "(prefers-reduced-motion: reduce), print"
    last = Image.open(io.BytesIO(base64.b64decode(still["srcset"].split(",")[1])))
    assert last.size == film.size


def test_an_animation_of_noise_stays_small_and_keeps_first_and_last():
    frames = [np.random.default_rng(place).integers(0, 256, (120, 120), np.uint8) for place in range(60)]
    address, shown = pixels.gif(frames)
    assert len(address) < 600_000 and 2 <= shown < len(frames)
    film = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))
    assert film.n_frames == shown
    film.seek(shown - 1)
    last = np.asarray(film.convert("L"))[::2, ::2]
    assert np.array_equal(last, 255 - frames[-1] // 16 * 17)


def test_a_sheet_keeps_every_pixel():
    pictures = random_pictures(5)
    laid = pixels.sheet(pictures, columns=3)
    assert laid.shape == (2 * 29 + 1, 3 * 29 + 1)
    assert np.array_equal(laid[30:58, 30:58], pictures[4])
    assert not laid[30:58, 59:87].any()  # no sixth picture: paper


def test_collapse_is_said_because_it_was_measured(gans, monkeypatch):
    shares = np.array([0.0, 0.99, 0.01, 0, 0, 0, 0, 0, 0, 0])
    write_digit_gan("plain", {"modes_covered": 1, "pairwise_distance_ratio": 0.02}, histogram=shares)
    page = gan_comparisons_page.Page("gans")
    told = shown_by(monkeypatch, page.show_verdicts, page.show_modes)
    assert "has collapsed: 1 of 10 modes" in told and "2.0\u00a0% as much" in told
    assert "Mode collapse: plain." in told
    assert '<a href="ordered.html">ordered</a> draws all 10 digits; the judge reads 90.0\u00a0% of its pictures' in told

    shares = np.array([0.2, 0.2, 0.0, 0.2, 0.2, 0.05, 0.05, 0.05, 0.05, 0.0])
    write_digit_gan("plain", {"modes_covered": 8}, histogram=shares)
    assert "draws 8 of 10 digits (it lacks the 2 and 9)" in shown_by(
        monkeypatch, gan_comparisons_page.Page("gans").show_verdicts, gan_comparisons_page.Page("gans").show_modes)


def test_losses_say_who_wins(gans, monkeypatch):
    for discriminator, generator, said in [(0.7, 0.69, "within a tenth"), (0.2, 3.0, "discriminator has the upper"),
                                           (0.9, 0.3, "generator has the upper")]:
        write_digit_gan("plain", {"discriminator_loss": discriminator, "generator_loss": generator})
        assert said in shown_by(monkeypatch, gans_page.Page("plain").show_losses)


def test_the_frechet_distance_is_not_taken_for_another(rendered):
    for name in ("plain", "ordered", "gans"):
        assert "not the Inception distance" in rendered[name] and "d" * 12 in rendered[name]
    assert "Judged: 100 generated pictures" in rendered["plain"]


def test_what_differs_from_the_book_is_listed_and_its_words_are_escaped(gans, monkeypatch):
    text = shown_by(monkeypatch, gans_page.Page("plain").show_against_the_book)
    assert "Several &lt;b&gt;digits&lt;/b&gt;." in text
    assert "Epochs: 3 here, 4 in the book." in text and "Batch size" not in text
    assert "The book has no such GAN" in shown_by(monkeypatch, gans_page.Page("ordered").show_against_the_book)


def test_a_page_says_who_sees_labels(gans, monkeypatch):
    write_digit_gan("plain", training={**TRAINING, "mismatch": 1.0})
    write_digit_gan("patterned")
    said = [shown_by(monkeypatch, gans_page.Page(name).samples.show_data) for name in ("plain", "ordered", "patterned")]
    for text, expected in zip(said, ("Only the discriminator sees", "Each comes with", "are not used"), strict=True):
        assert expected in text


def test_cards_of_the_first_page_show_samples_and_numbers(gans):
    digits, pattern = gan_kinds.read_result("ordered"), gan_kinds.read_result("patterned")
    note = "Frechet distance 8.40; real pictures 0.950; 90.0\u00a0% read as asked for"
    assert digits.card() == ("10 of 10 digits", note)
    assert pattern.card()[0] == "100.0\u00a0%"
    for result, alt in ((digits, "8 generated digits"), (pattern, "A generated pattern of four numbers")):
        image, = Outline(cards.examples(result)).images
        assert image["alt"] == alt and image["src"].startswith("data:image/png;base64,")


def test_every_measure_is_explained_once():
    keys = [measure.key for measure in gan_metrics.MEASURES]
    assert len(set(keys)) == len(keys)
    assert all(measure.meaning.endswith((".", "?")) for measure in gan_metrics.MEASURES)
    names = [row[0] for row in gan_metrics.rows(DIGIT_METRICS)]
    assert "Frechet distance" in names and "right label" not in names


def test_gans_of_different_runs_are_not_compared(gans):
    write_digit_gan("ordered", classes=10, budget="best")
    assert_refused(lambda: gan_comparisons_page.Page("gans"), "ordered.h5", "another run", "dvc repro")
    write_digit_gan("ordered", classes=10, data={**DATA, "digest": "f" * 64})
    assert_refused(lambda: gan_comparisons_page.Page("gans"), "ordered.h5", "another run", "dvc repro")
    assert gan_kinds.read_results(["patterned", "plain"])  # the pattern is data of its own


def test_a_comparison_needs_a_gan_of_digits(gans):
    delete_key("pages.gans.plain")
    delete_key("pages.gans.ordered")
    assert_refused(lambda: gan_comparisons_page.Page("gans"), "pages.gans", "no GAN of digits")


def test_a_missing_result_and_a_wrong_fact_are_the_users_to_mend(gans):
    Path("data/progress/gans/plain.h5").unlink()
    assert_refused(lambda: gans_page.Page("plain"), "data/progress/gans/plain.h5", "not found")
    set_key("pages.gans.patterned.book.epochs", 0)
    assert_refused(lambda: gans_page.Page("patterned"), "pages.gans.patterned.book.epochs")


def test_figures_can_be_drawn_from_extreme_input():
    zeros = np.zeros((1, 28, 28), np.uint8)
    drawn = [
        gan_figures.picture_sheet(zeros, columns=3, row_titles=["one"], column_titles=["a"]),
        gan_figures.patterns(np.zeros((1, 4)), ["none"]),
        gan_figures.class_histogram(np.zeros(10), np.full(10, 0.1)),
        gan_figures.modes({"one": (np.eye(10)[3], zeros)}, np.full(10, 0.1)),
        gan_figures.distances({"one": 0.0}, 0.0),
        gan_figures.shares({"recall": {"one": 0.0}, "coverage": {"one": 1.0}}),
    ]
    for figure in drawn:
        figure.canvas.draw()


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (8.437, "8.44"), (1234.5, "1,234"), (-0.0021, "−0.00210"),
                                             (1.234e-5, "0.000012"), (1e-9, "0")])
def test_numbers_are_written_with_three_figures(value, text):
    assert words.number(value) == text
