"""Two GANs of faces against each other: numbers side by side, and sentences that follow from them."""

import math
from dataclasses import dataclass

from stages.reporting.gan_kinds import FaceResult
from stages.reporting.gan_metrics import measure
from stages.reporting.gan_recipe import seen
from stages.reporting.html import link, show_table
from stages.reporting.words import in_bytes, listed, share

ALIKE = 0.05  # numbers that differ by less than that part of the larger one are about the same: one run each


@dataclass(frozen=True)
class Duel:
    """Two results of the same data and budget."""

    one: FaceResult
    other: FaceResult

    def show_table(self, wanted: list[str]) -> None:
        """The wanted numbers that both have, with what real pictures score."""
        rows = [row for key in wanted for row in self._row(key)]
        show_table(["", *(link(f"{result.name}.html", result.name) for result in (self.one, self.other)),
                    "real or ideal", "better"], rows)

    def views(self) -> str:
        """What each sees of a picture."""
        one, other = (seen(result.description)["Each picture"] for result in (self.one, self.other))
        return f"Both see {one}." if one == other else f"{self.one.name} sees {one}, {self.other.name} {other}."

    def memory_sentence(self, book_one: float | None, book_other: float | None) -> str:
        """What training one picture takes, as a ratio, beside the book's."""
        mine, theirs = (result.attribute("memory")["training_bytes"] for result in (self.one, self.other))
        text = (f"To train on one picture, {self.other.name} holds {in_bytes(theirs)}, {share(theirs / mine)} of the "
                f"{in_bytes(mine)} of {self.one.name} (weights, gradients, moments and activations, counted).")
        if book_one and book_other:
            text += (f" The book's GPU reported {book_other:.2f} GiB against {book_one:.2f} GiB at most, "
                     f"{share(book_other / book_one)}.")
        return text

    def verdict(self) -> str:
        """Which is better by which number."""
        found: dict[str, list[str]] = {self.one.name: [], self.other.name: [], "neither": []}
        for name, distances in self._distances().items():
            found[self._better(*distances)].append(name)
        collapsed = [result.name for result in (self.one, self.other) if result.collapsed()]
        parts = [f"{name} is better by {listed(names)}" for name, names in found.items() if names and name != "neither"]
        if found["neither"]:
            parts.append(f"they are about even by {listed(found['neither'])}")
        text = "; ".join(parts)
        fallen = f" Mode collapse: {listed(collapsed)}." if collapsed else ""
        return f"{text[0].upper() if text.startswith('they') else text[0]}{text[1:]}. One run of each.{fallen}"

    def fairness(self) -> str:
        """Whether both had the same training."""
        one, other = (result.description["training"] for result in (self.one, self.other))
        names = {"epochs": "epochs", "batch_size": "batch size", "learning_rate": "learning rate"}
        differences = [f"{names[key]} ({one[key]:g} and {other[key]:g})" for key in names if one[key] != other[key]]
        if differences:
            return (f"They differ in more than the activation: {listed(differences)}. So the comparison cannot say "
                    "what the activation alone does.")
        return "Epochs, batch size and learning rate are the same."

    def _distances(self) -> dict[str, tuple[float, float]]:
        """For each thing that matters how far both are from the ideal."""
        one, other = self.one, self.other
        found = {"sharpness": tuple(_from_real(result.sharpness()) for result in (one, other)),
                 "variety": tuple(_from_real(result.variety()) for result in (one, other))}
        if one.judge and other.judge:
            distances = tuple(result.metrics["frechet_distance"] for result in (one, other))
            found = {"the Frechet distance": distances, **found}
        return found

    def _better(self, one: float, other: float) -> str:
        """The name of the one that is nearer to the ideal, or `neither`."""
        if abs(one - other) <= ALIKE * max(one, other, ALIKE):
            return "neither"
        return self.one.name if one < other else self.other.name

    def _row(self, key: str) -> list[list[object]]:
        """One row of the table, or none."""
        both = (self.one, self.other)
        if key == "parameters":
            return [[f"parameters of the {player}", *(result.description["parameters"][player] for result in both),
                     "–", "–"] for player in ("discriminator", "generator")]
        if key == "memory":
            return [["memory to train one picture", *(in_bytes(result.attribute("memory")["training_bytes"])
                                                      for result in both), "–", "lower"]]
        if key == "epochs":
            return [["epochs", *(result.description["training"]["epochs"] for result in both), "–", "–"]]
        if key == "sharpness":  # each as a fraction of what it is for real pictures in its own view
            return [["sharpness, as a fraction of real", *(share(result.sharpness()) for result in both), share(1),
                     "near real"]]
        column = measure(key)
        if not all(key in result.metrics for result in both):
            return []
        return [[column.name, *(column.here(result.metrics) for result in both), column.floor(self.one.metrics),
                 column.better]]


def _from_real(part: float) -> float:
    """How far a part of the real value is from it: a half is as far as the double."""
    return abs(math.log(max(part, 1e-9)))
