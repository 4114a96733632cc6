"""Computation graphs as figures: values flow to the right, gradients back to the left."""

from collections.abc import Iterable

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path as Curve
from torch import Tensor

from stages.reporting.figures import BLACK, BLUE, RED
from stages.reporting.words import number

COLUMN, WIDEST = 1.45, 7.65  # inches from one operation to the next, and from the first to the last at most
LANE = 0.56  # inches between edges side by side
HALF_WIDTH, HALF_HEIGHT = 0.34, 0.16  # of a node
FLAT = 0.16  # half the piece of an edge that carries its numbers
FONT = 9
FILLS = {"leaf": "#d6ecf8", "operation": "white", "output": "#fdf0d0"}  # black text on each
SWEEPS = 4  # in which lanes are put in order
Place = tuple[float, float]


def computation_graph(graph: nx.MultiDiGraph) -> Figure:
    """Variables and operations as boxes; each edge has its value, blue, above and its gradient, red, below."""
    routes, places = _lay_out(graph)
    across, down = np.array(list(places.values())).T
    width, height = np.ptp(across) + 2 * HALF_WIDTH + 0.1, np.ptp(down) + 0.66
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(across.min() - HALF_WIDTH - 0.05, across.max() + HALF_WIDTH + 0.05),
             ylim=(down.min() - 0.33, down.max() + 0.33))
    axes.set_axis_off()

    for (source, target, key), stops in routes.items():
        _draw_edge(axes, [places[stop] for stop in (source, *stops, target)])
        across, down = places[stops[0]]
        edge = graph.edges[source, target, key]
        axes.text(across, down + 0.04, f"→ {content(edge['value'])}", color=BLUE, ha="center", va="bottom",
                  fontsize=FONT)
        axes.text(across, down - 0.05, f"← {content(edge['gradient'])}", color=RED, ha="center", va="top",
                  fontsize=FONT)
    for node, data in graph.nodes(data=True):
        _draw_node(axes, places[node], **data)
    return figure


def described(graph: nx.MultiDiGraph) -> str:
    """The graph in words, edge by edge, for readers who do not see it."""
    labels = nx.get_node_attributes(graph, "label")
    edges = [f"{labels[source]} to {labels[target]}: value {content(edge['value'])}, "
             f"gradient {content(edge['gradient'])}" for source, target, edge in graph.edges(data=True)]
    return f"Computation graph. {'; '.join(edges)}."


def content(tensor: Tensor) -> str:
    """A single number, rounded where it is long; of more numbers the shape."""
    if tensor.dim():
        return "×".join(str(size) for size in tensor.shape)
    value = tensor.item()
    return f"{value:.4g}".replace("-", "−") if value == round(value, 3) else number(value)


def _lay_out(graph: nx.MultiDiGraph) -> tuple[dict[tuple, list], dict[object, Place]]:
    """The stops of each edge between its ends, and the place in inches of each node and stop.

    Nodes stand in their topological generation. An edge stops half-way to the next one, and in every column that it
    passes, so that no two edges and no edge and node share a place.
    """
    column = {node: 2 * place for place, nodes in enumerate(nx.topological_generations(graph)) for node in nodes}
    # a variable stands right before its first use
    column |= {node: min(column[target] for target in graph.successors(node)) - 2
               for node in graph if not graph.in_degree(node)}
    routes, paths = {}, nx.DiGraph()
    for source, target, key in graph.edges(keys=True):
        between = range(column[source] + 1, column[target])
        routes[source, target, key] = [(source, target, key, place) for place in between]
        column |= dict(zip(routes[source, target, key], between, strict=True))
        nx.add_path(paths, [source, *routes[source, target, key], target])
    lanes = _lanes(paths, column)
    step = min(COLUMN / 2, WIDEST / max(column.values()))
    return routes, {node: (step * column[node], LANE * lanes[node]) for node in paths}


def _lanes(paths: nx.DiGraph, column: dict[object, int]) -> dict[object, float]:
    """How far above the middle each node stands: near to those beside it, one lane from those above and below."""
    columns = [[node for node in paths if column[node] == place] for place in sorted(set(column.values()))]
    lanes = {}
    for nodes in columns:
        lanes |= _spread(nodes)
    for sweep in range(SWEEPS):
        neighbours = paths.pred if sweep % 2 == 0 else paths.succ
        for nodes in columns if sweep % 2 == 0 else reversed(columns):
            wanted = {node: np.mean([lanes[other] for other in neighbours[node]] or [lanes[node]]) for node in nodes}
            lanes |= _spread(sorted(nodes, key=wanted.get, reverse=True))
    return lanes


def _spread(nodes: Iterable[object]) -> dict[object, float]:
    """Nodes of a column from top to bottom, one lane apart, around the middle."""
    nodes = list(nodes)
    return {node: (len(nodes) - 1) / 2 - place for place, node in enumerate(nodes)}


def _draw_edge(axes: Axes, places: list[Place]) -> None:
    """An arrow through all places, level where it carries numbers."""
    halves = [HALF_WIDTH, FLAT, *[0.0] * (len(places) - 3), HALF_WIDTH]
    points, codes = [(places[0][0] + halves[0], places[0][1])], [Curve.MOVETO]
    for (across, down), half in zip(places[1:], halves[1:], strict=True):
        begin, end = points[-1], (across - half, down)
        middle = (begin[0] + end[0]) / 2
        points += [(middle, begin[1]), (middle, end[1]), end]
        codes += [Curve.CURVE4] * 3
        if half == FLAT:
            points.append((across + half, down))
            codes.append(Curve.LINETO)
    axes.add_patch(FancyArrowPatch(path=Curve(points, codes), arrowstyle="-|>", mutation_scale=9, color="#555555",
                                   linewidth=1, shrinkA=0, shrinkB=0))


def _draw_node(axes: Axes, place: Place, label: str, kind: str) -> None:
    """Variables and results are round, operations are square."""
    across, down = place
    rounding = 0.02 if kind == "operation" else HALF_HEIGHT
    box = FancyBboxPatch((across - HALF_WIDTH, down - HALF_HEIGHT), 2 * HALF_WIDTH, 2 * HALF_HEIGHT,
                         boxstyle=f"round,pad=0,rounding_size={rounding}", facecolor=FILLS[kind], edgecolor=BLACK,
                         linewidth=1)
    axes.add_patch(box)
    axes.text(across, down, label, ha="center", va="center", fontsize=FONT)
