"""What the notebook of appendix C shows: convolutions step by step, their sizes, and those of the networks here."""

from pathlib import Path

import numpy as np

from stages.core.parameters import read_block
from stages.lessons.appendix_c import Settings, loops, sizes
from stages.lessons.appendix_c.cases import (
    BOOK,
    CASES,
    CHANNELS,
    DISCRIMINATOR,
    KERNELS,
    MNIST_CNN,
    PADDINGS,
    STRIDES,
    TOLERANCE,
    Case,
    numbers,
)
from stages.lessons.appendix_c.sizes import Layer
from stages.reporting import appendix_c_figures as figures
from stages.reporting import convolution_tables
from stages.reporting.html import show_figure, show_table, show_text
from stages.reporting.lesson import LessonPage, show_formula
from stages.reporting.moving_steps import show_steps
from stages.reporting.words import share

STAMPED = 4  # side of the picture whose stamps are counted
STAMPS = {"kernel 2, stride 2": Layer(2, 2, 0, True), "kernel 3, stride 2": Layer(3, 2, 0, True),
          "kernel 4, stride 2, padding 1": Layer(4, 2, 1, True)}
WATCHED = {"the book's classifier of digits": (28, MNIST_CNN),
           "the book's discriminator of faces": (128, DISCRIMINATOR)}


