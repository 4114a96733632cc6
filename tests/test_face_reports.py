"""Pages of faces: the data, the judge, the GANs, all side by side and on the first page; from small files."""

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
from face_files import CENTRE, NOTE, WHOLE, faces, write_face_gan, write_faces, write_judge
from gan_files import BOOK, TRAINING, Outline, random_patterns, shown_by, write_pattern_gan
from PIL import Image

from stages.datasets.hdf5 import write_arrays
from stages.reporting import (
    attribute_classifiers_page,
    face_comparisons_page,
    face_data_page,
    face_figures,
    gan_figures,
    gan_kinds,
    gan_recipe,
    gans_page,
    html,
    pixels,
    run_label,
    site_page,
    words,
)

PAGES = {"celeba": "face_data", "face_attributes": "attribute_classifiers", "celeba_conv": "gans",
         "faces": "face_comparisons"}


def write_pages() -> None:
    """A params.yaml with these pages only."""
    book = {**BOOK, "view": {"crop": [128, 128]}, "memory_now": 0.14, "memory_peak": 0.2, "seconds": 2173,
            "device": "P100"}
    gans = {"celeba_dense": {"title": "Dense", "about": "", "book": {**book, "view": {}, "memory_peak": 1.09}},
            "celeba_conv": {"title": "Convolution", "about": "Drawn & judged.", "book": book},
            "celeba_conv_gelu": {"title": "GELU", "about": "", "book": book},
            "celeba_best": {"title": "Ours", "about": "", "book": None}}
    pages = {"gans": gans, "face_data": {"celeba": {"title": "Faces"}}, "face_comparisons": {"faces": {"title": "All"}},
             "attribute_classifiers": {"face_attributes": {"title": "The judge", "about": "It reads."}},
             "site": {"index": {"title": "First"}}, "gan_comparisons": {"gans": {"title": "Digits"}},
             "lessons": {"appendix_z": {"title": "A lesson", "about": "It teaches."}},
             "data": {}, "classifiers": {}, "comparisons": {}}
    text = yaml.safe_dump({"run": {"budget": "demo"}, "pages": pages}, sort_keys=False)
    Path("params.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A folder with the results of everything about faces; copied by those who change it."""
    folder = tmp_path_factory.mktemp("faces")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_pages()
        write_faces()
        write_judge()
        write_face_gan("celeba_dense", {"frechet_distance": 20.0, "sharpness": 0.01}, view=WHOLE, side=(218, 178),
                       memory=174_080)
        write_face_gan("celeba_conv")
        write_face_gan("celeba_conv_gelu", {"frechet_distance": 8.5, "sharpness": 0.03},
                       training={**TRAINING, "epochs": 2})
        write_face_gan("celeba_best", {"frechet_distance": 2.0}, training={
            **TRAINING, "batch_size": 32, "generator": {"filters": [16, 8], "refinements": 0},
            "discriminator": {"features": 64}, "gpu_precision": "bfloat16", "view": CENTRE})
        Path("reports/notebooks").mkdir()
        for kind in {*PAGES.values(), "site"}:
            shutil.copy(REPOSITORY / f"reports/notebooks/{kind}.ipynb", f"reports/notebooks/{kind}.ipynb")
    return folder


@pytest.fixture
def project(written, tmp_path, monkeypatch) -> Path:
    """The same files in a folder of the test's own, the current one."""
    shutil.copytree(written, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture(scope="module")
def rendered(written) -> dict[str, str]:
    """What the cells of all pages show, without a kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(written)
        return {name: shown_on(name, patch) for name in (*PAGES, "celeba_dense", "index")}


def shown_on(name: str, patch: pytest.MonkeyPatch) -> str:
    """Everything that the code of a page's notebook shows."""
    shown, names = [], {"name": name}
    patch.setattr(html, "display", lambda value: shown.append(value.data))
    kind = {"index": "site"}.get(name) or PAGES.get(name, "gans")
    notebook = json.loads(Path(f"reports/notebooks/{kind}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "tags" not in cell["metadata"]:
            exec("".join(cell["source"]), names)
    return "\n".join(shown)


def decoded(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))


@pytest.mark.parametrize("name", [*PAGES, "celeba_dense", "index"])
def test_a_page_holds_all_it_needs_is_small_and_every_picture_is_told_in_words(rendered, name):
    page, outline = rendered[name], Outline(rendered[name])
    assert len(page) < 2_000_000
    assert not {"script", "link", "iframe", "object"} & set(outline.tags)
    assert outline.images and all(image["alt"].strip() for image in outline.images)
    for image in outline.images:
        assert re.match(r"data:image/(png|gif|jpeg);base64,", image["src"])
        decoded(image["src"]).load()
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower().split()


def test_faces_are_shown_in_their_colours(rendered):
    kinds = {decoded(image["src"]).format for image in Outline(rendered["celeba_conv"]).images}
    assert kinds == {"JPEG", "PNG", "GIF"}  # faces, curves, the animation
    film = next(image for image in Outline(rendered["celeba_conv"]).images if "Animation" in image["alt"])
    frame = np.asarray(decoded(film["src"]).convert("RGB")).astype(int)
    assert np.ptp(frame, axis=2).max() > 30
    assert film["width"] == str(pixels.SCALE * frame.shape[1])


def test_names_of_attributes_are_escaped_wherever_they_stand(rendered):
    for name in ("celeba", "face_attributes", "celeba_conv"):
        assert "<b>odd" not in rendered[name].lower()
    assert "&lt;b&gt;odd&lt;/b&gt; &amp; $5" in rendered["celeba"]
    assert "none &lt;needed&gt;" in rendered["celeba"]


def test_the_page_of_the_data_tells_what_the_file_holds(rendered):
    page = rendered["celeba"]
    for told in ("train/images", "40 × 218 × 178 × 3", "uint8", "uint32", "3 pictures that could not be decoded",
                 "20 people are in the 40 training pictures", "12 in the 24 test pictures, 1 in both",
                 "218 × 178 × 3 numbers", "most often smiling", "archive, MD5", "a" * 32, "f" * 64):
        assert told in page, told


def test_data_without_lists_says_so(project, monkeypatch):
    write_faces(attributes=False, height=100, width=90)
    page = shown_on("celeba", monkeypatch)
    assert "without lists of attributes" in page and "without a list of who" in page
    assert "smaller than the 128 × 128" in page


def test_the_page_of_the_data_reads_no_more_than_it_shows(project, monkeypatch):
    monkeypatch.setattr(face_data_page, "read_arrays", lambda *_: pytest.fail("pictures are read whole"))
    page = face_data_page.Page("celeba")
    assert len(page.faces) == face_data_page.SHOWN


def test_the_judge_is_measured_against_a_guess(rendered):
    page = rendered["face_attributes"]
    assert "reads 90.00 % of 4 attributes right, better than" in page and "75.00 %" in page
    assert "It beats the guess on 3 of 4 attributes" in page and "“smiling” (35.0 points)" in page
    assert "the central 128 × 128 pixels, scaled to 32 × 32" in page


def test_a_judge_that_was_not_trained_says_why_and_no_more(project, monkeypatch):
    write_judge(trained=False)
    page = shown_on("face_attributes", monkeypatch)
    assert NOTE in page and "<img" not in page and "nan" not in page.split()
    assert attribute_classifiers_page.Page("face_attributes").badge == "stand-in faces · demo budget"


def test_a_gan_of_faces_shows_its_view_its_memory_and_the_books(rendered, project, monkeypatch):
    page = rendered["celeba_conv"]
    for told in ("the central 128 × 128 pixels, scaled to 32 × 32", "32 × 32 × 3 numbers", "17\u00a0KiB",
                 "0.14 GiB after training, 0.20 GiB at most", "36 min 13 s on P100", "50.0\u00a0% of the sharpness",
                 "Farthest from the real ones: smiling (90.0\u00a0% instead of 10.0\u00a0%)", "faces.html"):
        assert told in page, told
    assert "How often each digit" not in page and "grey in the middle" not in page and "evenness" in page
    told = shown_by(monkeypatch, gans_page.Page("celeba_conv").show_against_the_book)
    assert ("Each picture: the central 128 × 128 pixels, scaled to 32 × 32 here, the central 128 × 128 pixels in the "
            "book.") in told
    assert "Data: stand-in faces here, CelebA in the book." in told
    told = shown_by(monkeypatch, gans_page.Page("celeba_dense").show_against_the_book)
    assert "Each picture:" not in told  # the whole one, here and there


def test_a_budgets_own_networks_and_precision_are_told(project, monkeypatch):
    told = shown_by(monkeypatch, gans_page.Page("celeba_best").show_settings)
    assert "filters 16/8, refinements 0" in told and "features 64" in told and "bfloat16" in told
    assert gan_recipe.extras({**TRAINING, "generator": {}, "discriminator": None, "gpu_precision": "float32"}) == {}


def test_faces_that_are_not_judged_are_shown_all_the_same(project, monkeypatch):
    for name in ("celeba_dense", "celeba_conv", "celeba_conv_gelu", "celeba_best"):
        write_face_gan(name, judged=False)
    for name in ("celeba_conv", "faces"):
        page = shown_on(name, monkeypatch)
        assert NOTE in page and "Frechet distance is" not in page
    assert gan_kinds.read_result("celeba_conv").card() == (
        "variety 0.800", "of real faces; sharpness 50.0\u00a0% of theirs (noise counts as sharp); not judged by "
                         "features")


def test_collapse_is_told_because_it_was_measured(project):
    write_face_gan("celeba_conv", {"pairwise_distance_ratio": 0.05})
    assert gan_kinds.read_result("celeba_conv").verdict().startswith("has collapsed: its faces differ")


def test_the_comparison_judges_by_the_numbers(rendered, project, monkeypatch):
    page = rendered["faces"]
    assert "17\u00a0KiB, 10.0\u00a0% of the 170\u00a0KiB of celeba_dense" in page and "18.3\u00a0%" in page
    assert "Celeba_conv" not in page and "celeba_conv is better by the Frechet distance and sharpness" in page
    assert "are those of celeba_best" in page
    assert "celeba_conv_gelu is better by sharpness; they are about even by the Frechet distance and variety" in page
    assert "differ in more than the activation: epochs (3 and 2)" in page

    # the other way round
    write_face_gan("celeba_conv", {"frechet_distance": 30.0, "sharpness": 0.2}, memory=1_740_800)
    page = face_comparisons_page.Page("faces")
    told = shown_by(monkeypatch, page.show_dense_against_conv)
    assert "celeba_dense is better by the Frechet distance and sharpness" in told and "1000.0\u00a0%" in told


def test_a_comparison_goes_on_without_some_and_needs_one(project, monkeypatch):
    for name in ("celeba_conv_gelu", "celeba_dense"):
        delete_key(f"pages.gans.{name}")
    page = shown_on("faces", monkeypatch)
    assert "Not compared: celeba_dense is not in this run." in page
    assert "Not compared: celeba_conv_gelu is not in this run." in page
    for name in ("celeba_conv", "celeba_best"):
        delete_key(f"pages.gans.{name}")
    assert_refused(lambda: face_comparisons_page.Page("faces"), "pages.gans", "no GAN of faces")


def test_the_first_page_leads_to_every_page_and_says_what_is_drawn_here(rendered, project, monkeypatch):
    outline = Outline(rendered["index"])
    assert {f"{name}.html" for name in (*PAGES, "celeba_dense", "celeba_best")} <= set(outline.links)
    assert "stand-in faces, which this pipeline draws itself" in rendered["index"] and "CelebA" in rendered["index"]
    assert {"8 generated faces", "The first 8 faces of the data"} <= {image["alt"] for image in outline.images}

    # digits and faces may be from different sources
    digits = {"title": "stand-in digits", "source": "stand_in", "licence": "", "digests": {}}
    write_arrays(Path("data/hdf5/mnist.h5"), {}, {"provenance": {**digits, "title": "MNIST", "source": "official"},
                                                  "digest": "d" * 64})
    set_key("pages.data", {"mnist": {"title": "Digits"}})
    page = site_page.Page("index")
    assert page.badge == "MNIST (official), stand-in faces · demo budget"
    told = shown_by(monkeypatch, page.show_state)
    assert "with stand-in faces" in told and "Beside them stands MNIST (official)." in told
    assert run_label.data_label(digits) == "stand-in digits"


@pytest.mark.slow
def test_the_stage_renders_a_page_with_its_badge(project):
    result = run_stage("report", "celeba")
    assert result.returncode == 0, result.stderr
    page = Path("reports/html/celeba.html").read_text(encoding="utf-8")
    assert '<p class="badge">stand-in faces · demo budget</p>' in page and len(page) < 2_000_000


def test_a_pattern_is_a_kind_of_its_own(project):
    write_pattern_gan("patterned")
    assert gan_kinds.read_result("patterned").kind == "pattern" and random_patterns(2).shape == (2, 4)
    assert gan_kinds.read_result("celeba_dense").kind == "faces"


def test_an_animation_in_colour_stays_small():
    frames = [np.random.default_rng(place).integers(0, 256, (140, 200, 3), np.uint8) for place in range(20)]
    address, shown = pixels.gif(frames)
    assert len(address) < 600_000 and 2 <= shown < len(frames) and decoded(address).n_frames == shown


def test_a_sheet_in_colour_keeps_every_pixel_on_white_paper():
    pictures = faces(5, height=7, width=5)
    laid = pixels.sheet(pictures, columns=3)
    assert laid.shape == (2 * 8 + 1, 3 * 6 + 1, 3)
    assert np.array_equal(laid[9:16, 7:12], pictures[4]) and (laid[9:16, 13:18] == 255).all()
    small = pixels.thumbnails(faces(2, height=218, width=178), 109)
    assert small.shape == (2, 109, 89, 3) and pixels.thumbnails(pictures, 10) is pictures


def test_figures_of_faces_can_be_drawn_from_extreme_input():
    drawn = [
        face_figures.paired_shares(["a$b$^"], {"real": np.zeros(1), "generated": np.ones(1)}),
        face_figures.share_bars(["only"], np.zeros(1)),
        face_figures.crop(faces(1, height=128, width=128)[0], 128, 128),
        face_figures.gallery({"one": faces(1), "two": faces(3, height=20)}),
        gan_figures.picture_sheet(faces(1, height=500, width=3000), columns=1),
    ]
    for figure in drawn:
        figure.canvas.draw()
    assert drawn[-1].get_figwidth() <= gan_figures.WIDEST + 0.01


@pytest.mark.parametrize(("count", "text"), [(0, "0\u00a0bytes"), (1023, "1,023\u00a0bytes"), (1536, "1.5\u00a0KiB"),
                                             (747_000_000, "712\u00a0MiB"), (1 << 50, "1,024\u00a0TiB")])
def test_memory_is_written_in_the_largest_unit(count, text):
    assert words.in_bytes(count) == text
