"""What each number of a GAN means, which direction is better, and the table of them."""

from dataclasses import dataclass

from stages.reporting.gan_samples import explanation
from stages.reporting.words import number, share

Metrics = dict[str, float | int]


@dataclass(frozen=True)
class Measure:
    """One number: its key in the metrics, its name, the key of what real samples score, or that score itself."""

    key: str
    name: str
    real: str | float | None
    better: str
    meaning: str
    of_one: bool = False

    def here(self, metrics: Metrics) -> str:
        """The number as text, a dash where it is unknown."""
        return self._written(metrics.get(self.key))

    def floor(self, metrics: Metrics) -> str:
        """What real samples score."""
        return self._written(metrics.get(self.real) if isinstance(self.real, str) else self.real)

    def explained(self, metrics: Metrics) -> str:
        """What the number means, with its error where it has one."""
        error = metrics.get(f"{self.key}_error")
        return self.meaning if error is None else f"{self.meaning} Standard error: {number(error)}."

    def _written(self, value: float | None) -> str:
        if value is None:
            return "–"
        if self.of_one:
            return share(value)
        return str(value) if isinstance(value, int) else number(value)


MEASURES = [
    Measure("frechet_distance", "Frechet distance", "frechet_floor", "lower",
            "How far the cloud of generated pictures is from the cloud of real ones, in position and in shape."),
    Measure("kernel_distance", "kernel distance", "kernel_floor", "lower",
            "The same question asked without assuming a shape; around 0 the clouds cannot be told apart."),
    Measure("precision", "precision", "precision_real", "higher",
            "The share of generated pictures that lie among real ones: are they good?", of_one=True),
    Measure("recall", "recall", "recall_real", "higher",
            "The share of real pictures that lie among generated ones: is everything drawn?", of_one=True),
    Measure("density", "density", "density_real", "higher",
            "How densely real pictures stand around the generated ones; a steadier precision, which may exceed 1."),
    Measure("coverage", "coverage", "coverage_real", "higher",
            "The share of real pictures with a generated one close by; a steadier recall.", of_one=True),
    Measure("modes_covered", "digits drawn", 10, "higher",
            "How many of the ten digits are more than 1 % of the pictures; few of them is mode collapse."),
    Measure("class_kl", "imbalance of the digits", "class_kl_floor", "lower",
            "How far the frequencies of the digits are from the real ones, or from those asked for (Kullback-Leibler "
            "divergence)."),
    Measure("unsure_share", "unclear pictures", "unsure_share_real", "lower",
            "The share of pictures in which the judge is not sure of any digit; the limit stands above.", of_one=True),
    Measure("attribute_gap", "gap of the attributes", "attribute_gap_floor", "lower",
            "How far the share of faces with an attribute, as the judge reads them, is from that of real faces, on "
            "average over all attributes.", of_one=True),
    Measure("inception_frechet_distance", "Frechet Inception distance", "inception_frechet_floor", "lower",
            "The Frechet distance in the features of the Inception network, as other publications measure it."),
    Measure("sharpness", "sharpness", "sharpness_real", "near real",
            "How strong edges and noise are: blurred pictures have less of it than real ones, noisy ones more."),
    Measure("pairwise_distance_ratio", "variety", 1.0, "near 1",
            "The mean distance between two generated pictures, as a fraction of that between two real ones; "
            "near 0 is mode collapse."),
    Measure("distinct_share", "distinct pictures", "distinct_share_real", "higher",
            "The share of pictures that differ visibly from every other.", of_one=True),
    Measure("memorisation_ratio", "distance from the training pictures", 1.0, "near 1",
            "How far the closest training picture is, as a fraction of the same for real pictures that the GAN never "
            "saw; blurred pictures lie near everything."),
    Measure("copies_share", "copies", "copies_share_real", "lower",
            "The share of pictures far nearer to one training picture than to all others.", of_one=True),
    Measure("near_copies_share", "nearly copies", 0.01, "lower",
            "The share that comes as near to one as only 1 % of real pictures do.", of_one=True),
    Measure("label_accuracy", "right label", None, "higher",
            "The share of pictures that the judge reads as the digit asked for.", of_one=True),
    Measure("gan_train_accuracy", "taught by its pictures", "gan_train_accuracy_real", "higher",
            "The accuracy on real digits of a classifier that learnt from generated ones alone.", of_one=True),
    Measure("valid_share", "valid patterns", 1.0, "higher",
            "The share of patterns with all four numbers in the ranges of the rule.", of_one=True),
    Measure("range_distance", "distance from the ranges", 0.0, "lower",
            "How far the numbers lie outside the ranges of the rule, on average."),
    Measure("discriminator_loss", "loss of the discriminator", "ideal_loss", "near the ideal",
            "Mean over the last tenth of the training; the ideal is that of a discriminator that cannot tell."),
    Measure("generator_loss", "loss of the generator", "ideal_loss", "near the ideal",
            "The same for the generator; above the ideal the discriminator has the upper hand."),
]


def rows(metrics: Metrics) -> list[list[object]]:
    """The table of all numbers that a GAN has: name, here, what real samples score or the ideal, better, meaning."""
    return [[measure.name, measure.here(metrics), measure.floor(metrics), measure.better,
             explanation(measure.explained(metrics))]
            for measure in MEASURES if measure.key in metrics]


def measure(key: str) -> Measure:
    """The measure of that key."""
    return next(measure for measure in MEASURES if measure.key == key)
