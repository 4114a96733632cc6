"""The page of one classifier."""

from html import escape
from pathlib import Path

from stages.core.parameters import read_block
from stages.datasets.hdf5 import read_arrays
from stages.reporting import figures
from stages.reporting.classifier_results import BOOKS_WAY, OPTIMISERS, Book, Result, Settings, extras
from stages.reporting.html import link, percent, show_facts, show_figure, show_html, show_list, show_table, show_text
from stages.reporting.metrics import read_table

MEAN_WINDOW = 100  # records, so 1,000 updates
BOOK_IMAGES = 60_000


class Page:
    """What the notebook shows, read once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.settings = read_block(f"pages.classifiers.{name}", Settings)
        self.title = self.settings.title
        result = Result(name)
        self.description, self.layers, self.metrics = result.description, result.layers, result.metrics
        self.badge = result.badge
        self.on_mnist = self.description["data"]["title"] == "MNIST"
        self.softmax = self.description["loss"] == "cross_entropy"
        self.losses = read_table(Path(f"reports/losses/classifiers/{name}.csv"))
        self.per_class = read_table(Path(f"reports/per_class/{name}.csv"))
        self.samples = read_arrays(Path(f"data/samples/classifiers/{name}.h5"), [
            "record/image", "record/label", "record/outputs", "confusion",
            "mistakes/images", "mistakes/labels", "mistakes/predictions", "mistakes/outputs",
        ])

    def show_summary(self) -> None:
        """What is special here, and the result in one sentence."""
        show_html(f'<p class="quiet">In <code>params.yaml</code>: <code>classifiers.{escape(self.name)}</code></p>')
        show_text(self.settings.about)
        accuracy, errors, images = (self.metrics[name] for name in ("accuracy", "errors", "images"))
        show_text(f"It reads {percent(accuracy)} of {images:,} test pictures right and {errors:,} wrong.")

    def show_against_the_book(self) -> None:
        """Ours beside the book's figure, and what differs between the two runs."""
        ours, book = self.metrics["accuracy"], self.settings.book
        if book is None:
            show_text("The book has no such classifier; there is no figure of it to compare with.")
            return
        rows = [["here", percent(ours)], [book.source(), book.figure()]]
        # a difference means something only between runs of the same kind
        if self.on_mnist and self.description["budget"] == "book":
            rows.append(["difference in points", f"{100 * (ours - book.accuracy):+.2f}".replace("-", "−")])
        show_table(["", "test accuracy"], rows)
        show_text("What differs from the book's run:")
        show_list(self._differences(book))

    def show_settings(self) -> None:
        """How it was trained."""
        training, described = self.description["training"], self.description
        show_facts({
            "Loss": described["loss"].replace("_", " "), "Optimiser": OPTIMISERS[described["optimizer"]],
            "Learning rate": f"{training['learning_rate']:g}", "Pictures": f"{described['images']:,}",
            "Batch size": training["batch_size"], "Epochs": training["epochs"], "Run seed": described["seed"],
            **{name.capitalize(): text for name, text in extras(training).items()},
        })

    def show_network(self) -> None:
        """The layers with shapes and numbers of parameters."""
        times = "\u00a0×\u00a0"  # no line break inside a shape
        rows = [[row["layer"], times.join(map(str, row["output"])), row["parameters"]] for row in self.layers]
        rows.append(["all together", "", self.description["parameters"]])
        show_table(["layer", "output", "parameters"], rows)
        if any(row["layer"].startswith("Conv2d") for row in self.layers):
            show_html("<p>How a convolution works, and which part of a picture it may leave unread: "
                      f"{link('appendix_c.html', 'Appendix C').data}.</p>")

    def show_losses(self) -> None:
        """The loss along training."""
        window = min(MEAN_WINDOW, max(len(self.losses) // 10, 1))
        figure = figures.loss_curve(self.losses, window)
        first, last = self.losses["loss"].head(window).mean(), self.losses["loss"].tail(window).mean()
        show_figure(figure, f"Loss against updates: about {first:.3g} at the beginning, {last:.3g} at the end",
                    f"The loss at every tenth update as dots, the running mean of {window} dots as a line.")

    def show_record(self) -> None:
        """The book's test record 19 with the ten outputs."""
        outputs, true = self.samples["record/outputs"], int(self.samples["record/label"][0])
        figure = figures.record_with_outputs(self.samples["record/image"], outputs, true)
        answer = int(outputs.argmax())
        verdict = "right" if answer == true else "wrong"
        data = self.description["data"]["title"]
        other = "" if self.on_mnist else f" (of the {data}: another picture than the book's)"
        scale = " The outputs are shown after softmax: they add up to 1." if self.softmax else ""
        show_figure(figure, f"Test record 19, a {true}, and ten bars; the largest output is {answer}",
                    f"Test record 19{other} is a {true}; the network answers {answer}, which is {verdict}.{scale}")

    def show_confusion(self) -> None:
        """Which class is taken for which."""
        counts = self.samples["confusion"].copy()
        figure, right = figures.confusion(counts), counts.trace() / max(counts.sum(), 1)
        for digit in range(len(counts)):
            counts[digit, digit] = 0
        true, predicted = divmod(int(counts.argmax()), len(counts))
        caption = (f"The most frequent confusion: {true} read as {predicted}, {counts.max():,} times."
                   if counts.max() else "No confusion at all.")
        show_figure(figure, f"Confusion matrix of ten classes, {percent(right)} on the diagonal", caption)

    def show_per_class(self) -> None:
        """Precision and recall of each class; the precision of a class that is never answered is unknown."""
        answered = self.samples["confusion"].sum(axis=0) > 0
        never = [str(label) for label in range(len(answered)) if not answered[label]]
        if never:
            show_text(f"It never answers {' or '.join(never)}, so the precision there is unknown.")
        rows = [[str(row.label), percent(row.precision) if answered[row.label] else "–", percent(row.recall),
                 row.images] for row in self.per_class.itertuples()]
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

    def _differences(self, book: Book) -> list[str]:
        """This run against the book's, point by point."""
        described, training = self.description, self.description["training"]
        updates = training["epochs"] * -(-described["images"] // training["batch_size"])
        pairs = {
            "Data": (described["data"]["title"], "MNIST"),
            "Training pictures": (f"{described['images']:,}", f"{BOOK_IMAGES:,}"),
            "Layers": (" ".join(row["layer"].split("(")[0] for row in self.layers), book.layers),
            "Parameters": (f"{described['parameters']:,}", f"{book.parameters:,}"),
            "Loss": (described["loss"].replace("_", " "), book.loss.replace("_", " ")),
            "Optimiser": (OPTIMISERS[described["optimizer"]], OPTIMISERS[book.optimizer]),
            "Learning rate": (f"{training['learning_rate']:g}", f"{book.learning_rate:g}"),
            "Batch size": (str(training["batch_size"]), "1"),
            "Epochs": (str(training["epochs"]), str(book.epochs)),
            "Updates of the weights": (f"{updates:,}", f"{book.epochs * BOOK_IMAGES:,}"),
            **{name.capitalize(): (text, BOOKS_WAY.get(name, "not used")) for name, text in extras(training).items()},
        }
        points = [f"{name}: {ours} here, {theirs} in the book." for name, (ours, theirs) in pairs.items()
                  if ours != theirs]
        points.append("The random start of the weights: the book sets no seed, so its figure is one draw of many. "
                      "The README states how far several seeds lie apart.")
        return points
