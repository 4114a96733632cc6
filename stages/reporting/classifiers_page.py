"""The page of one classifier."""

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from stages.core.parameters import Block, read_block
from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.reporting import figures
from stages.reporting.html import percent, show_facts, show_figure, show_list, show_table, show_text
from stages.reporting.metrics import read_metrics
from stages.reporting.run_label import label

MEAN_WINDOW = 100  # records, so 1,000 updates
BOOK_IMAGES = 60_000
OPTIMISERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}


class Settings(Block):
    """A block of `pages.classifiers` in params.yaml: what the page says, and the book's figure."""

    title: str = Field(min_length=1)
    about: str
    chapter: int | None = Field(ge=1, le=10)
    notebook: str | None
    accuracy: float | None = Field(ge=0, le=1)
    origin: Literal["published", "text"] | None
    epochs: int | None = Field(ge=1)


    def book_figure(self) -> str:
        """The book's accuracy as exactly as the book gives it."""
        if self.accuracy is None:
            return "–"
        return percent(self.accuracy) if self.origin == "published" else f"about {100 * self.accuracy:.0f} %"


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        samples = Path(f"data/samples/classifiers/{name}.h5")
        self.settings = read_block(f"pages.classifiers.{name}", Settings)
        self.title = self.settings.title
        self.description = read_attribute(samples, "description")
        self.layers = read_attribute(samples, "layers")
        self.badge = label(self.description["data"], self.description["budget"])
        self.metrics = read_metrics(Path(f"reports/metrics/classifiers/{name}.json"))
        self.losses = pd.read_csv(f"reports/losses/classifiers/{name}.csv")
        self.per_class = pd.read_csv(f"reports/per_class/{name}.csv")
        self.samples = read_arrays(samples, [
            "record/image", "record/label", "record/outputs", "confusion",
            "mistakes/images", "mistakes/labels", "mistakes/predictions", "mistakes/outputs",
        ])

    def show_summary(self) -> None:
        """What is special here, and the result in one sentence."""
        show_text(self.settings.about)
        accuracy, errors, images = (self.metrics[name] for name in ("accuracy", "errors", "images"))
        show_text(f"It reads {percent(accuracy)} of {images:,} test pictures right and {errors:,} wrong.")

    def show_against_the_book(self) -> None:
        """Ours beside the book's figure, and what differs between the two runs."""
        ours, book = self.metrics["accuracy"], self.settings.accuracy
        if book is None:
            show_text("The book has no such classifier; there is no figure of it to compare with.")
            return
        origins = {"published": "printed by the author's notebook", "text": "in the book's prose, rounded"}
        source = f"the book (chapter {self.settings.chapter}), {origins[self.settings.origin]}"
        show_table(["", "test accuracy"], [
            ["here", percent(ours)],
            [source, self.settings.book_figure()],
            ["difference in points", f"{100 * (ours - book):+.2f}".replace("-", "−")],
        ])
        show_text("What differs from the book's run:")
        show_list(self._differences())

    def show_settings(self) -> None:
        """How it was trained."""
        training = self.description["training"]
        facts = {
            "Loss": self.description["loss"].replace("_", " "), "Optimiser": OPTIMISERS[self.description["optimizer"]],
            "Learning rate": f"{training['learning_rate']:g}, {training['schedule'].replace('_', ' ')}",
            "Pictures": f"{self.description['images']:,}, {'shuffled' if training['shuffle'] else 'in file order'}",
            "Batch size": training["batch_size"], "Epochs": training["epochs"], "Run seed": self.description["seed"],
        }
        if training["label_smoothing"]:
            facts["Label smoothing"] = training["label_smoothing"]
        if training["weight_average"]:
            facts["Moving average of the weights"] = f"{training['weight_average']:g} kept at each update"
        if training["distortion"]:
            facts["Random distortion"] = f"strength {training['distortion']:g}"
        show_facts(facts)

    def show_network(self) -> None:
        """The layers with shapes and numbers of parameters."""
        rows = [[row["layer"], " × ".join(map(str, row["output"])), row["parameters"]] for row in self.layers]
        rows.append(["all together", "", self.description["parameters"]])
        show_table(["layer", "output", "parameters"], rows)

    def show_losses(self) -> None:
        """The loss along training."""
        window = min(MEAN_WINDOW, max(len(self.losses) // 10, 1))
        figure = figures.loss_curve(self.losses, window)
        first, last = self.losses["loss"].head(window).mean(), self.losses["loss"].tail(window).mean()
        show_figure(figure, f"Loss against updates: about {first:.3g} at the beginning, {last:.3g} at the end",
                    "The loss at every tenth update as dots, their running mean as a line.")

    def show_record(self) -> None:
        """The book's test record 19 with the ten outputs."""
        outputs, true = self.samples["record/outputs"], int(self.samples["record/label"][0])
        figure = figures.record_with_outputs(self.samples["record/image"], outputs, true)
        answer = int(outputs.argmax())
        verdict = "right" if answer == true else "wrong"
        show_figure(figure, f"Test record 19, a {true}, and ten bars; the largest output is {answer}",
                    f"Test record 19 is a {true}; the network answers {answer}, which is {verdict}.")

    def show_confusion(self) -> None:
        """Which class is taken for which."""
        counts = self.samples["confusion"].copy()
        figure = figures.confusion(counts)
        for digit in range(len(counts)):
            counts[digit, digit] = 0
        true, predicted = divmod(int(counts.argmax()), len(counts))
        caption = (f"The most frequent confusion: {true} read as {predicted}, {counts.max():,} times."
                   if counts.max() else "No confusion at all.")
        show_figure(figure, "Confusion matrix of ten classes; most counts lie on the diagonal", caption)

    def show_per_class(self) -> None:
        """Precision and recall of each class."""
        rows = [[str(row.label), percent(row.precision), percent(row.recall), row.images]
                for row in self.per_class.itertuples()]
        show_table(["class", "precision", "recall", "test pictures"], rows)

    def show_mistakes(self) -> None:
        """The mistakes it was surest of."""
        images = self.samples["mistakes/images"]
        if not len(images):
            show_text("There are no mistakes to show.")
            return
        marks = zip(self.samples["mistakes/labels"], self.samples["mistakes/predictions"],
                    self.samples["mistakes/outputs"], strict=True)
        titles = [f"{true} as {predicted}\n{output:.2f}" for true, predicted, output in marks]
        show_figure(figures.picture_grid(images, titles, columns=min(10, len(images))),
                    f"{len(images)} wrongly read test pictures, each with its class and the class it was taken for",
                    "“4 as 9” is a 4 that was read as a 9; the number is the wrong output.")

    def _differences(self) -> list[str]:
        """This run against the book's, point by point."""
        description, training = self.description, self.description["training"]
        points = []
        if description["data"]["title"] != "MNIST":
            points.append(f"The data: {description['data']['title']} here, MNIST in the book.")
        if description["images"] != BOOK_IMAGES:
            points.append(f"Training pictures: {description['images']:,} here, {BOOK_IMAGES:,} in the book.")
        if training["epochs"] != self.settings.epochs:
            points.append(f"Epochs: {training['epochs']} here, {self.settings.epochs} in the book.")
        updates = training["epochs"] * -(-description["images"] // training["batch_size"])
        if updates != self.settings.epochs * BOOK_IMAGES:
            book_updates = self.settings.epochs * BOOK_IMAGES
            points.append(f"So the weights changed {updates:,} times here, {book_updates:,} times in the book.")
        if training["batch_size"] != 1 or training["shuffle"]:
            points.append(f"Updates: shuffled mini-batches of {training['batch_size']} with the learning rate "
                          f"{training['schedule'].replace('_', ' ')} here, one picture after the other in the book.")
        points.append("The random start of the weights: the book sets no seed, so its figure is one draw of many. "
                      "The README states how far several seeds lie apart.")
        return points
