"""Chapter 5: the drawings show who learns, the code is the pipeline's, and every link leads to a page."""

import inspect
from html import escape

import pytest
from conftest import REPOSITORY
from lesson_pages import linked, pages_of_params, require_readable, shown_on_page, write_parameters
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.text import Text

from stages.core.parameters import load
from stages.reporting.gan_concept_figures import GENERATED, UPDATES, drawing
from stages.reporting.gan_concept_page import COURSE, TROUBLES
from stages.training import gan_steps


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("concept"))
        write_parameters("gan_concept")
        return shown_on_page("gan_concept", patch)


def test_every_link_leads_to_a_page_of_params(text):
    found = linked(text)
    named = {page for _, _, pages in TROUBLES for page, _ in pages} | {page for _, page, _ in COURSE}
    assert {f"{page}.html" for page in named} <= found
    assert {"mnist_first.html", "gans.html", "appendix_a.html", "appendix_b.html", "appendix_d.html"} <= found
    assert found <= pages_of_params()


def test_every_gan_of_the_book_is_in_the_course():
    found = [page for _, page, _ in COURSE]
    books = {name for name, page in load(REPOSITORY / "params.yaml")["pages"]["gans"].items() if page["book"]}
    assert len(found) == len(set(found)) and set(found) == books


def test_the_code_is_what_runs(text):
    assert escape(inspect.getsource(gan_steps.book_iteration).rstrip()) in text
    assert "stages/training/gan_steps.py" in text


def test_the_updates_are_those_of_the_code():
    """The discriminator on a real and on a detached sample, then the generator through the discriminator."""
    assert [(update.learns, update.target, update.detached) for update in UPDATES] == [
        ("discriminator", 1, False), ("discriminator", 0, True), ("generator", 1, False)]
    assert [("generator" in {end for way in update.back for end in way}) for update in UPDATES] == [False, False, True]
    assert UPDATES[1].forward == UPDATES[2].forward == GENERATED
    assert UPDATES[0].used == {"real sample", "discriminator", "loss"}


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: update.title)
def test_a_drawing_can_be_read_and_marks_one_network(update):
    figure = drawing(update)
    require_readable(figure)
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert [found for found in texts if "weights move" in found] == [f"{update.learns}\nweights move"]
    assert f"loss\ntarget {update.target}" in texts
    arrows = figure.findobj(FancyArrowPatch)
    assert len(arrows) == len(update.forward) + len(update.back)
    assert len(figure.findobj(FancyBboxPatch)) == 6


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: update.title)
def test_texts_stay_inside_their_boxes(update):
    figure = drawing(update)
    figure.canvas.draw()
    boxes = [box.get_window_extent() for box in figure.findobj(FancyBboxPatch)]
    texts = [text.get_window_extent() for text in figure.findobj(Text)]
    for box in boxes:
        inside = [text for text in texts if box.contains(*text.get_points().mean(axis=0))]
        assert len(inside) == 1
        assert box.x0 <= inside[0].x0 and inside[0].x1 <= box.x1
        assert box.y0 <= inside[0].y0 and inside[0].y1 <= box.y1


def test_alt_texts_say_what_is_seen(text):
    assert text.count("<img") == len(UPDATES)
    for update in UPDATES:
        assert f"the weights of the {update.learns} move" in update.told()
        assert f'alt="{escape(update.told())}"' in text
