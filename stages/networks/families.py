"""A family of networks is a file of this folder with `Settings` and `build`; params.yaml names it.

Looked up by file name and imported alone, so that an edit to one family retrains no other.
"""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from torch import nn

from stages.core.command import UserError
from stages.core.parameters import check

Kind = Literal["classifier", "discriminator", "generator"]  # what the names of its families end on


def build_network(settings: dict[str, Any], place: str, kind: Kind = "classifier", **sizes: Any) -> nn.Module:
    """Build the network that `settings` describe; `place` names them in messages.

    `sizes` are what data and seeds demand, for families that take such.
    Raises UserError for an unknown family, a key it does not know or a value it does not take.
    """
    family = _find(settings.get("family"), place, kind)
    return family.build(check(settings, family.Settings, place), **sizes)


def _find(name: object, place: str, kind: Kind) -> ModuleType:
    """The module of a family."""
    known = sorted(path.stem for path in Path(__file__).parent.glob(f"*_{kind}.py"))
    if name not in known:
        raise UserError(f"params.yaml: {place}.family is {name!r}; expected one of: {', '.join(known)}")
    return importlib.import_module(f"stages.networks.{name}")
