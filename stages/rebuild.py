"""Rebuild all that is out of date, as `dvc repro` does, with stages that do not need each other side by side.

    python -m stages.rebuild [--lanes 2]                    (make repro)

DVC runs one stage after the other, while most stages use one core; and after each it reads and writes the whole of
dvc.lock, which takes longer than many a stage. Here each lane is a process with a DVC of its own that takes whichever
stage is ready; dvc.lock is written once, at the end, with its stages in the order of dvc.yaml. What is out of date, all
locks, the cache and the cache of runs are DVC's: a stage that was done when this was killed comes back from there.
"""

import argparse
import graphlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.lock import LockError
from dvc.repo import Repo, lock_repo
from dvc.stage import Stage
from dvc.stage.serialize import to_single_stage_lockfile
from dvc.utils.serialize import dumps_yaml, load_yaml

from stages.core.files import write_text

LOCK = Path("dvc.lock")
Entry = dict[str, Any]  # of a stage in dvc.lock


def main() -> None:
    """Rebuild, and end the process: 0 all done, 1 a stage failed, 130 Ctrl-C, 143 SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m stages.rebuild", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, choices=range(1, 65), default=2, metavar="N",
                        help="how many stages at a time, 2 unless said otherwise")
    lanes = parser.parse_args().lanes
    logging.getLogger("dvc").setLevel(logging.WARNING)  # the lanes speak
    try:
        repo = Repo()
        places = {stage.addressing: place for place, stage in enumerate(repo.index.stages)}
        rebuild = Rebuild(needs(repo), places)
    except DvcException as fault:
        sys.exit(f"error: {fault}")
    entries = rebuild.run(lanes)
    if entries:
        write_lock(repo, entries, places)
    if rebuild.stopped:
        print(f"stopped: {len(entries)} stages are done; run the same command again to go on", file=sys.stderr)
        sys.exit(128 + rebuild.stopped)
    if rebuild.failed:
        sys.exit(rebuild.failed)
    print(f"{len(entries)} of {len(places)} stages were out of date and are rebuilt; reports/html/index.html is the "
          "first page" if entries else "everything is up to date; reports/html/index.html is the first page")


def needs(repo: Repo) -> dict[str, set[str]]:
    """The stages that each stage of dvc.yaml needs, by name."""
    graph = repo.index.graph
    return {stage.addressing: {other.addressing for other in graph.successors(stage)} for stage in graph}


class Rebuild:
    """One pass through all stages. `failed` is what stopped it, `stopped` the signal that did."""

    def __init__(self, needed: dict[str, set[str]], places: dict[str, int]) -> None:
        self.failed, self.stopped = "", 0
        self._stages = graphlib.TopologicalSorter(needed)
        self._stages.prepare()
        chains = _chains(needed)
        # those that most others wait for first; the long ones stand last in dvc.yaml
        self._rank = {name: (chains[name], places[name]) for name in needed}
        self._workers: Iterable[int] = ()

    def run(self, lanes: int) -> dict[str, Entry]:
        """Take every stage that is out of date through a lane; what is to stand in dvc.lock for those that ran."""
        entries: dict[str, Entry] = {}
        ready: list[str] = []
        running: dict[Future, str] = {}
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        with ProcessPoolExecutor(lanes, multiprocessing.get_context("spawn"), initializer=_open_lane) as pool:
            while self._stages.is_active():
                ready = sorted([*ready, *self._stages.get_ready()], key=self._rank.__getitem__)
                while ready and len(running) < lanes and not (self.failed or self.stopped):
                    name = ready.pop()
                    running[pool.submit(_reproduce, name)] = name
                    self._workers = list(pool._processes or ())  # their process groups: signals go on to them
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    self._take(running.pop(future), future, entries)
        return entries

    def _take(self, name: str, future: Future, entries: dict[str, Entry]) -> None:
        """What came out of a stage."""
        try:
            entry, fault = future.result()
        except BrokenProcessPool:
            entry, fault = None, f"the process that ran {name} was killed; run the same command again"
        if fault:
            self.failed = self.failed or f"error: {fault}"
            return
        if entry:
            entries[name] = entry
        self._stages.done(name)

    def _stop(self, number: int, _frame: object) -> None:
        """Begin no further stage, and tell those that run: a training keeps where it stands."""
        self.stopped = number
        for worker in self._workers:
            os.killpg(worker, number)


def _chains(needed: dict[str, set[str]]) -> dict[str, int]:
    """How many stages wait for each, one after the other."""
    chains = dict.fromkeys(needed, 0)
    for name in reversed([*graphlib.TopologicalSorter(needed).static_order()]):
        for other in needed[name]:
            chains[other] = max(chains[other], chains[name] + 1)
    return chains


_lane: dict[str, Stage] = {}  # of a lane's process: its stages by name, read once


def _open_lane() -> None:
    """Read the pipeline; be led by the parent's signals, and end with it."""
    os.setpgrp()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # for the stage that runs; not SIG_IGN, which it would inherit
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _lane.update((stage.addressing, stage) for stage in Repo(_wait_for_lock=True).index.stages)


def _end_with_parent() -> None:
    """Wait for the parent's end, however it comes, and take the stage along."""
    wait_for([multiprocessing.parent_process().sentinel])
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _reproduce(name: str) -> tuple[Entry | None, str]:
    """What is to stand in dvc.lock for a stage that ran, nothing for one that was up to date; and what went wrong."""
    stage = _lane[name]
    try:
        with lock_repo(stage.repo):
            return (to_single_stage_lockfile(stage) if stage.reproduce() else None), ""
    except DvcException as fault:
        return None, f"stage '{name}': {fault}"


def write_lock(repo: Repo, entries: dict[str, Entry], places: dict[str, int]) -> None:
    """Put entries into dvc.lock, whole or not at all, its stages in the order of dvc.yaml."""
    try:
        with lock_repo(repo):
            lock = load_yaml(LOCK) if LOCK.exists() else {}
            stages = {**lock.get("stages", {}), **entries}
            ordered = sorted(stages, key=lambda name: places.get(name, len(places)))
            write_text(LOCK, dumps_yaml({"schema": "2.0", **lock, "stages": {name: stages[name] for name in ordered}}))
    except LockError as fault:
        sys.exit(f"error: {LOCK} could not be written ({fault}); run the same command again: what was done comes back "
                 "from DVC's cache of runs")


if __name__ == "__main__":
    main()
