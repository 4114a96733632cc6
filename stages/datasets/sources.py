"""What all data sets share: where a user's own files lie, addresses of mirrors, the note of where data is from."""

import json
import os
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from stages.core.command import UserError
from stages.core.run import Run


def _web_address(mirror: str) -> str:
    """The address of a folder on a web server."""
    if not re.fullmatch(r"https?://[\w.:-]+(/\S*)?", mirror):
        raise ValueError("expected an address like https://host/folder/")
    return mirror


WebAddress = Annotated[str, AfterValidator(_web_address)]


def local_folder(run: Run, dataset: str, folder: Path, content: str) -> Path:
    """The folder with the user's own files; `folder` is where the stage writes, `content` what is expected."""
    place = Path(os.path.expanduser(run.local_dir)) / dataset  # unlike Path's, it leaves ~nobody as it is
    if not place.is_dir():
        raise UserError(f"{place}: no such folder; run.local_dir must hold {dataset}/ with {content}")
    if place.resolve() == folder.with_name(dataset).resolve():
        raise UserError(f"{place}: is where this stage writes; keep your files elsewhere, set run.local_dir to it")
    return place


def read_provenance(folder: Path) -> dict[str, Any]:
    """The download stage's `provenance.json`."""
    path = folder / "provenance.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise UserError(f"{path}: missing or damaged; run the download stage again") from None
