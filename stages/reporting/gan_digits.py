"""What a page shows of a GAN of digits."""

import numpy as np

from stages.reporting import figures, gan_figures
from stages.reporting.gan_kinds import DIGITS
from stages.reporting.gan_pictures import BOOK_GRID, PictureSamples, flat
from stages.reporting.gan_samples import show_heading
from stages.reporting.html import show_figure, show_text
from stages.reporting.words import listed, share

BOOK_LABELS = (9, 3, 1, 5)  # what the book asks its conditional GAN for


class DigitSamples(PictureSamples):
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

    def show_untrained(self) -> None:
        """What comes out before any training."""
        pictures = self.alone["untrained/pictures"]
        height, width = pictures.shape[1:]
        show_text(f"What comes out has the right shape, {height} × {width} grey values; what it shows is chance. "
                  f"The values lie between {pictures.min()} and {pictures.max()}, around {pictures.mean():.0f}; 0 is "
                  "paper, 255 is ink.")
        show_figure(gan_figures.picture_sheet(pictures, columns=len(pictures)),
                    f"{len(pictures)} pictures of the untrained generator, grey values around {pictures.mean():.0f}")

    def moving(self, pictures: np.ndarray) -> tuple[np.ndarray, int]:
        """All seeds; of a conditional GAN ten labels in a row."""
        return pictures, DIGITS if len(self.progress["labels"]) else 4

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

    def show_labels(self) -> None:
        """One seed under all labels, and how often the label is obeyed."""
        if not self.result.conditional:
            return
        show_heading("Does it draw what it is asked for?")
        under = self.seeds["labels/pictures"]
        labels = [str(label) for label in range(DIGITS)]
        show_figure(gan_figures.picture_sheet(flat(under), DIGITS, column_titles=labels),
                    f"{len(under)} seeds, each under the ten labels from 0 to 9",
                    "A row is one seed under all ten labels: what changes along it is due to the label alone.")
        metrics = self.result.metrics
        shares = [metrics["label_accuracy_of"][label] for label in labels]
        worst = int(np.argmin(shares))
        show_text(f"The judge reads {share(metrics['label_accuracy'])} of its pictures as the digit asked for; "
                  f"least often the {worst}, with {share(shares[worst])}.")
        show_figure(gan_figures.label_accuracy(shares), "Bars: how often each digit asked for is read as such, from "
                    f"{share(min(shares))} to {share(max(shares))}")

    def show_play(self) -> None:
        """The trained networks in the page, to try seeds by hand."""
        from stages.reporting import gan_play  # brings PyTorch, for which no other page need wait

        show_heading("Play with the seeds")
        gan_play.show(self.result.name, self.seeds)

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
