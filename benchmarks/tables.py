"""Write README's tables, between their markers, and its picture from recorded runs.

    python -m benchmarks.tables                   (make readme)
"""

import json
import re
import statistics
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from benchmarks import checkpoints, fuzz, kills, processors, verify
from benchmarks.faces_table import faces_picture, faces_table
from benchmarks.ledger_table import ledger_table
from benchmarks.machine import words
from stages.core.parameters import load
from stages.evaluation import memorisation
from stages.reporting import figures, gan_results
from stages.reporting.classifier_results import Settings

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "benchmarks/samples"
PATTERN, BATCHED = "pattern_1010", "mnist_improved_batched"
GAN_COLUMNS = {  # heading: metric, decimals; a heading in per cent is of a share
    "modes of 10": ("modes_covered", 0), "Frechet distance": ("frechet_distance", 3), "precision, %": ("precision", 1),
    "recall, %": ("recall", 1), "density": ("density", 2), "coverage, %": ("coverage", 1),
    "variety": ("pairwise_distance_ratio", 2), "label as asked, %": ("label_accuracy", 1),
    "teaches, %": ("gan_train_accuracy", 1),
}
SHARES = {metric for heading, (metric, _) in GAN_COLUMNS.items() if heading.endswith("%")}
FLOORS = {"frechet_distance": "frechet_floor", "precision": "precision_real", "recall": "recall_real",
          "density": "density_real", "coverage": "coverage_real", "gan_train_accuracy": "gan_train_accuracy_real"}


def main() -> None:
    """Replace every table of README.md, and its picture."""
    path = ROOT / "README.md"
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
    for name, figure in PICTURES.items():
        figure().savefig(ROOT / f"benchmarks/{name}.png", dpi=120, metadata={"Software": None})


def with_tables(text: str) -> str:
    """README's text with each table made anew."""
    for name, table in TABLES.items():
        pattern = rf"(<!-- table: {name} -->\n).*?(<!-- end -->)"
        made = table()
        text, found = re.subn(pattern, lambda match, made=made: match[1] + made + match[2], text, flags=re.DOTALL)
        assert found == 1, f"README.md needs the markers of table '{name}' once, has them {found} times"
    return text


def classifiers_picture() -> Figure:
    """Accuracies of all classifiers: the book's, ours at `book` and at `best`."""
    pages, book, best = _pages(), _runs("book"), _runs("best")
    return figures.accuracies(list(pages), {
        "the book": [page.book and page.book.accuracy for page in pages.values()],
        "ours, the book's settings": [_mean(book.get(key)) for key in pages],
        "ours, best settings": [_mean(best.get(key)) for key in pages],
    })


def classifiers_table() -> str:
    """One row per classifier: the book's figure, ours at book and best, seconds."""
    book, best = ({name: run for name, run in _runs(budget).items() if name in _pages()} for budget in
                  ("book", "best"))
    rows = ["| experiment | the book | ours, `book` | seconds | ours, `best` | seconds |", "|---|--:|--:|--:|--:|--:|"]
    for key, page in _pages().items():
        figure = page.book.figure() if page.book else "–"
        ours = " | ".join(f"{_accuracy(runs[key])} | {_seconds(runs[key])}" if key in runs else "– | –"
                          for runs in (book, best))
        rows.append(f"| `{key}` | {figure} | {ours} |")
    return "\n".join(rows) + "\n\n" + _conditions([*book.values(), *best.values()]) + "\n"


def pattern_table() -> str:
    """The book's output for 1010 beside ours, for each run seed."""
    book, run = _gan_pages()[PATTERN].book, _runs("book")[PATTERN]
    rows = ["| `pattern_1010` | output of the generator | discriminator's loss | generator's loss |",
            "|---|---|--:|--:|"]
    rows.append(f"| the book | {' '.join(f'{value:.3f}' for value in book.output)} | 0.25 | 0.25 |")
    for place, seed in enumerate(run["seeds"]):
        values = {name: series[place] for name, series in run["metrics"].items()}
        output = " ".join(f"{values['mean_output'][number]:.3f}" for number in ("first", "second", "third", "fourth"))
        rows.append(f"| run seed {seed} | {output} | {values['discriminator_loss']:.3f} | "
                    f"{values['generator_loss']:.3f} |")
    seconds = f"{statistics.mean(run['seconds']):.0f} seconds of training each."
    return "\n".join(rows) + f"\n\nThe losses are means over the last tenth of training; {seconds}\n"


