"""The way through the pages, what a keyboard reaches on them, and the page that says where all is from."""

import json
import re
import shutil
from html import escape
from pathlib import Path

import pytest
import yaml
from conftest import CONVERTED, REPOSITORY, assert_refused, run_stage, set_key
from lesson_pages import shown_on_page
from test_dvc_yaml import closure

from benchmarks import pipeline
from stages.datasets.hdf5 import read_attribute
from stages.reporting import chapters
from stages.reporting.landmarks import with_landmarks

PAGES = yaml.safe_load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))["pages"]
BOOK_ORDER = ("foundations", "mnist", "baseline", "combined", "gan_concept", "pattern_1010", "mnist_first",
              "mnist_improved", "celeba", "celeba_dense", "celeba_conv", "mnist_conditional", "appendix_a")


def test_every_page_stands_in_one_chapter_and_in_the_books_order():
    named = [name for chapter in PAGES["site"]["index"]["chapters"] for name in chapter["pages"]]
    assert sorted(named) == sorted(name for kind, pages in PAGES.items() if kind != "site" for name in pages)
    places = [named.index(name) for name in BOOK_ORDER]
    assert places == sorted(places)


@pytest.fixture
def few(tmp_path, monkeypatch) -> Path:
    """A params.yaml with three pages in one chapter, and one in none."""
    monkeypatch.chdir(tmp_path)
    pages = {"lessons": {name: {"title": f"<{name}>", "about": "A"} for name in ("one", "two", "three", "four")},
             "site": {"index": {"title": "First", "chapters": [
                 {"title": "I & II", "about": "Both", "pages": ["two", "one", "three"]}]}}}
    Path("params.yaml").write_text(yaml.safe_dump({"pages": pages}, sort_keys=False), encoding="utf-8")
    return tmp_path


def test_a_page_knows_its_neighbours(few):
    assert run_stage("list_chapters", "index").returncode == 0
    way = chapters.find_way("one")
    assert (way.before["name"], way.after["name"]) == ("two", "three")
    assert chapters.find_way("two").before["name"] == "index"
    assert chapters.find_way("index").after["name"] == "two"
    assert [page["name"] for page in chapters.find_way("elsewhere").chapters[1]["pages"]] == ["four"]
    assert chapters.find_way("four").after is None and chapters.find_way("elsewhere").before is None


def test_before_the_chapters_are_listed_a_page_leads_home_only(few):
    assert chapters.find_way("one") == chapters.Way([], "one", None, None)


