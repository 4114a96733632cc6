"""The judged claims as pages have them: all, how many have each verdict and each origin, which are contradicted."""

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stages.core.command import UserError
from stages.reporting.run_label import label
from stages.reporting.words import listed

FILE = Path("reports/ledger/ledger.csv")
CONFIRMED, CONTRADICTED, NOT_JUDGED = "confirmed", "contradicted", "not_judged"
VERDICTS = {  # a symbol and words: not colour alone
    CONFIRMED: "✓ confirmed",
    CONTRADICTED: "✗ contradicted",
    NOT_JUDGED: "○ not judged",
}
ORIGINS = {  # who makes a claim
    "book": "Tariq Rashid's book",
    "weidman": "Seth Weidman's book",
    "tutorials": "the autograd tutorials",
    "own": "worked out here",
}


@dataclass(frozen=True)
class Row:
    """One claim with its verdict, all as text; the fields are the columns of the file."""

    claim: str
    chapter: str
    page: str
    origin: str
    statement: str
    verdict: str
    measured: str
    expected: str
    reason: str
    tolerance: str
    explanation: str
    data: str
    source: str
    budget: str

    def verdict_text(self) -> str:
        """The verdict with its symbol, and why there is none."""
        return VERDICTS[self.verdict] + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True)
class LedgerResults:
    """All claims in the order of the book."""

    rows: list[Row]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict, in the order of VERDICTS."""
        return {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in VERDICTS}

    @cached_property
    def origins(self) -> dict[str, dict[str, int]]:
        """How many claims of each origin have each verdict, in the order of ORIGINS; none without claims."""
        counts = {origin: {verdict: sum(row.origin == origin and row.verdict == verdict for row in self.rows)
                           for verdict in VERDICTS} for origin in ORIGINS}
        return {origin: found for origin, found in counts.items() if any(found.values())}

    @cached_property
    def judged(self) -> int:
        """How many claims have a verdict other than none."""
        return len(self.rows) - self.counts[NOT_JUDGED]

    @cached_property
    def contradictions(self) -> list[Row]:
        """The claims that the measurements contradict."""
        return [row for row in self.rows if row.verdict == CONTRADICTED]

    @cached_property
    def reasons(self) -> dict[str, int]:
        """Why claims are not judged, and how many for each reason, the most frequent first."""
        return dict(Counter(row.reason for row in self.rows if row.verdict == NOT_JUDGED).most_common())

    @cached_property
    def runs(self) -> list[str]:
        """The runs that the claims were judged by, for example `MNIST (official) · book budget`; a rule is no data."""
        found = {(row.data, row.source, row.budget) for row in self.rows if row.source not in ("", "rule")}
        return [label({"title": title, "source": source}, budget) for title, source, budget in sorted(found)]


def told_origins(ledger: LedgerResults) -> str:
    """How many claims each origin has, as words."""
    return listed(f"{sum(counts.values())} of {ORIGINS[origin]}" if origin != "own" else
                  f"{sum(counts.values())} {ORIGINS[origin]} from what the book does"
                  for origin, counts in ledger.origins.items())


def read_ledger(path: Path = FILE) -> LedgerResults:
    """Read what `stages.judge_claims` wrote: `counts` and `contradictions` are its summary."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [Row(**row) for row in csv.DictReader(file)]
        assert rows and all(row.verdict in VERDICTS and row.origin in ORIGINS for row in rows)
    except (AssertionError, OSError, TypeError, ValueError):  # TypeError: other columns
        raise UserError(f"{path}: missing or damaged; run python -m stages.judge_claims ledger (dvc repro does)") \
            from None
    return LedgerResults(rows)
