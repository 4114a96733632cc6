"""Appendix C: convolutions and transposed convolutions as loops, as formulas, and as PyTorch computes them."""

import numpy as np
from pydantic import Field

from stages.core.parameters import Block
from stages.lessons.appendix_c import loops, pytorch, sizes, sweep
from stages.lessons.appendix_c.cases import CASES, numbers
from stages.lessons.appendix_c.sizes import Layer
from stages.lessons.examples import Example

TOLERANCE = sweep.TOLERANCE
# the book's convolutional networks of chapter 9, their settings and the sides that it gives
MNIST_CNN = [Layer(5, stride=2), Layer(3, stride=2)]
DISCRIMINATOR = [Layer(8, stride=2)] * 3
GENERATOR = [Layer(8, stride=2, transposed=True)] * 2 + [Layer(8, stride=2, padding=1, transposed=True)]
BOOK = {"mnist_cnn": (MNIST_CNN, [28, 12, 5], "chapter 9, notebook 13"),
        "discriminator": (DISCRIMINATOR, [128, 61, 27, 10], "chapter 9, notebook 14"),
        "generator": (GENERATOR, [11, 28, 62, 128], "chapter 9, notebook 14")}


class Networks(Block):
    """Whose convolutions are listed, by their names in params.yaml."""

    classifiers: list[str]
    attribute_classifiers: list[str]
    gans: list[str]


class Settings(Block):
    """The block `lessons.appendix_c` of params.yaml."""

    seed: int = Field(ge=0, lt=2**32)
    largest_side: int = Field(ge=8, le=64)
    networks: Networks


def work_out(settings: Settings) -> dict[str, Example]:
    """Every case, every formula, and the book's stacks of layers."""
    return {**_cases(settings.seed), **_sizes(settings.largest_side), **_loops(settings.seed), **_book(),
            **_coverage(), **_transposition(settings.seed)}


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
