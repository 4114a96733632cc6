"""The page of foundations: what a gradient is, and how PyTorch finds it."""

from collections.abc import Callable
from html import escape

import torch

from stages.core.parameters import read_block
from stages.lessons.foundations import Settings, chains, derivatives, jacobians, matrices, tensors
from stages.reporting import foundations_figures as figures
from stages.reporting.foundations_concepts import CONCEPTS
from stages.reporting.foundations_graphs import computation_graph, described
from stages.reporting.html import show_figure, show_html, show_table, show_text
from stages.reporting.lesson import LessonPage, formula, show_formula
from stages.reporting.source_code import show_code
from stages.reporting.words import number, spoken

FUNCTIONS = {"square": r"x^2", "leaky_relu": r"\max(0.2x, x)", "sigmoid": r"\dfrac{1}{1 + e^{-x}}"}
SLOPES = {"square": r"2x", "leaky_relu": r"0.2 \text{ or } 1", "sigmoid": r"\sigma(x)(1 - \sigma(x))"}
KINKED = "leaky ReLU"
TITLES = {derivatives.square: "square", derivatives.leaky_relu: KINKED, derivatives.sigmoid: "sigmoid"}
PLACES = torch.tensor([-2.0, -0.5, 0.5, 2.0], dtype=torch.float64)  # of the tables of slopes


