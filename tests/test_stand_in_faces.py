"""The stand-in faces: the official files and syntax, the same bytes always, and attributes that the pictures show."""

import hashlib
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from stages.datasets.faces import stand_in
from stages.datasets.faces.attributes import NAMES, RULES, attributes_of
from stages.datasets.faces.description import Face, draw_face
from stages.datasets.faces.drawing import draw
from stages.datasets.faces.geometry import landmarks
from stages.datasets.faces.person import BLOCK_SIZE, person_of
from stages.datasets.faces.stand_in import draw_faces, draw_jpeg, write_stand_in
from stages.datasets.faces.stand_in_lists import write_lists

OFFICIAL_NAMES = [
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald",
    "Bangs", "Big_Lips", "Big_Nose", "Black_Hair", "Blond_Hair",
    "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin",
    "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones",
    "Male", "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard",
    "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks",
    "Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings",
    "Wearing_Hat", "Wearing_Lipstick", "Wearing_Necklace", "Wearing_Necktie", "Young",
]  # fmt: skip
LANDMARKS = ["lefteye", "righteye", "nose", "leftmouth", "rightmouth"]
MEMBERS = [f"img_align_celeba/{number:06d}.jpg" for number in range(1, 13)]


@pytest.fixture(scope="module")
def faces() -> list[Face]:
    """What 2,000 pictures show, without drawing them."""
    return [draw_face(1, index) for index in range(2000)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("celeba")
    write_stand_in(path, count=12, seed=1)
    return path


def pixels(face: Face) -> np.ndarray:
    return np.asarray(draw(face), float)


def such_as(faces: list[Face], count: int, **wanted: bool) -> list[Face]:
    """The first faces that have or lack the attributes named, sharp and well lit."""
    clear = [face for face in faces if not face.blurred and face.exposure > 0.95]
    return [face for face in clear if all(RULES[name](face) == is_so for name, is_so in wanted.items())][:count]


def test_archive_holds_stored_jpegs_of_a_fixed_date(folder):
    with zipfile.ZipFile(folder / "img_align_celeba.zip") as archive:
        members = archive.infolist()
        assert [member.filename for member in members] == MEMBERS
        for member in members:
            assert member.compress_type == zipfile.ZIP_STORED
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert member.external_attr == 0o100644 << 16
            picture = Image.open(io.BytesIO(archive.read(member)))
            assert (picture.format, picture.size, picture.mode) == ("JPEG", (178, 218), "RGB")


def test_lists_have_the_official_syntax(folder):
    names = [member.split("/")[1] for member in MEMBERS]
    columns = {
        "list_attr_celeba.txt": (OFFICIAL_NAMES, 40),
        "list_bbox_celeba.txt": (["image_id", "x_1", "y_1", "width", "height"], 4),
        "list_landmarks_align_celeba.txt": ([f"{place}_{axis}" for place in LANDMARKS for axis in "xy"], 10),
        "identity_CelebA.txt": (None, 1),
        "list_eval_partition.txt": (None, 1),
    }
    assert {path.name for path in folder.iterdir()} == {*columns, "img_align_celeba.zip"}
    for name, (header, width) in columns.items():
        lines = (folder / name).read_text().splitlines()
        if header:
            assert lines[0] == "12" and lines[1].split() == header
            lines = lines[2:]
        rows = [line.split() for line in lines]
        assert [row[0] for row in rows] == names
        values = np.array([row[1:] for row in rows], int)
        assert values.shape == (12, width)
        if width == 40:
            assert set(values.ravel()) == {-1, 1}


def test_same_seed_gives_the_same_files(folder, tmp_path):
    write_stand_in(tmp_path, count=12, seed=1)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_faces_depend_on_the_seed_and_the_index_alone():
    jpegs = [jpeg for jpeg, _ in draw_faces(4, seed=3)]
    assert jpegs[2] == draw_jpeg(3, 2)[0]
    assert len({*jpegs, draw_jpeg(4, 2)[0]}) == 5


def test_faces_do_not_depend_on_the_number_of_processes(monkeypatch):
    monkeypatch.setattr(stand_in, "CHUNK", 1)  # so few faces would not be worth a second process
    one, two = ([jpeg for jpeg, _ in draw_faces(6, seed=1, processes=processes)] for processes in (1, 2))
    assert len(one) == 6 and one == two


def test_pixels_do_not_depend_on_the_machine():
    # Recorded once. A change here changes every stand-in data set and all that was trained on it.
    content = b"".join(draw(draw_face(7, index)).tobytes() for index in range(8))
    assert hashlib.sha256(content).hexdigest() == "c3af353f8c2ef03334e3a5233e46ccb8e1e73d05fda48a2801f6e4549cab8055"


def test_negative_numbers_are_refused():
    with pytest.raises(ValueError, match="count -1"):
        next(draw_faces(-1, seed=1))
    with pytest.raises(ValueError, match="seed -1"):
        next(draw_faces(1, seed=-1))


def test_nobody_is_in_two_partitions(tmp_path):
    count = 20 * BLOCK_SIZE
    write_lists(tmp_path, [draw_face(5, index) for index in range(count)], seed=5)
    people, parts = (
        np.array([line.split()[1] for line in (tmp_path / name).read_text().splitlines()], int)
        for name in ("identity_CelebA.txt", "list_eval_partition.txt")
    )
    assert np.bincount(parts).tolist() == [0.8 * count, 0.1 * count, 0.1 * count] and (np.diff(parts) >= 0).all()
    assert not any(set(people[parts == one]) & set(people[parts != one]) for one in range(3))
    assert people.min() >= 1 and 5 < count / len(set(people)) < 20


def test_a_person_stays_the_same_in_all_pictures(faces):
    people = {}
    for index, face in enumerate(faces):
        assert people.setdefault(person_of(1, index), face.person) == face.person


def test_names_are_the_official_ones_in_their_order():
    assert NAMES == OFFICIAL_NAMES


def test_every_attribute_is_neither_too_rare_nor_too_common(faces):
    shares = np.mean([attributes_of(face) for face in faces], axis=0)
    for name, share in zip(NAMES, shares, strict=True):
        assert 0.012 < share < 0.90, name


def test_attributes_agree_with_each_other(faces):
    table = dict(zip(NAMES, np.array([attributes_of(face) for face in faces]).T, strict=True))
    for name in ("Goatee", "Mustache", "Sideburns", "5_o_Clock_Shadow", "Bald", "Wearing_Necktie", "Receding_Hairline"):
        assert not (table[name] & ~table["Male"]).any(), name
    for name in ("Heavy_Makeup", "Wearing_Lipstick"):
        assert not (table[name] & table["Male"]).any(), name
    colours = sum(table[name].astype(int) for name in ("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair", "Bald"))
    assert colours.max() == 1
    assert not (table["Goatee"] & table["No_Beard"]).any() and not (table["Straight_Hair"] & table["Wavy_Hair"]).any()
    assert not (table["Gray_Hair"] & table["Young"]).any()


def test_eyes_are_at_the_aligned_place(faces):
    places = np.array([landmarks(face) for face in faces])
    assert np.abs(places[:, :4] - [69, 111, 108, 111]).max() <= 4
    assert np.abs(places[:, :4].mean(axis=0) - [69, 111, 108, 111]).max() < 1
    assert np.abs(places[:, 4:6].mean(axis=0) - [88, 136]).max() < 2
    assert np.abs(places[:, [7, 9]].mean() - 152) < 3


def test_smiles_raise_the_corners_of_the_mouth_and_part_dark_lips(faces):
    smiling, serious = (
        np.mean([np.array(landmarks(face))[[7, 9]] for face in faces if RULES["Smiling"](face) == is_so])
        for is_so in (True, False)
    )
    assert smiling < serious - 2
    for face in such_as(faces, 3, Mouth_Slightly_Open=True, Smiling=True):
        closed = pixels(replace(face, mouth_open=0.0))
        assert np.abs(pixels(face) - closed)[140:170, 70:108].mean() > 2


def test_hair_has_the_colour_that_its_attribute_names(faces):
    def hair(**wanted: bool) -> np.ndarray:
        shown = such_as(faces, 6, Wearing_Hat=False, Receding_Hairline=False, **wanted)
        return np.mean([pixels(face)[50:62, 74:104].mean(axis=(0, 1)) for face in shown], axis=0)

    black, blond, brown, grey = (hair(**{f"{name}_Hair": True}) for name in ("Black", "Blond", "Brown", "Gray"))
    assert black.mean() < 75 < brown.mean() + 10 < blond.mean()
    assert blond[0] - blond[2] > 50 and brown[0] - brown[2] > 25
    assert grey.mean() > 95 and np.ptp(grey) < 25


def changed(face: Face, **change: object) -> np.ndarray:
    """How much each pixel changes when one thing about a face does."""
    return np.abs(pixels(face) - pixels(replace(face, **change))).mean(axis=2)


def test_hats_glasses_beards_and_jewellery_are_where_they_belong(faces):
    woman = such_as(faces, 1, Male=False, Wearing_Hat=False, Eyeglasses=False, Wearing_Earrings=False, Bald=False)[0]
    woman = replace(woman, necklace=False, clothes="crew", lipstick=None)
    man = replace(such_as(faces, 1, Male=True, Wearing_Hat=False, No_Beard=True)[0], beard="none", sideburns=False)
    for face, change, rows, columns in (
        (woman, {"hat": "beanie"}, slice(10, 100), slice(25, 150)),
        (woman, {"glasses": "square"}, slice(96, 128), slice(40, 138)),
        (woman, {"glasses": "sun"}, slice(96, 128), slice(40, 138)),
        (woman, {"earrings": True}, slice(125, 160), slice(25, 155)),
        (woman, {"necklace": True}, slice(180, 218), slice(50, 128)),
        (woman, {"lipstick": (190, 36, 52)}, slice(140, 172), slice(66, 112)),
        (man, {"beard": "full"}, slice(120, 200), slice(40, 137)),
        (man, {"beard": "stubble"}, slice(120, 200), slice(40, 137)),
        (man, {"clothes": "suit", "tie_colour": (150, 44, 50)}, slice(175, 218), slice(0, 178)),
    ):
        difference = changed(face, **change)
        inside = np.zeros(difference.shape, bool)
        inside[rows, columns] = True
        assert difference[inside].mean() > 1 and difference[inside].mean() > 8 * difference[~inside].mean(), change


def test_lipstick_is_redder_than_lips(faces):
    for face in such_as(faces, 3, Wearing_Lipstick=True, Mouth_Slightly_Open=False):
        left, right = landmarks(face)[6], landmarks(face)[8]
        middle = (left + right) // 2
        both = (face, replace(face, lipstick=None))
        with_it, without = (pixels(one)[150:160, middle - 6 : middle + 7] for one in both)
        redness = [(lips[..., 0] - lips[..., 1]).max() for lips in (with_it, without)]
        assert redness[0] > redness[1] + 10


def test_blurred_pictures_have_softer_edges(faces):
    face = such_as(faces, 1, Blurry=False)[0]
    sharp, soft = (np.abs(np.diff(pixels(one), axis=1)).mean() for one in (face, replace(face, blurred=True)))
    assert soft < 0.8 * sharp
