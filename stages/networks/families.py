"""A family of networks is a file of this folder with `Settings` and `build`; params.yaml names it.

Looked up by file name and imported alone, so that an edit to one family retrains no other.
"""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from stages.core.command import UserError
from stages.core.parameters import check


def build_network(settings: dict[str, Any], place: str) -> nn.Module:
    """Build the network that `settings` describe; `place` names them in messages.

    Raises UserError for an unknown family, a key it does not know or a value it does not take.
    """
    family = _find(settings.get("family"), place)
    return family.build(check(settings, family.Settings, place))


def _find(name: object, place: str) -> ModuleType:
    """The module of a family."""
    folder = Path(__file__).parent
    known = sorted(path.stem for path in folder.glob("*.py") if path.stem not in ("__init__", "families", "layers"))
    if name not in known:
        raise UserError(f"params.yaml: {place}.family is {name!r}; expected one of: {', '.join(known)}")
    return importlib.import_module(f"stages.networks.{name}")