def gans_table() -> str:
    """One row per GAN of digits and budget, judged by the same numbers, and the floor."""
    header = ["experiment", "budget", *GAN_COLUMNS, "copying", "seconds"]
    rows = [f"| {' | '.join(header)} |", "|---|---|" + "--:|" * len(GAN_COLUMNS) + "---|--:|"]
    runs = [run for name in [*_gan_pages(), BATCHED] for budget in ("book", "best")
            if (run := _runs(budget).get(name)) and name != PATTERN]
    order = list(_gan_pages())
    for run in sorted(runs, key=lambda run: order.index(run["experiment"].removesuffix("_batched"))):
        cells = [_spread(run["metrics"], name, digits) for name, digits in GAN_COLUMNS.values()]
        verdicts = {memorisation.verdict_of({name: values[place] for name, values in run["metrics"].items()})
                    for place in range(len(run["seeds"]))}
        cells += [", ".join(sorted(verdicts)), _seconds(run)]
        rows.append(f"| `{run['experiment']}` | `{run['budget']}` | {' | '.join(cells)} |")
    # judged by one judge, all have one floor, but for what another number of threads rounds differently
    floor = {name: _only([f"{_scale(name) * value:.{digits}f}" for run in runs
                          for value in run["metrics"].get(FLOORS[name], [])])
             if name in FLOORS else "–" for name, digits in GAN_COLUMNS.values()}
    cells = [floor[name] for name, _ in GAN_COLUMNS.values()]
    rows.append(f"| real training pictures | | {' | '.join(cells)} | | |")
    return "\n".join(rows) + "\n\n" + _gan_conditions(runs) + "\n"


def _spread(metrics: dict[str, list], name: str, digits: int) -> str:
    """Mean of a metric over the seeds with the standard deviation, where it applies."""
    if name not in metrics:
        return "–"
    values = [_scale(name) * value for value in metrics[name]]
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 and digits else ""
    return f"{statistics.mean(values):.{digits or 1}f}{spread}"


def _scale(name: str) -> int:
    """What a metric is multiplied by: shares stand in per cent, as on the pages."""
    return 100 if name in SHARES else 1


def _gan_conditions(runs: list[dict]) -> str:
    """What the runs share, in a sentence."""
    where, torch = _only([run["machine"] for run in runs]), _only([run["versions"]["torch"] for run in runs])
    source, images = _only([run["source"] for run in runs]), _only([run["metrics"]["images"][0] for run in runs])
    seeds = " and ".join(sorted({", ".join(map(str, run["seeds"])) for run in runs}))
    beside = [run for run in runs if run["side_by_side"] > 1]
    names = ", ".join(f"`{run['experiment']}` ({run['budget']})" for run in beside)
    shared = f"; trained {beside[0]['side_by_side']} at a time, on a core each: {names}" if beside else ""
    return (f"Real MNIST (source `{source}`), {images:,} generated pictures against the 10,000 test pictures; mean and "
            f"standard deviation over the run seeds {seeds}; seconds of the training stage on {words(where)}, "
            f"PyTorch {torch}{shared}.")


def gans_picture() -> Figure:
    """Ten pictures of each GAN of digits, a row for each budget that was recorded."""
    names = [(budget, name) for name in [*_gan_pages(), BATCHED] for budget in ("book", "best")
             if (SAMPLES / f"{budget}-{name}.png").is_file()]
    order = list(_gan_pages())
    names.sort(key=lambda pair: order.index(pair[1].removesuffix("_batched")))
    figure = Figure(figsize=(7.5, 0.56 * len(names)), layout="constrained")
    for axes, (budget, name) in zip(figure.subplots(len(names), squeeze=False)[:, 0], names, strict=True):
        with Image.open(SAMPLES / f"{budget}-{name}.png") as strip:
            axes.imshow(np.asarray(strip), cmap="gray_r", vmin=0, vmax=255)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.set_ylabel(f"{name}\n{budget}", rotation=0, ha="right", va="center", fontsize=8)
    return figure


def faces_speed_table() -> str:
    """What `python -m benchmarks.faces --record` measured last."""
    return _ratios("faces")


