"""The page of Appendix D: gradient steps of two players spiral outwards, why, and what tames them."""

import math

import numpy as np
from IPython.display import HTML

from stages.core.parameters import read_block
from stages.lessons.appendix_d import Settings, averages, methods
from stages.reporting import appendix_d_figures as figures
from stages.reporting.html import link, show_figure, show_html, show_table, show_text
from stages.reporting.lesson import LessonPage, formula, show_formula
from stages.reporting.words import listed, number

SAME = 1e-9  # of a factor: so near to 1 is 1
OURS = ("mnist_best", "celeba_best")  # the GANs of this pipeline that use what tames
RULES = {
    "simultaneous": (r"z + \eta F(z)", r"\sqrt{1 + \eta^2}"),
    "momentum": (r"z + \eta F(z) + \beta (z - z_\text{before})", r"\left| m + \sqrt{m^2 - \beta} \right|"),
    "alternating": (r"x - \eta y, \text{ then } y + \eta x_\text{new}", "1"),
    "extra_gradient": (r"z + \eta F(z + \eta F(z))", r"\sqrt{1 - \eta^2 + \eta^4}"),
    "optimistic": (r"z + 2 \eta F(z) - \eta F(z_\text{before})", r"\sqrt{\frac{1 + \sqrt{1 - 4 \eta^2}}{2}}"),
    "weight_decay": (r"z + \eta (F(z) - w z)", r"\sqrt{(1 - \eta w)^2 + \eta^2}"),
    "penalty": (r"x - \eta y, \quad y + \eta (x - p y)", r"\sqrt{1 - \eta p + \eta^2}"),
}


