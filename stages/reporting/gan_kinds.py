"""What became of a GAN in words, by the kind of its samples: patterns, digits or faces."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from stages.datasets.hdf5 import read_attribute
from stages.reporting.gan_recipe import in_colour
from stages.reporting.gan_results import FEW, Result
from stages.reporting.run_label import require_one_run
from stages.reporting.words import listed, number, share

DIGITS = 10
COLLAPSED_MODES = 3  # a GAN with so few of the ten digits has collapsed


class PatternResult(Result):
    """Of patterns that a rule describes."""

    kind = "pattern"

    def measured(self) -> list[str]:
        """How many patterns."""
        alike = "pattern: the seed is always the same" if self.metrics["images"] == 1 else "patterns"
        return [f"Measured over {self.metrics['images']:,} generated {alike}."]

    def card(self) -> tuple[str, str]:
        """How many follow the rule."""
        if self.metrics["images"] == 1:
            return "1 pattern", f"its only one: it {self._only()}"
        return share(self.metrics["valid_share"]), "of its patterns are as the rule wants them"

    def verdict(self) -> str:
        """How many follow the rule."""
        if self.metrics["images"] == 1:
            return f"makes a single pattern, which {self._only()}"
        return f"makes {share(self.metrics['valid_share'])} of its patterns as the rule wants them"

    def headline(self) -> list[tuple[str, str]]:
        """How many follow the rule, and how far others are from it."""
        distance = number(self.metrics["range_distance"])
        return [self.card(), (distance, "mean distance from the ranges of the rule; 0 is best")]

    def faults(self) -> str:
        """Most samples against the rule."""
        valid = self.metrics["valid_share"]
        return "" if valid >= FEW else f"{share(1 - valid)} of them break the rule"

    def _only(self) -> str:
        """Whether its only pattern follows the rule."""
        return "keeps to the rule" if self.metrics["valid_share"] else "breaks the rule"


class DigitResult(Result):
    """Of grey pictures of digits."""

    kind = "digits"
    comparison = ("gans.html", "All GANs of digits side by side")

    def measured(self) -> list[str]:
        """How many pictures, and when a digit is clear."""
        return [*super().measured(), f"A picture is read with certainty where the judge gives one digit "
                f"{share(self.sure())} or more; else it is unclear."]

    def sure(self) -> float:
        """What the judge must give to a digit to be certain of it."""
        return self.attribute("samples")["sure"]

    def examples(self, rows: int) -> np.ndarray:
        """So many rows of ten; of a conditional GAN the digits from 0 to 9."""
        grid = self.array("grid/images")
        if self.conditional:
            grid = grid.reshape(DIGITS, -1, *grid.shape[1:]).swapaxes(0, 1).reshape(grid.shape)
        return grid[: rows * DIGITS]

    def collapsed(self) -> bool:
        """True where it draws few digits, or always nearly the same picture."""
        return self.metrics["modes_covered"] <= COLLAPSED_MODES or super().collapsed()

    def missing(self) -> list[str]:
        """The digits that it hardly ever draws."""
        least = self.attribute("samples")["mode_share"]
        return [str(digit) for digit in np.flatnonzero(self.array("histogram/generated") <= least)]

    def card(self) -> tuple[str, str]:
        """Its modes, its distance, and whether it obeys."""
        asked = f"; {share(self.metrics['label_accuracy'])} read as asked for" if self.conditional else ""
        ours, real = self.metrics["frechet_distance"], self.metrics["frechet_floor"]
        note = f"Frechet distance {number(ours)}; real pictures {number(real)}{asked}"
        return f"{self.metrics['modes_covered']} of {DIGITS} digits", note

    def verdict(self) -> str:
        """Its modes, and how clear they are."""
        modes, clear = self.metrics["modes_covered"], share(1 - self.metrics["unsure_share"])
        if self.collapsed():
            return (f"has collapsed: {modes} of {DIGITS} modes, and its pictures differ from one another "
                    f"{share(self.variety())} as much as real ones do")
        drawn = (f"draws all {DIGITS} digits" if modes == DIGITS else
                 f"draws {modes} of {DIGITS} digits (it lacks the {listed(self.missing())})")
        obeyed = f", {share(self.metrics['label_accuracy'])} as the digit asked for" if self.conditional else ""
        return (f"{drawn}; the judge reads {clear} of its pictures with certainty (one digit at "
                f"{share(self.sure())} or more){obeyed}")

    def headline(self) -> list[tuple[str, str]]:
        """Its modes, its distance, and whether it obeys."""
        ours = self.metrics
        facts = [
            (f"{ours['modes_covered']} of {DIGITS}", "digits drawn"),
            (number(ours["frechet_distance"]), "Frechet distance from real pictures; real ones among themselves: "
                                               f"{number(ours['frechet_floor'])}"),
        ]
        if self.conditional:
            facts.append((share(ours["label_accuracy"]), "are read as the digit asked for"))
        return facts


class FaceResult(Result):
    """Of colour pictures of faces; without attribute lists there is no judge, and pixels alone are measured."""

    kind = "faces"
    comparison = ("faces.html", "All GANs of faces side by side")

    def examples(self, rows: int) -> np.ndarray:
        """So many rows of eight."""
        return self.array("grid/images")[: rows * 8]

    def sharpness(self) -> float:
        """How sharp its pictures are, as a fraction of real ones; 1 where real ones are flat."""
        real = self.metrics["sharpness_real"]
        return self.metrics["sharpness"] / real if real > 0 else 1

    def measured(self) -> list[str]:
        """The judge or why there is none, and how many pictures."""
        unjudged = [] if self.judge else [f"Not judged by features: {self.attribute('judge_note')}"]
        return [*unjudged, *super().measured()]

    def card(self) -> tuple[str, str]:
        """Its distance where it is judged, its sharpness where not."""
        sharp = f"sharpness {share(self.sharpness())} of theirs (noise counts as sharp)"
        varied = f"variety {number(self.variety())}"
        if not self.judge:
            return varied, f"of real faces; {sharp}; not judged by features"
        floor = number(self.metrics["frechet_floor"])
        return number(self.metrics["frechet_distance"]), f"Frechet distance; real faces {floor}; {sharp}; {varied}"

    def verdict(self) -> str:
        """Collapse, sharpness, variety and distance."""
        if self.collapsed():
            return f"has collapsed: its faces differ from one another {share(self.variety())} as much as real ones do"
        far = f"; their Frechet distance is {number(self.metrics['frechet_distance'])}, that of real faces " \
              f"{number(self.metrics['frechet_floor'])}" if self.judge else ""
        return (f"draws faces with {share(self.sharpness())} of the sharpness of real ones (noise counts as sharp); "
                f"they differ from one another {share(self.variety())} as much as those{far}")

    def headline(self) -> list[tuple[str, str]]:
        """Distance, sharpness, variety."""
        facts = [(share(self.sharpness()), "of the sharpness of real faces; noise counts as sharp"),
                 (share(self.variety()), "as different from one another as real faces are")]
        if self.judge:
            facts.insert(0, (number(self.metrics["frechet_distance"]), "Frechet distance from real faces; real ones "
                             f"among themselves: {number(self.metrics['frechet_floor'])}"))
        return facts


def read_result(name: str) -> Result:
    """The result of a GAN, of the kind that its samples are."""
    described = read_attribute(Path(f"data/samples/gans/{name}.h5"), "description")
    if "ranges" in described["data"]:  # what follows a rule is no picture
        return PatternResult(name)
    return FaceResult(name) if in_colour(described) else DigitResult(name)


def read_results(names: Iterable[str]) -> dict[str, Result]:
    """The results of several GANs. Raises UserError where those of the same data are not of the same run."""
    results = {name: read_result(name) for name in names}
    require_one_run("gans", {name: result.description["budget"] for name, result in results.items()})
    for data_set in sorted({result.description["data_set"] for result in results.values()}):
        require_one_run("gans", {
            name: (result.description["data"], result.judge and result.judge["digest"])
            for name, result in results.items() if result.description["data_set"] == data_set
        })
    return results
