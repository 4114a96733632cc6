"""Foundations: slopes found in two ways, graphs read from PyTorch and drawn whole, a page that shows what ran."""

import inspect
import io
import json
import re
import shutil
from html import escape
from pathlib import Path

import networkx as nx
import pytest
import torch
from conftest import REPOSITORY, set_key
from matplotlib.backends.backend_agg import FigureCanvasAgg

from stages import demonstrate
from stages.core.command import UserError
from stages.core.parameters import read_block
from stages.lessons import foundations
from stages.lessons.foundations import chains, derivatives, gradients, graph, jacobians, matrices
from stages.reporting import foundations_graphs as drawing
from stages.reporting import html
from stages.reporting.foundations_concepts import CONCEPTS
from stages.reporting.foundations_page import Page

NOTEBOOK = REPOSITORY / "reports/notebooks/foundations.ipynb"


def number(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


@pytest.mark.parametrize("step", [1e-5, 0.002])
def test_every_example_holds_with_the_smallest_and_the_largest_step(step):
    examples = foundations.work_out(foundations.Settings(step=step))
    assert not [name for name, example in examples.items() if not example.holds]


@pytest.mark.parametrize("step", [0, -0.001, 1e-6, 0.01, "small"])
def test_a_step_that_cannot_do_is_refused(project, step):
    set_key("lessons.foundations.step", step)
    with pytest.raises(UserError, match=r"^params.yaml: lessons.foundations.step is "):
        read_block("lessons.foundations", foundations.Settings)


def test_a_wrong_derivative_stops_the_stage_and_is_named(project, monkeypatch):
    monkeypatch.setitem(derivatives.SLOPES, derivatives.square, lambda x: 3 * x)
    with pytest.raises(UserError, match=r"'error_of_chain_rule_of_sigmoid_of_square_against_autograd' gives 0\.5"):
        demonstrate.main("foundations")


def test_a_step_across_the_kink_would_be_seen():
    near = number([-0.0005, 0.0005])
    stepped = derivatives.central_difference(derivatives.leaky_relu, near, 0.001)
    assert derivatives.largest_relative_difference(stepped, derivatives.autograd(derivatives.leaky_relu, near)) > 0.1
    assert derivatives.POINTS.abs().min() > 0.002  # the largest step allowed
    assert (derivatives.POINTS[0], derivatives.POINTS[-1]) == (-3, 3)


def test_gradients_by_hand_know_one_factor_from_the_other():
    x, w = matrices.matrices()
    by_x, by_w = matrices.gradients_by_hand(x, w)
    assert by_x.shape == x.shape and by_w.shape == w.shape


def test_a_graph_has_what_flowed_along_each_edge():
    found = graph.record(lambda x: x * x + 2, "y", x=number(3.5))
    labels = nx.get_node_attributes(found, "label")
    edges = [(labels[source], labels[target], edge["value"].item(), edge["gradient"].item())
             for source, target, edge in found.edges(data=True)]
    assert edges == [("x", "Mul", 3.5, 3.5), ("x", "Mul", 3.5, 3.5), ("Mul", "Add 2", 12.25, 1),
                     ("Add 2", "y", 14.25, 1)]
    assert list(nx.get_node_attributes(found, "kind").values()) == ["leaf", "operation", "operation", "output"]


@pytest.mark.parametrize("name", CONCEPTS)
def test_gradients_that_come_back_to_a_variable_sum_to_its_gradient(name, monkeypatch):
    """What hooks saw is what PyTorch put into `.grad`."""
    leaves, record = {}, graph.Tensor.requires_grad_
    monkeypatch.setattr(graph.Tensor, "requires_grad_", lambda tensor: leaves.setdefault(id(tensor), record(tensor)))
    found = CONCEPTS[name].graph()
    names = [data["label"] for _, data in found.nodes(data=True) if data["kind"] == "leaf"]
    sums = {leaf: sum(graph.arriving(found, leaf)) for leaf in names}
    assert len(leaves) == len(names)
    for leaf in leaves.values():
        assert any(one.shape == leaf.shape and torch.allclose(one, leaf.grad) for one in sums.values())


def test_a_graph_needs_one_number_at_its_end():
    with pytest.raises(RuntimeError, match="scalar"):
        graph.record(lambda x: 2 * x, "y", x=torch.ones(2))


def test_operations_are_counted_once_where_paths_meet():
    x = number(2.0).requires_grad_()
    y = x + 1
    assert graph.operations(y * y) == 2
    assert graph.operations(jacobians.doubled(jacobians.start(1000).requires_grad_())) == 1


@pytest.mark.parametrize("name", [*CONCEPTS, "polynomial"])
def test_a_drawn_graph_has_room_for_everything(name):
    """Every number is there; nothing is outside; no two texts overlap; none is wider than its box."""
    found = (CONCEPTS[name].graph() if name in CONCEPTS else
             graph.record(gradients.polynomial, "y", x=number(2.0)))
    figure = drawing.computation_graph(found)
    assert figure.get_figwidth() < 8.58  # inches of a page
    FigureCanvasAgg(figure).draw()
    texts = figure.axes[0].texts
    written, extents = [text.get_text() for text in texts], [text.get_window_extent() for text in texts]
    for *_, edge in found.edges(data=True):
        assert f"→ {drawing.content(edge['value'])}" in written
        assert f"← {drawing.content(edge['gradient'])}" in written
    boxes = [patch.get_window_extent() for patch in figure.axes[0].patches
             if isinstance(patch, drawing.FancyBboxPatch)]
    labels = len(texts) - len(boxes)  # of edges; those of nodes come last
    for place, (text, extent) in enumerate(zip(texts, extents, strict=True)):
        assert text.get_fontsize() * min(7.5 / figure.get_figwidth(), 1) >= 8, written[place]
        assert figure.bbox.x0 < extent.x0 and extent.x1 < figure.bbox.x1, written[place]
        assert figure.bbox.y0 < extent.y0 and extent.y1 < figure.bbox.y1, written[place]
        assert not [written[other] for other in range(place) if extent.overlaps(extents[other])], written[place]
        if place < labels:
            assert not any(extent.overlaps(box) for box in boxes), written[place]
        else:
            assert boxes[place - labels].x0 < extent.x0 and extent.x1 < boxes[place - labels].x1, written[place]


def test_a_drawn_graph_is_the_same_bytes_twice():
    contents = []
    for _ in range(2):
        content = io.BytesIO()
        drawing.computation_graph(CONCEPTS["two_paths"].graph()).savefig(content, metadata={"Software": None})
        contents.append(content.getvalue())
    assert contents[0] == contents[1]


@pytest.mark.parametrize("name", CONCEPTS)
def test_numbers_of_a_caption_are_in_its_graph(name):
    found = CONCEPTS[name].graph()
    seen = {drawing.content(edge[what]) for *_, edge in found.edges(data=True) for what in ("value", "gradient")}
    seen |= {word for label in nx.get_node_attributes(found, "label").values() for word in label.split()}
    leaves = [data["label"] for _, data in found.nodes(data=True) if data["kind"] == "leaf"]
    seen |= {drawing.content(sum(graph.arriving(found, leaf))) for leaf in leaves}
    assert set(re.findall(r"(?<![\w.])\d[\d.×]*\d\b|\b\d\b", CONCEPTS[name].look)) <= seen


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> dict:
    """The lesson's metrics, in a folder of its own."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(REPOSITORY / "params.yaml", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        demonstrate.main("foundations")
        yield json.loads(Path("reports/metrics/foundations.json").read_text(encoding="utf-8"))["examples"]


@pytest.fixture(scope="module")
def shown(examples) -> str:
    """All that the notebook shows, in one text."""
    found, page = [], Page("foundations")
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "display", lambda value: found.append(value.data))
        for code in codes[2:]:
            exec(code, {"page": page})
    return "".join(found)


def test_the_page_shows_every_concept_in_three_views_and_the_code_that_ran(shown):
    for concept in CONCEPTS.values():
        assert escape(drawing.described(concept.graph())) in shown
        for function in concept.code:
            assert escape(inspect.getsource(function).rstrip()) in shown
    assert shown.count("<math") >= sum(len(concept.formulas) for concept in CONCEPTS.values())
    assert "<merror" not in shown and "\\" not in re.sub(r'<pre.*?</pre>', "", shown, flags=re.DOTALL)
    assert "<pre>RuntimeError: grad can be implicitly created only for scalar outputs</pre>" in shown


def test_every_picture_of_the_page_says_what_is_seen(shown):
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', shown)
    assert len(alts) == len(CONCEPTS) + 4
    assert all(re.search(r"\d", alt) and len(alt) > 60 for alt in alts)
    assert "nan" not in "".join(alts)
    graphs = re.findall(r'<figure><div class="scroll"><img [^>]*alt="Computation graph', shown)
    assert len(graphs) == len(CONCEPTS)  # their numbers would be too small on a narrow screen


def test_every_example_stands_on_the_page(examples, shown):
    assert len(examples) >= 45
    assert not [name for name in examples if f"<td>{name.replace('_', ' ')}</td>" not in shown]


@pytest.mark.parametrize("name", chains.CHAINS)
def test_the_chain_rule_takes_functions_in_the_order_of_their_name(name):
    outermost = name.split("_of_")[0]
    assert chains.CHAINS[name][-1].__name__ == outermost
