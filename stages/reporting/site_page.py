"""The first page: what this is, the state of the run, and a way to every other page."""

from html import escape
from pathlib import Path

from pydantic import Field

from stages.core.parameters import Block, read_block, read_blocks
from stages.core.run import Run
from stages.datasets.hdf5 import read_provenance
from stages.reporting import classifier_results, comparisons_page, data_page, gan_comparisons_page, gan_results
from stages.reporting.gan_results import Result
from stages.reporting.html import percent, show_html, show_text
from stages.reporting.pixels import png, sheet
from stages.reporting.run_label import label

SHOWN = 8  # generated pictures on a card


class Settings(Block):
    """A block of `pages.site` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.site.{name}", Settings).title
        self.data = read_blocks("pages.data", data_page.Settings)
        self.classifiers = read_blocks("pages.classifiers", classifier_results.Settings)
        self.results = classifier_results.read_results(self.classifiers)
        self.comparisons = read_blocks("pages.comparisons", comparisons_page.Settings)
        self.gans = read_blocks("pages.gans", gan_results.Settings)
        self.gan_results = gan_results.read_results(self.gans)
        self.gan_comparisons = read_blocks("pages.gan_comparisons", gan_comparisons_page.Settings)
        self.provenance = read_provenance(Path("data/hdf5/mnist.h5"))
        self.budget = read_block("run", Run, ["budget"]).budget
        self.badge = label(self.provenance, self.budget)

    def show_state(self) -> None:
        """Which data and budget these pages were built with, and how to switch."""
        if self.provenance["source"] == "stand_in":
            show_text("These pages were built with stand-in data: digits that this pipeline draws itself, so that "
                      "everything runs without a download. Figures of the book are shown for orientation only; they "
                      "hold for the real MNIST.")
        else:
            show_text(f"These pages were built with {self.provenance['title']} at the {self.budget} budget.")

    def show_data(self) -> None:
        """Links to the data sets."""
        _show_cards((key, page.title, "", "what the networks learn from", "") for key, page in self.data.items())

    def show_classifiers(self) -> None:
        """Links to the classifiers, with their accuracy, and to their comparison."""
        cards = [(key, page.title, "", "side by side, and beside the book", "")
                 for key, page in self.comparisons.items()]
        for key, page in self.classifiers.items():
            book = f"the book, on MNIST: {page.book.figure()}" if page.book else "not in the book"
            cards.append((key, page.title, percent(self.results[key].metrics["accuracy"]), book, ""))
        _show_cards(cards)

    def show_gans(self) -> None:
        """Links to the GANs, with what they draw and how well, and to their comparison."""
        cards = [(key, page.title, "", "side by side: who draws all digits, who has collapsed", "")
                 for key, page in self.gan_comparisons.items()]
        for key, page in self.gans.items():
            result = self.gan_results[key]
            cards.append((key, page.title, *result.card(), _examples(result)))
        _show_cards(cards)


def _examples(result: Result) -> str:
    """A few generated samples as a picture."""
    if result.of_digits:
        pictures = result.examples(rows=1)[:SHOWN]
    else:  # four numbers, each a square of as many grey pixels as a digit is wide
        cells = (255 * result.array("grid/outputs")[0]).round().astype("uint8")
        pictures = cells[:, None, None].repeat(28, axis=1).repeat(28, axis=2)
    strip = sheet(pictures, columns=len(pictures))
    what = f"{len(pictures)} generated digits" if result.of_digits else "A generated pattern of four numbers"
    return (f'<img alt="{what}" width="{strip.shape[1]}" height="{strip.shape[0]}" '
            f'style="max-width: 100%; height: auto" src="{png(strip)}">')


def _show_cards(cards) -> None:
    """Cards of (page, title, figure, note, picture as HTML)."""
    items = []
    for page, title, figure, note, picture in cards:
        number = f'<span class="figure">{escape(figure)}</span>' if figure else ""
        items.append(f'<li><a href="{escape(page)}.html">{escape(title)}</a>{picture}{number}'
                     f'<span class="quiet">{escape(note)}</span></li>')
    show_html(f'<ul class="cards">{"".join(items)}</ul>')
