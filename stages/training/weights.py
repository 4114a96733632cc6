"""Weights on disk: safetensors, with one metadata entry that says how they came to be. Nothing is unpickled."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import safetensors.torch
import torch
from torch import nn

from stages.core.command import UserError
from stages.core.files import whole_file
from stages.networks.families import build_network

AnyModule = TypeVar("AnyModule", bound=nn.Module)


def save_network(path: Path, network: nn.Module, description: dict[str, Any]) -> None:
    """Write a network's weights; `description` holds at least `network`, the settings that build it again."""
    state = {name: tensor.contiguous().cpu() for name, tensor in network.state_dict().items()}
    # one entry only: with two, safetensors writes them in an order that changes from run to run
    metadata = {"experiment": json.dumps(description, sort_keys=True)}
    with whole_file(path) as aside:
        aside.write_bytes(safetensors.torch.save(state, metadata))


def load_network(path: Path, needs: Sequence[str] = ()) -> tuple[nn.Module, dict[str, Any]]:
    """Build the network that a weights file describes, in evaluation mode, with its description.

    Raises UserError for a file that is missing, damaged, of another network or without an entry in `needs`.
    """
    def build(description: dict[str, Any]) -> nn.Module:
        return build_network(description["network"], "network", **description.get("sizes", {}))

    return load(path, build, needs)


def load(path: Path, build: Callable[[dict[str, Any]], AnyModule],
         needs: Sequence[str] = ()) -> tuple[AnyModule, dict[str, Any]]:
    """Fill what `build` makes of a weights file's description, and return both; see `load_network`."""
    with _faults_explained(path), safetensors.safe_open(path, framework="pt") as file:
        description = _description(file, needs)
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
        _require_fitting(build, description, state)
        network = build(description)
        network.load_state_dict(state)
    return network.eval(), description


def read_description(path: Path, needs: Sequence[str] = ()) -> dict[str, Any]:
    """The description alone, which may say under `skipped` why there are no weights; see `load_network`."""
    with _faults_explained(path), safetensors.safe_open(path, framework="pt") as file:
        return _description(file, needs)


def _require_fitting(build: Callable[[dict[str, Any]], nn.Module], description: dict[str, Any],
                     state: Mapping[str, torch.Tensor]) -> None:
    """Raise RuntimeError for a network with other weights than the file's, before it is given any memory."""
    with torch.device("meta"):
        described = build(description).state_dict()
    if {name: tensor.shape for name, tensor in described.items()} != {name: one.shape for name, one in state.items()}:
        raise RuntimeError("other names or shapes")


def _description(file: Any, needs: Sequence[str]) -> dict[str, Any]:
    """The description in an open file."""
    description = json.loads((file.metadata() or {})["experiment"])
    assert all(name in description for name in needs)
    return description


@contextlib.contextmanager
def _faults_explained(path: Path) -> Iterator[None]:
    """Turn what a missing or wrong file brings about into one line."""
    if not Path(path).is_file():
        raise UserError(f"{path}: not found; run the training stage first (dvc repro does)")
    try:
        yield
    except (safetensors.SafetensorError, AssertionError, AttributeError, KeyError, TypeError, UserError, ValueError):
        raise UserError(f"{path}: damaged or no weights of this pipeline; delete it and train again") from None
    except RuntimeError:  # load_state_dict: names or shapes
        raise UserError(f"{path}: its weights do not fit the network it describes; delete it and train again") from None
