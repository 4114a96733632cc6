"""The samples of one side of a comparison as HTML, to stand beside those of the other side."""

from pathlib import Path

from stages.core.command import UserError
from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.reporting import gan_figures, revisions_figures
from stages.reporting.revisions_side import Experiment, Side
from stages.reporting.words import listed

PATTERNS, MISTAKES, MISTAKE_COLUMNS = 4, 10, 5
MISSING = "not in the cache: dvc pull or rebuild"


def samples_of(experiment: Experiment, path: str, side: Side) -> str:
    """What a GAN has drawn or a classifier read wrongly; why not where that cannot be shown."""
    file = side.file(path)
    if file is None:
        why = MISSING if path in side.samples else "not made yet: dvc repro"
        return revisions_figures.framed("", f"{side.title()}: {path} is {why}.")
    kind, name = experiment
    try:
        if kind == "classifiers":
            return _mistakes(file, side)
        rule = "ranges" in read_attribute(file, "description").get("data", {})
        return _patterns(name, file, side) if rule else _grid(name, file, side)
    except UserError as mistake:  # also of an old revision whose files had another form
        return revisions_figures.framed("", f"{side.title()}: {str(mistake).replace(f'{side.folder}/', '')}.")


def _grid(name: str, file: Path, side: Side) -> str:
    """Pictures that a GAN has drawn."""
    pictures = revisions_figures.grid(file)
    return revisions_figures.drawn(
        pictures, revisions_figures.columns(pictures),
        f"{len(pictures)} pictures that {name} has drawn on side {side.title()}",
        f"{side.title()}: {len(pictures)} pictures of its own, not selected."
    )


def _patterns(name: str, file: Path, side: Side) -> str:
    """Patterns of a rule that a GAN has made."""
    values = read_arrays(file, ["grid/outputs"])["grid/outputs"][:PATTERNS]
    mean = listed([f"{value:.2f}" for value in values.mean(axis=0)])
    return revisions_figures.few_colours(
        gan_figures.patterns(values, [side.letter for _ in values]),
        f"Patterns that {name} has made on side {side.title()}, on average {mean}",
        f"{side.title()}: patterns of its own, a row each; 0 is white, 1 is black.",
    )


def _mistakes(file: Path, side: Side) -> str:
    """The mistakes that a classifier was surest of."""
    found = read_arrays(file, ["mistakes/images", "mistakes/labels", "mistakes/predictions"])
    images, *classes = (array[:MISTAKES] for array in found.values())
    if not len(images):
        return revisions_figures.framed("", f"{side.title()}: no mistakes.")
    read = listed([f"{true} as {taken}" for true, taken in zip(*classes, strict=True)])
    return revisions_figures.drawn(
        images, MISTAKE_COLUMNS, f"{len(images)} test pictures read wrongly on side {side.title()}: {read}",
        f"{side.title()}: the mistakes it was surest of: {read}."
    )
