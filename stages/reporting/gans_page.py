"""The page of one GAN, in the book's order."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core.parameters import read_block
from stages.reporting import gan_figures, gan_metrics, gan_recipe
from stages.reporting.classifier_results import OPTIMISERS
from stages.reporting.gan_digits import DigitSamples
from stages.reporting.gan_faces import FaceSamples
from stages.reporting.gan_kinds import read_result
from stages.reporting.gan_patterns import PatternSamples
from stages.reporting.gan_recipe import LOSSES, kinds_of, seed_text
from stages.reporting.gan_results import Book, Settings
from stages.reporting.gan_samples import show_heading
from stages.reporting.html import link, show_facts, show_figure, show_html, show_list, show_table, show_text
from stages.reporting.metrics import read_table
from stages.reporting.words import number

if TYPE_CHECKING:
    import pandas as pd

SMALLEST = 0.0001  # loss that is shown as a number
SAMPLES = {"pattern": PatternSamples, "digits": DigitSamples, "faces": FaceSamples}
DATA_OF_THE_BOOK = {"digits": "MNIST", "faces": "CelebA"}


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.settings = read_block(f"pages.gans.{name}", Settings)
        self.title = self.settings.title
        self.result = read_result(name)
        self.description, self.metrics, self.badge = self.result.description, self.result.metrics, self.result.badge
        self.samples = SAMPLES[self.result.kind](self.result, self.settings.book)
        self.losses = read_table(Path(f"reports/losses/gans/{name}.csv"))
        self.alone_losses = read_table(Path(f"reports/losses/discriminators/{name}.csv"))

    def show_summary(self) -> None:
        """What is special here, what it makes, and its most telling numbers."""
        show_html(f'<p class="quiet">In <code>params.yaml</code>: <code>gans.{escape(self.name)}</code></p>')
        show_text(self.settings.about)
        self.samples.show_examples()
        cards = [f'<li><span class="figure">{escape(figure)}</span><span class="quiet">{escape(meaning)}</span></li>'
                 for figure, meaning in self.result.headline()]
        show_html(f'<ul class="cards">{"".join(cards)}</ul>')

    def show_against_the_book(self) -> None:
        """What the book says, what is seen here, and what differs between the two runs."""
        seen, book = f"{self.name} {self.result.verdict()}.", self.settings.book
        if book is None:
            show_text(f"The book has no such GAN. Here, {seen}")
            return
        show_facts({book.source(): book.says, "Here": seen})
        show_text("What differs from the book's run:")
        show_list(self._differences(book))

    def show_settings(self) -> None:
        """How it was trained."""
        show_facts(gan_recipe.settings(self.description))

    def show_networks(self) -> None:
        """The layers of both networks."""
        for player in ("discriminator", "generator"):
            layers = self.result.layers[player]
            show_heading(f"The {player}", level=3)
            times = "\u00a0×\u00a0"  # no line break inside a shape
            rows = [[row["layer"], times.join(map(str, row["output"])), row["parameters"]] for row in layers]
            every = self.description["parameters"][player]
            unlisted = every - sum(row["parameters"] for row in layers)  # no sample without a label passes them
            if unlisted:
                labels = self.description["taught"]
                features = unlisted // labels
                rows.append([f"Linear(in_features={labels}, out_features={features}, bias=False), which sees labels, "
                             "in training only", f"{features}", unlisted])
            rows.append(["all together", "", every])
            show_table(["layer", "output", "parameters"], rows)
            if player == "discriminator" and not layers[-1]["layer"].startswith("Sigmoid"):
                show_text("A sigmoid turns the last number into an output between 0 and 1.")

    def show_alone(self) -> None:
        """The discriminator against noise."""
        self.samples.show_alone()
        figure = gan_figures.losses(self.alone_losses, "pair", ["real", "noise"])
        # a single pair may cost more than all others together, so the median
        real, noise = (_small(_last_tenth(self.alone_losses[kind]).median()) for kind in ("real", "noise"))
        show_figure(figure, f"Loss of the discriminator alone: at the end usually {real} on real samples, {noise} on "
                    "noise",
                    f"Its loss, every fifth pair as a dot, the running mean as a line; the median of the last "
                    f"tenth is {real} on real samples and {noise} on noise.")

    def show_losses(self) -> None:
        """Both players' losses along training, and where they end."""
        losses, ideal = self.losses, self.metrics["ideal_loss"]
        names = ["discriminator_real", "discriminator_fake", "generator"]
        if self.description["loss"] == "relativistic":  # one loss for a real and a generated sample together
            losses, names = losses.rename(columns={"discriminator_real": "pairs"}), ["pairs", "generator"]
        undecided = ("rates both alike" if "pairs" in names else "always answers 0.5") + ", because it cannot tell"
        ends = {gan_figures.PLAYERS[name][0]: float(_last_tenth(losses[name]).mean()) for name in names}
        told = ", ".join(f"{name} {number(loss)}" for name, loss in ends.items())
        show_figure(gan_figures.losses(losses, "iteration", names, ideal),
                    f"Loss curves of discriminator and generator; at the end: {told}; the ideal is {number(ideal)}",
                    f"{gan_figures.dots(losses)} iteration as a dot, running means as lines. The dashed line is the "
                    f"loss of a discriminator that {undecided}.")
        show_table(["loss, mean of the last tenth", "here", "ideal"],
                   [[name, number(loss), number(ideal)] for name, loss in ends.items()])
        show_text(self._who_wins())
        if self.result.ahead() is None and self.result.faults():
            show_html(f"<p>Yet its samples are not good: {escape(self.result.faults())}. The discriminator is too weak "
                      "to see their faults, and a balance is not yet a good picture: see "
                      f"{link('appendix_a.html', 'Appendix A').data}.</p>")

    def show_metrics(self) -> None:
        """All numbers beside what real samples score, and what they mean."""
        for paragraph in self.result.measured():
            show_text(paragraph)
        show_table(["", "here", "real or ideal", "better", "what it is"], gan_metrics.rows(self.metrics))
        if self.result.comparison:
            show_html(f"<p>{link(*self.result.comparison).data}</p>")

    def _who_wins(self) -> str:
        """Who has the upper hand at the end, by the losses."""
        return {
            None: "Both end within a tenth of the ideal: this discriminator can hardly tell generated from real.",
            "discriminator": "The discriminator has the upper hand: it can still tell generated from real, at least in "
                             "part.",
            "generator": "The generator has the upper hand: the discriminator does worse than one that always answers "
                         "0.5.",
        }[self.result.ahead()]

    def _differences(self, book: Book) -> list[str]:
        """This run against the book's, point by point."""
        described, training = self.description, self.description["training"]
        networks = {"generator": book.generator, "discriminator": book.discriminator}
        pairs = {
            "Training samples": (f"{described['images']:,}", f"{book.samples:,}"),
            "Loss": (LOSSES[described["loss"]], LOSSES[book.loss]),
            "Optimiser": (OPTIMISERS[training["optimizer"]], OPTIMISERS[book.optimizer]),
            "Learning rate": (f"{training['learning_rate']:g}", f"{book.learning_rate:g}"),
            "Batch size": (f"{training['batch_size']:,}", "1"),
            "Epochs": (f"{training['epochs']:,}", f"{book.epochs:,}"),
            "Iterations": (f"{described['iterations']:,}", f"{book.epochs * book.samples:,}"),
            "Seed of the generator": (seed_text(**described["seeds"]),
                                      seed_text(book.seed_size, book.seed_distribution)),
            "Layers of the discriminator": (kinds_of(self.result.layers["discriminator"]), book.discriminator_layers),
            "Parameters of the discriminator": (f"{described['parameters']['discriminator']:,}",
                                                f"{book.discriminator_parameters:,}"),
            "Layers of the generator": (kinds_of(self.result.layers["generator"]), book.generator_layers),
            "Parameters of the generator": (f"{described['parameters']['generator']:,}",
                                            f"{book.generator_parameters:,}"),
            **{name: (text, gan_recipe.books_way(name, training, book.optimizer, networks))
               for name, text in gan_recipe.extras(training).items()},
        }
        if book.view:
            theirs = gan_recipe.view_text(book.view.crop, book.view.resize)
            pairs = {**{name: (text, theirs) for name, text in gan_recipe.seen(described).items()}, **pairs}
        if self.result.kind in DATA_OF_THE_BOOK:
            pairs = {"Data": (described["data"]["title"], DATA_OF_THE_BOOK[self.result.kind]), **pairs}
        points = [f"{name}: {ours} here, {theirs} in the book." for name, (ours, theirs) in pairs.items()
                  if ours != theirs]
        points.append("The random start of the weights and the seeds: the book sets none, so its run is one of many.")
        return points


def _last_tenth(losses: "pd.Series") -> "pd.Series":
    """The losses at the end of a training."""
    return losses.tail(max(len(losses) // 10, 1))


def _small(loss: float) -> str:
    """A loss, which may be next to nothing."""
    return number(loss) if loss >= SMALLEST else f"below {SMALLEST:g}"
