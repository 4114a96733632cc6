"""The first page: what this is, the state of the run, and a way to every other page."""

from html import escape
from pathlib import Path

from pydantic import Field

from stages.core.parameters import Block, read_block, read_blocks
from stages.core.run import Run
from stages.datasets.hdf5 import picture_blocks, read_provenance
from stages.reporting import (
    attribute_classifiers_page,
    classifier_results,
    comparisons_page,
    data_page,
    face_comparisons_page,
    face_data_page,
    gan_comparisons_page,
    gan_results,
    lesson,
)
from stages.reporting.gan_kinds import read_results
from stages.reporting.gan_results import Result
from stages.reporting.html import percent, show_html, show_text
from stages.reporting.metrics import read_metrics
from stages.reporting.pixels import sheet, still, thumbnails
from stages.reporting.run_label import data_label
from stages.reporting.words import listed

SHOWN = 8  # generated pictures on a card
SIDE = 48  # pixels of the longest side of a face on a card
STAND_INS = {"digits": "the real MNIST", "faces": "the real CelebA"}


class Settings(Block):
    """A block of `pages.site` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.site.{name}", Settings).title
        self.data = read_blocks("pages.data", data_page.Settings)
        self.face_data = read_blocks("pages.face_data", face_data_page.Settings)
        self.classifiers = read_blocks("pages.classifiers", classifier_results.Settings)
        self.lessons = read_blocks("pages.lessons", lesson.Settings)
        self.results = classifier_results.read_results(self.classifiers)
        self.comparisons = read_blocks("pages.comparisons", comparisons_page.Settings)
        self.judges = read_blocks("pages.attribute_classifiers", attribute_classifiers_page.Settings)
        self.gans = read_blocks("pages.gans", gan_results.Settings)
        self.gan_results = read_results(self.gans)
        self.gan_comparisons = read_blocks("pages.gan_comparisons", gan_comparisons_page.Settings)
        self.face_comparisons = read_blocks("pages.face_comparisons", face_comparisons_page.Settings)
        # the kind of what a data set shows: where it is from
        self.sources = {"digits": [read_provenance(_file(key)) for key in self.data],
                        "faces": [read_provenance(_file(key)) for key in self.face_data]}
        self.budget = read_block("run", Run, ["budget"]).budget
        every = [data_label(provenance) for found in self.sources.values() for provenance in found]
        self.badge = f"{', '.join(every)} · {self.budget} budget"

    def show_state(self) -> None:
        """Which data and budget these pages were built with."""
        drawn = [kind for kind, found in self.sources.items() if any(one["source"] == "stand_in" for one in found)]
        others = [data_label(one) for found in self.sources.values() for one in found if one["source"] != "stand_in"]
        if drawn:
            beside = f" Beside them stands {listed(others)}." if others else ""
            show_text(f"These pages were built with stand-in {listed(drawn)}, which this pipeline draws itself, so "
                      f"that everything runs without a download.{beside} Figures of the book are shown for orientation "
                      f"only; they hold for {listed(STAND_INS[kind] for kind in drawn)}.")
        else:
            show_text(f"These pages were built with {listed(others)}.")
        show_text(f"They show the {self.budget} budget, which params.yaml describes.")

    def show_data(self) -> None:
        """Links to the data sets."""
        cards = [(key, page.title, "", "what the readers and inventors of digits learn from", "")
                 for key, page in self.data.items()]
        cards += [(key, page.title, "", "what the inventors of faces learn from", _first_faces(key))
                  for key, page in self.face_data.items()]
        _show_cards(cards)

    def show_lessons(self) -> None:
        """Links to the chapters and appendices that need no data."""
        _show_cards([(key, page.title, "", page.about, "") for key, page in self.lessons.items()])

    def show_classifiers(self) -> None:
        """Links to the classifiers, with their accuracy, and to their comparison."""
        cards = [(key, page.title, "", "side by side, and beside the book", "")
                 for key, page in self.comparisons.items()]
        for key, page in self.classifiers.items():
            book = f"the book, on MNIST: {page.book.figure()}" if page.book else "not in the book"
            cards.append((key, page.title, percent(self.results[key].metrics["accuracy"]), book, ""))
        _show_cards(cards)

    def show_gans(self) -> None:
        """Links to the GANs of patterns and digits, with what they draw and how well, and to their comparison."""
        cards = [(key, page.title, "", "side by side: who draws all digits, who has collapsed", "")
                 for key, page in self.gan_comparisons.items()]
        _show_cards([*cards, *self._gan_cards("pattern", "digits")])

    def show_faces(self) -> None:
        """Links to the GANs of faces, to their comparison, and to the judge."""
        cards = [(key, page.title, "", "side by side: dense against convolutional, one activation against another", "")
                 for key, page in self.face_comparisons.items()]
        for key, page in self.judges.items():
            metrics = read_metrics(Path(f"reports/metrics/attribute_classifiers/{key}.json"))
            cards.append((key, page.title, *_judged(metrics), ""))
        _show_cards([*cards, *self._gan_cards("faces")])

    def _gan_cards(self, *kinds: str) -> list[tuple[str, str, str, str, str]]:
        """A card for each GAN of those kinds."""
        return [(key, page.title, *self.gan_results[key].card(), _examples(self.gan_results[key]))
                for key, page in self.gans.items() if self.gan_results[key].kind in kinds]


def _file(data: str) -> Path:
    """The file of a data set."""
    return Path(f"data/hdf5/{data}.h5")


def _judged(metrics: dict) -> tuple[str, str]:
    """Figure and note on the card of a judge."""
    if not metrics["attributes"]:
        return "", "not trained: this data has no lists of attributes"
    return percent(metrics["accuracy"]), f"of attributes read right; a guess: {percent(metrics['majority'])}"


def _examples(result: Result) -> str:
    """A few generated samples as a picture."""
    if result.kind == "pattern":  # four numbers, each a square of as many grey pixels as a digit is wide
        cells = (255 * result.array("grid/outputs")[0]).round().astype("uint8")
        return _strip(cells[:, None, None].repeat(28, axis=1).repeat(28, axis=2),
                      "A generated pattern of four numbers")
    pictures = result.examples(rows=1)[:SHOWN]
    return _strip(thumbnails(pictures, SIDE), f"{len(pictures)} generated {result.kind}")


def _first_faces(data: str) -> str:
    """The first faces of a data set as a picture."""
    faces = next(picture_blocks(_file(data), "train", block=SHOWN))
    return _strip(thumbnails(faces, SIDE), f"The first {len(faces)} faces of the data")


def _strip(pictures, what: str) -> str:
    """Pictures in a row, as HTML."""
    strip = sheet(pictures, columns=len(pictures))
    height, width = strip.shape[:2]
    return (f'<img alt="{escape(what)}" width="{width}" height="{height}" style="max-width: 100%; height: auto" '
            f'src="{still(strip)}">')


def _show_cards(cards) -> None:
    """Cards of (page, title, figure, note, picture as HTML)."""
    items = []
    for page, title, figure, note, picture in cards:
        number = f'<span class="figure">{escape(figure)}</span>' if figure else ""
        items.append(f'<li><a href="{escape(page)}.html">{escape(title)}</a>{picture}{number}'
                     f'<span class="quiet">{escape(note)}</span></li>')
    show_html(f'<ul class="cards">{"".join(items)}</ul>')
