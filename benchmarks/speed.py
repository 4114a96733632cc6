"""Speed against the book's manner, side by side in one run on this machine.

    python -m benchmarks.speed                    (make bench; needs data/hdf5/mnist.h5: any source, any budget)
    python -m benchmarks.speed --record --local-dir ../shared/data      (real MNIST; writes benchmarks/speed.json)

Rates at batch 1 are medians of interleaved repeats, so that a slow moment of the machine hits both sides. The book's
three epochs are its rate of that same run, multiplied; the seconds of `best` are the median of as many trainings.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from benchmarks.book_manner import Classifier, learn_rows, play_rows, players
from benchmarks.machine import machine, versions
from stages.core.command import UserError
from stages.core.files import write_json
from stages.core.parameters import load
from stages.core.run import Run
from stages.datasets import mnist
from stages.datasets.hdf5 import read_provenance, read_split
from stages.datasets.pictures import to_unit_range
from stages.networks.families import build_network
from stages.networks.gan import Seeds, build_gan
from stages.training import classifier, gan, gan_settings
from stages.training.determinism import prepare

ROOT = Path(__file__).parents[1]
REPEATS = 5
SAMPLES = 5000  # of each repeat
BOOK_EPOCHS, BOOK_IMAGES = 3, 60_000
BOOK_ACCURACY = 0.9724
EXPERIMENT, GAN = "combined", "mnist_improved"
GAN_SAMPLES = 2000  # of each repeat at batch 1
GAN_PASSES = 10  # as many times more in mini-batches
START = 0.25  # share of a GAN's training that is not timed: recording, first calls


def main() -> None:
    """Measure, print, and record where asked."""
    try:
        _measure()
    except UserError as mistake:
        sys.exit(f"error: {mistake}")


def _measure() -> None:
    """All measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write benchmarks/speed.json for README's table")
    parser.add_argument("--local-dir", type=Path, help="folder with mnist/: measure on these files")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = _real_data(chosen.local_dir, Path(scratch)) if chosen.local_dir else ROOT / "data/hdf5/mnist.h5"
        train, test = read_split(data, "train"), read_split(data, "test")
        title = read_provenance(data)["title"]

    settings = load(ROOT / "params.yaml")
    experiment, threads = settings["classifiers"][EXPERIMENT], settings["run"]["threads"]
    book_rate, our_rate = _batch_1(train, experiment)
    rows = [_row("`combined` at batch 1: pictures per second", book_rate, our_rate, our_rate / book_rate)]
    print(rows[0])

    book_seconds = BOOK_EPOCHS * BOOK_IMAGES / book_rate
    seconds = _seconds_to_book_accuracy(train, test, experiment, threads)
    if seconds is None:
        print(f"`best` did not reach {100 * BOOK_ACCURACY:.2f} % on {len(test[1])} test pictures of {title}")
    else:
        what = f"`combined` at `best`: seconds to {100 * BOOK_ACCURACY:.2f} %; the book: 3 epochs at its rate"
        rows.append(_row(what, book_seconds, seconds, book_seconds / seconds))
        print(rows[1])
    book_rate, one_by_one, batches = _gan(train, settings["gans"][GAN], threads)
    rows.append(_row(f"`{GAN}` at batch 1: pictures per second", book_rate, one_by_one, one_by_one / book_rate))
    size = settings["gans"][GAN]["budgets"]["best"]["batch_size"]
    rows.append(_row(f"`{GAN}` at `best`, batches of {size}: pictures per second", book_rate, batches,
                     batches / book_rate))
    print(rows[-2], rows[-1], sep="\n")
    if chosen.record:
        write_json(ROOT / "benchmarks/speed.json",
                   {"rows": rows, "data": title, "machine": machine(), "versions": versions()})


def _real_data(folder: Path, scratch: Path) -> Path:
    """The HDF5 file of the real data, made in `scratch`."""
    blocks = load(ROOT / "params.yaml")
    settings = mnist.Settings.model_validate(blocks["datasets"]["mnist"])
    run = Run.model_validate({**blocks["run"], "source": "local", "local_dir": str(folder.resolve())})
    mnist.download(run, settings, scratch / "raw")
    mnist.convert(scratch / "raw", settings.budgets.book, scratch / "mnist.h5", "book")
    return scratch / "mnist.h5"


def _batch_1(train: tuple[np.ndarray, np.ndarray], experiment: dict) -> tuple[float, float]:
    """Pictures per second of the book's manner and of `train_classifier`, one thread each."""
    images, labels = train[0][:SAMPLES], train[1][:SAMPLES]
    table = pd.DataFrame(np.column_stack([labels, images.reshape(len(images), -1)]).astype(np.int64))
    budget = classifier.Budget.model_validate({**experiment["budgets"]["book"], "epochs": 1})
    rates: dict[str, list[float]] = {"book": [], "ours": []}
    for _ in range(REPEATS):
        _as_pytorch_starts()
        rates["book"].append(SAMPLES / _timed(lambda: learn_rows(Classifier(), table)))
        rates["ours"].append(SAMPLES / _timed(lambda: _train(experiment, budget, (images, labels), threads=1)))
    return statistics.median(rates["book"]), statistics.median(rates["ours"])


