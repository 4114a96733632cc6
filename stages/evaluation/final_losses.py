"""How the losses of a GAN ended, against those of a discriminator that cannot tell (Appendix A)."""

import math
from pathlib import Path

import pandas as pd

from stages.core.command import UserError

LAST = 10  # the mean of the last tenth
# of a discriminator that answers 0.5 to all, or rates real and generated alike
IDEAL = {"mean_squared_error": 0.25, "binary_cross_entropy": math.log(2), "relativistic": math.log(2)}


def final_losses(path: Path, loss: str) -> dict[str, float]:
    """`discriminator_loss generator_loss ideal_loss`; the first is the mean over real and generated samples."""
    try:
        table = pd.read_csv(path)
        last = table.tail(max(len(table) // LAST, 1))
        real, fake, generator = (
            float(last[name].mean()) for name in ("discriminator_real", "discriminator_fake", "generator")
        )
        assert math.isfinite(real + fake + generator)
    except (AssertionError, KeyError, OSError, TypeError, ValueError):  # ValueError: what pandas cannot parse
        raise UserError(f"{path}: missing or damaged; train the GAN again (dvc repro does)") from None
    return {"discriminator_loss": (real + fake) / 2, "generator_loss": generator, "ideal_loss": IDEAL[loss]}
