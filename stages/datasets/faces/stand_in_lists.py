"""CelebA's lists for the stand-in faces, in the official syntax: one line for each picture."""

from collections.abc import Iterable
from pathlib import Path

from stages.core.files import write_text
from stages.datasets.faces.attributes import NAMES, attributes_of
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import landmarks
from stages.datasets.faces.person import BLOCK_SIZE, person_of

LANDMARKS = "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y"
PARTITION_ENDS = (0.8, 0.9)  # shares of the archive before validation and before test: CelebA has 80, 10 and 10 %


def write_lists(folder: Path, faces: list[Face], seed: int) -> None:
    """Write the five lists of a folder of faces."""
    count = len(faces)
    people = [person_of(seed, index) for index in range(count)]
    attributes = [" ".join(" 1" if true else "-1" for true in attributes_of(face)) for face in faces]
    boxes = ["   ".join(f"{value:3d}" for value in _box(face)) for face in faces]
    places = ["  ".join(f"{value:3d}" for value in landmarks(face)) for face in faces]

    _write(folder / "list_attr_celeba.txt", attributes, [str(count), " ".join(NAMES) + " "])
    _write(folder / "identity_CelebA.txt", people)
    _write(folder / "list_bbox_celeba.txt", boxes, [str(count), "image_id x_1 y_1 width height"])
    _write(folder / "list_landmarks_align_celeba.txt", places, [str(count), LANDMARKS])
    _write(folder / "list_eval_partition.txt", [_partition(index, count) for index in range(count)])


def _write(path: Path, values: Iterable, header: Iterable[str] = ()) -> None:
    lines = [f"{number:06d}.jpg {value}" for number, value in enumerate(values, start=1)]
    write_text(path, "".join(f"{line}\n" for line in [*header, *lines]))


def _partition(index: int, count: int) -> int:
    """Return 0 for training, 1 for validation, 2 for test: whole blocks, so that nobody is in two of them."""
    blocks = -(-count // BLOCK_SIZE)
    first, second = (max(1, round(blocks * end)) for end in PARTITION_ENDS)
    block = index // BLOCK_SIZE
    return int(block >= first) + int(block >= second and block > first)


def _box(face: Face) -> tuple[int, int, int, int]:
    """Return the left, top, width and height of the head in the picture, in pixels."""
    left_eye, top_eye, right_eye, *_ = landmarks(face)
    middle = (left_eye + right_eye) // 2
    return middle - 52, top_eye - 73, 104, 149
