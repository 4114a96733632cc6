"""Pages of GANs: of digits, of digits asked for, of the 1010 rule, and all side by side; from small files."""

import base64
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import REPOSITORY, assert_refused, delete_key, run_stage, set_key
from gan_files import (
    BOOK,
    DATA,
    DIGIT_METRICS,
    FRAMES,
    TRAINING,
    Outline,
    random_pictures,
    shown_by,
    write_digit_gan,
    write_pattern_gan,
)
from PIL import Image

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


@pytest.mark.parametrize("name", ["patterned", "plain", "ordered", "gans"])
def test_a_page_is_self_contained_and_every_picture_has_an_alt_text(rendered, name):
    outline = Outline(rendered[name])
    assert not {"link", "iframe", "object"} & set(outline.tags)
    assert outline.tags.count("script") == (2 if name in ("plain", "ordered") else 0)  # data, and what runs on it
    assert not re.search(r"<script[^>]* src=|https?://(?!www.w3.org/)", rendered[name])
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

    assert moving["class"] == "moving"  # the style shows one of the two
    still, = (image for image in outline.images if image.get("class") == "last")
    last = Image.open(io.BytesIO(base64.b64decode(still["src"].split(",")[1])))
    assert last.size == film.size and still["alt"] == moving["alt"] + "; the last of them"


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
