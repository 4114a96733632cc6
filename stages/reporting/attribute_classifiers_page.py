"""The page of the judge of faces: a classifier that reads attributes."""

from html import escape
from pathlib import Path

import numpy as np
from pydantic import Field

from stages.core.parameters import Block, read_block
from stages.datasets.hdf5 import read_arrays, read_attribute
from stages.reporting import face_figures, figures
from stages.reporting.classifier_results import OPTIMISERS, extras
from stages.reporting.gan_recipe import view_text
from stages.reporting.gan_samples import explanation
from stages.reporting.html import percent, show_facts, show_figure, show_html, show_table, show_text
from stages.reporting.metrics import read_metrics, read_table
from stages.reporting.run_label import label
from stages.reporting.words import listed, share, spoken

MEAN_WINDOW = 20  # records
EXAMPLES = 8
HARDEST = 3


class Settings(Block):
    """A block of `pages.attribute_classifiers` in params.yaml."""

    title: str = Field(min_length=1)
    about: str


class Page:
    """What the notebook shows, read once; a judge that was not trained says why, and no more."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.settings = read_block(f"pages.attribute_classifiers.{name}", Settings)
        self.title = self.settings.title
        samples = Path(f"data/samples/attribute_classifiers/{name}.h5")
        self.description, self.layers, self.names, self.skipped = (
            read_attribute(samples, key) for key in ("description", "layers", "attribute_names", "skipped"))
        self.examples = read_arrays(samples, ["examples/images", "examples/attributes", "examples/outputs"])
        self.metrics = read_metrics(Path(f"reports/metrics/attribute_classifiers/{name}.json"))
        self.badge = label(self.description["data"], self.description["budget"])
        if not self.skipped:
            self.losses = read_table(Path(f"reports/losses/attribute_classifiers/{name}.csv"))
            self.per_attribute = read_table(Path(f"reports/per_attribute/{name}.csv"))

    def show_summary(self) -> None:
        """What it is for, and how well it reads."""
        show_html(f'<p class="quiet">In <code>params.yaml</code>: <code>attribute_classifiers.{escape(self.name)}'
                  "</code></p>")
        show_text(self.settings.about)
        if self.skipped:
            show_text(f"It was not trained. {self.skipped} So the GANs of faces are not judged by features: their "
                      "pages show what pixels alone can tell.")
            return
        ours, guess = self.metrics["accuracy"], self.metrics["majority"]
        verdict = "better" if ours > guess else "no better"
        show_text(f"Of {self.metrics['images']:,} test pictures it reads {percent(ours)} of {len(self.names)} "
                  f"attributes right, {verdict} than always answering what most training pictures show: "
                  f"{percent(guess)}.")

    def show_settings(self) -> None:
        """How it was trained."""
        if self.skipped:
            return
        training, described = self.description["training"], self.description
        view = described["view"]
        show_facts({
            "Each picture": view_text(view["crop"], view["resize"]), "Loss": described["loss"].replace("_", " "),
            "Optimiser": OPTIMISERS[described["optimizer"]], "Learning rate": f"{training['learning_rate']:g}",
            "Pictures": f"{described['images']:,}", "Batch size": training["batch_size"],
            "Epochs": training["epochs"], "Run seed": described["seed"],
            **{name.capitalize(): text for name, text in extras(training).items()},
        })

    def show_network(self) -> None:
        """The layers with shapes and numbers of parameters."""
        if self.skipped:
            return
        times = "\u00a0×\u00a0"  # no line break inside a shape
        rows = [[row["layer"], times.join(map(str, row["output"])), row["parameters"]] for row in self.layers]
        rows.append(["all together", "", self.description["parameters"]])
        show_table(["layer", "output", "parameters"], rows)

    def show_losses(self) -> None:
        """The loss along training."""
        if self.skipped:
            return
        window = min(MEAN_WINDOW, max(len(self.losses) // 10, 1))
        first, last = self.losses["loss"].head(window).mean(), self.losses["loss"].tail(window).mean()
        show_figure(figures.loss_curve(self.losses, window),
                    f"Loss against updates: about {first:.3g} at the beginning, {last:.3g} at the end",
                    f"Recorded losses as dots, the running mean of {window} of them as a line.")

    def show_attributes(self) -> None:
        """Each attribute's accuracy beside that of the guess."""
        if self.skipped:
            return
        names, ours, guess = (self.per_attribute[key].to_numpy() for key in ("attribute", "accuracy", "majority"))
        gains = ours - guess
        best, worst = (spoken(str(names[place])) for place in (gains.argmax(), gains.argmin()))
        beaten = int((gains > 0).sum())
        lowest = min(ours.min(), guess.min())
        show_text(f"It beats the guess on {beaten} of {len(names)} attributes; it gains most on “{best}” "
                  f"({100 * gains.max():.1f} points), least on “{worst}” ({100 * gains.min():.1f} points)."
                  .replace("(-", "(−"))
        show_figure(face_figures.paired_shares(
            list(map(str, names)), {"majority guess": guess, "here": ours}, over="right answers, %",
            low=10 * np.floor(10 * lowest)),
            f"Accuracy of {len(names)} attributes beside that of the guess; better on {beaten}",
            "Each row is an attribute, sorted by how often the guess is right: an attribute that few faces have is "
            "easy to guess.")
        if "balanced_accuracy" in self.metrics:
            show_text("Counted so that faces with an attribute weigh as much as faces without, "
                      f"{percent(self.metrics['balanced_accuracy'])} of the answers are right; guessing gives 50 %.")

    def show_examples(self) -> None:
        """The first test faces, and where the judge is wrong."""
        if self.skipped:
            return
        faces, true = (self.examples[f"examples/{key}"][:EXAMPLES] for key in ("images", "attributes"))
        read = self.examples["examples/outputs"][:EXAMPLES] > 0.5
        right = (read == true).sum(axis=1)
        titles = [f"{place}: {count} of {len(self.names)}" for place, count in enumerate(right, start=1)]
        show_figure(figures.picture_grid(faces, titles, columns=4, width=1.6),
                    f"{len(faces)} test faces with the number of attributes that are read right: {listed(titles)}",
                    "The first test faces, and how many of their attributes the judge reads right.")
        show_table(["face", "right", "read, and there", "read, but not there", "there, but not read"], [
            [place, share(count / len(self.names)), *(explanation(self._named(chosen)) for chosen in (
                said & (has == 1), said & (has == 0), ~said & (has == 1)))]
            for place, (count, said, has) in enumerate(zip(right, read, true, strict=True), start=1)
        ])

    def _named(self, chosen: np.ndarray) -> str:
        """The chosen attributes in words."""
        return ", ".join(spoken(self.names[place]) for place in np.flatnonzero(chosen)) or "–"
