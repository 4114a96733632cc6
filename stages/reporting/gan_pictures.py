"""What a page shows of a GAN of pictures, be they grey or in colour."""

import numpy as np

from stages.reporting import figures, gan_figures
from stages.reporting.gan_samples import Samples, chosen_frames, show_heading
from stages.reporting.html import show_figure, show_text
from stages.reporting.pixels import sheet, show_animation, with_progress
from stages.reporting.words import listed

BOOK_GRID = 6  # pictures in the book's two rows of three
STRIP_FRAMES, STRIP_SEEDS = 9, 5
ARITHMETIC = ["seed 1", "seed 2", "sum", "difference", "product"]


class PictureSamples(Samples):
    """Pictures from all stages."""

    tried_width = 0.9  # inches of a picture with the discriminator's output above

    def draw_alone(self) -> None:
        """Real pictures above, noise below, with the outputs."""
        samples = np.concatenate([self.alone["real/samples"], self.alone["noise/samples"]])
        outputs = [f"{output:.3f}" for kind in ("real", "noise") for output in self.alone[f"{kind}/outputs"]]
        show_figure(figures.picture_grid(samples, outputs, columns=4, width=self.tried_width),
                    f"Four real pictures with the outputs {listed(outputs[:4])}; four of noise with the outputs "
                    f"{listed(outputs[4:])}", "The output for each: 1 is “real”, 0 is “not real”.")

    def show_progress(self) -> None:
        """A strip of the same seeds along training, and all of it moving."""
        iterations, pictures, labels = (self.progress[name] for name in ("iterations", "pictures", "labels"))
        frames, seeds = chosen_frames(len(iterations), STRIP_FRAMES), min(STRIP_SEEDS, pictures.shape[1])
        names = [str(label) for label in labels[:seeds]]
        strip = flat(pictures[frames][:, :seeds].swapaxes(0, 1))
        fixed = "the same seed and label" if len(labels) else "the same seed"
        show_figure(gan_figures.picture_sheet(strip, len(frames), names, [f"{step:,}" for step in iterations[frames]]),
                    f"A row of pictures for each of {seeds} seeds, from iteration {iterations[0]:,} to "
                    f"{iterations[-1]:,}",
                    f"Each row is {fixed}, each column an iteration: the untrained generator, then as it learns.")

        shown, columns = self.moving(pictures)
        frames = [with_progress(sheet(frame, columns), step / iterations[-1])
                  for step, frame in zip(iterations, shown, strict=True)]
        show_animation(frames, f"Animation of {shown.shape[1]} pictures from fixed seeds while the generator learns",
                       f"{shown.shape[1]} fixed seeds along the whole training; the bar shows how far it is.")

    def moving(self, pictures: np.ndarray) -> tuple[np.ndarray, int]:
        """Which of the pictures [frames, seeds, ...] are shown moving, and in how many columns."""
        raise NotImplementedError

    def show_seeds(self) -> None:
        """From one seed to another, in a line and on an arc, and sums of seeds."""
        linear, spherical = self.seeds["linear/pictures"], self.seeds["spherical/pictures"]
        self._show_path(linear, "On the straight line, as in the book: each row leads from one seed to another in "
                                "equal steps.")
        if len(spherical):
            self._show_path(spherical, "The same ends on an arc around the origin: random seeds of many numbers all "
                                       "lie about as far from it, but the straight line passes closer.")
        self.seed_table()

        sums = self.seeds["arithmetic/pictures"]
        if len(sums):
            show_heading("Sums of seeds", level=3)
            show_figure(gan_figures.picture_sheet(flat(sums), len(ARITHMETIC), column_titles=ARITHMETIC),
                        f"{len(sums)} rows of pictures: two seeds, their sum, difference and product",
                        "Seeds can be added, subtracted and multiplied, number by number; what do they draw then?")

    def show_memorisation(self) -> None:
        """The generated pictures closest to training pictures, beside the same for real ones."""
        show_heading("Does it copy?")
        found = self.result.attribute("memorisation")
        show_text(f"Verdict: {found['verdict']}. {found['text']}")
        self._show_pairs("generated", "training", "ratios", "generated",
                         "The generated pictures most like copies, with the training picture nearest to each below. "
                         "The numbers: how far that one is, as a fraction of the second nearest; 0 is a copy, near 1 "
                         "is none.")
        self._show_pairs("held_out", "held_out_training", "held_out_ratios", "test",
                         "The same for test pictures, for comparison: the GAN has never seen them.")

    def _show_path(self, pictures: np.ndarray, caption: str) -> None:
        """Rows of pictures along paths."""
        rows, columns = pictures.shape[:2]
        show_figure(gan_figures.picture_sheet(flat(pictures), columns),
                    f"{rows} {'rows' if rows > 1 else 'row'} of {columns} pictures from one seed to another", caption)

    def _show_pairs(self, above: str, below: str, nearness: str, name: str, caption: str) -> None:
        """Pictures above their nearest training pictures."""
        *pairs, ratios = (self.result.array(f"closest/{array}") for array in (above, below, nearness))
        titles = [f"{ratio:.2f}" for ratio in ratios]
        show_figure(gan_figures.picture_sheet(np.concatenate(pairs), len(pairs[0]), [name, "training"], titles),
                    f"{len(pairs[0])} {name} pictures above the training pictures closest to them", caption)


def flat(pictures: np.ndarray) -> np.ndarray:
    """Rows and columns of pictures one after the other."""
    return pictures.reshape(-1, *pictures.shape[2:])
