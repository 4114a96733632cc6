"""Every page in a real browser, opened from disk without a network: at two widths, light and dark, for all readers.

Without options the pages of a small site, built here; with `--site reports/html` those of that folder.
"""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from small_site import ROOT, SITE, shared

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements.txt")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: apt-get install chromium"),
]
DESK, PHONE = {"width": 900, "height": 1000}, {"width": 390, "height": 800}  # CSS pixels
MOST_PAGE, MOST_SITE = 2_000_000, 40_000_000  # bytes
UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
BROKEN = """async () => {
    const images = [...document.images];
    await Promise.all(images.map(image => image.decode().catch(() => null)));
    return images.filter(one => !one.complete || !one.naturalWidth || !one.naturalHeight).map(one => one.alt);
}"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
OUTLINE = """() => ({
    lang: document.documentElement.lang, title: document.title,
    viewport: !!document.querySelector('meta[name=viewport]'),
    landmarks: ['header', 'nav', 'main', 'footer'].filter(tag => !document.querySelector(tag)),
    skips: !!document.querySelector('body > a.skip[href="#content"]') && !!document.getElementById('content'),
    levels: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => Number(one.tagName[1])),
    ids: [...document.querySelectorAll('[id]')].map(one => one.id),
    links: [...document.querySelectorAll('a[href]')].map(one => one.href),
    captions: [...document.querySelectorAll('table')].filter(one => !one.caption).length,
})"""


@pytest.fixture(scope="module")
def site(request, tmp_path_factory) -> Path:
    given = request.config.getoption("--site")
    folder = Path(given).resolve() if given else shared(tmp_path_factory).parent / SITE
    assert (folder / "index.html").is_file(), f"{folder} holds no index.html; build the site first"
    return folder


@pytest.fixture(scope="module")
def visited(site) -> dict[str, dict]:
    """What the browser finds on each page."""
    with playwright.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = {page.name: visit(browser, page) for page in sorted(site.glob("*.html"))}
        browser.close()
    return found


def visit(browser, file: Path) -> dict:
    """Open a page as its readers do; what goes wrong, and its outline."""
    context = browser.new_context(viewport=DESK, offline=True)
    page, loud = context.new_page(), []
    page.on("console", lambda message: loud.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: loud.append(str(error)))
    page.on("requestfailed", lambda request: loud.append(f"failed: {request.url[:100]}"))
    page.on("request", lambda request: loud.append(f"asked for: {request.url[:100]}")
            if urlsplit(request.url).scheme not in ("file", "data") else None)
    page.goto(file.as_uri())
    found = {"loud": loud, "broken": page.evaluate(BROKEN), **page.evaluate(OUTLINE)}
    page.evaluate(UNFOLD)
    found["barriers"] = {scheme: barriers(page, scheme) for scheme in ("light", "dark")}
    page.set_viewport_size(PHONE)
    found["wider"] = page.evaluate(WIDER)
    context.close()
    return found


def barriers(page, scheme: str) -> list[str]:
    """What axe calls serious or critical, in that colour scheme."""
    page.emulate_media(color_scheme=scheme)
    violations = axe.Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:150]} ({node['failureSummary'][:200]})" for one in violations
            if one["impact"] in ("serious", "critical") for node in one["nodes"]]


def expect_nothing(visited: dict[str, dict], *keys: str) -> None:
    found = {page: {key: one[key] for key in keys if one[key]} for page, one in visited.items()}
    found = {page: faults for page, faults in found.items() if faults}
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


def test_nothing_is_asked_of_a_network_and_nothing_fails(visited):
    expect_nothing(visited, "loud")


def test_every_picture_is_decoded(visited):
    expect_nothing(visited, "broken")


def test_no_page_is_wider_than_a_phone(visited):
    expect_nothing(visited, "wider")


def test_axe_finds_no_serious_barrier_in_light_and_dark(visited):
    found = {page: {scheme: faults for scheme, faults in one["barriers"].items() if faults}
             for page, one in visited.items()}
    assert not any(found.values()), json.dumps({page: one for page, one in found.items() if one}, indent=1)


def test_every_page_has_landmarks_a_title_and_headings_in_order(visited):
    expect_nothing(visited, "landmarks", "captions")
    titles = [one["title"] for one in visited.values()]
    assert len(set(titles)) == len(titles)
    for page, one in visited.items():
        assert one["lang"] == "en" and one["viewport"] and one["skips"], page
        assert one["levels"][0] == 1 and one["levels"].count(1) == 1, page
        steps = zip(one["levels"], one["levels"][1:], strict=False)
        assert all(deeper <= level + 1 for level, deeper in steps), f"{page} skips a level: {one['levels']}"
        assert len(set(one["ids"])) == len(one["ids"]), f"{page} has an id twice"


def test_every_link_leads_somewhere(site, visited, request):
    kinds = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["pages"].values()
    # prose leads to all pages, and a small site has few
    small = not request.config.getoption("--site")
    missing = {f"{page}.html" for kind in kinds for page in kind} if small else set()
    for page, one in visited.items():
        for link in map(urlsplit, one["links"]):
            assert link.scheme == "file", f"{page} leads out to {link.geturl()}"
            target = Path(unquote(link.path))
            assert target.parent == site, f"{page} leads to {target}"
            assert target.name in visited or target.name in missing, f"{page} leads to {target.name}: not there"
            if link.fragment and target.name in visited:
                assert link.fragment in visited[target.name]["ids"], f"{page} leads to {target.name}#{link.fragment}"


def test_every_page_is_reached_from_the_first_one_page_after_page(visited):
    way, page = ["index.html"], "index.html"
    for _ in visited:
        later = [Path(urlsplit(link).path).name for link in visited[page]["links"]][-1]
        if later in way:
            break
        way.append(later)
        page = later
    assert set(way) == set(visited)


def test_pages_and_site_are_small(site):
    sizes = {page.name: page.stat().st_size for page in site.glob("*.html")}
    assert max(sizes.values()) < MOST_PAGE, max(sizes, key=sizes.get)
    assert sum(sizes.values()) < MOST_SITE