def _seconds_to_book_accuracy(train, test, experiment: dict, threads: int) -> float | None:
    """Median seconds of training until the test accuracy first reaches the book's; time spent testing is left out."""
    budget = classifier.Budget.model_validate(experiment["budgets"]["best"])
    found = [_first_crossing(train, test, experiment, budget, threads) for _ in range(REPEATS)]
    return None if None in found else statistics.median(found)


class _Reached(Exception):
    """The accuracy asked for is reached."""


def _first_crossing(train, test, experiment: dict, budget: classifier.Budget, threads: int) -> float | None:
    """Seconds of training until the book's accuracy."""
    pictures, labels = to_unit_range(torch.from_numpy(test[0])), torch.from_numpy(test[1])
    testing = 0.0

    def watch(network: nn.Module) -> None:
        nonlocal testing
        began = time.perf_counter()
        with torch.inference_mode():
            accuracy = (network.eval()(pictures).argmax(dim=1) == labels).float().mean().item()
        network.train()
        testing += time.perf_counter() - began
        if accuracy >= BOOK_ACCURACY:
            raise _Reached

    device = prepare(seed=1, threads=threads, device="cpu")
    network = build_network(experiment["network"], EXPERIMENT)
    began = time.perf_counter()
    try:
        _fit(network, experiment, budget, train, device, watch)
    except _Reached:
        return time.perf_counter() - began - testing
    return None


def _gan(train, experiment: dict, threads: int) -> tuple[float, float, float]:
    """Pictures per second of the book's manner, of `train_gan` at batch 1 (one thread each), and at `best`."""
    images = train[0]
    table = pd.DataFrame(np.column_stack([train[1], images.reshape(len(images), -1)])[:GAN_SAMPLES].astype(np.int64))
    rates: dict[str, list[float]] = {"book": [], "one": [], "batches": []}
    for _ in range(REPEATS):
        _as_pytorch_starts()
        rates["book"].append(GAN_SAMPLES / _timed(lambda: play_rows(*players(), table)))
        rates["one"].append(_gan_rate(images[:GAN_SAMPLES], experiment, "book", threads=1))
        rates["batches"].append(_gan_rate(images[: GAN_SAMPLES * GAN_PASSES], experiment, "best", threads))
    return tuple(statistics.median(values) for values in rates.values())


def _gan_rate(images: np.ndarray, experiment: dict, budget: str, threads: int) -> float:
    """Pictures per second of `train_gan` once it runs."""
    device = prepare(seed=1, threads=threads, device="cpu")
    networks = build_gan(experiment["generator"], experiment["discriminator"], Seeds(**experiment["seeds"]),
                         shape=(1, 28, 28), classes=0, place=GAN)
    settings = gan_settings.Budget.model_validate({**experiment["budgets"][budget], "epochs": 1})
    marks: list[tuple[int, float]] = []
    gan.train(networks, torch.from_numpy(images), None, budget=settings, device=device, title="bench",
              frames=round(1 / START), show=lambda iteration, _: marks.append((iteration, time.perf_counter())))
    (first, began), (last, ended) = marks[1], marks[-1]
    return (last - first) * settings.batch_size / (ended - began)


def _train(experiment: dict, budget: classifier.Budget, train, threads: int) -> None:
    """One training from the start."""
    device = prepare(seed=1, threads=threads, device="cpu")
    _fit(build_network(experiment["network"], EXPERIMENT), experiment, budget, train, device)


def _fit(network, experiment: dict, budget: classifier.Budget, train, device,
         watch: Callable[[nn.Module], None] | None = None) -> None:
    """The training of the pipeline's stage."""
    classifier.train(network, torch.from_numpy(train[0]), torch.from_numpy(train[1]), loss=experiment["loss"],
                     optimizer=experiment["optimizer"], budget=budget, device=device, title="bench", watch=watch)


def _as_pytorch_starts() -> None:
    """Undo what the pipeline pins for the book's side; one thread for both, as a second one slows a batch of 1 down."""
    torch.use_deterministic_algorithms(False)
    torch.set_flush_denormal(False)
    torch.set_num_threads(1)


def _timed(work: Callable[[], None]) -> float:
    """Seconds of wall time."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _row(what: str, book: float, here: float, ratio: float) -> dict:
    """One row of README's table."""
    digits = 2 if here < 10 else 0
    return {"what": what, "book": f"{book:,.0f}", "here": f"{here:,.{digits}f}", "ratio": round(ratio, 2)}


if __name__ == "__main__":
    main()
