"""What a page shows of a GAN of patterns, such as the four numbers of 1010."""

from collections.abc import Iterable

import numpy as np

from stages.datasets.pattern import place_names
from stages.reporting import gan_figures
from stages.reporting.gan_samples import Samples
from stages.reporting.html import show_figure, show_table, show_text
from stages.reporting.words import listed

CLOSE = 0.1  # so near to the book's output is the same for us
FIRST_ROWS, MOST_ROWS = 6, 20


class PatternSamples(Samples):
    """Patterns of the 1010 rule, as cells from white (0) to black (1)."""

    def show_examples(self) -> None:
        """A first look."""
        pattern = self.result.array("grid/outputs")[:1]
        show_figure(gan_figures.patterns(pattern, ["generated"]), f"A generated pattern: {_written(pattern[0])}",
                    "A pattern of its own: 0 is white, 1 is black.")

    def show_data(self) -> None:
        """The rule, and the first samples that follow it."""
        described = self.result.description
        ranges, real = described["data"]["ranges"], self.result.array("real/samples")
        spans = [f"{low:g} to {high:g}" for low, high in ranges]
        show_text(f"Real samples follow a rule: {len(spans)} random numbers, {listed(spans)}. It learns from "
                  f"{described['images']:,} such patterns.")
        show_figure(gan_figures.patterns(real[:FIRST_ROWS], [str(row) for row in range(1, FIRST_ROWS + 1)]),
                    f"The first {FIRST_ROWS} real patterns; on average {_written(real.mean(axis=0))}",
                    f"The first {FIRST_ROWS} real patterns: 0 is white, 1 is black.")

    def draw_alone(self) -> None:
        """Real patterns above, noise below, with the outputs."""
        values = np.concatenate([self.alone["real/samples"], self.alone["noise/samples"]])
        outputs = {kind: [f"{output:.3f}" for output in self.alone[f"{kind}/outputs"]] for kind in ("real", "noise")}
        titles = [f"{kind}: output {output}" for kind, found in outputs.items() for output in found]
        show_figure(gan_figures.patterns(values, titles),
                    f"Four real patterns with the outputs {listed(outputs['real'])}; four of noise with the outputs "
                    f"{listed(outputs['noise'])}", "The output for each: 1 is “real”, 0 is “not real”.")

    def show_untrained(self) -> None:
        """What comes out before any training."""
        pattern = self.alone["untrained/pictures"][:1]
        ranges = np.array(self.result.description["data"]["ranges"])
        right = int(((pattern[0] >= ranges[:, 0]) & (pattern[0] <= ranges[:, 1])).sum())
        show_text(f"What comes out has the right shape, {len(ranges)} numbers, of which {right} happen to be in the "
                  f"ranges of the rule: {_written(pattern[0])}.")
        show_figure(gan_figures.patterns(pattern, ["untrained"]), f"The untrained generator's pattern: "
                    f"{_written(pattern[0])}")

    def show_progress(self) -> None:
        """The pattern along training, as the book's picture."""
        every = -(-len(self.progress["iterations"]) // MOST_ROWS)  # from the last one backwards, so that it is there
        iterations, patterns = (self.progress[name][::-1][::every][::-1] for name in ("iterations", "pictures"))
        patterns = patterns[:, 0]
        show_figure(gan_figures.patterns(patterns, [f"{step:,}" for step in iterations]),
                    f"The generated pattern from iteration {iterations[0]:,}, {_written(patterns[0])}, to "
                    f"{iterations[-1]:,}, {_written(patterns[-1])}",
                    "Each row is the pattern at the iteration beside it: the untrained generator at the top, the "
                    "trained one at the bottom.")

    def show_generated(self) -> None:
        """The output beside the book's, and beside the rule."""
        found = self.result.metrics["mean_output"]
        described, outputs = self.result.description, self.result.array("grid/outputs")
        places = place_names(outputs.shape[1])
        mean = [found[place] for place in places]  # files of metrics are sorted by the alphabet
        rows = [["here", *(f"{value:.3f}" for value in mean)]]
        if self.book and self.book.output:
            gaps = [ours - theirs for ours, theirs in zip(mean, self.book.output, strict=True)]
            rows.append(["the book", *(f"{value:.3f}" for value in self.book.output)])
            rows.append(["difference", *(f"{round(gap, 3) + 0:+.3f}".replace("-", "−") for gap in gaps)])
        rows.append(["the rule", *(f"{low:g}–{high:g}" for low, high in described["data"]["ranges"])])
        show_table(["mean output", *places], rows)
        if self.book and self.book.output:
            close = sum(abs(gap) <= CLOSE for gap in gaps)
            show_text(f"{close} of {len(mean)} numbers are within {CLOSE:g} of the book's.")
        show_figure(gan_figures.pattern_ranges(outputs, described["data"]["ranges"], "generated"),
                    f"Generated numbers as dots over the ranges of the rule; on average {_written(mean)}",
                    "The only pattern that it generates as dots: the seed is always the same." if len(outputs) == 1
                    else f"{len(outputs)} generated patterns as dots, each from a seed of its own.")

    def show_seeds(self) -> None:
        """From seed 0 to seed 1."""
        path = self.seeds["linear/pictures"][0]
        if self.result.description["seeds"]["distribution"] == "constant":
            show_text("This generator was only ever given the seed 0.5. What does it make of others?")
        seeds = [f"seed {step / (len(path) - 1):.2f}" for step in range(len(path))]
        show_figure(gan_figures.patterns(path, seeds), f"{len(path)} patterns from seed 0, {_written(path[0])}, to "
                    f"seed 1, {_written(path[-1])}", "From seed 0 to seed 1 in equal steps.")
        self.seed_table()


def _written(values: Iterable[float]) -> str:
    """Numbers in a sentence."""
    return listed([f"{value:.2f}" for value in values])
