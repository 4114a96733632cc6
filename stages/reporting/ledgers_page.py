"""The page of the ledger: every claim of the book and its companions beside what was measured, contradictions first."""

from html import escape
from itertools import groupby

from IPython.display import HTML
from pydantic import Field

from stages.core.parameters import Block, read_block
from stages.reporting.html import link, show_facts, show_html, show_table, show_text
from stages.reporting.ledger_results import (
    CONFIRMED,
    CONTRADICTED,
    NOT_JUDGED,
    ORIGINS,
    VERDICTS,
    Row,
    read_ledger,
)
from stages.reporting.words import listed

MEANINGS = {
    CONFIRMED: "measured as the claim says",
    CONTRADICTED: "measured otherwise",
    NOT_JUDGED: "could not be told here",
}
SHORT = {"book": "Rashid", "weidman": "Weidman", "tutorials": "tutorials", "own": "ours"}  # in the tables
MADE = {
    "book": "Make Your First GAN With PyTorch: its text, or its author's notebooks",
    "weidman": "Deep Learning from Scratch, chapter 1, which explains gradients beside chapter 1 here",
    "tutorials": "two introductions to PyTorch's autograd, beside chapter 1",
    "own": "what follows from the book's networks and formulas though it does not print it: parameters counted, sizes "
           "computed, measures that it does not take",
}
REASONS = {  # what would have to be otherwise
    "stand-in data": "The claim is about real pictures, and these were drawn by the pipeline in their place.",
    "demo budget": "The claim is about the book's full training, and this one was shorter or smaller.",
    "best budget": "The claim is about the book's own way to train, and this was ours.",
    "no GPU": "Only a graphics processor can tell, and none was at hand.",
    "not run here": "This run did not train the experiment.",
    "not measured in this run": "The data lacked what the number needs, such as the lists of attributes of faces.",
    "other data than the book's": "The claim is about MNIST or CelebA, and this data is neither.",
    "its two sides are of different runs": "The claim compares two experiments, which were not run alike.",
}


class Settings(Block):
    """A block of `pages.ledgers` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once; claims in the order of the book."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.ledgers.{name}", Settings).title
        self.ledger = read_ledger()
        self.badge = " | ".join(self.ledger.runs) or "computed here · no data set"

    def show_counts(self) -> None:
        """How many claims have each verdict, as cards."""
        cards = [f'<li><span class="figure">{escape(VERDICTS[verdict].split()[0])} {count}</span>'
                 f'<strong>{escape(VERDICTS[verdict].split(maxsplit=1)[1])}</strong><br>'
                 f'<span class="quiet">{escape(MEANINGS[verdict])}</span></li>'
                 for verdict, count in self.ledger.counts.items()]
        show_html(f'<ul class="cards">{"".join(cards)}</ul>')
        behind = f" Behind them: {listed(self.ledger.runs)}." if self.ledger.runs else ""
        show_text(f"Of {len(self.ledger.rows)} claims, {self.ledger.judged} could be judged by this run.{behind}")

    def show_origins(self) -> None:
        """Who makes the claims, and how many of each have each verdict."""
        rows = [[f"{ORIGINS[origin]}: {MADE[origin]}", SHORT[origin], sum(counts.values()), *counts.values()]
                for origin, counts in self.ledger.origins.items()]
        show_table(["from", "below", "claims", *VERDICTS.values()], rows, stacked=True)

    def show_contradictions(self) -> None:
        """Each contradicted claim, with what was measured and what we think is behind it."""
        if not self.ledger.contradictions:
            show_text("None of the claims that could be judged by this run is contradicted.")
        for row in self.ledger.contradictions:
            show_html(f"<h3>{escape(VERDICTS[CONTRADICTED].split()[0])} {escape(row.statement)}</h3>")
            show_facts({
                "From": ORIGINS[row.origin], "Expected": _unbroken(row.expected), "Measured": _unbroken(row.measured),
                "Reason for the leeway": row.tolerance,
                "What we think is behind it": row.explanation or "We have no explanation yet.",
                "Experiment": link(f"{row.page}.html", row.page),
            })

    def show_reasons(self) -> None:
        """Why claims are not judged, and how many."""
        if not self.ledger.reasons:
            show_text("Every claim could be judged.")
            return
        show_table(["not judged", "claims", "because"], [
            [reason, count, REASONS.get(reason, "")] for reason, count in self.ledger.reasons.items()
        ])

    def show_chapters(self) -> None:
        """All claims, a table for each chapter."""
        for chapter, rows in groupby(self.ledger.rows, key=lambda row: row.chapter):
            kind = "Chapter" if chapter.isdigit() else "Appendix"
            show_html(f"<h3>{kind} {escape(chapter)}</h3>")
            show_table(["verdict", "claim", "from", "expected", "measured"], [
                [_unbroken(row.verdict_text()), _claim(row), SHORT[row.origin], _unbroken(row.expected),
                 _unbroken(row.measured)] for row in rows
            ], stacked=True)


def _claim(row: Row) -> HTML:
    """A statement with a link to the page of its experiment."""
    return HTML(f'<span>{escape(row.statement)} {link(f"{row.page}.html", row.page).data}</span>')


def _unbroken(text: str) -> str:
    """A number never broken from its sign or unit, nor a verdict from its symbol."""
    symbols = [f"{verdict.split()[0]} " for verdict in VERDICTS.values()]
    for sign in (" %", " ±", "± ", " points", " times", " GiB", " MiB", " GFLOP/s", " pictures/s", *symbols):
        text = text.replace(sign, sign.replace(" ", "\u00a0"))
    return text
