"""The verdict on each claim: confirmed, contradicted, or not judged and why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from stages.ledger import words
from stages.ledger.claims import Claim, Expected, Ledger, Origin
from stages.ledger.measurements import Measurements, NotMeasured, Run

CONFIRMED, CONTRADICTED, NOT_JUDGED = VERDICTS = ("confirmed", "contradicted", "not_judged")
TITLES = {"mnist": "MNIST", "celeba": "CelebA"}  # of the real data, in its provenance
REAL = ("official", "local")
ORIGINS = get_args(Origin)
FIGURES = (4, 5, 6)  # that count in a number: as few as leave the verdict as it is
REASONS = {  # why a claim is not judged
    "not_run": "not run here",
    "no_gpu": "no GPU",
    "stand_in": "stand-in data",
    "other_data": "other data than the book's",
    "demo": "demo budget",
    "best": "best budget",
    "two_runs": "its two sides are of different runs",
    "not_measured": "not measured in this run",
}


@dataclass(frozen=True)
class Judgement:
    """A claim with its verdict; `why_not` is a name of REASONS, empty where it was judged."""

    name: str
    claim: Claim
    verdict: str
    measured: str
    expected: str
    why_not: str = ""
    run: Run | None = None


def judge_all(ledger: Ledger, measurements: Measurements) -> list[Judgement]:
    """Judge every claim, in the order of the file. Raises UserError for one that names what does not exist."""
    for name, claim in ledger.claims.items():
        measurements.require_known(name, claim.page, claim.places())
    return [judge(name, claim, measurements) for name, claim in ledger.claims.items()]


def judge(name: str, claim: Claim, measurements: Measurements) -> Judgement:
    """Compare what was measured with what is expected, where the conditions of the claim are met."""
    try:
        values = [measurements.value(name, place, claim.judged_at.gpu) for place in claim.places()]
    except NotMeasured as missing:
        return Judgement(name, claim, NOT_JUDGED, "–", words.expected_text(claim, None, FIGURES[0]), str(missing))

    expected = claim.expected
    other = values.pop() if expected.other else None
    value, sign = _combined(claim, values)
    figures = _figures(value, expected, other)
    measured = words.measured_text(value, expected, values, sign, figures)
    runs = [run for place in claim.places() if (run := measurements.run(place))]
    why_not = _obstacle(claim, runs)
    verdict = NOT_JUDGED if why_not else CONFIRMED if holds(value, expected, other) else CONTRADICTED
    return Judgement(name, claim, verdict, measured, words.expected_text(claim, other, figures), why_not,
                     runs[0] if runs else None)


def holds(value: Any, expected: Expected, other: Any) -> bool:
    """Whether the measured value is as expected; of numbers in lists each, and the lists have one shape."""
    found, wanted = np.asarray(value, float), np.asarray(expected.value if other is None else other, float)
    if found.shape != wanted.shape:
        return False
    match expected.operator:
        case "within":
            # a sum of decimal fractions may miss its own border by the last bit
            return bool((np.abs(found - wanted) <= expected.tolerance + 1e-12).all())
        case "at_least":
            return bool((found >= wanted).all())
        case "at_most":
            return bool((found <= wanted).all())
        case "less_than":
            return bool((found < wanted).all())
    return bool((found > wanted).all())


def counts(judgements: Iterable[Judgement]) -> dict[str, int]:
    """How many claims have each verdict."""
    found = Counter(one.verdict for one in judgements)
    return {verdict: found[verdict] for verdict in VERDICTS}


def counts_by_origin(judgements: Sequence[Judgement]) -> dict[str, dict[str, int]]:
    """How many claims of each origin have each verdict."""
    return {origin: counts(one for one in judgements if one.claim.origin == origin) for origin in ORIGINS}


def _figures(value: Any, expected: Expected, other: Any) -> int:
    """How many figures of a number a reader needs to see why it holds, or does not."""
    def told(figures: int) -> bool:
        return holds(words.rounded(value, figures), expected, None if other is None else words.rounded(other, figures))

    verdict = holds(value, expected, other)
    return next((figures for figures in FIGURES if told(figures) == verdict), FIGURES[-1])


def _combined(claim: Claim, values: list[Any]) -> tuple[Any, str]:
    """The measured metric, or its difference or ratio, and the sign between its two sides."""
    if claim.measured.minus:
        return float(np.subtract(*values).round(9)), "−"
    if claim.measured.over:
        return float(np.divide(*values)) if values[1] else float("inf"), "to"
    return values[0], ""


def _obstacle(claim: Claim, runs: list[Run]) -> str:
    """Why the claim cannot be judged by these runs, a name of REASONS; empty where it can."""
    source, budgets = claim.judged_at.source, claim.judged_at.budgets
    for run in runs if source != "any" else []:
        if run.source not in REAL:
            return "stand_in"
        if run.title != TITLES[source]:
            return "other_data"
    for run in runs if budgets != "any" else []:
        if run.budget != budgets:
            return run.budget
    return "two_runs" if len(set(runs)) > 1 else ""
