"""Small GANs of digits, as their pages need them."""

import shutil
from pathlib import Path

import pytest
import torch
import yaml
from conftest import REPOSITORY
from gan_files import shown_by, write_digit_gan

from stages.reporting import gans_page
from stages.training.gan_weights import load_gan, save_gan

LEAKY = {"hidden_activation": "leaky_relu", "slope": 0.02}
DENSE = {player: {"family": f"dense_{player}", "hidden_units": 20, "layer_norm": True, **LEAKY}
         for player in ("generator", "discriminator")}
FIRST = {player: {"family": f"dense_{player}", "hidden_units": 20, "layer_norm": False, "hidden_activation": "sigmoid"}
         for player in ("generator", "discriminator")}
CONVOLUTIONS = {"generator": {"family": "transposed_conv_generator", "filters": 6, **LEAKY},
                "discriminator": {"family": "strided_conv_discriminator", "filters": 3, "features": 10, **LEAKY}}
NORMAL, SINGLE = {"length": 12, "distribution": "normal"}, {"length": 1, "distribution": "uniform"}
GANS = {
    "first": {**FIRST, "seeds": SINGLE},
    "plain": {**DENSE, "seeds": NORMAL},
    "ordered": {**DENSE, "seeds": NORMAL, "classes": 10},
    "convolved": {**CONVOLUTIONS, "seeds": NORMAL, "taught": 10, "loss": "relativistic"},
    "projected": {**CONVOLUTIONS, "seeds": NORMAL, "classes": 10, "loss": "relativistic"},
}


def write_project() -> None:
    """Fill the current folder with results of small GANs, their weights large: pictures and opinions differ clearly."""
    torch.set_num_threads(1)  # networks so small gain nothing from a second one
    pages = {name: {"title": name, "about": "", "book": None} for name in (*GANS, "unknown")}
    Path("params.yaml").write_text(yaml.safe_dump({"pages": {"gans": pages}}))
    Path("reports/notebooks").mkdir(parents=True)
    shutil.copy(REPOSITORY / "reports/notebooks/gans.ipynb", "reports/notebooks")
    for name, settings in GANS.items():
        write_digit_gan(name, **settings)
        gan, description = load_gan(weights(name))
        with torch.no_grad():
            for values in gan.parameters():
                values.mul_(3)
        save_gan(weights(name), gan, description)
    gelu = {**DENSE["generator"], "hidden_activation": "gelu", "slope": None}
    write_digit_gan("unknown", **{**DENSE, "generator": gelu, "seeds": NORMAL})


def weights(name: str) -> Path:
    return Path(f"data/models/gans/{name}.safetensors")


def section(name: str, patch: pytest.MonkeyPatch) -> str:
    return shown_by(patch, gans_page.Page(name).samples.show_play)
