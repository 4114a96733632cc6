"""Two dvc.lock files side by side: which outputs have the same bytes, and why the others have not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from stages.core.command import UserError

# libyaml is faster; PyYAML may be built without it
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CODE = ("stages/", "reports/notebooks/")
# where an output's inputs are all the same: what can still make it differ
ROUNDING = ("another kind of processor or another PyTorch rounds differently; where both are the same, its stage is "
            "not deterministic")
CAUSES = {
    "data/raw/": "other files were fetched, or another NumPy or Pillow draws otherwise",
    "data/hdf5/": "another h5py, NumPy or JPEG decoder",
    "reports/html/": "another matplotlib, nbconvert or Pillow, or, on a page that computes, another kind of processor; "
                     "where they are the same, its stage is not deterministic",
}


def read_stages(lock: Path) -> dict[str, Any]:
    """The stages of a dvc.lock. Raises UserError for another file."""
    try:
        stages = yaml.load(lock.read_text(encoding="utf-8"), Loader=LOADER)["stages"]
        outputs(stages)
    except FileNotFoundError:
        raise UserError(f"{lock}: not found; expected a dvc.lock; run make repro and commit, or name another") from None
    except (yaml.YAMLError, IsADirectoryError, AttributeError, KeyError, TypeError, ValueError):
        raise UserError(f"{lock}: is no dvc.lock; restore it, or name another") from None
    return stages


def outputs(stages: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The digest and size of each output, by its path. Raises ValueError for one without a digest."""
    written = [out for stage in stages.values() for out in stage.get("outs", [])]
    for out in written:
        if not out.get("md5"):
            raise ValueError(f"{out['path']} has no digest")
    return {out["path"]: (out["md5"], out.get("size")) for out in written}


def compare(ours: dict[str, Any], expected: dict[str, Any]) -> dict[str, str]:
    """Why each output of either differs, nothing where it has the same bytes, by its path."""
    found, known = outputs(ours), outputs(expected)
    paths = sorted(found.keys() | known.keys())
    differing = {path for path in paths if found.get(path) != known.get(path)}
    return {path: _why(path, ours, expected, differing) if path in differing else "" for path in paths}


def _why(path: str, ours: dict[str, Any], expected: dict[str, Any], differing: set[str]) -> str:
    """What two locks tell about one output that differs."""
    name, stage = _maker(path, ours)
    _, other = _maker(path, expected)
    if stage is None or other is None:
        return f"only {'there' if stage is None else 'here'}, made by {name or _maker(path, expected)[0]}"
    if stage.get("cmd") != other.get("cmd"):
        return f"other command: {stage.get('cmd')}"
    here, before = ({dependency["path"]: dependency.get("md5") for dependency in one.get("deps", [])}
                    for one in (stage, other))
    changed = [one for one in sorted(here.keys() | before.keys()) if here.get(one) != before.get(one)]
    if code := [one for one in changed if one.startswith(CODE)]:
        return f"other code: {', '.join(code)}"
    if settings := list(_settings(stage, other)):
        return f"other settings: {', '.join(settings)}"
    # what a stage reads may be a folder of outputs
    if inputs := [one for one in changed if any(f"{output}/".startswith(f"{one}/") for output in differing)]:
        return f"follows from {', '.join(inputs)}"
    if changed:
        return f"other input: {', '.join(changed)}"
    cause = next((cause for start, cause in CAUSES.items() if path.startswith(start)), ROUNDING)
    return f"from the same inputs: {cause}"


def _maker(path: str, stages: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """The stage that writes an output, and its name."""
    return next(((name, stage) for name, stage in stages.items()
                 if any(out["path"] == path for out in stage.get("outs", []))), ("", None))


def _settings(stage: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """The keys of params.yaml that a stage had in two values."""
    here, there = (one.get("params", {}).get("params.yaml", {}) for one in (stage, other))
    return (key for key in sorted(here.keys() | there.keys()) if here.get(key) != there.get(key))
