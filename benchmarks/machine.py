"""The machine and versions behind a measurement."""

import os
import platform
from pathlib import Path

import torch

MISSING = "Not measured yet.\n"  # README's word in place of a table whose run is not recorded


def machine() -> dict[str, str | int]:
    """Processor, cores, and the GPU where there is one."""
    found: dict[str, str | int] = {"processor": _processor(), "cores": os.cpu_count() or 1, "system": platform.system()}
    if torch.cuda.is_available():
        found["gpu"] = torch.cuda.get_device_name()
    return found


def words(here: dict[str, str | int]) -> str:
    """A machine's processor and cores, for README."""
    return f"{here['processor']}, {here['cores']} cores"


def versions() -> dict[str, str]:
    """Python and PyTorch."""
    return {"python": platform.python_version(), "torch": torch.__version__}


def _processor() -> str:
    """The processor's name as Linux tells it, with its family and model, which the name may leave out."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    return f"{facts.get('model name', '?')} family {facts.get('cpu family', '?')} model {facts.get('model', '?')}"
