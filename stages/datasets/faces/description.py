"""What a random picture shows: a person, their pose and expression, hair, dress and light."""

from dataclasses import dataclass

from stages.datasets.faces.colours import CLOTHES, LIPSTICKS, Colour
from stages.datasets.faces.person import Draws, Person, draw_person, person_of

STYLES = {  # weights of the lengths and shapes of hair, of women and of men
    False: ([0.40, 0.23, 0.14, 0.15, 0.08], ["long", "shoulder", "bob", "updo", "short"]),
    True: ([0.44, 0.28, 0.21, 0.03, 0.04], ["short", "crop", "quiff", "bob", "shoulder"]),
}
CLOTHING = {
    False: ([0.33, 0.27, 0.25, 0.10, 0.05], ["crew", "v", "straps", "shirt", "suit"]),
    True: ([0.36, 0.14, 0.0, 0.24, 0.26], ["crew", "v", "straps", "shirt", "suit"]),
}


@dataclass(frozen=True)
class Face:
    """One picture: a person, their pose, expression, hair style, dress, and the light. Angles are tangents."""

    person: Person
    turn: float
    nod: float
    tilt: float
    shift: tuple[float, float]  # pixels by which the alignment errs
    light: tuple[float, float, float]  # towards the lamp: right, down, to the viewer
    ambient: float
    exposure: float
    warmth: float
    background: int  # seed of its clouds
    background_colours: tuple[Colour, Colour]
    smile: float  # 0 none to 1 broad
    mouth_open: float  # 0 closed to 1
    brow_raise: float  # pixels
    gaze: float
    style: str  # of the hair
    volume: float  # pixels
    parting: float  # -1 left to 1 right
    bangs: bool
    behind_ears: bool
    texture: int
    beard: str
    sideburns: bool
    makeup: bool
    lipstick: Colour | None
    blush: float
    glasses: str  # none, round, square or sun
    hat: str  # none, beanie, cap or brim
    hat_colour: Colour
    earrings: bool
    necklace: bool
    clothes: str  # crew, v, straps, shirt or suit
    clothes_colour: Colour
    tie_colour: Colour | None
    bags: bool
    double_chin: bool
    blurred: bool


def draw_face(seed: int, index: int) -> Face:
    """Draw what picture `index` shows; it depends on the seed and the index alone."""
    person = draw_person(seed, person_of(seed, index))
    draws = Draws([seed, 3, index])
    male = person.male
    style = "bald" if person.bald else draws.choice(*STYLES[male])
    if person.receding and style == "quiff":
        style = "short"
    smile = draws.between(0.35, 1.0) if draws.chance(0.46 if male else 0.54) else draws.between(-0.1, 0.12)
    is_open = draws.chance(0.68 if smile > 0.3 else 0.24)
    beard = person.tends_to if draws.chance(0.92) else "none"
    makeup = not male and draws.chance(0.62)
    lipstick = draws.one_of(LIPSTICKS) if not male and draws.chance(0.93 if makeup else 0.42) else None
    side, height = draws.near(0, 0.75), draws.between(0.15, 0.6)
    clothes = draws.choice(*CLOTHING[male])
    tie = male and clothes in ("suit", "shirt") and draws.chance(0.62 if clothes == "suit" else 0.15)
    hat = draws.choice([0.94, 0.022, 0.022, 0.016], ["none", "beanie", "cap", "brim"])
    has_glasses = draws.chance(0.62 if person.wears_glasses else 0.015)
    glasses = draws.choice([0.35, 0.45, 0.2], ["round", "square", "sun"]) if has_glasses else "none"
    first = tuple(round(draws.between(25, 225)) for _ in range(3))
    greyness = draws.between(0.45, 0.95)
    level = sum(first) // 3
    first = tuple(round(level * greyness + channel * (1 - greyness)) for channel in first)
    change = draws.between(0.55, 1.35)
    second = tuple(min(245, round(channel * change + draws.between(-18, 18) + 10)) for channel in first)
    return Face(
        person=person,
        turn=draws.near(0, 0.34),
        nod=draws.near(0, 0.12),
        tilt=draws.near(0, 0.06),
        shift=(draws.near(0, 1.2), draws.near(0, 1.0)),
        light=(side, -height, 0.9),
        ambient=draws.between(0.30, 0.56),
        exposure=draws.near(1.0, 0.13),
        warmth=draws.near(0.015, 0.06),
        background=int(draws.between(0, 1 << 30)),
        background_colours=(first, second),
        smile=smile,
        mouth_open=draws.between(0.3, 1.0) if is_open else 0.0,
        brow_raise=draws.near(0, 1.5),
        gaze=draws.near(0, 0.9),
        style=style,
        volume=draws.between(3, 13),
        parting=draws.one_of([-1, -0.6, 0.0, 0.0, 0.6, 1]),
        bangs=not person.receding and style in ("long", "shoulder", "bob", "short") and draws.chance(0.20),
        behind_ears=draws.chance(0.35),
        texture=int(draws.between(0, 1 << 16)),
        beard=beard,
        sideburns=beard == "full" or (male and style in ("short", "quiff") and draws.chance(0.12)),
        makeup=makeup,
        lipstick=lipstick,
        blush=draws.between(0.55, 1.0) if draws.chance(0.14 if not male else 0.02) else draws.between(0.0, 0.2),
        glasses=glasses,
        hat=hat,
        hat_colour=draws.one_of(CLOTHES),
        earrings=draws.chance(0.36 if not male else 0.02),
        necklace=not tie and clothes in ("crew", "v", "straps") and draws.chance(0.24 if not male else 0.03),
        clothes=clothes,
        clothes_colour=draws.one_of(CLOTHES),
        tie_colour=draws.one_of(CLOTHES) if tie else None,
        bags=draws.chance(0.10 if person.age < 40 else 0.58) and glasses != "sun",
        double_chin=person.chubby and draws.chance(0.65),
        blurred=draws.chance(0.05),
    )