class Page(LessonPage):
    """What the notebook shows."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.step = read_block(f"lessons.{name}", Settings).step

    def show_summary(self) -> None:
        """How many examples there are, and that they hold."""
        found = self.examples()
        show_text(f"{len(found)} worked examples were computed for this page. Each gives what its source says, or what "
                  "a second way of computing it gives. All stand in a table at the end.")

    def show_numbers(self) -> None:
        """Arithmetic, with plain numbers and with tensors."""
        show_code(tensors.plain_function, tensors.tensor_plus_three)
        self.show_examples("plain_function", "tensor_plus_three")

    def show_memory(self) -> None:
        """What a tensor remembers."""
        show_code(tensors.tensor_remembers_when_asked, tensors.result_remembers_inside_no_grad,
                   tensors.detached_has_a_history)
        self.show_examples("tensor_remembers_when_made", "tensor_remembers_when_asked",
                           "result_remembers_inside_no_grad", "detached_shares_values", "detached_has_a_history")

    def show_functions(self) -> None:
        """The three functions and their slopes, as formulas and as curves."""
        show_table(["function", "formula", "slope"],
                   [[title, formula(FUNCTIONS[function.__name__]), formula(SLOPES[function.__name__])]
                    for function, title in TITLES.items()])
        curves = {title: (function, derivatives.SLOPES[function]) for function, title in TITLES.items()}
        show_figure(figures.functions_with_slopes(curves, 3),
                    "Three functions from −3 to 3 with their slopes. The square falls from 9 to 0 and rises to 9; its "
                    "slope is a line from −6 to 6. Leaky ReLU rises from −0.6 to 0 and on to 3; its slope jumps from "
                    "0.2 to 1 at 0. The sigmoid rises from 0.05 to 0.95; its slope is highest at 0, where it is 0.25. "
                    "The dots of autograd lie on the slopes.",
                    "Where a function rises, its slope is above 0; where it is flat, near 0. The sigmoid is nearly "
                    "flat on both sides: a network that ends up there learns slowly.")

    def show_central_difference(self) -> None:
        """What a central difference is."""
        show_formula(r"f'(a) \approx \frac{f(a + d) - f(a - d)}{2d}")
        centre = torch.tensor(figures.CENTRE)
        tangent = derivatives.autograd(derivatives.sigmoid, centre)
        wide = derivatives.central_difference(derivatives.sigmoid, centre, figures.WIDE)
        show_figure(figures.central_difference_drawn(),
                    f"A sigmoid with two straight lines: its tangent at 1, slope {tangent:.3f}, and a dashed line "
                    f"through its points at −0.5 and 2.5, slope {wide:.3f}.",
                    "The dashed line goes through two points of the curve, one step left and one step right of 1. The "
                    "smaller the step, the nearer its slope is to that of the curve.")
        show_code(derivatives.central_difference, derivatives.autograd)

    def show_steps(self) -> None:
        """Why the step is as small as it is, and no smaller."""
        error = figures.step_error(self.step)
        least = min(figures.STEPS, key=figures.step_error)
        show_figure(figures.steps_and_errors(self.step),
                    "Relative error of a central difference over its step, both logarithmic: it falls with smaller "
                    f"steps to {figures.step_error(least):.0e} at {least:.0e}, then rises again; with the step "
                    f"{self.step:g} it is {error:.1e}.",
                    "A step ten times smaller has a hundred times less error, until the two values are so alike that "
                    "rounding is all that is left of their difference.")

    def show_slopes(self) -> None:
        """Central differences beside autograd, in numbers."""
        rows = []
        for function, title in TITLES.items():
            stepped = derivatives.central_difference(function, PLACES, self.step)
            exact = derivatives.autograd(function, PLACES)
            rows += [[title, f"{place:g}".replace("-", "−"), _places(one), _places(other)]
                     for place, one, other in zip(PLACES, stepped, exact, strict=True)]
        show_table(["function", "x", "central difference", "autograd"], rows)
        self._show_errors({title: f"error_of_central_difference_of_{function.__name__}"
                           for function, title in TITLES.items()})
        self.show_examples("kink_of_leaky_relu")

    def show_views(self, name: str) -> None:
        """A concept as formula, diagram and code."""
        concept = CONCEPTS[name]
        for latex in concept.formulas:
            show_formula(latex)
        graph = concept.graph()
        show_figure(computation_graph(graph), described(graph), concept.look, scroll=True)
        show_code(*concept.code)

    def show_chains(self) -> None:
        """Nested functions and their slopes as curves, and how well three ways to find them agree."""
        curves = {spoken(name).replace("leaky relu", KINKED):
                  (chains.nested(functions), lambda x, functions=functions: chains.chain_rule(functions, x))
                  for name, functions in chains.CHAINS.items()}
        ends = "; ".join(f"{title} goes from {_ends(function)}" for title, (function, _) in curves.items())
        show_figure(figures.functions_with_slopes(curves, 2),
                    f"Four nested functions from −3 to 3 with their slopes by the chain rule: {ends}. The dots of "
                    "autograd lie on the slopes.",
                    "The order matters: sigmoid of square is a valley, square of sigmoid only rises. Leaky ReLU inside "
                    "stretches the left half to five times its width. The bottom of the valley is flat, so there the "
                    "kink does not show.")
        self._show_errors({f"{title}: chain rule against {spoken(other)}":
                           f"error_of_chain_rule_of_{name}_against_{other}"
                           for title, name in zip(curves, chains.CHAINS, strict=True)
                           for other in ("autograd", "central_difference")})

    def show_matrices(self) -> None:
        """The numbers of X and W and their gradients, and the checks."""
        x, w = matrices.matrices()
        by_x, by_w = matrices.gradients(matrices.summed_layer, x, w)
        show_formula(f"X = {_matrix(x)}, \\quad \\frac{{\\partial L}}{{\\partial X}} = {_matrix(by_x)}")
        show_formula(f"W = {_matrix(w)}, \\quad \\frac{{\\partial L}}{{\\partial W}} = {_matrix(by_w)}")
        names = ("sum_of_layer", "summed_gradient_as_printed", "summed_gradient_for_x", "summed_gradient_for_w",
                 "stepped_gradient_for_x", "stepped_gradient_for_w")
        self._show_errors({spoken(name): name for name in names})

    def show_refusal(self) -> None:
        """PyTorch's own message, as it came."""
        show_code(jacobians.double, jacobians.doubled, jacobians.backward_on_a_vector)
        show_html(f"<pre>{escape(self.examples()['backward_on_a_vector']['value'])}</pre>")

    def show_jacobians(self) -> None:
        """The product of a vector and nine Jacobians."""
        show_formula(r"v^T J = v^T (2I)(2I) \cdots (2I) = 2^n v^T")
        show_code(jacobians.vector_jacobian_product, jacobians.product_of_jacobians)
        self.show_examples("number_of_doublings", "vector_jacobian_product", "product_of_jacobians",
                           "jacobian_of_all_steps", "doubling_from_other_starts")

    def show_all(self) -> None:
        """Every example on a line: how far off it is, how far it may be, and where it comes from."""
        show_table(["example", "largest difference", "allowed", "source"],
                   [[spoken(name), f"{example['difference']:.2g}", f"{example['tolerance']:g}", example["source"]]
                    for name, example in self.examples().items()])

    def _show_errors(self, names: dict[str, str]) -> None:
        """How far apart the two sides of examples are, and how far they may be; titles first, then their names."""
        found = self.examples()
        show_table(["compared", "largest difference", "allowed"],
                   [[title, f"{found[name]['difference']:.2g}", f"{found[name]['tolerance']:g}"]
                    for title, name in names.items()])


def _places(value: torch.Tensor) -> str:
    """A slope with seven places, so that what differs is seen."""
    return f"{value.item():.7f}".replace("-", "−")


def _ends(function: Callable) -> str:
    """The values of a function at both ends of the picture."""
    low, middle, high = (number(value.item()) for value in function(torch.tensor([figures.LOW, 0.0, figures.HIGH])))
    return f"{low} by {middle} in the middle to {high}"


def _matrix(tensor: torch.Tensor) -> str:
    """A matrix in LaTeX with four places, as Weidman's book prints it."""
    rows = r" \\ ".join(" & ".join(f"{value:.4f}" for value in row) for row in tensor.tolist())
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
