"""Rebuild all that is out of date, as `dvc repro` does, with stages that do not need each other side by side.

    python -m stages.rebuild [--lanes 2]                    (make repro)

DVC runs one stage after the other, while most stages use one core; and after each it reads and writes the whole of
dvc.lock, which takes longer than many a stage. Here each lane is a process with a DVC of its own that takes whichever
stage is ready; dvc.lock is written once, at the end, with its stages in the order of dvc.yaml. What is out of date, all
locks, the cache and the cache of runs are DVC's: a stage that was done when this was killed comes back from there.
"""

import argparse
import contextlib
import graphlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from ctypes import c_int
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo, lock_repo
from dvc.stage import Stage
from dvc.stage.serialize import to_single_stage_lockfile
from dvc.utils.serialize import dumps_yaml, load_yaml

from stages.core.files import write_text
from stages.rebuilding import mending

LOCK = Path("dvc.lock")
Entry = dict[str, Any]  # of a stage in dvc.lock
STOPPED = "stopped"


def main() -> None:
    """Rebuild, and end the process: 0 all done, 1 a stage failed, 130 Ctrl-C, 143 SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m stages.rebuild", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, choices=range(1, 65), default=2, metavar="N",
                        help="how many stages at a time, 2 unless said otherwise")
    lanes = parser.parse_args().lanes
    logging.getLogger("dvc").setLevel(logging.WARNING)  # the lanes speak
    try:
        mending.mend_notes()
        repo = Repo(_wait_for_lock=True)
        places = {stage.addressing: place for place, stage in enumerate(repo.index.stages)}
        rebuild = Rebuild(needs(repo), places)
    except (DvcException, OSError) as fault:
        sys.exit(f"error: {_line(fault)}; `dvc status` says where")
    try:
        rebuild.run(lanes)
    finally:
        write_lock(repo, rebuild.entries, places)
    done = len(rebuild.entries)
    for fault in rebuild.faults:
        print(f"error: {fault}", file=sys.stderr)
    if rebuild.stopped:
        print(f"stopped: {done} stages are done; run the same command again to go on", file=sys.stderr)
        sys.exit(128 + rebuild.stopped)
    if rebuild.faults:
        sys.exit(1)
    print(f"{done} of {len(places)} stages were out of date and are rebuilt" if done else "everything is up to date")


def needs(repo: Repo) -> dict[str, set[str]]:
    """The stages that each stage of dvc.yaml needs, by name."""
    graph = repo.index.graph
    return {stage.addressing: {other.addressing for other in graph.successors(stage)} for stage in graph}


class Rebuild:
    """One pass through all stages.

    `entries` is what is to stand in dvc.lock for those that ran; `faults` stopped it, or the signal `stopped` did.
    """

    def __init__(self, needed: dict[str, set[str]], places: dict[str, int]) -> None:
        self.entries: dict[str, Entry] = {}
        self.faults: list[str] = []
        self.stopped = 0
        self._stages = graphlib.TopologicalSorter(needed)
        self._stages.prepare()
        chains = _chains(needed)
        # those that most others wait for first; the long ones stand last in dvc.yaml
        self._rank = {name: (chains[name], places[name]) for name in needed}
        self._lanes: set[int] = set()  # their processes, each with its stage a process group of its own
        self._running: dict[Future, str] = {}
        self._context = multiprocessing.get_context("spawn")
        self._stop_flag = self._context.RawValue(c_int, 0)  # for a lane that is on its way to a stage

    def run(self, lanes: int) -> None:
        """Take every stage that is out of date through a lane."""
        ready: list[str] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        with ProcessPoolExecutor(lanes, self._context, _open_lane, (self._stop_flag,)) as pool:
            while self._stages.is_active():
                ready = sorted([*ready, *self._stages.get_ready()], key=self._rank.__getitem__)
                while ready and len(self._running) < lanes and not (self.faults or self.stopped):
                    self._start(pool, ready.pop())
                if not self._running:
                    break
                for future in wait(self._running, return_when=FIRST_COMPLETED).done:
                    self._take(self._running.pop(future), future)
        self._lanes.clear()

    def _start(self, pool: ProcessPoolExecutor, name: str) -> None:
        """Give a stage to the lane that is free."""
        try:
            self._running[pool.submit(_reproduce, name)] = name
        except BrokenProcessPool:
            self._give_up()
        self._lanes |= {lane.pid for lane in multiprocessing.active_children()}

    def _take(self, name: str, future: Future) -> None:
        """What came out of a stage."""
        try:
            entry, fault = future.result()
        except BrokenProcessPool:
            self._give_up()
            return
        if fault:
            self.faults += [fault] if fault != STOPPED else []
            return
        if entry:
            self.entries[name] = entry
        self._stages.done(name)

    def _give_up(self) -> None:
        """A lane was killed: end the others, and every stage that runs, which nobody would wait for any more."""
        self._tell(signal.SIGKILL)
        if not self.faults:
            self.faults.append("a process of this rebuild was killed, perhaps for want of memory; run the same command "
                               "again, with LANES=1 where memory is short")

    def _stop(self, number: int, _frame: object) -> None:
        """Begin no further stage, and tell those that run: a training keeps where it stands."""
        self.stopped, self._stop_flag.value = number, 1
        self._tell(signal.SIGINT)

    def _tell(self, number: int) -> None:
        """Send a signal to the lanes and their stages."""
        for lane in self._lanes:
            with contextlib.suppress(ProcessLookupError):  # it has ended, or only just begins and looks at the flag
                os.killpg(lane, number)


def _chains(needed: dict[str, set[str]]) -> dict[str, int]:
    """How many stages wait for each, one after the other."""
    chains = dict.fromkeys(needed, 0)
    for name in reversed([*graphlib.TopologicalSorter(needed).static_order()]):
        for other in needed[name]:
            chains[other] = max(chains[other], chains[name] + 1)
    return chains


class _Lane:
    """A process that takes one stage after the other, each read from dvc.yaml once; led by the parent's signals."""

    def __init__(self, stop_flag: Any) -> None:
        self.stop_flag, self.busy = stop_flag, False
        self.stages: dict[str, Stage] = {}

    def heed(self, *_: object) -> None:
        """Leave what is done around a command; DVC ignores the signal while one runs, which gets it as well."""
        if self.busy:
            raise KeyboardInterrupt

    def reproduce(self, name: str) -> tuple[Entry | None, str]:
        """What is to stand in dvc.lock for a stage that ran, nothing for one that was up to date; and the fault."""
        if name not in self.stages:
            return None, f"stage '{name}': dvc.yaml or params.yaml was changed meanwhile; run the same command again"
        stage = self.stages[name]
        try:
            self.busy = True
            if self.stop_flag.value:
                return None, STOPPED
            with lock_repo(stage.repo):
                return (to_single_stage_lockfile(stage) if stage.reproduce() else None), ""
        except KeyboardInterrupt:
            return None, STOPPED
        except (DvcException, OSError) as fault:
            return None, STOPPED if self.stop_flag.value else f"stage '{name}': {_line(fault)}"
        finally:
            self.busy = False


