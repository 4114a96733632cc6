"""What checkpoints cost: seconds and bytes of each, and their share of the time of a training that writes them.

    python -m benchmarks.checkpoints              (the largest GANs, as `demo` and `book` train them)
    python -m benchmarks.checkpoints --record     (writes benchmarks/checkpoints.json; `make readme`: into README)

Each GAN trains for a few iterations on random pictures, with all frames of its film and a checkpoint after each. The
share is that of the median checkpoint at the pace that a user gets without setting any.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.face_training import prepare
from benchmarks.machine import MISSING, machine, versions, words
from stages.core import pace
from stages.core.files import write_json
from stages.training import gan
from stages.training.checkpoint import FOLDER, checkpoint_of
from stages.training.film import Film
from stages.training.gan_setup import set_up

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/checkpoints.json"
CHECKPOINTS = 7  # of each GAN


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gans", nargs="*", default=["celeba_dense", "celeba_conv", "celeba_best"])
    parser.add_argument("--record", action="store_true", help="write benchmarks/checkpoints.json")
    chosen = parser.parse_args()
    rows = []
    for budget in ("demo", "book"):
        # on the disk that a user's checkpoints are on
        (ROOT / FOLDER).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=ROOT / FOLDER) as scratch:
            prepare(Path(scratch), 16 * (CHECKPOINTS + 1), budget)
            os.chdir(scratch)
            for key in chosen.gans:
                rows.append({"experiment": key, "budget": budget, **_measure(key)})
                print(rows[-1], flush=True)
            os.chdir(ROOT)
    if chosen.record:
        write_json(RECORD, {"rows": rows, "machine": machine(), "versions": versions()})


def table() -> str:
    """README's table, from the recorded run; benchmarks/tables.py puts it there, at the marker `checkpoints`."""
    if not RECORD.is_file():
        return MISSING
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    rows = [f"| `{row['experiment']}` | `{row['budget']}` | {row['seconds']:.2f} | {row['bytes'] / 1e6:,.1f} | "
            f"{100 * row['share']:.2f} % |" for row in found["rows"]]
    header = ["| experiment | budget | seconds for one | MB | share of the time |", "|---|---|--:|--:|--:|"]
    place = f"{words(found['machine'])}, PyTorch {found['versions']['torch']}."
    return "\n".join([*header, *rows, "", place, ""])


def _measure(key: str) -> dict[str, float | int]:
    """Train one GAN for as many iterations as there are checkpoints."""
    os.environ[pace.VARIABLE] = "1e-9"
    setup = set_up(key, "frames")
    film = Film(setup.gan, setup.device)
    checkpoint = checkpoint_of("gans", key, setup.description, setup.device)
    checkpoint.keep(film=film)
    seconds, save = [], checkpoint.save

    def timed(*arguments: object) -> None:
        began = time.perf_counter()
        save(*arguments)
        seconds.append(time.perf_counter() - began)

    def show(iteration: int, generator: object) -> None:
        if not film.frames:  # as many as there are at the end of a training
            film(iteration, generator)
            film.frames *= setup.settings.frames
            film.iterations *= setup.settings.frames

    checkpoint.save = timed
    size = setup.budget.batch_size
    budget = setup.budget.model_copy(update={"epochs": 2})  # at least ten iterations
    gan.train(setup.gan, setup.samples[: CHECKPOINTS * size], None, budget=budget, device=setup.device, title=key,
              frames=1, show=show, checkpoint=checkpoint)
    del os.environ[pace.VARIABLE]
    each = statistics.median(seconds[1:])
    wait = max(pace.SECONDS, each / pace.MOST_SHARE)
    return {"seconds": round(each, 3), "bytes": checkpoint.path.stat().st_size, "share": round(each / (wait + each), 5)}


if __name__ == "__main__":
    main()
