"""The training loop of a GAN as three drawings, one for each update: narrow ones, to be read on a telephone too."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from stages.reporting.figures import BLACK, ORANGE, RED

WIDTH, HEIGHT = 3.9, 2.9  # inches
BOX = (1.04, 0.62)  # inches
# middles of the boxes in inches
PLACES = {
    "seed": (0.62, 2.2), "generator": (1.95, 2.2), "generated sample": (3.28, 2.2),
    "loss": (0.62, 0.8), "discriminator": (1.95, 0.8), "real sample": (3.28, 0.8),
}
NETWORKS = ("generator", "discriminator")
STOP = 1.5  # inches: how far the gradient of a detached sample gets
DASHES = (0, (3, 2))
FAINT, PALE = "#767676", "#fbe7bf"
SIDE_BY_SIDE, FONT = 0.13, 9  # inches between an arrow and its way back; points
Way = tuple[str, str]


@dataclass(frozen=True)
class Update:
    """One of the three: which arrows the sample takes, which the gradient takes back, and who learns."""

    title: str
    forward: tuple[Way, ...]
    back: tuple[Way, ...]
    learns: str
    target: int
    detached: bool = False

    @property
    def used(self) -> set[str]:
        """The boxes that take part."""
        return {box for way in self.forward for box in way}

    def told(self) -> str:
        """The drawing in words."""
        ways = [first for first, _ in self.forward] + [self.forward[-1][1]]
        gradient = " to the ".join(["loss", *(second for _, second in self.back)])
        return (f"{self.title}: {', '.join(ways[:-1])}, then the {ways[-1]} with target {self.target}; the gradient "
                f"goes back from the {gradient}, and the weights of the {self.learns} move")


GENERATED = (("seed", "generator"), ("generator", "generated sample"), ("generated sample", "discriminator"),
             ("discriminator", "loss"))
TO_DISCRIMINATOR, TO_GENERATOR = ("loss", "discriminator"), ("discriminator", "generator")
UPDATES = (
    Update("1. A real sample", (("real sample", "discriminator"), ("discriminator", "loss")), (TO_DISCRIMINATOR,),
           "discriminator", 1),
    Update("2. A generated sample", GENERATED, (TO_DISCRIMINATOR,), "discriminator", 0, detached=True),
    Update("3. The generator's turn", GENERATED, (TO_DISCRIMINATOR, TO_GENERATOR), "generator", 1),
)


def drawing(update: Update) -> Figure:
    """Boxes and arrows; those that do not take part are faint."""
    figure = Figure(figsize=(WIDTH, HEIGHT))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, HEIGHT))
    axes.set_axis_off()
    axes.text(WIDTH / 2, HEIGHT - 0.17, update.title, ha="center", va="center", fontsize=11, weight="bold")
    for name in PLACES:
        _box(axes, name, update)
    for way in update.forward:
        _arrow(axes, way, BLACK, "-", SIDE_BY_SIDE if (way[1], way[0]) in update.back else 0)
    for way in update.back:
        _arrow(axes, way, RED, DASHES, -SIDE_BY_SIDE if (way[1], way[0]) in update.forward else 0)
    if update.detached:
        middle = PLACES["discriminator"][0]
        axes.plot([middle] * 2, [PLACES["discriminator"][1] + BOX[1] / 2 + 0.05, STOP], color=RED, linestyle=DASHES,
                  linewidth=1.5)
        axes.plot([middle - 0.2, middle + 0.2], [STOP] * 2, color=RED, linewidth=3)
        axes.text(middle - 0.3, STOP, "stops: detached", ha="right", va="center", fontsize=FONT, color=RED)
    axes.text(WIDTH / 2, 0.16, "solid: forward; dashed: the gradient, back", ha="center", va="center",
              fontsize=FONT)
    return figure


def _box(axes: Axes, name: str, update: Update) -> None:
    """One box with its name and what becomes of it."""
    (across, up), (width, height) = PLACES[name], BOX
    used, learns = name in update.used, name == update.learns
    rounding = 0.14 if name in NETWORKS else 0.01
    axes.add_patch(FancyBboxPatch(
        (across - width / 2, up - height / 2), width, height, boxstyle=f"round,pad=0,rounding_size={rounding}",
        facecolor=PALE if learns else "white", edgecolor=ORANGE if learns else BLACK if used else FAINT,
        linewidth=3 if learns else 1.2, linestyle="-" if used else ":"))
    note = ""
    if name == "loss":
        note = f"\ntarget {update.target}"
    elif name in NETWORKS and used:
        note = "\nweights move" if learns else "\nfixed"
    axes.text(across, up, name.replace(" ", "\n") + note, ha="center", va="center", fontsize=FONT,
              color=BLACK if used else FAINT)


def _arrow(axes: Axes, way: Way, color: str, style: object, shift: float) -> None:
    """An arrow from the edge of one box to the edge of another, in inches above or left of the straight way."""
    (left, low), (right, high) = (PLACES[name] for name in way)
    width, height = BOX
    if low == high:  # beside each other
        toward = 1 if right > left else -1
        start, end = (left + toward * width / 2, low + shift), (right - toward * width / 2, high + shift)
    else:  # from one row to the other
        toward = 1 if high > low else -1
        slant = 0.3 * (right > left) - 0.3 * (right < left)
        start, end = (left + slant, low + toward * height / 2), (right - slant, high - toward * height / 2)
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=color, linestyle=style,
                                   linewidth=1.5, shrinkA=1, shrinkB=1))
