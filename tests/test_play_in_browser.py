"""Seeds moved by hand in a real browser, without a network: the page draws and judges as PyTorch does."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import REPOSITORY, run_stage
from play_gans import section, weights, write_project

from stages.reporting.gan_play import first_corners
from stages.training.gan_weights import load_gan

pytestmark = pytest.mark.slow


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


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests here."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright to drive a browser")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium, to open pages")
    with sync_api.sync_playwright() as tools:
        running = tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(browser, here, monkeypatch):
    """A function that opens the section of a GAN from disk, with the network off; nothing may go wrong in it."""
    opened, wrong = [], []

    def open_section(name: str, page: Path | None = None, **options):
        context = browser.new_context(offline=True, **{"viewport": {"width": 390, "height": 844}, **options})
        opened.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda fault: wrong.append(str(fault)))
        tab.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else
               wrong.append(request.url))
        if page is None:
            style = (REPOSITORY / "stages/reporting/page/style.css").read_text(encoding="utf-8")
            page = here / f"{name}.html"
            page.write_text('<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
                            f'content="width=device-width, initial-scale=1"><title>{name}</title><style>{style}</style>'
                            f"<main>{section(name, monkeypatch)}</main></html>", encoding="utf-8")
        tab.goto(page.resolve().as_uri())
        return tab

    yield open_section
    for context in opened:
        context.close()
    assert not wrong


def shown(tab) -> dict:
    """What the page shows, after it has drawn."""
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return tab.evaluate("""() => {
        const play = document.querySelector(".play"), { seed, label, picture, opinion } = play.shown;
        const canvas = play.querySelector(".play-picture"), { width, height } = canvas;
        const pixels = [...canvas.getContext("2d").getImageData(0, 0, width, height).data];
        return { seed: [...seed], label, picture: [...picture], opinion, meter: play.querySelector("meter").value,
                 pixels: pixels.filter((_, place) => place % 4 === 0) };
    }""")


def assert_as_pytorch(name: str, found: dict) -> None:
    """Picture and opinion are those of the trained networks, but for what rounding may change."""
    gan, _ = load_gan(weights(name))
    label = None if found["label"] is None else gan.one_hot(torch.tensor([found["label"]]), torch.device("cpu"))
    with torch.inference_mode():
        picture = gan.generator(torch.tensor([found["seed"]]), label)
        opinion = gan.discriminator(picture, label).item()
    assert np.abs(np.array(found["picture"]) - picture.flatten().numpy()).max() < 2 / 255
    assert np.abs(255 - np.array(found["pixels"]) - 255 * picture.flatten().numpy()).max() < 2.5  # whole grey levels
    assert abs(found["opinion"] - opinion) < 0.01 and abs(found["meter"] - opinion) < 0.01


@pytest.mark.parametrize("name", ["plain", "ordered", "convolved", "projected"])
def test_the_page_draws_and_judges_as_pytorch_does(visit, name):
    tab = visit(name)
    gan, _ = load_gan(weights(name))
    looks = [shown(tab)]
    assert np.allclose(looks[0]["seed"], first_corners(gan)[0], atol=1e-6)

    point = tab.get_by_role("application", name="Map between four seeds")
    point.click(position={"x": 150, "y": 100})
    looks.append(shown(tab))
    tab.get_by_role("button", name="New seeds").click()
    looks.append(shown(tab))
    if gan.classes:
        for label in ("7", "9"):
            tab.get_by_role("radio", name=label, exact=True).check()
            looks.append(shown(tab))
            assert looks[-1]["label"] == int(label) and looks[-1]["seed"] == looks[2]["seed"]
    for look in looks:
        assert_as_pytorch(name, look)
    assert len({tuple(look["picture"]) for look in looks}) == len(looks)
    lengths = [np.linalg.norm(seed) for seed in first_corners(gan)]
    assert min(lengths) - 1e-4 <= np.linalg.norm(looks[1]["seed"]) <= max(lengths) + 1e-4


def test_a_single_number_has_one_slider(visit):
    tab = visit("first")
    assert tab.get_by_role("application").count() == 0 and tab.get_by_role("radio").count() == 0
    slider = tab.get_by_role("slider", name="Seed")
    assert shown(tab)["seed"] == [0]
    slider.focus()
    tab.keyboard.press("End")
    assert shown(tab)["seed"] == [1]
    slider.fill("0.25")
    look = shown(tab)
    assert look["seed"] == [0.25]
    assert_as_pytorch("first", look)
    tab.get_by_role("button", name="Another seed").click()
    assert shown(tab)["seed"] != look["seed"]


def test_keys_sliders_mouse_and_touch_move_the_point(visit):
    tab = visit("plain", has_touch=True)
    point = tab.get_by_role("application", name="Map between four seeds")
    across, down = (tab.get_by_role("slider", name=name) for name in ("Left to right", "Top to bottom"))

    def place() -> tuple[float, float]:
        shown(tab)
        return float(across.input_value()), float(down.input_value())

    point.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp"):
        tab.keyboard.press(key)
    assert place() == (0.1, 0)
    across.focus()
    tab.keyboard.press("ArrowRight")
    down.fill("0.5")
    assert place() == (0.11, 0.5)

    box = point.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 2 * box["width"], box["y"] + box["height"] / 2)
    assert place() == (1, 0.5)
    tab.mouse.up()
    tab.mouse.move(box["x"] + 10, box["y"] + 10)  # the button is up: nothing follows
    assert place() == (1, 0.5)
    tab.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 3)
    assert place() == (0.5, 0)


def test_the_opinion_is_said_now_and_then_and_the_meter_follows_at_once(visit):
    tab = visit("ordered")
    tab.evaluate("""() => {
        const words = document.querySelector("output");
        window.said = [];
        new MutationObserver(() => window.said.push(words.textContent)).observe(words, { childList: true });
    }""")
    point = tab.get_by_role("application", name="Map between four seeds")
    point.focus()
    for _ in range(20):
        tab.keyboard.press("ArrowRight")
    look = shown(tab)
    assert look["meter"] == pytest.approx(look["opinion"], abs=1e-6)
    expected = f"The discriminator takes it for a real 0:\u00a0{look['opinion']:.2f}"
    tab.get_by_text(expected, exact=True).wait_for()
    assert tab.get_by_role("status").get_attribute("aria-live") == "polite"
    assert len(tab.evaluate("window.said")) < 20


def test_a_whole_page_fits_a_phone_and_prints_a_strip(visit, here):
    result = run_stage("report", "ordered")
    assert result.returncode == 0, result.stderr
    tab = visit("ordered", page=Path("reports/html/ordered.html"))
    assert_as_pytorch("ordered", shown(tab))
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert not tab.locator(".play-strip").is_visible()
    tab.emulate_media(media="print")
    assert tab.locator(".play-strip").is_visible() and not tab.get_by_role("button", name="New seeds").is_visible()


def test_without_scripts_a_strip_of_pictures_is_shown(visit):
    tab = visit("plain", java_script_enabled=False)
    picture = tab.get_by_role("img", name="12 pictures from one seed to another")
    assert picture.is_visible() and "runs no scripts" in tab.inner_text("main")
    assert not tab.locator(".play-widget").is_visible()
