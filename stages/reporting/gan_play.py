"""A section in which readers move through the seeds of a GAN by hand: the trained networks run in the page itself."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import torch

from stages.evaluation.seed_paths import EVALUATION_SEED, PAIRS
from stages.networks.gan import Gan
from stages.reporting.compact_networks import TRIED_SEEDS, CompactGan, UnknownLayer, compact
from stages.reporting.html import show_html, show_text
from stages.reporting.pixels import SCALE, sheet, still
from stages.reporting.words import number
from stages.training.gan_weights import load_gan

FILES = Path(__file__).parent / "play"
MAP = """<figure>
<div class="play-map" role="application" tabindex="0"
 aria-label="Map between four seeds: arrow keys move the point, with Shift farther">
<canvas width="{width}" height="{height}" aria-hidden="true"></canvas><span class="play-point"></span></div>
<figcaption>A map between four seeds, one in each corner: drag the point, or use arrow keys.</figcaption>
</figure>"""
SLIDER = '<label class="play-slider">{} <input type="range" min="0" max="1" step="0.01" value="0"></label>'
TILES = 5  # pictures along a side of the map, as in play/widget.js


def show(name: str, seed_pictures: Mapping[str, np.ndarray]) -> None:
    """Show the section of a GAN; without scripts, a row of pictures from one seed to another takes its place."""
    gan, description = load_gan(Path(f"data/models/gans/{name}.safetensors"))
    strip = next(rows[0] for kind in ("spherical", "linear") if len(rows := seed_pictures[f"{kind}/pictures"]))
    try:
        networks = compact(gan)
    except UnknownLayer as layer:
        show_text(f"A page cannot run {layer}, a layer of this GAN, so its seeds cannot be moved here.")
        return
    corners = first_corners(gan)
    show_text(_what_is_seen(len(corners) == 4))
    show_html(_section(gan, description["shape"], networks, corners, strip))
    if description["loss"] == "relativistic":
        show_text("This discriminator has learnt only to rate real pictures above generated ones: compare its opinions "
                  "with one another; how high they are says little.")
    show_text(_how_exact(networks))


def first_corners(gan: Gan) -> torch.Tensor:
    """The seeds [2 or 4, size] between which a page begins: the ends of the first rows of “Between seeds”.

    Drawn as `stages.evaluation.seed_paths` draws them, so that the first picture is one of that section.
    """
    seeds, source = gan.seeds, torch.Generator().manual_seed(EVALUATION_SEED)
    if seeds.distribution == "constant" or (seeds.distribution == "uniform" and seeds.length == 1):
        return torch.stack([torch.zeros(seeds.length), torch.ones(seeds.length)])
    first, second = seeds.draw(PAIRS, source), seeds.draw(PAIRS, source)
    return torch.stack([first[0], second[0], first[1], second[1]])


def _what_is_seen(mapped: bool) -> str:
    """What a reader can do here."""
    if not mapped:
        return "The trained networks run in this page. Its seed is a single number: move it from 0 to 1."
    return ("The trained networks run in this page. At first the upper corners of the map are the ends of the first "
            "row of “Between seeds” above, the lower ones those of the second.")


def _how_exact(networks: CompactGan) -> str:
    """How far the networks in the page are from those that were trained."""
    bits = networks.bits
    return (f"To keep the page small, each weight is rounded to {bits['generator']} bits in the generator and to "
            f"{bits['discriminator']} in the discriminator. Measured on {TRIED_SEEDS} seeds, that changes no pixel by "
            f"more than {number(255 * networks.grey)} of 255 grey levels, and no opinion by more than "
            f"{number(networks.opinion)}.")


def _section(gan: Gan, shape: list[int], networks: CompactGan, corners: torch.Tensor, strip: np.ndarray) -> str:
    """The HTML of the section with everything that it needs."""
    (_, height, width), mapped = shape, len(corners) == 4
    data = {**networks.networks, "shape": shape, "classes": gan.classes, "distribution": gan.seeds.distribution,
            "keepsLength": gan.seeds.distribution == "normal",  # such seeds all lie about as far from the origin
            "corners": [[float(f"{value:.9g}") for value in seed] for seed in corners.tolist()]}
    drawn = sheet(strip, columns=len(strip))
    return Template((FILES / "play.html").read_text(encoding="utf-8")).substitute(
        style=_text("play.css"), script=_text("networks.js") + "\n\n" + _text("widget.js"), data=_json(data),
        width=width, height=height, map=MAP.format(width=TILES * width, height=TILES * height) if mapped else "",
        labels=_labels(gan.classes), sliders=_sliders(mapped), again="New seeds" if mapped else "Another seed",
        strip=still(drawn), strip_width=SCALE * drawn.shape[1],
        strip_alt=escape(f"{len(strip)} pictures from one seed to another"),
    ).strip()


def _labels(classes: int) -> str:
    """A choice of the digit to draw, where the GAN takes one."""
    if not classes:
        return ""
    choices = "".join(f'<label><input type="radio" name="play-label" value="{label}">{label}</label>'
                      for label in range(classes))
    return f'<fieldset class="play-labels"><legend>Digit to draw</legend>{choices}</fieldset>'


def _sliders(mapped: bool) -> str:
    """A slider for each way in which the seed moves."""
    return "\n".join(map(SLIDER.format, ("Left to right", "Top to bottom") if mapped else ("Seed",)))


def _json(value: dict[str, Any]) -> str:
    """JSON that ends no script, whatever is in it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")


def _text(file: str) -> str:
    """One of the files of the section."""
    return (FILES / file).read_text(encoding="utf-8").strip()
