"""One product of matrices in plain Python, NumPy and PyTorch, side by side in one run on this machine: chapter 4.

    python -m benchmarks.basics               (make bench; plain Python multiplies smaller matrices)
    python -m benchmarks.basics --whole       (plain Python multiplies those of 600 x 600 too: minutes)
    python -m benchmarks.basics --record      (writes benchmarks/basics.json for the page: one run per kind of device)

Seconds are the best of interleaved repeats: a slow moment of the machine hits all sides, and none of it lasts. NumPy
and PyTorch get one thread each, if no other number is asked for; on a GPU the clock stops when the product is there.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.machine import machine, versions
from stages.core.files import write_json

ROOT = Path(__file__).parents[1]
SIDE, PYTHON_SIDE = 600, 120  # of the matrices: the book's, and what plain Python gets by default
REPEATS = 25
PYTHON_REPEATS = 3
CALLS = 5  # in each repeat: one call is too short for a clock
CLOSE = 1e-3  # of float32 against float64, largest difference of sums of 600 products of numbers in 0..1
Matrix = list[list[float]]
Product = Callable[[], Any]


def main() -> None:
    """Measure in a process with that many threads, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true", help="plain Python at 600 x 600 too: minutes")
    parser.add_argument("--threads", type=int, default=1, help="of NumPy and PyTorch on the CPU")
    parser.add_argument("--record", action="store_true", help="write benchmarks/basics.json")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        torch.set_num_threads(chosen.threads)
        print(json.dumps(measure(SIDE, SIDE if chosen.whole else PYTHON_SIDE)))
        return

    rows = _in_a_process(chosen.threads, chosen.whole)
    for row in rows:
        print(row)
    if chosen.record:
        run = {"rows": rows, "threads": chosen.threads, "machine": machine(),
               "versions": {**versions(), "numpy": np.__version__}}
        record(ROOT / "benchmarks/basics.json", "cuda" if torch.cuda.is_available() else "cpu", run)


def record(path: Path, device: str, run: dict) -> None:
    """Keep a run in the file, in place of the last one with such a device; a run with the other device stays."""
    runs = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    write_json(path, runs | {device: run})


def python_product(one: Matrix, other: Matrix) -> Matrix:
    """The product of two square matrices, lists of rows, in three plain loops."""
    side = len(one)
    product = [[0.0] * side for _ in range(side)]
    for row in range(side):
        for column in range(side):
            total = 0.0
            for place in range(side):
                total += one[row][place] * other[place][column]
            product[row][column] = total
    return product


def measure(side: int, python_side: int) -> list[dict]:
    """A row for each way: what, side of the matrices, seconds of a product, GFLOP/s, speed as a multiple of NumPy's."""
    one, other = np.random.default_rng(1).random((2, side, side))
    small, small_other = one[:python_side, :python_side], other[:python_side, :python_side]
    lists = small.tolist(), small_other.tolist()
    _require_equal("plain Python", python_product(*lists), small @ small_other)
    python_seconds = min(_seconds(lambda: python_product(*lists), 1) for _ in range(PYTHON_REPEATS))

    ways = _ways(one, other)
    for name, product in ways.items():  # also warms up
        _require_equal(name, product(), one @ other)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(REPEATS):
        for name, product in ways.items():
            times[name].append(_seconds(product, CALLS))
    seconds = {name: min(values) for name, values in times.items()}
    rows = [("plain Python", python_side, python_seconds), *((name, side, value) for name, value in seconds.items())]
    rates = {name: 2 * length**3 / value for name, length, value in rows}
    return [{"what": name, "side": length, "seconds": float(f"{value:.4g}"),
             "gflop_per_second": float(f"{rates[name] / 1e9:.4g}"),
             "times_numpy": float(f"{rates[name] / rates['NumPy']:.4g}")} for name, length, value in rows]


def _ways(one: np.ndarray, other: np.ndarray) -> dict[str, Product]:
    """The ways to multiply that this machine has, by name; CUDA's wait for the product."""
    single, single_other = one.astype(np.float32), other.astype(np.float32)
    tensor, tensor_other = torch.from_numpy(single), torch.from_numpy(single_other)
    ways: dict[str, Product] = {
        "NumPy": lambda: one @ other,
        "NumPy, float32": lambda: single @ single_other,
        "PyTorch on the CPU, float32": lambda: tensor @ tensor_other,
    }
    if torch.cuda.is_available():
        there, there_other = tensor.cuda(), tensor_other.cuda()

        def on_the_gpu() -> torch.Tensor:
            product = there @ there_other
            torch.cuda.synchronize()
            return product

        ways["PyTorch with CUDA, float32"] = on_the_gpu
        ways["PyTorch with CUDA, copies included"] = lambda: (tensor.cuda() @ tensor_other.cuda()).cpu()
    return ways


def _in_a_process(threads: int, whole: bool) -> list[dict]:
    """The rows, from a process in which NumPy starts with that many threads: it reads their number once."""
    count = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    command = [sys.executable, "-m", "benchmarks.basics", "--one", "--threads", str(threads)]
    answer = subprocess.run([*command, "--whole"] if whole else command, cwd=ROOT, env={**os.environ, **count},
                            check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def _seconds(work: Product, calls: int) -> float:
    """Seconds of wall time of one call, the mean of several."""
    began = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - began) / calls


def _require_equal(name: str, product: Any, expected: np.ndarray) -> None:
    """A wrong product is worth no time."""
    found = product.cpu().numpy() if isinstance(product, torch.Tensor) else np.asarray(product)
    difference = np.abs(found - expected).max()
    if not difference <= CLOSE:
        raise AssertionError(f"{name}: its product is {difference:g} away from NumPy's")


if __name__ == "__main__":
    main()