class Page(LessonPage):
    """What the notebook shows; every walk is made once."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.settings = read_block(f"lessons.{name}", Settings)
        rate, start, steps = self.settings.learning_rate, self.settings.start, self.settings.steps
        self.methods = methods.compared(self.settings)
        self.walks = {key: methods.walk(self.methods[key], start, steps) for key in RULES}
        self.spiral, self.alternating = self.walks["simultaneous"], self.walks["alternating"]
        self.ends = averages.ends_of_ellipse(start, rate)
        self.averages = {"mean": averages.running_mean(self.alternating),
                         "moving": averages.moving_average(self.alternating, self.settings.weight_average)}

    def show_game(self) -> None:
        """The surface and the steps of both players."""
        show_formula(r"f(x, y) = x y")
        show_formula(r"x_\text{new} = x - \eta \, \frac{\partial f}{\partial x} = x - \eta y, \qquad "
                     r"y_\text{new} = y + \eta \, \frac{\partial f}{\partial y} = y + \eta x")
        settings = self.settings
        show_text(f"The rate η is {settings.learning_rate:g}; the start is x = {settings.x:g}, y = {settings.y:g}; "
                  f"there are {settings.steps} steps.")

    def show_swings(self) -> None:
        """Both numbers over the steps."""
        first, last = np.abs(self.spiral[: len(self.spiral) // 4]).max(), np.abs(self.spiral).max()
        told = (f"within {number(first)} in the first quarter of the steps, up to {number(last)} in the end")
        show_figure(figures.swings(self.spiral), f"Two curves that swing about zero, wider and wider: {told}",
                    f"Both swing about 0, one a quarter of a swing behind the other, and wider each time: {told}.")

    def show_spiral(self) -> None:
        """The walk in the plane, and its distance from the middle against theory."""
        distances = methods.radii(self.spiral)
        factor = self.methods["simultaneous"].factor
        told = f"from {number(distances[0])} to {number(distances[-1])}"
        show_figure(figures.spiral(self.spiral, factor),
                    f"A spiral from near the middle outwards; its distance from the middle grows {told}, on the "
                    "curve of theory",
                    f"Left: the way of both numbers together; the cross is the balance. Right: the distance from the "
                    f"balance grows {told}, by {100 * (factor - 1):.2f} % at each step.")
        self.show_examples("distance_at_the_start_in_the_book", "distance_at_the_end_in_the_book",
                           "smallest_and_largest_factor_of_a_step")

    def show_pull(self) -> None:
        """The field of both players, and one step of it."""
        turn = math.ceil(2 * math.pi / self.settings.learning_rate)  # steps of about the rate in radians
        show_figure(figures.pull(self.spiral[: turn + 1]),
                    "Left: arrows that run round the middle, against the clock, longer farther out; none points to "
                    "the middle. A walk along them crosses the circles outwards. Right: a triangle with a right "
                    "angle: the old distance and the step are its short sides, the new distance is its longest",
                    "Left: arrows show where both players pull together; dotted circles lie around the balance, and "
                    "the first turn of the walk begins on one of them and ends outside. Right: a step along the "
                    "arrow leaves the circle.")

    def show_matrix(self) -> None:
        """The step as a matrix, and its eigenvalues."""
        show_formula(r"\begin{pmatrix} x_\text{new} \\ y_\text{new} \end{pmatrix} = "
                     r"\begin{pmatrix} 1 & -\eta \\ \eta & 1 \end{pmatrix} "
                     r"\begin{pmatrix} x \\ y \end{pmatrix}, \qquad \lambda = 1 \pm i \eta, \qquad "
                     r"|\lambda| = \sqrt{1 + \eta^2}")
        self.show_examples("real_and_imaginary_parts_of_the_eigenvalues", "sizes_of_the_eigenvalues",
                           "largest_part_of_the_pull_away_from_the_middle", "size_of_the_pull_over_the_distance")

    def show_alternating(self) -> None:
        """The orbit of alternating steps."""
        smallest, largest = self.ends
        show_formula(r"x_\text{new} = x - \eta y, \qquad y_\text{new} = y + \eta x_\text{new}, \qquad "
                     r"x^2 + y^2 - \eta x y \ \text{ never changes}")
        show_figure(figures.ellipse(self.alternating, smallest, largest),
                    f"Left: all points lie on one oval around the middle. Right: the distance from the middle sways "
                    f"between {smallest:.4f} and {largest:.4f} and does not grow",
                    "Left: the points of all steps, on one ellipse, a little longer one way than the other. Right: "
                    "the distance from the balance stays between the ends of that ellipse.")
        self.show_examples("change_of_the_invariant", "smallest_distance_of_alternating_steps",
                           "largest_distance_of_alternating_steps")

    def show_rules(self) -> None:
        """Each rule: its idea and the next point."""
        settings = self.settings
        ideas = {
            "momentum": f"Each step goes on with a part of the last one, here β = {settings.momentum:g}.",
            "extra_gradient": "Step on trial, look at the slope there, go back, and step along that slope.",
            "optimistic": "Guess the next slope from the last two, without a trial.",
            "weight_decay": f"Both numbers are also drawn towards 0, here with w = {settings.weight_decay:g}.",
            "penalty": f"y alone pays for being large, here with p = {settings.penalty:g}.",
        }
        show_formula(r"z = (x, y), \qquad F(z) = (-y, x)")
        points = (f"<li><b>{figures.STYLES[key][0].capitalize()}.</b> {idea}<br>{formula(RULES[key][0]).data}</li>"
                  for key, idea in ideas.items())
        show_html(f"<ul>{''.join(points)}</ul>")

    def show_distances(self) -> None:
        """Every method's distance from the middle over the steps."""
        ends = {key: methods.radii(walk)[-1] for key, walk in self.walks.items() if key != "momentum"}
        told = listed(f"{figures.STYLES[key][0]} {number(end)}" for key, end in ends.items())
        caught = np.flatnonzero(methods.radii(self.walks["momentum"]) > ends["simultaneous"])
        away = (f"; momentum has gone that far out after {caught[0]} steps, and leaves the picture" if len(caught)
                else "")
        show_figure(figures.distances(self.walks), f"Curves of the distance from the middle; at the end: {told}{away}",
                    f"At the end: {told}{away}. A straight line is growth or decay by the same factor at each step.")

    def show_factors(self) -> None:
        """What each step multiplies the distance by: measured, by the matrix, in theory."""
        found, rows = self.examples(), []
        for key in RULES:
            measured, matrix = found[f"factor_of_{key}"], found[f"largest_eigenvalue_of_{key}"]
            rows.append([figures.STYLES[key][0], f"{measured['value']:.6f}", f"{matrix['value']:.6f}",
                         f"{measured['expected']:.6f}", formula(RULES[key][1]), _fate(measured["value"])])
        show_table(["", "measured", "by the matrix", "in theory", "formula", "the distance"], rows)
        show_text("Of momentum, m stands for (1 + β + iη) / 2.")

    def show_orbits(self) -> None:
        """All walks and both averages in the plane."""
        walks = {**self.walks, **self.averages}
        told = listed(f"{figures.STYLES[key][0]} {_fate(self.methods[key].factor)}" for key in self.walks)
        show_figure(figures.orbits(walks, dict.fromkeys(self.averages, self.alternating)),
                    f"Nine small pictures of walks in the plane: {told}; both averages stay near the middle",
                    "Every walk starts at the diamond; the cross is the balance. The scales differ: the outward "
                    "spirals are much larger. Grey: the alternating steps that are averaged.")

    def show_averages(self) -> None:
        """The averages of alternating steps."""
        walks = {"alternating": self.alternating, **self.averages}
        mean, moving = (methods.radii(self.averages[key])[-1] for key in ("mean", "moving"))
        kept = self.settings.weight_average
        show_figure(figures.distances(walks),
                    f"Distance from the middle of the alternating steps and of both averages: at the end the mean of "
                    f"all points {number(mean)}, the moving average {number(moving)}",
                    f"The mean of all points comes nearer and nearer, with a bow for each turn. The moving average, of "
                    f"which {kept:g} is kept at each step, ends on an orbit {number(self._shrinkage())} of the size "
                    "of that of the points.")
        self.show_examples("mean_of_all_points", "moving_average_at_the_end", "ellipse_of_the_moving_average")

    def show_bridge(self) -> None:
        """What of this the pipeline's own GANs use."""
        both = HTML(" and ".join(link(f"{name}.html", name).data for name in OURS))
        every = link("index.html", "every GAN here")
        show_table(["in this game", "in our GANs", "key in params.yaml", "where"], [
            ["alternating steps", "The discriminator moves first, then the generator, against the moved one.", "–",
             every],
            ["gradient penalty", "The discriminator pays for steep slopes at real and at generated pictures (R1, R2).",
             "penalty", both],
            ["moving average", "Pictures are drawn with an average of the generator's weights.", "weight_average",
             both],
            ["no momentum", "The first of Adam's two betas, its momentum, is 0.", "betas", both],
            ["smaller steps", "The learning rate falls to nothing, and with it what each step adds.", "schedule",
             both],
        ])

    def _shrinkage(self) -> float:
        """Of the moving average's orbit."""
        return averages.shrinkage(self.settings.learning_rate, self.settings.weight_average)


def _fate(factor: float) -> str:
    """What becomes of a distance that each step multiplies by this."""
    if abs(factor - 1) < SAME:
        return "stays"
    return "grows" if factor > 1 else "shrinks"
