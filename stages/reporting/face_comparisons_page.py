"""The page that puts all GANs of faces next to each other."""

from html import escape
from pathlib import Path

import numpy as np
from pydantic import Field

from stages.core.command import UserError
from stages.core.parameters import Block, read_block, read_blocks
from stages.reporting import face_figures, gan_figures, gan_results
from stages.reporting.face_duels import Duel
from stages.reporting.gan_kinds import FaceResult, read_results
from stages.reporting.gan_metrics import measure
from stages.reporting.gan_recipe import seen
from stages.reporting.gan_samples import narrow_link
from stages.reporting.html import show_figure, show_html, show_table, show_text
from stages.reporting.metrics import read_table
from stages.reporting.pixels import thumbnails
from stages.reporting.words import in_bytes, listed, number, share

DENSE, CONV, GELU = "celeba_dense", "celeba_conv", "celeba_conv_gelu"
ROWS = (
    "frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage", "attribute_gap",
    "inception_frechet_distance", "pairwise_distance_ratio", "distinct_share", "memorisation_ratio",
    "copies_share",
)
SIDE = 109  # pixels of the longest side: pictures of all GANs stand side by side
EACH = 8


class Settings(Block):
    """A block of `pages.face_comparisons` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once; GANs in the order of `pages.gans`."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.face_comparisons.{name}", Settings).title
        self.pages = read_blocks("pages.gans", gan_results.Settings)
        results = read_results(self.pages)
        self.results: dict[str, FaceResult] = {key: result for key, result in results.items() if result.kind == "faces"}
        if not self.results:
            raise UserError("params.yaml: pages.gans has no GAN of faces; add one, or remove this page")
        self.first = next(iter(self.results.values()))
        self.badge = self.first.badge

    def show_verdicts(self) -> None:
        """What became of each, in a sentence, and the best."""
        sentences = [f'<li><a href="{escape(key)}.html">{escape(key)}</a> {escape(result.verdict())}.</li>'
                     for key, result in self.results.items()]
        show_html(f"<ul>{''.join(sentences)}</ul>")
        judged = {key: result.metrics["frechet_distance"] for key, result in self.results.items() if result.judge}
        if len(judged) > 1:
            show_text("The faces closest to real ones, by the Frechet distance, are those of "
                      f"{min(judged, key=judged.get)}.")
        if not self.first.judge:
            show_text(f"Not judged by features: {self.first.attribute('judge_note')}")

    def show_pictures(self) -> None:
        """Faces of each, and real ones, not selected."""
        rows = {"real faces": self.first.array("real/images"),
                **{key: result.examples(rows=1) for key, result in self.results.items()}}
        show_figure(face_figures.gallery({name: thumbnails(faces[:EACH], SIDE) for name, faces in rows.items()}),
                    f"Rows of {EACH} faces each: {listed(rows)}",
                    f"{EACH} faces each, not selected. The real ones are the first training pictures, as "
                    f"{next(iter(self.results))} sees them.")
        show_text("What each sees of a picture: " + "; ".join(
            f"{key} {seen(result.description)['Each picture']}" for key, result in self.results.items()) + ".")

    def show_dense_against_conv(self) -> None:
        """Whether convolution does with less memory what dense layers do, or better."""
        duel = self._duel(DENSE, CONV)
        if duel:
            duel.show_table(["parameters", "memory", "frechet_distance", "sharpness", "pairwise_distance_ratio",
                             "copies_share"])
            show_text(duel.views())
            show_text(duel.memory_sentence(self._peak(DENSE), self._peak(CONV)))
            show_text(duel.verdict())

    def show_relu_against_gelu(self) -> None:
        """Whether the other activation draws better faces."""
        duel = self._duel(CONV, GELU)
        if duel:
            duel.show_table(["epochs", "frechet_distance", "attribute_gap", "sharpness",
                             "pairwise_distance_ratio", "recall", "discriminator_loss", "generator_loss"])
            show_text(duel.verdict())
            show_text(f"{duel.views()} {duel.fairness()}")

    def show_distances(self) -> None:
        """The Frechet distances."""
        values = {key: result.metrics["frechet_distance"] for key, result in self.results.items() if result.judge}
        if not values:
            show_text("Not measured: without a judge there are no features in which to compare.")
            return
        floor = self.first.metrics["frechet_floor"]
        told = ", ".join(f"{key} {number(value)}" for key, value in values.items())
        show_figure(gan_figures.distances(values, floor), f"Frechet distances: {told}; real pictures {number(floor)}",
                    "The dashed line is the distance between real training and real test pictures: no GAN can be "
                    "expected to do better. All are judged at the same small size, so resolution is no advantage.")
        show_text(self.first.judged_by())

    def show_table(self) -> None:
        """All numbers: a column per GAN, and one for real pictures."""
        metrics = [result.metrics for result in self.results.values()]
        rows = [["parameters of the generator", *(f"{result.description['parameters']['generator']:,}"
                                                  for result in self.results.values()), "–", "–"],
                ["memory to train one picture", *(in_bytes(result.attribute("memory")["training_bytes"])
                                                  for result in self.results.values()), "–", "lower"],
                ["sharpness, as a fraction of real", *(share(result.sharpness()) for result in self.results.values()),
                 share(1), "near real"]]
        rows += [[column.name, *map(column.here, metrics), column.floor(self.first.metrics), column.better]
                 for column in map(measure, ROWS) if any(column.key in ours for ours in metrics)]
        show_table(["", *map(narrow_link, self.results), "real pictures", "better"], rows)
        show_text(f"{self.first.measured()[-1]} Each GAN is compared with real pictures as it sees them; the column "
                  f"of real pictures is for {self.first.name}. What each number means stands on the page of each GAN.")

    def show_losses(self) -> None:
        """The generators' losses, over the share of training."""
        curves = {key: read_table(Path(f"reports/losses/gans/{key}.csv")) for key in self.results}
        ends = ", ".join(f"{key} {number(float(np.mean(losses['generator'].tail(max(len(losses) // 10, 1)))))}"
                         for key, losses in curves.items())
        show_figure(face_figures.generator_losses(curves), f"Losses of the generators, smoothed; at the end: {ends}",
                    "A rising line is a generator that its discriminator sees through more and more. Relativistic "
                    "losses are of another kind: compare how they move, not how high they are.")

    def _duel(self, one: str, other: str) -> Duel | None:
        """Two GANs to compare, or a sentence where one of them is missing."""
        missing = [key for key in (one, other) if key not in self.results]
        if missing:
            show_text(f"Not compared: {listed(missing)} {'is' if len(missing) == 1 else 'are'} not in this run.")
            return None
        return Duel(self.results[one], self.results[other])

    def _peak(self, key: str) -> float | None:
        """The memory that the book gives for it, in GiB."""
        book = self.pages[key].book
        return book and book.memory_peak
