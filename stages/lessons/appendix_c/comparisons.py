"""Loops and formulas beside PyTorch and the book: the worked examples of the lesson."""

import numpy as np

from stages.lessons.appendix_c import loops, pytorch, sizes, sweep
from stages.lessons.appendix_c.cases import BOOK, CASES, TOLERANCE, numbers
from stages.lessons.appendix_c.sizes import Layer
from stages.lessons.examples import Example


def work_out(seed: int, largest_side: int) -> dict[str, Example]:
    """Every case, every formula, and the book's stacks of layers."""
    return {**_cases(seed), **_sizes(largest_side), **_loops(seed), **_book(), **_coverage(), **_transposition(seed)}


def _cases(seed: int) -> dict[str, Example]:
    """The seven cases: loops against PyTorch, formula against the real size."""
    examples = {}
    for place, (name, case) in enumerate(CASES.items(), start=1):
        picture, kernel = numbers(case, seed)
        expected, source = pytorch.result(picture, kernel, case.layer), f"appendix C, case {place}"
        examples[name] = Example(loops.result(picture, kernel, case.layer), expected, TOLERANCE, source)
        examples[f"{name}_side"] = Example(case.layer.output_side(case.side), len(expected), 0, source)
    return examples


def _sizes(largest_side: int) -> dict[str, Example]:
    """Settings for which a formula is right, of all that were tried."""
    counts = {"sizes_of_convolutions": sweep.count_right_sizes(False, largest_side),
              "sizes_of_transposed_convolutions": sweep.count_right_sizes(True, largest_side),
              "sizes_restored_by_output_padding": sweep.count_restored(largest_side)}
    return {name: Example(right, tried, 0, "appendix C, size formulas") for name, (right, tried) in counts.items()}


def _loops(seed: int) -> dict[str, Example]:
    """Loops against PyTorch beyond the seven cases."""
    examples = {}
    for name, transposed in (("convolutions", False), ("transposed_convolutions", True)):
        differences = sweep.differences_of_loops(transposed, seed)
        within = int((differences <= TOLERANCE).sum())
        examples[f"loops_of_{name}"] = Example(within, len(differences), 0, "appendix C, with several channels")
    return examples


def _book() -> dict[str, Example]:
    """The sides of the book's networks, by formula and in PyTorch."""
    examples = {}
    for name, (layers, expected, source) in BOOK.items():
        examples[f"{name}_by_formula"] = Example(sizes.sides(expected[0], layers), expected, 0, source)
        examples[f"{name}_in_pytorch"] = Example(pytorch.sides(expected[0], layers), expected, 0, source)
    return examples


def _coverage() -> dict[str, Example]:
    """Cells that no kernel reaches: as counted along the sides, and as those without a gradient."""
    chains = {name: (expected[0], layers, source) for name, (layers, expected, source) in BOOK.items()
              if name != "generator"}
    case = CASES["stride_2_uncovered"]
    chains["stride_2_uncovered"] = case.side, [case.layer], "appendix C, case 4"
    examples = {}
    for name, (side, layers, source) in chains.items():
        ways = sizes.paths(side, layers)
        gradient = pytorch.influence(side, layers)
        examples[f"{name}_unseen_cells"] = Example(int((np.outer(ways, ways) == 0).sum()), int((gradient == 0).sum()),
                                                   0, source)
    return examples


def _transposition(seed: int) -> dict[str, Example]:
    """Why it is called transposed: it multiplies with the transposed matrix of the convolution with the same kernel."""
    case = CASES["stride_1"]
    _, kernel = numbers(case, seed)
    matrix = matrix_of(kernel, case.side, case.layer)
    side = case.layer.output_side(case.side)
    picture = np.random.default_rng(seed).standard_normal((side, side))
    back = Layer(case.layer.kernel, case.layer.stride, case.layer.padding, transposed=True)
    return {"transposed_matrix": Example((matrix.T @ picture.ravel()).reshape(case.side, case.side),
                                         pytorch.result(picture, kernel, back), TOLERANCE, "appendix C, cases 5 to 7")}


def matrix_of(kernel: np.ndarray, side: int, layer: Layer) -> np.ndarray:
    """A convolution as a matrix: a row for each cell of the output, a column for each of the input."""
    units = np.eye(side * side).reshape(-1, side, side)
    return np.stack([loops.result(unit, kernel, layer).ravel() for unit in units], axis=1)
