"""Pages are the same bytes for the same input, escape what data says, and pass a user's mistake on."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from papermill.exceptions import PapermillExecutionError

from stages.core.command import UserError
from stages.core.stopping import Stopped
from stages.reporting import figures, html
from stages.reporting.notebook import render


def notebook(path: Path, *codes: str) -> Path:
    tag = {"tags": ["parameters"]}
    cells = [{"cell_type": "code", "id": f"cell-{place}", "metadata": {} if place else tag, "source": code,
              "outputs": [], "execution_count": None} for place, code in enumerate(["name = ''", *codes])]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_a_page_is_the_same_bytes_twice(tmp_path):
    template = notebook(tmp_path / "a.ipynb", "print('shown', name)", "object()")
    for target in ("one.html", "two.html"):
        render(template, tmp_path / target, {"name": "<i>"}, title="A & B", badge="<data>")
    one, two = ((tmp_path / target).read_text(encoding="utf-8") for target in ("one.html", "two.html"))
    assert one == two
    assert "shown &lt;i&gt;" in one
    assert "<h1>A &amp; B</h1>" in one and "&lt;data&gt;" in one
    assert " at 0x" not in one and "papermill" not in one


def test_a_users_mistake_inside_a_notebook_reaches_the_user(tmp_path):
    template = notebook(tmp_path / "a.ipynb", "from stages.core.command import UserError\nraise UserError('mend it')")
    with pytest.raises(UserError, match=r"^mend it$"):
        render(template, tmp_path / "out.html", {"name": ""}, title="", badge="")
    assert not (tmp_path / "out.html").exists()


def test_cells_run_in_order_up_to_one_that_fails(tmp_path):
    trace = tmp_path / "trace"
    template = notebook(tmp_path / "a.ipynb", "seen = [name]", f"open({str(trace)!r}, 'w').write(str(seen))",
                        "1 / 0", f"open({str(trace)!r}, 'w').write('too far')")
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        render(template, tmp_path / "out.html", {"name": "given"}, title="", badge="")
    assert trace.read_text() == "['given']" and not (tmp_path / "out.html").exists()


def test_a_page_that_is_stopped_ends_as_every_stopped_stage(tmp_path):
    template = notebook(tmp_path / "a.ipynb", "from stages.core.stopping import Stopped\nraise Stopped(15)")
    with pytest.raises(Stopped):
        render(template, tmp_path / "out.html", {"name": ""}, title="", badge="")
    assert not (tmp_path / "out.html").exists()


def test_what_is_displayed_is_shown_in_order_and_the_value_of_a_last_line_is_not(tmp_path):
    template = notebook(tmp_path / "a.ipynb", "from IPython.display import HTML, display",
                        "display(HTML('<p>1</p>')); display(HTML('<p>2</p>')); 'the value'")
    render(template, tmp_path / "out.html", {"name": ""}, title="", badge="")
    page = re.sub(r"<details.*?</details>", "", (tmp_path / "out.html").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.search(r"<p>1</p>\s*<p>2</p>", page) and "the value" not in page


@pytest.fixture
def shown(monkeypatch):
    found = []
    monkeypatch.setattr(html, "display", lambda value: found.append(value.data))
    return found


def test_tables_and_lists_escape_their_text(shown):
    html.show_table(["<a>", "n"], [["<script>", 1234], [html.link("b.html", "<b>"), 5]])
    html.show_list(["<x>"])
    html.show_facts({"<k>": "<v>"})
    text = "".join(shown)
    assert "<script>" not in text and "<x>" not in text and "<k>" not in text and "<v>" not in text
    assert "&lt;script&gt;" in text and '<a href="b.html">&lt;b&gt;</a>' in text
    assert '<td class="number">1,234</td>' in text


def test_figures_are_the_same_bytes_twice_and_have_alt_texts(shown):
    losses = pd.DataFrame({"update": range(10, 1010, 10), "loss": np.linspace(1, 0.1, 100)})
    for _ in range(2):
        html.show_figure(figures.loss_curve(losses, window=10), "falls from 1 to 0.1 <fast>")
    assert shown[0] == shown[1]
    assert 'alt="falls from 1 to 0.1 &lt;fast&gt;"' in shown[0]


def test_no_curve_is_lost_when_there_are_more_than_colours():
    losses = pd.DataFrame({"update": [10, 20], "loss": [1.0, 0.5]})
    figure = figures.loss_curves({f"experiment {place}": losses for place in range(11)})
    lines = figure.axes[0].get_lines()
    assert len(lines) == 11
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 11


def test_every_figure_of_a_classifier_can_be_drawn_from_extreme_input():
    image = np.zeros((28, 28), np.uint8)
    drawn = [
        figures.loss_curve(pd.DataFrame({"update": [10], "loss": [0.0]}), window=1),
        figures.record_with_outputs(image, np.full(10, -0.1), label=3),
        figures.confusion(np.zeros((10, 10), int)),
        figures.picture_grid(image[None], ["0 as 1"], columns=1),
        figures.accuracies(["own"], {"the book": [None], "here": [0.5]}),
    ]
    assert all(isinstance(figure, Figure) for figure in drawn)
    for figure in drawn:
        figure.canvas.draw()
