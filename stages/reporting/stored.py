"""Do the GANs of this run store their training pictures? What their evaluation says, side by side."""

from collections.abc import Sequence
from math import prod

import numpy as np

from stages.reporting import gan_figures
from stages.reporting.gan_kinds import read_results
from stages.reporting.gan_metrics import measure
from stages.reporting.gan_samples import narrow_link
from stages.reporting.html import link, show_facts, show_figure, show_table, show_text
from stages.reporting.run_label import data_label
from stages.reporting.words import in_bytes, listed, number, share

WEIGHT_BYTES = 4  # float32
COPYING = {"memorisation_ratio": "distance", "copies_share": "copies", "near_copies_share": "nearly copies"}
MODES = ("modes_covered", "class_kl", "pairwise_distance_ratio")
NONE = "pages.gans of params.yaml has no such GAN: there is nothing to show."


class Evidence:
    """The GANs of pictures among `names`, in that order; patterns of a rule have no training pictures to copy."""

    def __init__(self, names: Sequence[str]) -> None:
        found = read_results(names)
        self.results = {name: result for name, result in found.items() if result.kind != "pattern"}
        data = dict.fromkeys(data_label(result.description["data"]) for result in self.results.values())
        budgets = {result.description["budget"] for result in self.results.values()}  # one, as of one run
        self.badge = " · ".join([", ".join(data), *(f"{budget} budget" for budget in budgets)])

    def show_copies(self) -> None:
        """Each GAN's distance from its training pictures, and the picture of all GANs that is most like a copy."""
        if not self.results:
            show_text(NONE)
            return
        copies = measure("copies_share")
        show_table(["GAN", *COPYING.values(), "copies, real", "verdict"], [
            [link(f"{name}.html", name), *(measure(key).here(result.metrics) for key in COPYING),
             copies.floor(result.metrics), result.attribute("memorisation")["verdict"]]
            for name, result in self.results.items()
        ])
        show_facts({name: measure(key).meaning for key, name in COPYING.items()} |
                   {"copies, real": "The share of copies among real pictures that the GAN never saw."})
        self._show_nearest()

    def _show_nearest(self) -> None:
        """Of all GANs the one with the picture most like a copy: its pictures above, training pictures below."""
        ratios = {name: result.array("closest/ratios") for name, result in self.results.items()}
        name = min(ratios, key=lambda name: ratios[name].min())
        pictures = np.concatenate([self.results[name].array(f"closest/{kind}") for kind in ("generated", "training")])
        titles = [f"{ratio:.2f}" for ratio in ratios[name]]
        columns = len(titles)
        show_figure(gan_figures.picture_sheet(pictures, columns, ["generated", "training"], titles),
                    f"{columns} pictures of {name} above the training pictures closest to them; distances as a "
                    f"fraction of the second nearest: {listed(titles)}",
                    f"The nearest to copies that any of these GANs has drawn: {columns} pictures of {name}, and below "
                    "each the training picture closest to it. The numbers: how far that is, as a fraction of the "
                    "second nearest; 0 is a copy, near 1 is none.")

    def show_sizes(self) -> None:
        """Bytes of weights beside bytes of training pictures."""
        if not self.results:
            show_text(NONE)
            return
        rows, each = [], {}
        for name, result in self.results.items():
            described = result.description
            weights, picture = WEIGHT_BYTES * described["parameters"]["generator"], prod(described["shape"])
            each[name] = weights / described["images"] / picture
            rows.append([link(f"{name}.html", name), in_bytes(weights), in_bytes(picture * described["images"]),
                         f"{weights / described['images']:,.0f}", f"{picture:,}", share(each[name])])
        show_table(["GAN", "generator", "training data", "bytes to a picture", "bytes of one", "share"], rows)
        most = max(each, key=each.get)
        show_text("Weights are float32, four bytes each; pictures have a byte for each value, as they are stored here. "
                  f"The generator of {most} has the most room: for each picture that it learnt from, "
                  f"{share(each[most])} of what the picture takes.")

    def show_modes(self) -> None:
        """What collapse looks like in the numbers of the GANs of digits."""
        digits = {name: result for name, result in self.results.items() if result.kind == "digits"}
        if not digits:
            show_text(NONE)
            return
        show_table(["", *(narrow_link(name) for name in digits), "real pictures"], [
            [measure(key).name, *(measure(key).here(result.metrics) for result in digits.values()),
             measure(key).floor(next(iter(digits.values())).metrics)] for key in MODES
        ])
        collapsed = [name for name, result in digits.items() if result.collapsed()]
        worst = max(digits, key=lambda name: digits[name].metrics["class_kl"])
        show_text((f"Collapsed: {listed(collapsed)}. " if collapsed else "None of them has collapsed. ") +
                  f"The largest imbalance is that of {worst}, {number(digits[worst].metrics['class_kl'])}; a GAN that "
                  "draws one digit only has ln 10 = 2.303.")
