"""The page of appendix B: what a distribution is, what features and modes are, and that GANs do not store the data."""

import numpy as np

from stages.core.parameters import read_block, read_blocks
from stages.lessons import appendix_b
from stages.lessons.appendix_b import features, modes, pixels
from stages.reporting import appendix_b_figures, gan_results, stored
from stages.reporting.html import show_figure, show_table, show_text
from stages.reporting.lesson import LessonPage
from stages.reporting.words import listed, number, share

SHOWN = 8  # pictures in a row
COUNTS = 200  # places along the run at which its error is drawn
POINTS = 600  # of each distribution


class Page(LessonPage):
    """What the notebook shows; samples are drawn again from the seed, results of GANs are read."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.settings = read_block("lessons.appendix_b", appendix_b.Settings)
        self.pictures = appendix_b.drawn_pixels(self.settings)
        self.groups = appendix_b.drawn_groups(self.settings)
        self.evidence = stored.Evidence(list(read_blocks("pages.gans", gan_results.Settings)))
        self.badge = self.evidence.badge or self.badge

    def show_table(self) -> None:
        """The book's table, beside the frequencies of the samples."""
        found, count = self.pictures.mean(axis=0), f"{self.settings.samples:,} pictures"
        table, largest = np.char.add(pixels.COUNTS.astype(str), f"/{pixels.PICTURES}"), np.abs(found - pixels.TABLE)
        panels = {"the book's table": (pixels.TABLE, table),
                  f"frequencies in {count}": (found, np.char.mod("%.4f", found))}
        show_figure(appendix_b_figures.tables(panels),
                    f"Left the probabilities, row by row: {'; '.join(map(', '.join, table))}. Right what {count} drawn "
                    f"from them show: at most {number(largest.max())} away",
                    "How likely each of nine pixels is dark, and how often it was.")

    def show_samples(self) -> None:
        """The book's four rows of six."""
        rows, columns = self.settings.rows, self.settings.columns
        drawn = self.pictures[: rows * columns]
        kinds = len(np.unique(drawn.reshape(len(drawn), -1), axis=0))
        show_figure(appendix_b_figures.small_pictures(drawn, columns),
                    f"{rows} rows of {columns} pictures of 3 by 3 pixels; {kinds} of them are different",
                    f"{rows} × {columns} pictures drawn from the table.")

    def show_convergence(self) -> None:
        """The error against the number of samples, and theory."""
        table, samples = pixels.TABLE, self.settings.samples
        counts = np.unique(np.geomspace(10, samples, COUNTS).astype(int))
        errors = pixels.errors_along(self.pictures, table, counts).max(axis=(1, 2))
        sizes = pixels.run_sizes(samples)
        usual = [pixels.usual_error(self.pictures, table, size) for size in sizes]
        figure = appendix_b_figures.convergence(
            counts, errors, sizes, usual, pixels.standard_errors(table, 1).max(), pixels.expected_error(table, 1))
        told = ", ".join(f"{number(error)} with {size:,}" for size, error in zip(sizes, usual, strict=True))
        show_figure(figure, f"Errors against the number of pictures on logarithmic axes: they fall along the line of "
                            f"theory. Usual errors: {told}. The largest of the run: {number(errors[0])} with "
                            f"{counts[0]}, {number(errors[-1])} with {counts[-1]:,}",
                    "A hundred times as many pictures, a tenth of the error.")

    def show_training_pictures(self) -> None:
        """Eight pictures whose pixels give the table."""
        pictures = features.training_pictures()
        counts = listed(f"{count} at the {features.NAMES[cell]}" for cell, count in
                        ((cell, int(pictures.sum(axis=0)[cell])) for cell in features.NAMES))
        show_figure(appendix_b_figures.small_pictures(pictures, SHOWN),
                    f"Eight pictures of 3 by 3 pixels; dark are {counts}", f"Dark pixels in these eight: {counts}.")

    def show_samplers(self) -> None:
        """The first pictures of both samplers, each named."""
        for what, pictures in (("pixel by pixel", self.pictures), ("group by group", self.groups)):
            drawn = pictures[: 2 * SHOWN]
            names = [_verdict(one) for one in drawn]
            told = listed(f"{names.count(name)} {name}" for name in ("seen", "new", "broken"))
            show_figure(appendix_b_figures.small_pictures(drawn, SHOWN, names),
                        f"{len(drawn)} pictures drawn {what}: {told}",
                        f"Drawn {what}: {told}. Seen: one of the eight. New: other whole groups. Broken: the rest.")

    def show_pairs(self) -> None:
        """How often two pixels are dark together, against the product of their own frequencies."""
        cells = list(features.NAMES)
        panels = {"drawn pixel by pixel": _together(self.pictures, cells),
                  "drawn group by group": _together(self.groups, cells)}
        corners = [cells.index(cell) for cell in features.CORNERS.cells]
        told = "; ".join(f"{title}: two opposite corners {number(ratios[*corners])} times" for title, ratios in
                         panels.items())
        show_figure(appendix_b_figures.pairs(panels, list(features.NAMES.values())),
                    f"Table of all pairs of five pixels: how often both are dark, as a multiple of independent pixels. "
                    f"{told}", "How often two pixels are dark together, as a multiple of what independent pixels "
                               "would give: 1.0 is independent, 0.0 never together.")
        rows = []
        for what, pictures in (("pixel by pixel", self.pictures), ("group by group", self.groups)):
            found = features.frequencies(pictures)
            rows.append([what, *(f"{measure(found, *features.CORNERS.cells):.4f}" for measure in
                                 (features.together, features.apart))])
        show_table(["two opposite corners, drawn", "dark together", "product"], rows)

    def show_three_ways(self) -> None:
        """A store, a table of pixels, and a table of groups: what each can draw."""
        ways = {"replay the eight pictures": features.replayed(),
                "pixel by pixel": features.pixel_by_pixel(pixels.TABLE), "group by group": features.group_by_group()}
        show_table(["way to draw", "different pictures", "broken", "not among the eight",
                    "new: of these, the whole ones"], [
            [name, features.possible(found), share(1 - features.share_right(found)), share(features.share_new(found)),
             share(features.share_new_and_right(found))] for name, found in ways.items()
        ])

    def show_modes(self) -> None:
        """All modes, and one of them."""
        titles = ("the data", "a sampler that knows one mode")
        drawn = dict(zip(titles, appendix_b.drawn_points(self.settings), strict=True))
        told = "; ".join(f"{title}: {modes.covered(points)} of {modes.MODES} modes" for title, points in drawn.items())
        panels = {title: (points[:POINTS], modes.nearest(points[:POINTS])[0]) for title, points in drawn.items()}
        show_figure(appendix_b_figures.modes(panels, modes.corners()), f"Two clouds of points. {told}",
                    f"{told[0].upper()}{told[1:]}. Each mode has a shape and a colour of its own.")
        whole, one = drawn.values()
        show_table(["", "the data", "one mode"], [
            ["good points: near a mode", *(share(modes.good_share(points)) for points in (whole, one))],
            ["modes covered", *(modes.covered(points) for points in (whole, one))],
            ["imbalance, at most ln 5 = 1.61", *(number(modes.imbalance(points)) for points in (whole, one))],
            ["variety, the data's is 1",
             *(number(modes.mean_distance(points) / modes.mean_distance(whole)) for points in (whole, one))],
        ])

    def show_digits(self) -> None:
        """The same numbers of the GANs of digits."""
        self.evidence.show_modes()

    def show_copies(self) -> None:
        """Distances from training pictures, copies, and verdicts."""
        self.evidence.show_copies()

    def show_sizes(self) -> None:
        """What a generator's weights take, beside what its training pictures take."""
        self.evidence.show_sizes()

    def show_reading(self) -> None:
        """How to read the table of examples."""
        show_text(f"All {len(self.examples())} examples of this page, beside what the book or theory gives. Samples "
                  "are random: they may be five standard errors away, not more. A difference larger than allowed stops "
                  "the pipeline.")


def _together(pictures: np.ndarray, cells: list[features.Cell]) -> np.ndarray:
    """For each pair of pixels the share of pictures with both dark over the product of both shares, [n, n]."""
    found = features.frequencies(pictures)
    return np.array([[features.together(found, one, other) / features.apart(found, one, other)
                      if one != other else np.nan for other in cells] for one in cells])


def _verdict(picture: np.ndarray) -> str:
    """What a picture is: one of the eight, other whole groups, or neither."""
    found = features.frequencies(picture[None])
    if not features.share_new(found):
        return "seen"
    return "new" if features.share_right(found) else "broken"
