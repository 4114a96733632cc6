"""A random person: what stays the same in all pictures of them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

PEOPLE_PER_BLOCK = 4
BLOCK_SIZE = 40  # pictures that show the same few people: ten of each on average

HAIR_BY_SKIN = {  # weights of black, brown, blond, red
    "light": ([0.17, 0.40, 0.35, 0.08], ["black", "brown", "blond", "red"]),
    "middle": ([0.45, 0.45, 0.08, 0.02], ["black", "brown", "blond", "red"]),
    "dark": ([0.80, 0.14, 0.06, 0.00], ["black", "brown", "blond", "red"]),
}
IRIS_BY_SKIN = {
    "light": ([0.26, 0.06, 0.16, 0.14, 0.28, 0.10], ["brown", "dark", "hazel", "green", "blue", "grey"]),
    "middle": ([0.55, 0.25, 0.12, 0.05, 0.03, 0.00], ["brown", "dark", "hazel", "green", "blue", "grey"]),
    "dark": ([0.40, 0.58, 0.02, 0.00, 0.00, 0.00], ["brown", "dark", "hazel", "green", "blue", "grey"]),
}
BEARDS = (  # of men
    [0.48, 0.24, 0.09, 0.04, 0.15],
    ["none", "stubble", "goatee", "moustache", "full"],
)


class Draws:
    """Random choices made from one row of numbers, so that a description costs a single call of the generator."""

    def __init__(self, seed: list[int], count: int = 96):
        self._numbers = iter(np.random.default_rng(seed).random(count).tolist())

    def between(self, least: float, most: float) -> float:
        """Return a number between two bounds, all equally likely."""
        return least + (most - least) * next(self._numbers)

    def near(self, middle: float, spread: float) -> float:
        """Return a number within `spread` of the middle, more likely close to it."""
        return middle + spread * (next(self._numbers) + next(self._numbers) - 1)

    def chance(self, share: float) -> bool:
        """Return True in this share of all cases."""
        return next(self._numbers) < share

    def choice(self, weights: list[float], values: list) -> object:
        """Return one of the values, as often as its weight says."""
        left = next(self._numbers) * sum(weights)
        for weight, value in zip(weights, values, strict=True):
            left -= weight
            if left < 0:
                return value
        return values[0]

    def one_of(self, values: list) -> object:
        """Return one of the values, all equally likely."""
        return values[int(next(self._numbers) * len(values))]


@dataclass(frozen=True)
class Person:
    """What stays the same in all pictures of a person. Sizes are factors around 1 unless a unit is named."""

    male: bool
    age: float  # years
    skin: float  # 0 palest to 1 darkest
    undertone: float  # -1 rosy to 1 olive
    face_width: float
    jaw: float
    chin: float  # width
    chin_drop: float  # pixels further down
    chubby: bool
    eye_size: float
    eye_tilt: float  # pixels that the outer corner is higher
    narrow_eyes: bool
    iris: str
    brow_width: float  # thickness, pixels
    brow_arch: float  # pixels
    nose_width: float
    nose_length: float
    nose_pointed: float  # 0 round to 1 pointed
    lips: float  # fullness
    mouth_width: float
    cheekbones: float  # 0 flat to 1 high
    hair: str  # colour
    hair_light: float
    waves: str  # straight, wavy or curly
    bald: bool
    receding: bool
    tends_to: str  # beard
    wears_glasses: bool


def person_of(seed: int, index: int) -> int:
    """Return the number of the person whom a picture shows; nobody appears in two blocks of the archive."""
    block = index // BLOCK_SIZE
    return block * PEOPLE_PER_BLOCK + int(np.random.default_rng([seed, 1, index]).integers(PEOPLE_PER_BLOCK)) + 1


@lru_cache(64)  # a block shows each person several times
def draw_person(seed: int, number: int) -> Person:
    """Draw a person by the seed and their number alone."""
    draws = Draws([seed, 2, number])
    male = draws.chance(0.42)
    old = draws.between(0, 1)
    age = 18 + 60 * old * old * old
    place = draws.between(0, 1)
    skin = place * (0.45 + 0.55 * place)
    kind = "light" if skin < 0.36 else "middle" if skin < 0.62 else "dark"
    chubby = draws.chance(0.07)
    grey = age > 48 and draws.chance((age - 40) / 40)
    bald = male and draws.chance(0.04 + 0.12 * (age > 40))
    hair = "grey" if grey else draws.choice(*HAIR_BY_SKIN[kind])
    waves = draws.choice([0.38, 0.50, 0.12] if kind != "dark" else [0.25, 0.3, 0.45], ["straight", "wavy", "curly"])
    return Person(
        male=male,
        age=age,
        skin=skin,
        undertone=draws.near(0, 1),
        face_width=draws.near(1.03 if male else 1.0, 0.07) + 0.07 * chubby,
        jaw=draws.near(1.06 if male else 0.94, 0.12) + 0.14 * chubby,
        chin=draws.near(1.1 if male else 0.88, 0.22),
        chin_drop=draws.near(2 if male else -1, 4),
        chubby=chubby,
        eye_size=draws.near(0.97 if male else 1.08, 0.14),
        eye_tilt=draws.near(0.6, 1.4),
        narrow_eyes=draws.chance(0.12),
        iris=draws.choice(*IRIS_BY_SKIN[kind]),
        brow_width=draws.near(3.9 if male else 2.9, 1.2),
        brow_arch=draws.near(1.0 if male else 2.7, 1.8),
        nose_width=draws.near(1.08 if male else 0.94, 0.2) + 0.1 * (kind == "dark"),
        nose_length=draws.near(0, 2.5),
        nose_pointed=draws.near(0.5, 0.5),
        lips=draws.near(0.92 if male else 1.08, 0.3) + 0.15 * (kind == "dark"),
        mouth_width=draws.near(1.0, 0.12),
        cheekbones=draws.between(0, 1),
        hair=hair,
        hair_light=draws.near(1.0, 0.25),
        waves=waves,
        bald=bald,
        receding=male and not bald and draws.chance(0.12 if age < 40 else 0.38),
        tends_to=draws.choice(*BEARDS) if male else "none",
        wears_glasses=draws.chance(0.05 + 0.1 * (age > 45)),
    )
