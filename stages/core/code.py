"""The code as one digest: what was left half-done by other code is not gone on with."""

import hashlib
from collections.abc import Sequence
from pathlib import Path


def code_digest(packages: Sequence[str], scripts: str) -> str:
    """One digest of all Python files in those packages of `stages` and of `scripts` (a pattern), names and bytes."""
    content = hashlib.sha256()
    root = Path(__file__).parents[1]
    modules = (file for package in packages for file in (root / package).rglob("*.py"))
    for file in sorted([*modules, *root.glob(scripts)]):
        content.update(f"{file.relative_to(root).as_posix()}\n".encode() + file.read_bytes())
    return content.hexdigest()
