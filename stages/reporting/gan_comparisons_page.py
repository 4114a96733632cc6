"""The page that puts all GANs of digits next to each other."""

from html import escape

import numpy as np
from pydantic import Field

from stages.core.command import UserError
from stages.core.parameters import Block, read_block, read_blocks
from stages.reporting import gan_figures, gan_metrics, gan_results
from stages.reporting.gan_kinds import DIGITS, read_results
from stages.reporting.gan_metrics import measure
from stages.reporting.gan_samples import narrow_link, show_heading
from stages.reporting.html import link, show_figure, show_html, show_table, show_text
from stages.reporting.words import listed, number, share

ROWS = (
    "frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage", "modes_covered", "class_kl",
    "unsure_share", "pairwise_distance_ratio", "distinct_share", "memorisation_ratio", "copies_share",
)


class Settings(Block):
    """A block of `pages.gan_comparisons` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once; GANs in the order of `pages.gans`."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.gan_comparisons.{name}", Settings).title
        pages = read_blocks("pages.gans", gan_results.Settings)
        results = read_results(pages)
        self.results = {key: result for key, result in results.items() if result.kind == "digits"}
        if not self.results:
            raise UserError("params.yaml: pages.gans has no GAN of digits; add one, or remove this page")
        self.metrics = {key: result.metrics for key, result in self.results.items()}
        self.first = next(iter(self.results.values()))
        self.badge = self.first.badge

    def show_verdicts(self) -> None:
        """What became of each, in a sentence, and the best."""
        sentences = [f'<li><a href="{escape(key)}.html">{escape(key)}</a> {escape(result.verdict())}.</li>'
                     for key, result in self.results.items()]
        show_html(f"<ul>{''.join(sentences)}</ul>")
        best = min(self.metrics, key=lambda key: self.metrics[key]["frechet_distance"])
        if len(self.metrics) > 1:
            show_text(f"The pictures closest to real ones, by the Frechet distance, are those of {best}.")

    def show_modes(self) -> None:
        """Collapse as a number and as a picture."""
        rows = {}
        for key, result in self.results.items():
            modes = result.metrics["modes_covered"]
            name = f"{key}: {modes} of {DIGITS} digits, variety {number(result.variety())}"
            rows[name] = (result.array("histogram/generated"), result.examples(rows=2))
        told = "; ".join(rows)
        show_figure(gan_figures.modes(rows, self.first.array("histogram/real")),
                    f"For each GAN the share of each digit as bars, and twenty of its pictures. {told}",
                    "Left: how often each digit is drawn (bars; a number where they end above) and how often it "
                    "occurs in the real data (line). "
                    "Right: twenty pictures, not selected; conditional GANs were asked for 0 to 9 in turn.")
        collapsed = [key for key, result in self.results.items() if result.collapsed()]
        show_text(f"Mode collapse: {listed(collapsed)}." if collapsed else "None of them has collapsed.")

    def show_distances(self) -> None:
        """The Frechet distances."""
        values = {key: metrics["frechet_distance"] for key, metrics in self.metrics.items()}
        floor = self.first.metrics["frechet_floor"]
        told = ", ".join(f"{key} {number(value)}" for key, value in values.items())
        show_figure(gan_figures.distances(values, floor), f"Frechet distances: {told}; real pictures {number(floor)}",
                    "The dashed line is the distance between real training and real test pictures: no GAN can be "
                    "expected to do better.")
        show_text(self.first.judged_by())

    def show_recall(self) -> None:
        """How much of the real variety each covers."""
        series = {name: {key: metrics[name] for key, metrics in self.metrics.items()}
                  for name in ("recall", "coverage")}
        told = ", ".join(f"{key} {share(metrics['recall'])} and {share(metrics['coverage'])}"
                         for key, metrics in self.metrics.items())
        show_figure(gan_figures.shares(series), f"Recall and coverage: {told}",
                    "Recall: the share of real pictures that lie among generated ones. Coverage: the share of real "
                    "pictures with a generated one close by. Both show what is never drawn.")

    def show_table(self) -> None:
        """All numbers: a column per GAN, and one for real pictures."""
        rows = [[column.name, *(column.here(metrics) for metrics in self.metrics.values()),
                 column.floor(self.first.metrics), column.better] for column in map(measure, ROWS)]
        show_table(["", *(narrow_link(key) for key in self.metrics), "real pictures", "better"], rows)
        counts = self.first.attribute("samples")
        show_text(f"Each from {counts['generated']:,} generated pictures, {counts['test']:,} test pictures and "
                  f"{counts['train']:,} training pictures. What each number means stands on the page of each GAN.")

    def show_conditional(self) -> None:
        """Of conditional GANs: whether labels are obeyed and whether a classifier can learn from their pictures."""
        found = {key: metrics for key, metrics in self.metrics.items() if self.results[key].conditional}
        if not found:
            return
        show_heading("Those that take orders")
        names = ("label_accuracy", "gan_train_accuracy")
        show_table(["GAN", *(measure(name).name for name in names), "hardest digit"], [
            [link(f"{key}.html", key), *(measure(name).here(metrics) for name in names), _hardest(metrics)]
            for key, metrics in found.items()
        ])
        for name in names:
            show_text(f"{measure(name).name.capitalize()}: {measure(name).meaning}")


def _hardest(metrics: gan_metrics.Metrics) -> str:
    """The digit that is least often read as asked for."""
    shares = [metrics["label_accuracy_of"][str(label)] for label in range(DIGITS)]
    return f"{np.argmin(shares)} ({share(min(shares))})"
