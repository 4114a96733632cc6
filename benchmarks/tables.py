"""Write README's tables, between their markers, and its picture from recorded runs.

    python -m benchmarks.tables                   (make readme)
"""

import json
import re
import statistics
from pathlib import Path

from matplotlib.figure import Figure

from stages.core.parameters import load
from stages.reporting import figures
from stages.reporting.classifier_results import Settings

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Replace every table of README.md, and its picture."""
    path = ROOT / "README.md"
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
    picture().savefig(ROOT / "benchmarks/classifiers.png", dpi=120, metadata={"Software": None})


def with_tables(text: str) -> str:
    """README's text with each table made anew."""
    for name, table in {"classifiers": classifiers_table(), "speed": speed_table()}.items():
        pattern = rf"(<!-- table: {name} -->\n).*?(<!-- end -->)"
        text, found = re.subn(pattern, lambda match, table=table: match[1] + table + match[2], text, flags=re.DOTALL)
        assert found == 1, f"README.md needs the markers of table '{name}' once, has them {found} times"
    return text


def picture() -> Figure:
    """Accuracies of all classifiers: the book's, ours at `book` and at `best`."""
    pages, book, best = _pages(), _runs("book"), _runs("best")
    return figures.accuracies(list(pages), {
        "the book": [page.book and page.book.accuracy for page in pages.values()],
        "ours, the book's settings": [_mean(book.get(key)) for key in pages],
        "ours, best settings": [_mean(best.get(key)) for key in pages],
    })


def classifiers_table() -> str:
    """One row per classifier: the book's figure, ours at book and best, seconds."""
    book, best = _runs("book"), _runs("best")
    rows = ["| experiment | the book | ours, `book` | seconds | ours, `best` | seconds |", "|---|--:|--:|--:|--:|--:|"]
    for key, page in _pages().items():
        figure = page.book.figure() if page.book else "–"
        ours = " | ".join(f"{_accuracy(runs[key])} | {_seconds(runs[key])}" if key in runs else "– | –"
                          for runs in (book, best))
        rows.append(f"| `{key}` | {figure} | {ours} |")
    return "\n".join(rows) + "\n\n" + _conditions([*book.values(), *best.values()]) + "\n"


def speed_table() -> str:
    """The ratios of the last recorded `make bench`."""
    speed = json.loads((ROOT / "benchmarks/speed.json").read_text(encoding="utf-8"))
    rows = ["| | the book's manner | here | ratio |", "|---|--:|--:|--:|"]
    rows += [f"| {row['what']} | {row['book']} | {row['here']} | {row['ratio']:.1f} |" for row in speed["rows"]]
    machine = speed["machine"]
    note = f"{machine['processor']}, {machine['cores']} cores, PyTorch {speed['versions']['torch']}, {speed['data']}."
    return "\n".join(rows) + "\n\n" + note + "\n"


def _pages() -> dict[str, Settings]:
    """What the pages say of each classifier, in the book's order."""
    blocks = load(ROOT / "params.yaml")["pages"]["classifiers"]
    return {key: Settings.model_validate(block) for key, block in blocks.items()}


def _runs(budget: str) -> dict[str, dict]:
    """The recorded runs of a budget by experiment."""
    files = sorted((ROOT / "benchmarks/runs").glob(f"{budget}-*.json"))
    runs = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    return {run["experiment"]: run for run in runs}


def _mean(run: dict | None) -> float | None:
    """Mean accuracy over the seeds, where there is a run."""
    return statistics.mean(run["accuracy"]) if run else None


def _accuracy(run: dict) -> str:
    """Mean over the seeds with the standard deviation, in per cent."""
    shares = [100 * share for share in run["accuracy"]]
    spread = f" ± {statistics.stdev(shares):.2f}" if len(shares) > 1 else ""
    return f"{statistics.mean(shares):.2f}{spread} %"


def _seconds(run: dict) -> str:
    """Mean training time."""
    return f"{statistics.mean(run['seconds']):.0f}"


def _conditions(runs: list[dict]) -> str:
    """What all runs share, in a sentence; runs that differ may not stand in one table."""
    def only(values: list) -> object:
        distinct = list({json.dumps(value, sort_keys=True): value for value in values}.values())
        assert len(distinct) == 1, f"runs of one table differ: {distinct}"
        return distinct[0]

    machine, torch = only([run["machine"] for run in runs]), only([run["versions"]["torch"] for run in runs])
    seeds, images = only([run["seeds"] for run in runs]), only([run["images"] for run in runs])
    source, beside = only([run["source"] for run in runs]), {run["budget"]: run["side_by_side"] for run in runs}
    return (
        f"Real MNIST (source `{source}`), {images:,} test pictures; mean and standard deviation over the run seeds "
        f"{', '.join(map(str, seeds))}; seconds of the training stage on {machine['processor']}, {machine['cores']} "
        f"cores, PyTorch {torch}; `book` was trained {beside['book']} at a time, `best` {beside['best']} at a time."
    )


if __name__ == "__main__":
    main()
