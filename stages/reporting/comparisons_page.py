"""The page that puts all classifiers next to each other."""

from pathlib import Path

from pydantic import Field

from stages.core.parameters import Block, read_block, read_blocks
from stages.reporting import classifier_results, figures
from stages.reporting.html import link, percent, show_figure, show_table, show_text
from stages.reporting.metrics import read_table

# the book's story in chapters 2, 3 and 9: each step reads more digits than the one before
BOOK_ORDER = ("baseline", "combined", "cnn")
HOLDS = "holds"
REFINEMENTS = ("bce", "leaky_relu", "adam", "layer_norm")


class Settings(Block):
    """A block of `pages.comparisons` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows, read once; experiments in the order of `pages.classifiers`."""

    def __init__(self, name: str) -> None:
        self.title = read_block(f"pages.comparisons.{name}", Settings).title
        self.pages = read_blocks("pages.classifiers", classifier_results.Settings)
        results = classifier_results.read_results(self.pages)
        self.metrics = {key: result.metrics for key, result in results.items()}
        self.descriptions = {key: result.description for key, result in results.items()}
        self.losses = {key: read_table(Path(f"reports/losses/classifiers/{key}.csv")) for key in self.pages}
        self.badge = next(iter(results.values())).badge

    def show_table(self) -> None:
        """One row per classifier."""
        rows = []
        for key, page in self.pages.items():
            description, ours = self.descriptions[key], self.metrics[key]
            rows.append([
                link(f"{key}.html", key), percent(ours["accuracy"]), page.book.figure() if page.book else "–",
                ours["errors"], description["parameters"], description["loss"].replace("_", " "),
                classifier_results.OPTIMISERS[description["optimizer"]],
            ])
        show_table(["classifier", "accuracy here", "the book", "errors", "parameters", "loss", "optimiser"], rows)

    def show_figure(self) -> None:
        """Ours and the book's accuracies."""
        ours = [self.metrics[key]["accuracy"] for key in self.pages]
        book = [page.book and page.book.accuracy for page in self.pages.values()]
        best = max(self.pages, key=lambda key: self.metrics[key]["accuracy"])
        show_figure(figures.accuracies(list(self.pages), {"the book": book, "here": ours}),
                    f"Test accuracy of {len(ours)} classifiers, ours as dots and the book's as diamonds; best: {best}",
                    "The book's figures are for MNIST at its own budget: compare them with ours only where the "
                    "badge of this page says MNIST and book budget.")

    def show_order(self) -> None:
        """Whether the book's order of classifiers shows here."""
        accuracy = {key: ours["accuracy"] for key, ours in self.metrics.items()}
        if not {*BOOK_ORDER, *REFINEMENTS} <= set(accuracy):
            show_text("Not all of the book's classifiers are in this run, so its order is not judged.")
            return
        steps = [
            *(("baseline", key) for key in REFINEMENTS), *((key, "combined") for key in REFINEMENTS),
            ("combined", "cnn"),
        ]
        rows = [[f"{low} < {high}", f"{percent(accuracy[low])} and {percent(accuracy[high])}",
                 HOLDS if accuracy[low] < accuracy[high] else "does not hold"] for low, high in steps]
        held = sum(row[2] == HOLDS for row in rows)
        images = self.metrics["baseline"]["images"]
        show_text(f"Of these {len(rows)} comparisons {held} hold in this run of one seed and {images:,} test pictures, "
                  f"where differences of less than a point may be chance. {self._worth()}")
        show_table(["step of the story", "accuracies", "in this run"], rows)

    def _worth(self) -> str:
        """What these comparisons say about the book."""
        data, budget = (self.descriptions["baseline"][key] for key in ("data", "budget"))
        if data["source"] == "stand_in":
            return "On stand-in digits this says nothing about the book, whose figures are for MNIST."
        if budget != "book":
            return f"At the {budget} budget this says little about the book, which trains otherwise."
        return "One training each is no proof."

    def show_losses(self) -> None:
        """All loss curves in one picture."""
        show_figure(figures.loss_curves(self.losses), "Smoothed loss of every classifier along its training",
                    "Squared errors and cross entropies have different scales: compare how each falls, not how low.")
