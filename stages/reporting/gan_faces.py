"""What a page shows of a GAN of faces."""

import numpy as np

from stages.reporting import face_figures, gan_figures
from stages.reporting.gan_pictures import BOOK_GRID, PictureSamples
from stages.reporting.gan_recipe import sides, view_text
from stages.reporting.gan_samples import show_heading
from stages.reporting.html import show_figure, show_table, show_text
from stages.reporting.pixels import thumbnails
from stages.reporting.words import in_bytes, listed, share, spoken

COLUMNS = 8  # of faces on a page
GRID_ROWS = 6
MOVING, MOVING_COLUMNS, MOVING_SIDE = 6, 3, 64  # faces of an animation, and its pixels: bytes are few
FARTHEST = 3  # attributes named in the text
MEMORY = {  # key of what training holds: what it is
    "weights_bytes": "weights of both networks",
    "gradients_bytes": "gradients, one for each weight",
    "moments_bytes": "moments of Adam, two for each weight",
    "activations_bytes": "activations: what the layers put out for one picture, kept for the gradients",
    "training_bytes": "all together",
}


class FaceSamples(PictureSamples):
    """Faces, as colour pictures."""

    inked = False
    tried_width = 1.5

    def show_examples(self) -> None:
        """A first look."""
        faces = self.result.examples(rows=1)
        show_figure(gan_figures.picture_sheet(faces, COLUMNS),
                    f"{len(faces)} faces that {self.result.name} has drawn, from random seeds",
                    f"{len(faces)} faces of its own, from random seeds, not selected.")

    def show_data(self) -> None:
        """The first training pictures, as the networks see them."""
        described = self.result.description
        view, (_, *size) = described["view"], described["shape"]
        show_text(f"It learns from {described['images']:,} faces like these ({described['data']['title']}), without "
                  f"any labels. Of each it sees {view_text(view['crop'], view['resize'])}: {sides(size)} pixels, each "
                  "a mix of red, green and blue.")
        images = self.result.array("real/images")
        first = f"The first {len(images)} training pictures"
        show_figure(gan_figures.picture_sheet(images, COLUMNS), first, f"{first}, as the networks see them.")

    def show_untrained(self) -> None:
        """What comes out before any training."""
        pictures = self.alone["untrained/pictures"]
        height, width, colours = pictures.shape[1:]
        show_text(f"What comes out has the right type and shape, {height} × {width} × {colours} numbers (height, "
                  "width, colours), kept as whole numbers from 0 to 255; what it shows is chance. The values lie "
                  f"between {pictures.min()} and {pictures.max()}, around {pictures.mean():.0f}.")
        show_figure(gan_figures.picture_sheet(pictures, columns=len(pictures), scale=2),
                    f"{len(pictures)} pictures of the untrained generator, values around {pictures.mean():.0f}")

    def moving(self, pictures: np.ndarray) -> tuple[np.ndarray, int]:
        """As many as the book shows, small."""
        shown = [thumbnails(frame[:MOVING], MOVING_SIDE) for frame in pictures]
        return np.stack(shown), MOVING_COLUMNS

    def show_generated(self) -> None:
        """The book's two rows of three, and many more."""
        grid, name = self.result.array("grid/images"), self.result.name
        show_figure(gan_figures.picture_sheet(grid[:BOOK_GRID], BOOK_GRID // 2),
                    f"Six faces that {name} has drawn, in two rows of three",
                    "As in the book: six faces from six random seeds.")
        many = grid[: COLUMNS * GRID_ROWS]
        show_figure(gan_figures.picture_sheet(many, COLUMNS), f"{len(many)} faces that {name} has drawn",
                    f"{len(many)} random seeds, not selected.")

    def show_classes(self) -> None:
        """How often each attribute is read in generated and in real faces."""
        show_heading("How often each attribute shows")
        names = self.result.attribute("attribute_names")
        if not (self.result.judge and names):
            show_text(f"Not judged: {self.result.attribute('judge_note') or 'this data has no lists of attributes.'}")
            return
        generated, real = (self.result.array(f"attributes/{kind}") for kind in ("generated", "real"))
        gaps = np.abs(generated - real)
        farthest = [f"{spoken(names[place])} ({share(generated[place])} instead of {share(real[place])})"
                    for place in np.argsort(-gaps, kind="stable")[:FARTHEST]]
        show_text("The judge reads every face, generated or real, in the same way: a GAN that draws all kinds of faces "
                  f"has each attribute as often as real ones have it. Here the shares are {share(gaps.mean())} apart "
                  f"on average. Farthest from the real ones: {listed(farthest)}.")
        show_figure(face_figures.paired_shares(names, {"real faces": real, "generated": generated}),
                    f"Shares of {len(names)} attributes in generated and real faces, {share(gaps.mean())} apart on "
                    "average", "Each row is an attribute, the most frequent at the top; a long line between the two "
                    "marks is an attribute drawn too often or too seldom.")

    def show_memory(self) -> None:
        """What training one picture holds, counted, and what the book measured."""
        show_heading("How much memory it takes")
        held, book = self.result.attribute("memory"), self.book
        show_table(["to train on one picture", "memory"],
                   [[meaning, in_bytes(held[key])] for key, meaning in MEMORY.items() if key in held])
        show_text("Counted from the shapes of the layers, not measured; what a GPU really takes depends on its "
                  "libraries. Measured figures stand in the README, among the benchmarks.")
        if book and book.memory_peak:
            now = f"{book.memory_now:.2f} GiB after training, " if book.memory_now else ""
            took = f" Training took it {_duration(book.seconds)}" if book.seconds else ""
            where = f" on {book.device}" if took and book.device else ""
            show_text(f"The book: {now}{book.memory_peak:.2f} GiB at most, as its GPU reports it."
                      f"{took}{where}{'.' if took else ''}")


def _duration(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
