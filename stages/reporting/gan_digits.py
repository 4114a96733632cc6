"""What a page shows of a GAN of digits."""

import numpy as np

from stages.reporting import figures, gan_figures
from stages.reporting.gan_results import DIGITS, listed, share
from stages.reporting.gan_samples import Samples, chosen_frames, show_heading
from stages.reporting.html import show_figure, show_text
from stages.reporting.pixels import sheet, show_animation, with_progress

BOOK_LABELS = (9, 3, 1, 5)  # what the book asks its conditional GAN for
BOOK_GRID = 6  # pictures in the book's two rows of three
STRIP_FRAMES, STRIP_SEEDS = 9, 5
ARITHMETIC = ["seed 1", "seed 2", "sum", "difference", "product"]


class DigitSamples(Samples):
    """Pictures of digits, as drawings."""

    def show_examples(self) -> None:
        """A first look."""
        what = "one for each label from 0 to 9" if self.result.conditional else "from random seeds"
        show_figure(gan_figures.picture_sheet(self.result.examples(rows=1), columns=DIGITS),
                    f"Ten pictures that {self.result.name} has drawn, {what}",
                    f"Ten pictures of its own, {what}, not selected.")

    def show_data(self) -> None:
        """The first training pictures."""
        described = self.result.description
        taught = described["training"]["mismatch"] > 0
        labels = " Each comes with its label." if self.result.conditional else \
            " Only the discriminator sees their labels." if taught else " Labels are not used."
        show_text(f"It learns from {described['images']:,} pictures like these ({described['data']['title']}).{labels}")
        images, found = self.result.array("real/images"), self.result.array("real/labels")
        first = f"The first {len(images)} training pictures"
        if self.result.conditional:
            titles = [str(label) for label in found]
            show_figure(figures.picture_grid(images, titles, columns=8), f"{first}, each with its label", f"{first}.")
        else:
            show_figure(gan_figures.picture_sheet(images, columns=8), first, f"{first}.")

    def draw_alone(self) -> None:
        """Real pictures above, noise below, with the outputs."""
        samples = np.concatenate([self.alone["real/samples"], self.alone["noise/samples"]])
        outputs = [f"{output:.3f}" for kind in ("real", "noise") for output in self.alone[f"{kind}/outputs"]]
        show_figure(figures.picture_grid(samples, outputs, columns=4),
                    f"Four real pictures with the outputs {listed(outputs[:4])}; four of noise with the outputs "
                    f"{listed(outputs[4:])}", "The output for each: 1 is “real”, 0 is “not real”.")

    def show_untrained(self) -> None:
        """What comes out before any training."""
        pictures = self.alone["untrained/pictures"]
        height, width = pictures.shape[1:]
        show_text(f"What comes out has the right shape, {height} × {width} grey values; what it shows is chance. "
                  f"The values lie between {pictures.min()} and {pictures.max()}, around {pictures.mean():.0f}; 0 is "
                  "paper, 255 is ink.")
        show_figure(gan_figures.picture_sheet(pictures, columns=len(pictures)),
                    f"{len(pictures)} pictures of the untrained generator, grey values around {pictures.mean():.0f}")

    def show_progress(self) -> None:
        """A strip of the same seeds along training, and all of it moving."""
        iterations, pictures, labels = (self.progress[name] for name in ("iterations", "pictures", "labels"))
        frames = chosen_frames(len(iterations), STRIP_FRAMES)
        names = [str(label) for label in labels[:STRIP_SEEDS]]
        strip = pictures[frames][:, :STRIP_SEEDS].swapaxes(0, 1).reshape(-1, *pictures.shape[2:])
        fixed = "the same seed and label" if len(labels) else "the same seed"
        show_figure(gan_figures.picture_sheet(strip, len(frames), names, [f"{step:,}" for step in iterations[frames]]),
                    f"A row of pictures for each of {STRIP_SEEDS} seeds, from iteration {iterations[0]:,} to "
                    f"{iterations[-1]:,}",
                    f"Each row is {fixed}, each column an iteration: the untrained generator, then as it learns.")

        columns = DIGITS if len(labels) else 4
        moving = [with_progress(sheet(shown, columns), step / iterations[-1])
                  for step, shown in zip(iterations, pictures, strict=True)]
        show_animation(moving, f"Animation of {pictures.shape[1]} pictures from fixed seeds while the generator learns",
                       f"{pictures.shape[1]} fixed seeds along the whole training; the bar shows how far it is.")

    def show_generated(self) -> None:
        """The book's two rows of three, and many more."""
        grid, name = self.result.array("grid/images"), self.result.name
        if self.result.conditional:
            each = len(grid) // DIGITS
            book = np.concatenate([grid[label * each :][:BOOK_GRID] for label in BOOK_LABELS])
            show_figure(gan_figures.picture_sheet(book, BOOK_GRID, [str(label) for label in BOOK_LABELS]),
                        f"Six pictures each for the labels {listed(map(str, BOOK_LABELS))}",
                        "As in the book: six pictures for each of four labels.")
            rows = [str(label) for label in range(DIGITS)]
            caption = f"{each} for each label, a row per label; not selected."
        else:
            show_figure(gan_figures.picture_sheet(grid[:BOOK_GRID], BOOK_GRID // 2, scale=4),
                        f"Six pictures that {name} has drawn, in two rows of three",
                        "As in the book: six pictures from six random seeds.")
            rows, caption = [], f"{len(grid)} random seeds, not selected."
        show_figure(gan_figures.picture_sheet(grid, DIGITS, rows), f"{len(grid)} pictures that {name} has drawn",
                    caption)

    def show_seeds(self) -> None:
        """From one seed to another, in a line and on an arc, and sums of seeds."""
        linear, spherical = self.seeds["linear/pictures"], self.seeds["spherical/pictures"]
        self._show_path(linear, "On the straight line, as in the book: each row leads from one seed to another in "
                                "equal steps.")
        if len(spherical):
            self._show_path(spherical, "The same ends on an arc around the origin: random seeds of many numbers all "
                                       "lie about as far from it, but the straight line passes closer.")
        self.seed_table()

        sums = self.seeds["arithmetic/pictures"]
        if len(sums):
            show_heading("Sums of seeds", level=3)
            show_figure(gan_figures.picture_sheet(_flat(sums), len(ARITHMETIC), column_titles=ARITHMETIC),
                        f"{len(sums)} rows of pictures: two seeds, their sum, difference and product",
                        "Seeds can be added, subtracted and multiplied, number by number; what do they draw then?")

    def show_labels(self) -> None:
        """One seed under all labels, and how often the label is obeyed."""
        if not self.result.conditional:
            return
        show_heading("Does it draw what it is asked for?")
        under = self.seeds["labels/pictures"]
        labels = [str(label) for label in range(DIGITS)]
        show_figure(gan_figures.picture_sheet(_flat(under), DIGITS, column_titles=labels),
                    f"{len(under)} seeds, each under the ten labels from 0 to 9",
                    "A row is one seed under all ten labels: what changes along it is due to the label alone.")
        metrics = self.result.metrics
        shares = [metrics["label_accuracy_of"][label] for label in labels]
        worst = int(np.argmin(shares))
        show_text(f"The judge reads {share(metrics['label_accuracy'])} of its pictures as the digit asked for; "
                  f"least often the {worst}, with {share(shares[worst])}.")
        show_figure(gan_figures.label_accuracy(shares), "Bars: how often each digit asked for is read as such, from "
                    f"{share(min(shares))} to {share(max(shares))}")

    def show_classes(self) -> None:
        """The class histogram."""
        show_heading("How often each digit is drawn")
        generated, real = (self.result.array(f"histogram/{kind}") for kind in ("generated", "real"))
        most = int(generated.argmax())
        rare = self.result.missing()
        lacking = f" Hardly ever drawn: {listed(rare)}." if rare else " None is missing."
        asked = " The labels asked for are spread evenly." if self.result.conditional else ""
        show_figure(gan_figures.class_histogram(generated, real),
                    f"Bars: the share of each digit, generated beside real; most often {most}",
                    f"Most often the {most}, in {share(generated[most])} of the pictures.{lacking}{asked}")

    def show_memorisation(self) -> None:
        """The generated pictures closest to training pictures, beside the same for real ones."""
        show_heading("Does it copy?")
        found = self.result.attribute("memorisation")
        show_text(f"Verdict: {found['verdict']}. {found['text']}")
        self._show_pairs("generated", "training", "ratios", "generated",
                         "The generated pictures most like copies, with the training picture nearest to each below. "
                         "The numbers: how far that one is, as a part of the second nearest; 0 is a copy, near 1 is "
                         "none.")
        self._show_pairs("held_out", "held_out_training", "held_out_ratios", "test",
                         "The same for test pictures, for comparison: the GAN has never seen them.")

    def _show_path(self, pictures: np.ndarray, caption: str) -> None:
        """Rows of pictures along paths."""
        rows, columns = pictures.shape[:2]
        show_figure(gan_figures.picture_sheet(_flat(pictures), columns),
                    f"{rows} rows of {columns} pictures from one seed to another", caption)

    def _show_pairs(self, above: str, below: str, nearness: str, name: str, caption: str) -> None:
        """Pictures above their nearest training pictures."""
        *pairs, ratios = (self.result.array(f"closest/{array}") for array in (above, below, nearness))
        titles = [f"{ratio:.2f}" for ratio in ratios]
        show_figure(gan_figures.picture_sheet(np.concatenate(pairs), len(pairs[0]), [name, "training"], titles),
                    f"{len(pairs[0])} {name} pictures above the training pictures closest to them", caption)


def _flat(pictures: np.ndarray) -> np.ndarray:
    """Rows and columns of pictures one after the other."""
    return pictures.reshape(-1, *pictures.shape[2:])
