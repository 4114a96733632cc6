"""The page of Appendix A: ideal losses in theory, and how near to them the pipeline's GANs end."""

from stages.core.parameters import read_block, read_blocks
from stages.lessons.appendix_a import IDEALS, Settings, curves
from stages.reporting import appendix_a_figures as figures
from stages.reporting import gan_results
from stages.reporting.gan_kinds import read_results
from stages.reporting.gan_recipe import LOSSES
from stages.reporting.html import link, show_figure, show_table, show_text
from stages.reporting.lesson import LessonPage, show_formula
from stages.reporting.run_label import data_label
from stages.reporting.words import listed, number

NAMES = {key: LOSSES[key] for key in IDEALS}
SHORT = {**NAMES, "relativistic": "relativistic"}


class Page(LessonPage):
    """What the notebook shows: curves are worked out once; results of GANs are in the order of `pages.gans`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        settings = read_block(f"lessons.{name}", Settings)
        self.mistake, self.shares, self.outputs = settings.mistake, settings.real_shares, settings.outputs
        self.curves = {key: tuple(curves.curve(key, self.outputs, target) for target in (curves.REAL, curves.GENERATED))
                       for key in IDEALS}
        self.results = read_results(read_blocks("pages.gans", gan_results.Settings))
        described = [result.description for result in self.results.values()]
        data = dict.fromkeys(data_label(one["data"]) for one in described)  # each once, in order
        self.run = f"{', '.join(data)} · {described[0]['budget']} budget"
        self.badge = f"losses of GANs: {self.run}"

    def show_formulas(self) -> None:
        """Both losses of one output."""
        show_formula(r"\text{mean squared error} = (a - t)^2")
        show_formula(r"\text{binary cross entropy} = -t \ln a - (1 - t) \ln (1 - a)")

    def show_losses(self) -> None:
        """Both losses over the output."""
        told = listed(f"{NAMES[key]} {ideal:.3g}" for key, ideal in IDEALS.items())
        show_figure(figures.losses(self.outputs, self.curves, NAMES, IDEALS),
                    "Losses over the output, left of a real sample, falling to 0 at output 1, right of a generated "
                    f"one, rising from 0 at output 0; at output 0.5 in both: {told}",
                    f"Dots: the losses of a discriminator that cannot tell, {told}. Mean squared error ends at 1; "
                    "binary cross entropy goes on out of the picture.")
        self.show_examples(*(f"{key}_of_an_unsure_discriminator" for key in IDEALS),
                           *(f"slope_of_{key}_at_the_ideal" for key in IDEALS),
                           "relativistic_loss_of_a_pair_rated_alike")

    def show_walls(self) -> None:
        """What the losses do where an output is sure and wrong."""
        real = {key: pair[0] for key, pair in self.curves.items()}
        show_figure(figures.slopes(self.outputs, real, NAMES),
                    "Left: the push of binary cross entropy rises steeply as the output nears 0, that of mean squared "
                    "error stays below 2. Right: before the sigmoid binary cross entropy pushes with nearly 1 at "
                    "output 0, mean squared error with nearly nothing",
                    "How strongly a real sample pushes a discriminator upwards. Left: its output. Right: the number "
                    "that the last layer gives, before the sigmoid makes it an output.")
        show_text(f"At an output of {self.mistake:g} for a real sample:")
        self.show_examples("mean_squared_error_of_a_sure_mistake", "binary_cross_entropy_of_a_sure_mistake",
                           "slope_of_mean_squared_error_there", "slope_of_binary_cross_entropy_there",
                           "slope_of_mean_squared_error_before_the_sigmoid",
                           "slope_of_binary_cross_entropy_before_the_sigmoid", "largest_mean_squared_error",
                           "largest_binary_cross_entropy")

    def show_best_answers(self) -> None:
        """Which single answer is best, by the share of real samples."""
        means = {key: {share: curves.expected_loss(key, self.outputs, share) for share in self.shares}
                 for key in IDEALS}
        told = listed(f"{share:g}" for share in self.shares)
        show_figure(figures.best_answers(self.outputs, means, NAMES),
                    f"For each loss three curves with their lowest points, for {told} of all samples real: the lowest "
                    "points lie at these very outputs",
                    "Markers: the lowest points. With both losses the best answer is the share of real samples.")
        self.show_examples(*(f"best_answer_by_{key}_in_a_balanced_game" for key in IDEALS),
                           *(f"slope_of_both_{key}_at_the_best_answer" for key in IDEALS),
                           *(f"best_answers_by_{key}_for_the_shares_of_real_samples" for key in IDEALS))

    def show_measured(self) -> None:
        """How the losses of every GAN ended, as multiples of the ideal and as they are."""
        metrics = {key: result.metrics for key, result in self.results.items()}
        ends = {player: [one[f"{player}_loss"] / one["ideal_loss"] for one in metrics.values()]
                for player in ("discriminator", "generator")}
        told = "; ".join(f"{key} {number(left)} and {number(right)}"
                         for key, left, right in zip(metrics, *ends.values(), strict=True))
        show_figure(figures.against_ideal(list(metrics), *ends.values()),
                    f"Final losses of discriminator and generator as multiples of the ideal: {told}",
                    f"Mean over the last tenth of each training, divided by the ideal loss. Measured with {self.run}.")
        show_table(["GAN", "loss", "ideal", "discriminator", "generator", "upper hand"], [
            [link(f"{key}.html", key), SHORT[result.description["loss"]],
             *(number(result.metrics[name]) for name in ("ideal_loss", "discriminator_loss", "generator_loss")),
             result.ahead() or "neither"]
            for key, result in self.results.items()
        ])
        near = [key for key, result in self.results.items() if result.ahead() is None]
        show_text(f"Both losses end within a tenth of the ideal: {listed(near)}." if near else
                  "None of them ends with both losses within a tenth of the ideal.")