_lane: _Lane  # of this process


def _open_lane(stop_flag: Any) -> None:
    """Read the pipeline, and end with the parent."""
    global _lane
    os.setpgrp()
    _lane = _Lane(stop_flag)
    signal.signal(signal.SIGINT, _lane.heed)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _lane.stages = {stage.addressing: stage for stage in Repo(_wait_for_lock=True).index.stages}


def _end_with_parent() -> None:
    """Wait for the parent's end, however it comes, and take the stage along."""
    wait_for([multiprocessing.parent_process().sentinel])
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _reproduce(name: str) -> tuple[Entry | None, str]:
    """A stage in this process's lane."""
    return _lane.reproduce(name)


def write_lock(repo: Repo, entries: dict[str, Entry], places: dict[str, int]) -> None:
    """Put entries into dvc.lock, whole or not at all, its stages in the order of dvc.yaml."""
    if not entries:
        return
    try:
        with lock_repo(repo):
            lock = load_yaml(str(LOCK)) if LOCK.exists() else {}
            stages = {**lock.get("stages", {}), **entries}
            ordered = sorted(stages, key=lambda name: places.get(name, len(places)))
            write_text(LOCK, dumps_yaml({"schema": "2.0", **lock, "stages": {name: stages[name] for name in ordered}}))
    except (DvcException, OSError) as fault:
        sys.exit(f"error: {LOCK} could not be written ({_line(fault)}); run the same command again: what was done "
                 "comes back from DVC's cache of runs")


def _line(fault: Exception) -> str:
    """What went wrong, in one line."""
    return " ".join(str(fault).split())


if __name__ == "__main__":
    main()
