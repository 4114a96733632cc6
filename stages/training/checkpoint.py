"""Where a training stands, on disk: whole or absent, and used only by the very training that wrote it.

Nothing is unpickled: a checkpoint is a safetensors file of tensors, with one digest of what determines the training,
and one of the tensors.
"""

import contextlib
import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch

from stages.core import stopping
from stages.core.code import code_digest
from stages.core.files import forget, whole_file
from stages.core.pace import Pace
from stages.training.kept import Part, State

FOLDER = Path("data/checkpoints")
VERSION = 1  # of the layout of these files
# packages and scripts that decide what comes out of a training
CODE, SCRIPTS = ("core", "datasets", "networks", "training"), "train_*.py"
# what tells oneDNN and MKL to compute as on another processor; PyTorch's own such variable shows in its capability
LIBRARIES = ("ONEDNN_MAX_CPU_ISA", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS")


class Checkpoint:
    """The checkpoint of one training: the loop says what to keep, asks when it is due, and saves.

    Without a path there is none: nothing is ever due, and nothing is found.
    """

    def __init__(self, path: Path | None = None, key: str = "") -> None:
        self.path, self.key = path, key
        self.parts: dict[str, Part] = {}
        self.saved = 0
        self._pace = Pace()
        self._failed = False

    def keep(self, **parts: Part) -> None:
        """Add parts of the training."""
        self.parts |= parts

    def load(self) -> int:
        """Put all parts back where the last checkpoint stands, and return how many iterations are done: 0 for none."""
        if self.path is None or self._pace.never or not self.path.is_file():
            return 0
        try:
            tensors = _read(self.path, self.key)
        except _Unusable as reason:
            self.remove()
            print(f"note: {self.path}: {reason}; removed, and training starts from the beginning", file=sys.stderr)
            return 0
        for name, part in self.parts.items():
            start = f"{name}/"
            part.restore({key.removeprefix(start): tensor for key, tensor in tensors.items() if key.startswith(start)})
        self.saved = int(tensors["done"])
        return self.saved

    def watched(self) -> contextlib.AbstractContextManager[None]:
        """Around the loop: a signal to stop waits for the next checkpoint, which is due at once."""
        return contextlib.nullcontext() if self.path is None else stopping.gently()

    def due(self) -> bool:
        """True when it is time to save."""
        return self.path is not None and self._pace.due()

    def save(self, done: int, total: int, unit: str) -> None:
        """Write where the training stands after `done` iterations, and end here where that was asked for."""
        if not self._pace.never:
            with self._pace.measured():
                self._write(done)
        if number := stopping.asked():
            start = f"go on from {self.saved:,} of {total:,} {unit}" if self.saved else "start from the beginning"
            raise stopping.Stopped(number, f"run the same command again to {start}")

    def remove(self) -> None:
        """Forget it, and what was left of one half-written: all outputs are in their place."""
        if self.path is not None:
            forget(self.path)

    def _write(self, done: int) -> None:
        """Write the file; a disk that does not take it is no reason to end a training."""
        tensors = {f"{name}/{key}": tensor.cpu().contiguous()
                   for name, part in self.parts.items() for key, tensor in part.state().items()}
        tensors["done"] = torch.tensor(done)
        description = {"version": VERSION, "key": self.key, "digest": _digest(tensors)}
        try:
            with whole_file(self.path) as aside:
                aside.write_bytes(safetensors.torch.save(tensors, {"checkpoint": json.dumps(description)}))
            self.saved = done
        except OSError as fault:
            if not self._failed:
                print(f"warning: {self.path}: no checkpoint written ({fault.strerror}); training goes on without",
                      file=sys.stderr)
            self._failed = True


def checkpoint_of(kind: str, experiment: str, description: Mapping[str, Any], device: torch.device) -> Checkpoint:
    """The checkpoint of an experiment, for use only where all that `description` holds is the same."""
    place = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    decides = {**description, "torch": torch.__version__, "threads": torch.get_num_threads(), "device": place,
               "processor": _processor(), "libraries": [os.environ.get(name) for name in LIBRARIES],
               "code": code_digest(CODE, SCRIPTS)}
    key = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
    return Checkpoint(FOLDER / kind / f"{experiment}.safetensors", key)


def _processor() -> str:
    """The processor's name; Linux has it in a file only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    # the name may leave the model out
    named = {" ".join(line.split()) for line in lines if line.startswith(("cpu family", "model"))}
    return " ".join([platform.machine(), platform.processor(), *sorted(named)])


class _Unusable(Exception):
    """Why a checkpoint is of no use."""


def _read(path: Path, key: str) -> State:
    """The tensors of a checkpoint, checked. Raises _Unusable."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            description = json.loads((file.metadata() or {})["checkpoint"])
            if description["version"] != VERSION:
                raise _Unusable("a checkpoint of another version of this pipeline")
            if description["key"] != key:
                raise _Unusable("a checkpoint of other parameters, data, code or machine")
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
            whole = _digest(tensors) == description["digest"]
    except (safetensors.SafetensorError, OSError, LookupError, TypeError, ValueError, RecursionError):
        whole = False
    if not whole:
        raise _Unusable("a truncated or damaged checkpoint")
    return tensors


def _digest(tensors: State) -> str:
    """One digest of names, kinds, shapes and bytes."""
    content = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        content.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        content.update(tensor.reshape(-1).view(torch.uint8).numpy())
    return content.hexdigest()
