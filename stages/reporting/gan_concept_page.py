"""The page of chapter 5: what a GAN is, how it is trained, and what goes wrong."""

from html import escape

from stages.reporting.gan_concept_figures import UPDATES, drawing
from stages.reporting.html import link, show_figure, show_html, show_table
from stages.reporting.lesson import LessonPage
from stages.reporting.source_code import show_code
from stages.reporting.words import listed
from stages.training import gan_steps

CAPTIONS = (
    "The discriminator sees a real sample and should answer 1. Only its weights move; the generator has no part.",
    "It sees a generated sample and should answer 0. Again only its weights move: the sample is detached, so no "
    "gradient reaches the generator.",
    "The generator makes another sample, and the discriminator should answer 1. The gradient goes through the "
    "discriminator, whose weights stay as they are, to the generator: it says how the sample must change to be taken "
    "for real.",
)
# what goes wrong, how to see it, and the pages that show it: name of the page, what it shows
TROUBLES = (
    ("mode collapse", "whatever the seed, nearly the same sample comes out: one mode of the data fools the "
     "discriminator, and the others are never tried",
     (("mnist_first", "the first GAN of digits"), ("gans", "the digits that each GAN draws"),
      ("appendix_b", "modes, and how they are lost"))),
    ("a discriminator that is too strong", "its losses are near 0, the generator's is high: no change of the sample "
     "makes a difference to a judge that is sure, so there is no slope to follow",
     (("appendix_a", "ideal losses"), ("mnist_improved", "both losses along training"))),
    ("a discriminator that is too weak", "it cannot tell real samples from noise, so there is nothing to learn from it",
     (("pattern_1010", "a discriminator alone, against noise"),)),
    ("oscillation", "each network undoes what the other has learnt; the losses go round and do not settle",
     (("appendix_d", "why gradient steps can spiral"),)),
    ("copying", "samples are training samples, learnt by heart",
     (("appendix_b", "copies, counted for each GAN"), ("mnist_best", "the pictures most like copies"))),
    ("blur and noise", "pictures that are smooth or speckled where real ones have edges",
     (("faces", "the sharpness of all faces"), ("celeba_dense", "faces without convolution"))),
)
COURSE = (
    ("6", "pattern_1010", "the pattern 1010, four numbers"), ("7", "mnist_first", "digits, and mode collapse"),
    ("7", "mnist_improved", "digits, with the refinements of chapter 3"), ("8", "celeba_dense", "faces in colour"),
    ("9", "celeba_conv", "faces by convolution"), ("9", "celeba_conv_gelu", "the same, with GELU"),
    ("10", "mnist_conditional", "digits as asked for"),
)


class Page(LessonPage):
    """What the notebook shows; nothing of it depends on a run."""

    badge = "an idea · no data set"

    def show_updates(self) -> None:
        """The three updates, each a drawing."""
        for update, caption in zip(UPDATES, CAPTIONS, strict=True):
            show_figure(drawing(update), update.told(), caption)

    def show_code(self) -> None:
        """The same as the pipeline runs it."""
        show_code(gan_steps.book_iteration, gan_steps.Player.update)

    def show_troubles(self) -> None:
        """What goes wrong, how it is seen, and where."""
        points = [f"<li><strong>{escape(what)}</strong>: {escape(sign)}. See {_links(pages)}.</li>"
                  for what, sign, pages in TROUBLES]
        show_html(f"<ul>{''.join(points)}</ul>")

    def show_course(self) -> None:
        """The GANs of the book, in its order."""
        show_table(["chapter", "GAN", "draws"],
                   [[chapter, link(f"{page}.html", page), what] for chapter, page, what in COURSE])


def _links(pages: tuple[tuple[str, str], ...]) -> str:
    """Links as a sentence has them."""
    return listed(link(f"{page}.html", what).data for page, what in pages)