def face_training_table() -> str:
    """What `python -m benchmarks.face_training --record` measured on each device, beside the book's figures."""
    header = ["experiment", "device", "pictures/s", "share of its peak", "memory, GiB"]
    header += ["the book: device", "pictures/s", "memory, GiB"]
    rows = [f"| {' | '.join(header)} |", "|---|---|--:|--:|--:|---|--:|--:|"]
    notes = []
    for path in sorted((ROOT / "benchmarks").glob("face_training-*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        device = found["rows"][0]["gpu"] or f"{found['machine']['cores']} cores"
        for row in found["rows"]:
            here = [f"{row['images_per_second']:.2f}", f"{100 * row['share_of_peak']:.0f} %", f"{row['peak_gib']:.2f}"]
            rate = row.get("book_images_per_second")  # our own GAN has none
            book = [(row.get("book_device") or "–").removeprefix("a "), f"{rate:.1f}" if rate else "–",
                    str(row.get("book_peak_gib") or "–")]
            rows.append(f"| `{row['experiment']}` | {device} | {' | '.join([*here, *book])} |")
        notes.append(f"{device}: {found['machine']['processor']}, PyTorch {found['versions']['torch']}, "
                     f"{found['images']:,} pictures in memory, `{found['rows'][0]['budget']}`")
    return "\n".join(rows) + "\n\n" + "; ".join(notes) + ".\n"


def speed_table() -> str:
    """The ratios of the last recorded `make bench`."""
    return _ratios("speed")


def _ratios(name: str) -> str:
    """The rows of a recorded benchmark, each with its ratio, and the conditions."""
    speed = json.loads((ROOT / f"benchmarks/{name}.json").read_text(encoding="utf-8"))
    rows = ["| | the book's manner | here | ratio |", "|---|--:|--:|--:|"]
    rows += [f"| {row['what']} | {row['book']} | {row['here']} | {row['ratio']:.1f} |" for row in speed["rows"]]
    note = f"{words(speed['machine'])}, PyTorch {speed['versions']['torch']}, {speed['data']}."
    return "\n".join(rows) + "\n\n" + note + "\n"


def _pages() -> dict[str, Settings]:
    """What the pages say of each classifier, in the book's order."""
    blocks = load(ROOT / "params.yaml")["pages"]["classifiers"]
    return {key: Settings.model_validate(block) for key, block in blocks.items()}


def _gan_pages() -> dict[str, gan_results.Settings]:
    """What the pages say of each GAN, in the book's order."""
    blocks = load(ROOT / "params.yaml")["pages"]["gans"]
    return {key: gan_results.Settings.model_validate(block) for key, block in blocks.items()}


def _runs(budget: str) -> dict[str, dict]:
    """The recorded runs of a budget by experiment."""
    files = sorted((ROOT / "benchmarks/runs").glob(f"{budget}-*.json"))
    runs = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    return {run["experiment"]: run for run in runs}


def _mean(run: dict | None) -> float | None:
    """Mean accuracy over the seeds, where there is a run."""
    return statistics.mean(run["metrics"]["accuracy"]) if run else None


def _accuracy(run: dict) -> str:
    """Mean over the seeds with the standard deviation, in per cent."""
    shares = [100 * share for share in run["metrics"]["accuracy"]]
    spread = f" ± {statistics.stdev(shares):.2f}" if len(shares) > 1 else ""
    return f"{statistics.mean(shares):.2f}{spread} %"


def _seconds(run: dict) -> str:
    """Mean training time."""
    return f"{statistics.mean(run['seconds']):.0f}"


def _only(values: list) -> object:
    """The value that all of them have; runs that differ may not stand in one table."""
    distinct = list({json.dumps(value, sort_keys=True): value for value in values}.values())
    assert len(distinct) == 1, f"runs of one table differ: {distinct}"
    return distinct[0]


def _conditions(runs: list[dict]) -> str:
    """What all runs share, in a sentence."""
    where, torch = _only([run["machine"] for run in runs]), _only([run["versions"]["torch"] for run in runs])
    seeds, images = _only([run["seeds"] for run in runs]), _only([run["metrics"]["images"][0] for run in runs])
    source, beside = _only([run["source"] for run in runs]), {run["budget"]: run["side_by_side"] for run in runs}
    return (
        f"Real MNIST (source `{source}`), {images:,} test pictures; mean and standard deviation over the run seeds "
        f"{', '.join(map(str, seeds))}; seconds of the training stage on {words(where)}, "
        f"PyTorch {torch}; `book` was trained {beside['book']} at a time, `best` {beside['best']} at a time."
    )


def lessons_table() -> str:
    """One row per lesson: what it is about, and how many examples came out as they must, which is all of them."""
    pages = load(ROOT / "params.yaml")["pages"]["lessons"]
    rows = ["| page | about | examples |", "|---|---|--:|"]
    for key, page in pages.items():
        path = ROOT / f"reports/metrics/{key}.json"
        if not path.is_file():  # it computes nothing of its own
            rows.append(f"| `{key}` | {page['about']} | – |")
            continue
        count = json.loads(path.read_text(encoding="utf-8"))["count"]
        rows.append(f"| `{key}` | {page['about']} | {count} |")
    return "\n".join(rows) + "\n"


TABLES = {"classifiers": classifiers_table, "pattern": pattern_table, "gans": gans_table, "lessons": lessons_table,
          "faces": faces_table, "face_training": face_training_table, "speed": speed_table,
          "faces_speed": faces_speed_table, "ledger": ledger_table, "fuzz": fuzz.sentence,
          "processors": processors.table, "checkpoints": checkpoints.table, "kills": kills.sentence,
          "verify": verify.table}
PICTURES = {"classifiers": classifiers_picture, "gans": gans_picture, "faces": faces_picture}


if __name__ == "__main__":
    main()
