"""Both sides of a comparison in one folder: what their page is made of."""

import contextlib
from pathlib import Path

from stages.core.command import UserError
from stages.core.files import write_json
from stages.revisions.side import Side, opened

SETTINGS = "params.yaml"
RESULTS = ("reports/metrics", "reports/losses")
PICTURED = ("classifiers", "gans")  # kinds with pictures in their samples that may differ
FACTS = "sides.json"


def write(names: dict[str, str], folder: Path) -> None:
    """Write the settings and results of each side to `<folder>/<letter>/`, and samples where the sides differ.

    `<folder>/sides.json` says of each letter which revision it is, the digests of its samples, and with which
    parameters they were made.
    """
    with contextlib.ExitStack() as stack:  # opening takes seconds: once for each side
        sides = {letter: stack.enter_context(opened(name)) for letter, name in names.items()}
        for letter, side in sides.items():
            _copy_results(side, folder / letter)

        digests = {letter: _samples(side) for letter, side in sides.items()}
        for path in sorted(set().union(*digests.values())):
            if len({found.get(path) for found in digests.values()}) > 1:
                for letter, side in sides.items():
                    _copy(side, path, folder / letter)
    write_json(folder / FACTS, {
        letter: {"name": side.name, "commit": side.commit, "subject": side.subject, "samples": digests[letter],
                 "made_with": side.made_with()}
        for letter, side in sides.items()
    })


def _copy_results(side: Side, folder: Path) -> None:
    """Copy what git holds of one side."""
    paths = [path for results in RESULTS for path in side.paths(results)]
    if not any(path.endswith(".json") for path in paths):
        raise UserError(f"{side.name}: has no metrics below reports/metrics; expected a run of this pipeline; build it "
                        "there (dvc repro, then git commit), or choose another revision")
    for path in [SETTINGS, *paths]:
        _copy(side, path, folder)


def _samples(side: Side) -> dict[str, str | None]:
    """The digest of each file of samples that has pictures."""
    return {path: side.digest(path) for kind in PICTURED for path in side.paths(f"data/samples/{kind}")}


def _copy(side: Side, path: str, folder: Path) -> None:
    """Copy one file, if the side still has it."""
    content = side.read(path)
    if content is not None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