def test_an_experiment_leads_to_the_ledger_and_to_the_comparison_of_its_kind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text((REPOSITORY / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert run_stage("list_chapters", "index").returncode == 0
    related = {name: [page["name"] for page in chapters.find_way(name).related]
               for name in ("cnn", "mnist_first", "faces", "foundations", "index", "ledger", "provenance")}
    assert related == {"cnn": ["classifiers", "ledger"], "mnist_first": ["gans", "faces", "ledger"],
                       "faces": ["ledger"], "foundations": ["ledger"], "index": [], "ledger": [], "provenance": []}


def test_mistakes_in_chapters_are_told_in_one_line(few):
    place = "pages.site.index.chapters"
    chapter = {"title": "I", "about": "A", "pages": ["one", "one"]}
    set_key(place, [chapter])
    assert_refused(lambda: chapters.arrange("index"), place, "'one' 2 times", "keep one")
    set_key(place, [{**chapter, "pages": ["onne"]}])
    assert_refused(lambda: chapters.arrange("index"), place, "'onne'", "correct the name")
    set_key(place, [{**chapter, "page": []}])
    assert_refused(lambda: chapters.arrange("index"), f"{place}.0.page is unknown", "title, about, pages")
    set_key(place, [])
    set_key("pages.lessons.one", {"about": "A"})
    assert_refused(lambda: chapters.arrange("index"), "pages.lessons.one has no title")


def test_a_damaged_list_of_chapters_is_the_users_to_mend(few):
    chapters.LISTED.parent.mkdir(parents=True)
    chapters.LISTED.write_text("[", encoding="utf-8")
    assert_refused(lambda: chapters.find_way("one"), "data/chapters/index.json", "no valid JSON", "dvc repro")


def test_boxes_that_scroll_are_named_by_their_heading_and_reached_by_keyboard():
    table = '<div class="scroll"><table></table></div>'
    page = with_landmarks(f'<h1>All</h1><h2 id="x">A &amp; <b>B</b></h2>{table}{table}<h2>A &amp; B</h2>'
                          '<div class="scroll formula"><math></math></div><pre>1</pre>')
    contents = with_landmarks("<!-- the sections of this page --><h2>1 &lt; 2</h2><h3>no</h3><h2>2</h2>")
    assert contents.startswith('<ol><li><a href="#1-2">1 &lt; 2</a></li><li><a href="#2">2</a></li></ol>')
    assert re.findall('<h2[^>]*>', page) == ['<h2 id="a-b">', '<h2 id="a-b-2">']
    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table: A &amp; B"><table>' in page
    assert 'aria-label="Table: A &amp; B, 2"' in page and 'aria-label="Formula: A &amp; B"' in page
    assert '<pre tabindex="0" role="region" aria-label="Code: A &amp; B">1' in page


def test_the_stage_lists_every_page_of_this_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text((REPOSITORY / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert run_stage("list_chapters", "index").returncode == 0
    listed = json.loads(chapters.LISTED.read_text(encoding="utf-8"))
    assert len({page["name"] for chapter in listed for page in chapter["pages"]}) == sum(map(len, PAGES.values())) - 1


def test_the_page_of_provenance_shows_the_stages_of_this_pipeline():
    written = json.loads((REPOSITORY / pipeline.TABLE).read_text(encoding="utf-8"))
    assert written == pipeline.table(REPOSITORY / "dvc.yaml"), "run `make readme`"


def test_only_pages_that_run_networks_load_pytorch_and_only_pages_with_figures_matplotlib():
    for kind in set(PAGES) - {"lessons", "gans"}:
        page = REPOSITORY / f"stages/reporting/{kind}_page.py"
        loaded = "".join(file.read_text(encoding="utf-8") for file in closure({page}))
        assert not re.search(r"^ *(import|from) torch", loaded, flags=re.MULTILINE), kind
        drawn = re.search(r"^(import|from) matplotlib", loaded, flags=re.MULTILINE)
        assert bool(drawn) == (kind not in ("site", "provenance", "ledgers")), kind


@pytest.fixture
def provenance(converted, monkeypatch) -> str:
    """What the page of provenance shows of a small project."""
    shutil.copy(REPOSITORY / "requirements.txt", "requirements.txt")
    set_key("datasets.mnist.licence", "none <at all>")
    return shown_on_page("provenance", monkeypatch)


def test_the_page_of_provenance_names_data_parameters_versions_and_stages(provenance):
    digest = read_attribute(CONVERTED, "digest")
    assert digest in provenance.replace("<wbr>", "") and "a local folder" in provenance
    whole = Path("params.yaml").read_text(encoding="utf-8")
    assert escape(whole) in provenance and "none &lt;at all&gt;" in provenance
    for line in Path("requirements.txt").read_text(encoding="utf-8").splitlines():
        if "==" in line:
            name, version = re.match(r"([\w.-]+(?:\[\w+\])?)==(\S+)", line).groups()
            assert f"<td>{name}</td>" in provenance and f"<code>{version}</code>" in provenance
    assert "train_<wbr>classifier" in provenance and "reports/<wbr>html/<wbr>index.html" in provenance
    assert str(Path.cwd()) not in provenance and not re.search(r"\d\d:\d\d", provenance.replace(escape(whole), ""))