class Page(LessonPage):
    """The page of convolutions."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.settings = read_block(f"lessons.{name}", Settings)

    def show_formula_of_a_cell(self) -> None:
        """What one cell of the output is: rows r and columns c, stride s, a kernel k of side n."""
        show_formula(r"y_{r,c} = \sum_{i=0}^{n-1} \sum_{j=0}^{n-1} k_{i,j} \; x_{s r + i, \, s c + j}")

    def show_case(self, name: str) -> None:
        """A case in motion, then all its steps at once."""
        case = CASES[name]
        picture, kernel = numbers(case, self.settings.seed)
        steps = list(loops.steps(picture, kernel, case.layer))
        after = case.layer.output_side(case.side)
        rows = " / ".join(" ".join(f"{cell:.0f}" for cell in row) for row in loops.cut(steps[-1].canvas, case.layer))
        show_formula(_size_in_figures(case))
        show_steps(figures.frames(case, picture, kernel, steps),
                   f"{case.title}: {len(steps)} steps, one after the other",
                   f"{case.side} × {case.side} cells become {after} × {after}: {len(steps)} steps, in turn.")
        show_figure(figures.strip(case, picture, kernel, steps),
                    f"{case.title}: the {len(steps)} steps side by side; at the end the output is {rows}",
                    f"The same steps side by side. {_legend(case)}", scroll=True)

    def show_size_formulas(self) -> None:
        """Both formulas, and how many settings they were tried on."""
        show_formula(r"\text{convolution:} \quad \text{out} = \left\lfloor \frac{\text{in} + 2 \cdot \text{padding} - "
                     r"\text{kernel}}{\text{stride}} \right\rfloor + 1")
        show_formula(r"\text{transposed:} \quad \text{out} = (\text{in} - 1) \cdot \text{stride} - 2 \cdot "
                     r"\text{padding} + \text{kernel} + \text{output padding}")

    def show_cases_table(self) -> None:
        """Formula and real size of each case."""
        found = self.examples()
        show_table(["case", "in", "kernel", "stride", "padding", "out, by formula", "out, in PyTorch"], [
            [case.title, case.side, case.layer.kernel, case.layer.stride, case.layer.padding,
             found[f"{name}_side"]["value"], found[f"{name}_side"]["expected"]] for name, case in CASES.items()])

    def show_tried(self) -> None:
        """Of how many settings, tried one by one, formulas and loops were right."""
        names = {"sizes_of_convolutions": "sizes of convolutions, by formula",
                 "sizes_of_transposed_convolutions": "sizes of transposed convolutions, by formula",
                 "sizes_restored_by_output_padding": "sizes restored by output padding",
                 "loops_of_convolutions": "convolutions by loops, every number",
                 "loops_of_transposed_convolutions": "transposed convolutions by loops, every number"}
        found = self.examples()
        kernels, strides, paddings = ((range_[0], range_[-1]) for range_ in (KERNELS, STRIDES, PADDINGS))
        show_text("Seven cases prove little, so many more settings were tried: all kernels from {} to {}, strides from "
                  "{} to {} and paddings from {} to {}, on pictures of 1 to {} cells a side. Where PyTorch refuses, "
                  "because the kernel is larger than the picture or nothing would be left, the formula must give less "
                  "than one cell. The loops were compared number by number on pictures with {} channels, within "
                  "{:g}.".format(*kernels, *strides, *paddings, self.settings.largest_side, CHANNELS, TOLERANCE))
        show_table(["compared with PyTorch", "settings tried", "equal"],
                   [[title, found[name]["expected"], found[name]["value"]] for name, title in names.items()])

    def show_matrices(self) -> None:
        """A kernel (a, b) on four cells as a matrix, and its transpose."""
        show_formula(r"M = \begin{pmatrix} a & b & 0 & 0 \\ 0 & a & b & 0 \\ 0 & 0 & a & b \end{pmatrix} \qquad "
                     r"M^T = \begin{pmatrix} a & 0 & 0 \\ b & a & 0 \\ 0 & b & a \\ 0 & 0 & b \end{pmatrix}")

    def show_overlaps(self) -> None:
        """How many stamps meet in each cell."""
        counts = {title: loops.result(np.ones((STAMPED, STAMPED)), np.ones((layer.kernel, layer.kernel)), layer)
                  for title, layer in STAMPS.items()}
        told = "; ".join(f"{title}: a row in the middle has {_middle_row(met)}" for title, met in counts.items())
        show_figure(figures.overlaps(counts), f"Stamps that meet in each cell. {told}",
                    f"How many stamps meet in each cell, from {STAMPED} × {STAMPED} cells. With kernel 3 and stride 2 "
                    "neighbours differ, all over the picture; where the stride divides the kernel they differ at the "
                    "edge only.")

    def show_book_sides(self) -> None:
        """The book's networks, size by size."""
        found = self.examples()
        show_table(["network", "the book", "by formula", "in PyTorch"], [
            [name.replace("mnist_cnn", "classifier of digits").replace("_", " "), _chain(expected),
             _chain(found[f"{name}_by_formula"]["value"]), _chain(found[f"{name}_in_pytorch"]["value"])]
            for name, (_, expected, _) in BOOK.items()])

    def show_unseen(self) -> None:
        """The part of a picture that the book's networks never look at."""
        counts = {title: sizes.paths(side, layers) for title, (side, layers) in WATCHED.items()}
        unseen = {title: int((side == 0).sum()) for title, side in counts.items()}
        told = [f"{title} never looks at the last {unseen[title]} of {len(side)} rows and columns, "
                f"{share(1 - (1 - unseen[title] / len(side)) ** 2)} of the picture" for title, side in counts.items()]
        show_figure(figures.ways(counts), f"Maps of both networks. {'; '.join(told)}; the middle counts most",
                    "The darker a pixel, the more often it is used on the way to the last picture. The dashed line "
                    "bounds what is seen at all; the hatched rest is never looked at.")
        show_text(f"{'; '.join(told).capitalize()}. The gradient says the same: with kernels of ones, it is zero in "
                  "that strip and nowhere else.")

    def show_convolutions(self) -> None:
        """Every convolution of the networks of this pipeline."""
        convolution_tables.show(Path(f"reports/convolutions/{self.name}.csv"))


def _size_in_figures(case: Case) -> str:
    """The size formula with a case's numbers, in LaTeX."""
    layer, side = case.layer, case.side
    after = layer.output_side(side)
    if layer.transposed:
        return rf"\text{{out}} = ({side} - 1) \cdot {layer.stride} - 2 \cdot {layer.padding} + {layer.kernel} = {after}"
    fraction = rf"\frac{{{side} + 2 \cdot {layer.padding} - {layer.kernel}}}{{{layer.stride}}}"
    return rf"\text{{out}} = \left\lfloor {fraction} \right\rfloor + 1 = {after}"


def _legend(case: Case) -> str:
    """What frames and shades mean."""
    layer = case.layer
    parts = ["Blue frame: what is read; dashed orange frame: what is written."]
    if layer.padding:
        parts.append("Grey: cut off in the end." if layer.transposed else "Grey: zeros of the padding.")
    if layer.uncovered(case.side):
        parts.append("Hatched: never covered.")
    return " ".join(parts)


def _middle_row(met: np.ndarray) -> str:
    """Counts along the middle row."""
    return " ".join(f"{count:.0f}" for count in met[len(met) // 2])


def _chain(values: list[float]) -> str:
    """Sides in order."""
    return " – ".join(f"{value:.0f}" for value in values)
