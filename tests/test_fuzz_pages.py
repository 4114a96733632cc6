"""Text from data stays text on pages: names, titles and licences are neither marks nor code, whatever they hold."""

import json
from html.parser import HTMLParser
from pathlib import Path

import face_files
import pytest
from conftest import REPOSITORY, assert_one_line_error, run_stage
from fuzzing import COUNTS, EXAMPLES, fuzz
from hypothesis import given, settings
from hypothesis import strategies as st
from test_reports import notebook

from stages.datasets.faces.lists import MOST_NAME_LETTERS
from stages.reporting import face_figures, html
from stages.reporting.notebook import render

MARKS = {"p", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "div", "figure", "figcaption", "img",
         "a", "code", "pre"}
EVIL = ("<script>alert(1)</script>", "<img/src=x/onerror=alert(1)>", "\"><svg/onload=alert(1)>", "'-alert(1)-'",
        "</td></table><script>", "{{7*7}}", "{%raw%}", "{{cycler.__init__}}", "${7*7}", "$\\frac{$", "a\\$b$",
        "&lt;b&gt;", "javascript:alert(1)", "]]>", "<!--", "%run", "!touch", "__import__('os')")
WORD = st.sampled_from(EVIL) | st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1,
                                       max_size=MOST_NAME_LETTERS)


class Marks(HTMLParser):
    """The marks of a text, and what it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names, self.attributes, self.text = set(), {}, ""
        self.feed(text)
        self.close()

    def handle_starttag(self, name, attributes):
        self.names.add(name)
        self.attributes |= dict(attributes)

    def handle_data(self, text):
        self.text += text

    def handle_comment(self, text):
        self.names.add("comment")

    handle_decl = unknown_decl = handle_pi = handle_comment


def require_harmless(shown: str) -> Marks:
    marks = Marks(shown)
    assert marks.names <= MARKS, marks.names - MARKS
    assert not [name for name in marks.attributes if name.startswith("on")]
    assert not (marks.attributes.get("href") or "").startswith("javascript")
    return marks


@pytest.fixture
def shown(monkeypatch):
    found: list[str] = []
    monkeypatch.setattr(html, "display", lambda value: found.append(value.data))
    return found


@fuzz
@given(words=st.lists(WORD, min_size=3, max_size=3))
def test_words_in_tables_lists_and_facts_stay_words(words):
    COUNTS["words on pages"] += 1
    with pytest.MonkeyPatch.context() as patch:
        found: list[str] = []
        patch.setattr(html, "display", lambda value: found.append(value.data))
        html.show_table(words, [words, [html.link("b.html", words[0]), *words[1:]]])
        html.show_list(words)
        html.show_facts({words[0]: words[1]})
        html.show_text(words[2])
        text = require_harmless("".join(found)).text
    assert all(word in text for word in words), "a word is not shown as it is"


@pytest.mark.filterwarnings("ignore:Glyph")
@settings(fuzz, max_examples=max(5, EXAMPLES // 20))
@given(words=st.lists(WORD, min_size=2, max_size=5, unique=True))
def test_names_in_figures_are_drawn_and_no_formulas(words):
    import numpy as np

    COUNTS["words in figures"] += 1
    face_figures.share_bars(words, np.linspace(0.1, 0.9, len(words))).draw_without_rendering()


def run_cells(page: str, template: str) -> None:
    """The page's cells in this process and folder."""
    names = {"name": page}
    cells = json.loads((REPOSITORY / f"reports/notebooks/{template}.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", []):
            exec("".join(cell["source"]), names)


def test_the_page_of_a_data_set_with_evil_names(project, shown, monkeypatch):
    names = [*EVIL[:5], "{{7*7}}", "a\\$b$"]
    monkeypatch.setattr(face_files, "NAMES", names)
    monkeypatch.setattr(face_files, "DATA", face_files.DATA | {
        "title": EVIL[0], "licence": EVIL[1], "digests": {EVIL[2]: EVIL[3]}})
    face_files.write_faces()
    run_cells("celeba", "face_data")
    text = require_harmless("".join(shown)).text
    assert EVIL[0] in text and EVIL[1] in text
    assert "{{7*7}}" in "".join(shown), "the most frequent or the first picture's attribute is named as it is"


def test_text_that_looks_like_code_stays_text_through_the_whole_renderer(tmp_path, monkeypatch):
    """Only the template's own cells run: neither Jinja nor IPython nor papermill runs what data says."""
    monkeypatch.chdir(tmp_path)
    words = ["{{ 7*7 }}", "{% include 'x' %}", "{{ ''.__class__.__mro__ }}", "!touch ran", "%run x.py",
             "__import__('os').system('touch ran')", "'); open('ran', 'w'); ('", "<script>alert(1)</script>", "$x^2$"]
    Path("words.json").write_text(json.dumps(words), encoding="utf-8")
    code = ("import json\nfrom pathlib import Path\nfrom stages.reporting.html import show_list\n"
            "show_list([*json.loads(Path('words.json').read_text()), name])\nprint(name)")
    notebook(Path("template.ipynb"), code)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    evil_name = "\"; open('ran', 'w') #\n{{ 7*7 }}"
    render(Path("template.ipynb"), Path("page.html"), {"name": evil_name}, title="{{ 7*7 }}<script>", badge="{% x %}")

    page = Marks(Path("page.html").read_text(encoding="utf-8"))
    assert "script" not in page.names and not Path("ran").exists()
    for word in [*words, "{{ 7*7 }}<script>", "{% x %}", "open('ran', 'w') #"]:
        assert word in page.text, word


@pytest.mark.parametrize("name", ["../../evil", "evil; touch ran", "{{7*7}}", "__init__"])
def test_a_page_that_params_does_not_name_is_refused(project, name):
    assert_one_line_error(run_stage("report", name), "no '", "in any part of pages")
    assert not Path("ran").exists()
