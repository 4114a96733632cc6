"""Write LICENSES.md: the licence of each package that requirements.lock installs, as the package itself states it.

    python -m benchmarks.licences                 (part of make lock)
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from stages.core.command import UserError

ROOT = Path(__file__).parents[1]
HEAD = """# Licences of what this project installs

Nothing of it is part of this repository. As each package states its own; made by `python -m benchmarks.licences`.

| package | licence | home |
|---|---|---|
"""
# for one system only, so not installed where this was made: their own words
ELSEWHERE = {
    "pywin32": ("PSF", "https://github.com/mhammond/pywin32"),
    "tzdata": ("Apache-2.0", "https://github.com/python/tzdata"),
}


def main() -> None:
    """Write the table."""
    try:
        made = table()
    except UserError as mistake:
        sys.exit(f"error: {mistake}")
    (ROOT / "LICENSES.md").write_text(made, encoding="utf-8")


def table() -> str:
    """The whole file."""
    rows = (f"| {name} | {licence} | {home} |" for name, (licence, home) in sorted(licences().items()))
    return HEAD + "\n".join(rows) + "\n"


def locked() -> list[str]:
    """The names in requirements.lock, each once."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return sorted({match[1] for line in lines if (match := re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==", line))})


def licences() -> dict[str, tuple[str, str]]:
    """Licence and home page of each locked package. Raises UserError for one that tells neither here nor above."""
    found = {}
    for name in locked():
        try:
            found[name] = (_licence(name), _home(name))
        except PackageNotFoundError:
            if name not in ELSEWHERE:
                raise UserError(f"{name}: stands in requirements.lock and is not installed; install the lock, or add "
                                "the package to ELSEWHERE in benchmarks/licences.py") from None
            found[name] = ELSEWHERE[name]
    return found


def _licence(name: str) -> str:
    """What the package says: an SPDX expression, else its classifiers, else the first line of its text."""
    facts = metadata(name)
    classifiers = [one.rsplit(" :: ", 1)[-1] for one in facts.get_all("Classifier", []) if one.startswith("License")]
    named = facts.get("License-Expression") or ", ".join(one for one in classifiers if one != "OSI Approved")
    return named or ((facts.get("License") or "").strip() or "not stated").splitlines()[0][:60]


def _home(name: str) -> str:
    """Its home page, or the first address that it names."""
    facts = metadata(name)
    addresses = [facts.get("Home-page") or "", *(one.split(", ", 1)[-1] for one in facts.get_all("Project-URL", []))]
    return next((one for one in addresses if one.startswith("http")), "–")


if __name__ == "__main__":
    main()
