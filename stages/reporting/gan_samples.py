"""What a page shows of a GAN's samples, whatever they are: the files, and the sections that not every GAN has."""

from html import escape
from pathlib import Path

import numpy as np
from IPython.display import HTML

from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.reporting.gan_results import Book, Result
from stages.reporting.html import show_html, show_table, show_text
from stages.reporting.metrics import read_metrics
from stages.reporting.words import number

CLEARLY = 0.5  # outputs so far apart are told apart
SEED_NUMBERS = {
    "evenness": ("evenness", "the mean step as a fraction of the largest; 1: all steps change as much"),
    "directness": ("directness", "the distance of the ends as a fraction of the way; 1: no step strays"),
    "midpoint_greyness": ("grey in the middle", "how grey the ink is half way; if like a cross-fade, it only blends"),
}
GREY_OF_ENDS = {
    "ends_greyness": ("grey at the ends", "the same for the pictures at both ends"),
    "cross_fade_greyness": ("grey of a cross-fade", "the same for both ends laid over each other"),
}


class Samples:
    """The samples of one GAN from all stages; a subclass knows how to draw them."""

    inked = True  # whether grey means faint ink, so that it tells of blending

    def __init__(self, result: Result, book: Book | None) -> None:
        self.result, self.book = result, book
        alone = Path(f"data/samples/discriminators/{result.name}.h5")
        self.progress = read_arrays(Path(f"data/progress/gans/{result.name}.h5"), ["iterations", "pictures", "labels"])
        self.alone = read_arrays(alone, [
            "real/samples", "noise/samples", "real/outputs", "noise/outputs", "untrained/pictures",
        ])
        self.pairs = read_attribute(alone, "description")["pairs"]
        self.seeds = read_arrays(Path(f"data/samples/seeds/{result.name}.h5"), [
            "linear/pictures", "spherical/pictures", "arithmetic/pictures", "labels/pictures",
        ])
        self.seed_metrics = read_metrics(Path(f"reports/metrics/seeds/{result.name}.json"))
        self.alone_metrics = read_metrics(Path(f"reports/metrics/discriminators/{result.name}.json"))

    def show_alone(self) -> None:
        """Whether the discriminator tells real samples from noise, and its outputs on four of each."""
        real, noise = (self.alone_metrics[f"{kind}_output"] for kind in ("real", "noise"))
        gap = real - noise
        verdict = ("It tells them apart, as it must." if gap > CLEARLY else
                   "It tells them apart, but not clearly." if gap > 0 else
                   "It does not tell them apart: it would not be of any use to a generator.")
        show_text(f"After {self.pairs:,} pairs of a real sample and noise, its mean output over "
                  f"{self.alone_metrics['samples']:,} samples is {real:.3f} for real ones and {noise:.3f} for noise. "
                  f"{verdict}")
        if self.book:
            show_text(f"The book: {self.book.alone}")
        self.draw_alone()

    def draw_alone(self) -> None:
        """Four real samples and four of noise with the discriminator's outputs."""
        raise NotImplementedError

    def seed_table(self) -> None:
        """How smooth the way between two seeds is, by numbers."""
        metrics = self.seed_metrics
        kinds = [kind for kind in ("linear", "spherical") if f"{kind}_evenness" in metrics]
        if metrics["ends_distance"] == 0:
            show_text("The seed changes nothing: all pictures along the way are the same.")
            return
        rows = [[name, *(number(metrics[f"{kind}_{key}"]) for kind in kinds), explanation(meaning)]
                for key, (name, meaning) in SEED_NUMBERS.items()
                if f"linear_{key}" in metrics and (self.inked or "grey" not in key)]
        for key, (name, meaning) in GREY_OF_ENDS.items():
            if key in metrics and self.inked:  # both kinds of path have the same ends
                rows.append([name, *[number(metrics[key])] * len(kinds), explanation(meaning)])
        show_table(["", *(f"{kind} way" for kind in kinds), "what it is"], rows)
        paths = f"{metrics['pairs']:,} pairs of seeds" if metrics["pairs"] > 1 else "this one path"
        show_text(f"Measured over {paths}.")

    # sections that only some GANs have, with their headings: here they say nothing

    def show_labels(self) -> None:
        """Whether it draws what is asked for."""

    def show_play(self) -> None:
        """The networks themselves, to try seeds by hand."""

    def show_classes(self) -> None:
        """How often each digit is drawn, or each attribute of faces."""

    def show_memorisation(self) -> None:
        """Whether it copies training pictures."""

    def show_memory(self) -> None:
        """How much memory its training takes."""


def show_heading(text: str, level: int = 2) -> None:
    """A heading, for a section that not every page has."""
    show_html(f"<h{level}>{escape(text)}</h{level}>")


def narrow_link(page: str) -> HTML:
    """A link to a page by its key, for the head of a column, in lines as narrow as its words."""
    return HTML(f'<a href="{escape(page)}.html">{escape(page).replace("_", "_<br>")}</a>')


def explanation(text: str) -> HTML:
    """A sentence as a cell of a table, wide enough to be read on a small screen too."""
    return HTML(f'<div style="min-width: 14rem">{escape(text)}</div>')


def chosen_frames(count: int, most: int) -> np.ndarray:
    """Places of at most `most` frames out of `count`, the first and the last among them, denser at the beginning."""
    return np.unique(np.round(np.linspace(0, 1, most) ** 2 * (count - 1)).astype(int))


