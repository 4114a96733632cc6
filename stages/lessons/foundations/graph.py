"""The computation graph as PyTorch keeps it, read from `grad_fn`, with what flowed along each edge."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from stages.lessons.examples import Example
from stages.lessons.foundations.gradients import two_paths, two_steps
from stages.lessons.foundations.sources import CHAPTER

Node = Any  # torch's class of `grad_fn`, which has no public name
OUTPUT, LEAF, OPERATION = "output", "leaf", "operation"


class _Recorder(TorchFunctionMode):
    """Notes of each operation what came out and which plain numbers went in: `grad_fn` alone forgets both."""

    def __init__(self) -> None:
        super().__init__()
        self.results: dict[Node, Tensor] = {}
        self.numbers: dict[Node, list[float]] = {}

    def __torch_function__(self, function: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        result = function(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.grad_fn is not None:
            self.results[result.grad_fn] = result.detach()
            self.numbers[result.grad_fn] = [number for number in args if isinstance(number, (int, float))]
        return result


def record(function: Callable[..., Tensor], output: str, **inputs: Tensor) -> nx.MultiDiGraph:
    """Run `function` of `inputs`, in their order, forward and backward and return the graph that PyTorch followed.

    Nodes have `label` (operation, or name of a variable) and `kind`; edges point forward and have `value`, what the
    forward pass sent along them, and `gradient`, what the backward pass sent back. The function gives one number.
    """
    leaves = {name: value.detach().requires_grad_() for name, value in inputs.items()}
    with _Recorder() as recorder:
        result = function(*leaves.values())
    result.retain_grad()

    graph = nx.MultiDiGraph()
    for node in _walk(result.grad_fn):
        leaf = getattr(node, "variable", None)
        if leaf is None:
            graph.add_node(node, label=_label(node, recorder.numbers[node]), kind=OPERATION)
            _watch(graph, node, recorder.results)
        else:
            name = next(name for name, one in leaves.items() if one is leaf)
            graph.add_node(node, label=name, kind=LEAF)
    graph.add_node(OUTPUT, label=output, kind=OUTPUT)

    result.backward()
    graph.add_edge(result.grad_fn, OUTPUT, value=result.detach(), gradient=result.grad)
    return nx.convert_node_labels_to_integers(graph)


def operations(result: Tensor) -> int:
    """The number of operations behind a result."""
    return sum(not hasattr(node, "variable") for node in _walk(result.grad_fn))


def arriving(graph: nx.MultiDiGraph, leaf: str) -> list[Tensor]:
    """The gradients that came back to a variable, one for each path that begins there."""
    return [edge["gradient"] for node, _, edge in graph.edges(data=True) if graph.nodes[node]["label"] == leaf]


def paths_of_a() -> Example:
    """Two operations use a; what comes back from them is summed: 60 through a^2, 4 through 2a."""
    graph = record(two_paths, "z", a=torch.tensor(2.0), b=torch.tensor(1.0))
    return Example(sorted(gradient.item() for gradient in arriving(graph, "a")), [4.0, 60.0], source=CHAPTER)


def operations_of_two_steps() -> Example:
    """What PyTorch remembers of z = 2x^2 + 3, in the order in which it was computed."""
    graph = record(two_steps, "z", x=torch.tensor(3.5))
    labels = [graph.nodes[node]["label"] for node in nx.topological_sort(graph)]
    return Example(", ".join(labels), "x, Pow 2, Mul 2, Add 3, z", source=CHAPTER)


def _walk(node: Node) -> Iterator[Node]:
    """All nodes from which `node` was computed, sources first, each once."""
    seen: set[Node] = set()

    def visit(node: Node) -> Iterator[Node]:
        if node not in seen:
            seen.add(node)
            for source, _ in node.next_functions:
                if source is not None:  # a plain number
                    yield from visit(source)
            yield node

    return visit(node)


def _watch(graph: nx.MultiDiGraph, node: Node, results: dict[Node, Tensor]) -> None:
    """Add the edges into `node`; the backward pass will write its gradients to them."""
    edges = {}
    for place, (source, _) in enumerate(node.next_functions):
        if source is not None:
            value = results[source] if source in results else source.variable.detach()
            key = graph.add_edge(source, node, value=value)
            edges[place] = graph.edges[source, node, key]

    def keep(gradients: tuple[Tensor | None, ...], _: tuple[Tensor | None, ...]) -> None:
        for place, edge in edges.items():
            edge["gradient"] = gradients[place]

    node.register_hook(keep)


def _label(node: Node, numbers: list[float]) -> str:
    """PyTorch's name of the operation, and the plain number that it used: `Pow 2`."""
    return " ".join([re.sub(r"Backward\d+$", "", node.name()), *(f"{number:g}" for number in numbers)])
