"""Pictures along training: what the same seeds become as the generator learns."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from stages.core.files import whole_file
from stages.datasets.hdf5 import write_arrays
from stages.datasets.pictures import to_stored
from stages.networks.gan import Gan

SEED = 7  # of the film's own random numbers: the same seeds whatever the run's
SHOWN, SHOWN_PER_CLASS = 16, 2


class Film:
    """Collects a frame whenever it is called with an iteration and a generator."""

    def __init__(self, gan: Gan, device: torch.device) -> None:
        source = torch.Generator().manual_seed(SEED)
        self.labels = torch.arange(gan.classes).repeat(SHOWN_PER_CLASS)
        constant = gan.seeds.distribution == "constant"
        count = len(self.labels) or (1 if constant else SHOWN)  # one seed, one picture
        self.seeds = gan.seeds.draw(count, source).to(device)
        self.wanted = gan.one_hot(self.labels, device) if gan.classes else None
        self.iterations: list[int] = []
        self.frames: list[np.ndarray] = []

    def __call__(self, iteration: int, generator: nn.Module) -> None:
        """Keep what the generator makes of the seeds now."""
        training = generator.training
        with torch.inference_mode():
            self.frames.append(to_stored(generator.eval()(self.seeds, self.wanted)))
        generator.train(training)
        self.iterations.append(iteration)

    def state(self) -> dict[str, torch.Tensor]:
        """All frames so far, for a checkpoint."""
        return {"iterations": torch.tensor(self.iterations), "frames": torch.from_numpy(np.stack(self.frames))}

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        """Go on after those frames."""
        self.iterations, self.frames = state["iterations"].tolist(), list(state["frames"].numpy())

    def write(self, path: Path, description: dict[str, Any]) -> None:
        """Write all frames, with iterations and labels."""
        arrays = {"iterations": np.array(self.iterations), "pictures": np.stack(self.frames),
                  "labels": self.labels.numpy().astype(np.uint8)}
        write_arrays(path, arrays, {"description": description})

    def write_last(self, path: Path) -> None:
        """Write the last frame as one PNG, its pictures side by side."""
        from PIL import Image  # needed when something has gone wrong only

        last = self.frames[-1]  # pictures, or rows of numbers
        pictures = last if last.dtype == np.uint8 else (last[:, None, :] * 255).round().astype(np.uint8)
        with whole_file(path) as aside:
            Image.fromarray(np.concatenate(list(pictures), axis=1)).save(aside, format="png")
