"""The first page: what this is, the state of the run, and a way to every other page."""

from html import escape
from pathlib import Path

from stages.core.parameters import read_block, read_blocks
from stages.core.run import Run
from stages.datasets.hdf5 import read_provenance
from stages.reporting import classifier_results, gan_results
from stages.reporting.cards import Card, Cards
from stages.reporting.chapters import Settings, arrange
from stages.reporting.html import link, show_html, show_list, show_text
from stages.reporting.ledger_results import NOT_JUDGED, VERDICTS, read_ledger, told_origins
from stages.reporting.run_label import data_label
from stages.reporting.words import listed, unbroken

STAND_INS = {"digits": "the real MNIST", "faces": "the real CelebA"}
BUDGETS = {
    "demo": "short trainings on few pictures, and smaller networks for faces, so that all of it takes minutes",
    "book": "the book's networks, pictures and settings: one picture after the other, as often as the book does",
    "best": "the book's networks, trained as well as we can: in batches, at other rates, on all pictures",
}
KINDS = {"digits": "data", "faces": "face_data"}  # what a data set shows: kind of its page


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.site.{name}", Settings).title
        self.chapters = arrange(name)
        self.cards = Cards(read_blocks("pages.classifiers", classifier_results.Settings),
                           read_blocks("pages.gans", gan_results.Settings))
        self.sources = {what: [read_provenance(Path(f"data/hdf5/{page['name']}.h5")) for page in self._pages(kind)]
                        for what, kind in KINDS.items()}
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
        show_html(f"<p>They show the {escape(self.budget)} budget. {self._parameters()}</p><ul>"
                  + "".join(f"<li><b>{name}</b>{' (this one)' if name == self.budget else ''}: {escape(what)}</li>"
                            for name, what in BUDGETS.items()) + "</ul>")

    def show_ledger(self) -> None:
        """How many claims were confirmed, and which were contradicted."""
        for page in self._pages("ledgers"):
            ledger = read_ledger()
            counts = "".join(f'<li><span class="figure">{count}</span>'
                             f'<span class="quiet">{VERDICTS[verdict]}</span></li>'
                             for verdict, count in ledger.counts.items())
            way = link(page["name"] + ".html", "The ledger").data
            show_html(f'<section><h2>What the book says, judged</h2><p>{way} puts {len(ledger.rows)} claims beside our '
                      f'measurements: {escape(told_origins(ledger))}.</p>'
                      f'<ul class="cards">{counts}</ul></section>')
            if ledger.counts[NOT_JUDGED]:
                reasons = listed(f"{count} for “{reason}”" for reason, count in ledger.reasons.items())
                show_text(f"Not judged in this run: {reasons}. The ledger of a run on the real MNIST with the book's "
                          "budget stands in README.md, at the top of this repository.")
            show_list(f"Contradicted: {row.statement} Measured: {row.measured}." for row in ledger.contradictions)

    def show_chapters(self) -> None:
        """Every page as a card, chapter by chapter."""
        for chapter in self.chapters:
            cards = [_card(page, self.cards.card(page["kind"], page["name"])) for page in chapter["pages"]]
            show_html(f'<section><h2>{escape(chapter["title"])}</h2><p>{escape(chapter["about"])}</p>'
                      f'<ul class="cards">{"".join(cards)}</ul></section>')

    def _parameters(self) -> str:
        """Where its numbers stand: the page of provenance shows all parameters."""
        for page in self._pages("provenance"):
            return f'All settings stand in {link(page["name"] + ".html#the-parameters", "params.yaml").data}.'
        return ""

    def _pages(self, kind: str) -> list[dict[str, str]]:
        """All pages of a kind."""
        return [page for chapter in self.chapters for page in chapter["pages"] if page["kind"] == kind]


def _card(page: dict[str, str], card: Card) -> str:
    """A card as HTML: the way to its page, what is seen there, and its number."""
    picture = f'<span class="picture">{card.picture}</span>' if card.picture else ""
    figure = f'<span class="figure">{escape(unbroken(card.figure))}</span>' if card.figure else ""
    note = f'<span class="quiet">{escape(unbroken(card.note))}</span>' if card.note else ""
    return f'<li><a href="{escape(page["name"])}.html">{escape(page["title"])}</a>{picture}{figure}{note}</li>'
