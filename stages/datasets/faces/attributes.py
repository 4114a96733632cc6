"""The 40 attributes of CelebA in the official order, and what each means in a picture drawn here."""

from collections.abc import Callable

from stages.datasets.faces.description import Face

LONG = ("long", "shoulder", "bob")


def shows_hair(face: Face) -> bool:
    """Tell whether enough hair is to be seen to name its colour: not under a hat, unless it hangs out of it."""
    return face.style != "bald" and (face.hat == "none" or face.style in LONG)


def _hair_is(colour: str) -> Callable[[Face], bool]:
    return lambda face: shows_hair(face) and face.person.hair == colour


def _smiles(face: Face) -> bool:
    return face.smile > 0.3


def _is_young(face: Face) -> bool:
    return face.person.age < 45


def _is_oval(face: Face) -> bool:
    return not face.person.chubby and face.person.jaw < 0.98 and face.person.chin < 1.0


def _is_attractive(face: Face) -> bool:
    """No judgement of people: a fixed rule, so that the attribute depends on others as it does in CelebA."""
    person = face.person
    plain = person.chubby or face.bags or face.glasses != "none" or face.blurred or person.nose_width > 1.18
    return _is_young(face) and not plain and (face.makeup or _smiles(face) or person.cheekbones > 0.5)


RULES: dict[str, Callable[[Face], bool]] = {
    "5_o_Clock_Shadow": lambda face: face.beard == "stubble",
    "Arched_Eyebrows": lambda face: face.person.brow_arch > 2.6,
    "Attractive": _is_attractive,
    "Bags_Under_Eyes": lambda face: face.bags,
    "Bald": lambda face: face.style == "bald" and face.hat == "none",
    "Bangs": lambda face: face.bangs and face.hat == "none",
    "Big_Lips": lambda face: face.person.lips > 1.14,
    "Big_Nose": lambda face: face.person.nose_width > 1.1,
    "Black_Hair": _hair_is("black"),
    "Blond_Hair": _hair_is("blond"),
    "Blurry": lambda face: face.blurred,
    "Brown_Hair": _hair_is("brown"),
    "Bushy_Eyebrows": lambda face: face.person.brow_width > 4.1,
    "Chubby": lambda face: face.person.chubby,
    "Double_Chin": lambda face: face.double_chin,
    "Eyeglasses": lambda face: face.glasses != "none",
    "Goatee": lambda face: face.beard == "goatee",
    "Gray_Hair": _hair_is("grey"),
    "Heavy_Makeup": lambda face: face.makeup,
    "High_Cheekbones": lambda face: face.person.cheekbones + 0.5 * _smiles(face) > 0.8,
    "Male": lambda face: face.person.male,
    "Mouth_Slightly_Open": lambda face: face.mouth_open > 0,
    "Mustache": lambda face: face.beard in ("moustache", "full", "goatee"),
    "Narrow_Eyes": lambda face: face.person.narrow_eyes and face.glasses != "sun",
    "No_Beard": lambda face: face.beard in ("none", "stubble", "moustache"),
    "Oval_Face": _is_oval,
    "Pale_Skin": lambda face: face.person.skin < 0.03,
    "Pointy_Nose": lambda face: face.person.nose_pointed > 0.62,
    "Receding_Hairline": lambda face: face.person.receding and face.hat == "none",
    "Rosy_Cheeks": lambda face: face.blush > 0.5,
    "Sideburns": lambda face: face.sideburns,
    "Smiling": _smiles,
    "Straight_Hair": lambda face: shows_hair(face) and face.person.waves == "straight" and face.style != "crop",
    "Wavy_Hair": lambda face: shows_hair(face) and face.person.waves != "straight" and face.style != "crop",
    "Wearing_Earrings": lambda face: face.earrings,
    "Wearing_Hat": lambda face: face.hat != "none",
    "Wearing_Lipstick": lambda face: face.lipstick is not None,
    "Wearing_Necklace": lambda face: face.necklace,
    "Wearing_Necktie": lambda face: face.tie_colour is not None,
    "Young": _is_young,
}
NAMES = list(RULES)


def attributes_of(face: Face) -> list[bool]:
    """Return which of the 40 attributes are true of a picture, in the official order."""
    return [rule(face) for rule in RULES.values()]
