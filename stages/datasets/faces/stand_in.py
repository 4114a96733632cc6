"""Stand-in faces: drawn here, packed exactly as CelebA is published, for whoever has no copy of it."""

import io
import multiprocessing
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from stages.core.cores import cores
from stages.core.progress import progress_bar
from stages.datasets.faces.archive import ARCHIVE, FIXED_DATE
from stages.datasets.faces.description import Face, draw_face
from stages.datasets.faces.drawing import draw
from stages.datasets.faces.stand_in_lists import write_lists

FOLDER = "img_align_celeba"
QUALITY = 92
CHUNK = 50  # pictures that a process draws before it hands them over


def draw_jpeg(seed: int, index: int) -> tuple[bytes, Face]:
    """Draw picture `index` and compress it; it depends on the seed and the index alone."""
    face = draw_face(seed, index)
    stream = io.BytesIO()
    draw(face).save(stream, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return stream.getvalue(), face


def _draw_chunk(seed: int, indices: range) -> list[tuple[bytes, Face]]:
    return [draw_jpeg(seed, index) for index in indices]


def draw_faces(count: int, seed: int, processes: int | None = None) -> Iterator[tuple[bytes, Face]]:
    """Yield `count` JPEGs in order, each with what it shows, drawn by as many processes as there are cores.

    The faces do not depend on the number of processes, and fewer faces are the beginning of more.
    """
    if count < 0 or seed < 0:
        raise ValueError(f"count {count} and seed {seed} must not be negative")
    processes = processes or cores()
    # a daemon may not have children, and a few pictures are drawn sooner than a process starts
    if processes == 1 or count <= 4 * CHUNK or multiprocessing.current_process().daemon:
        yield from (draw_jpeg(seed, index) for index in range(count))
        return
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = []
        for start in range(0, count, CHUNK):
            waiting.append(pool.submit(_draw_chunk, seed, range(start, min(start + CHUNK, count))))
            if len(waiting) > 4 * processes:  # few enough to keep little in memory
                yield from waiting.pop(0).result()
        for chunk in waiting:
            yield from chunk.result()


def write_stand_in(folder: Path, count: int, seed: int, processes: int | None = None) -> None:
    """Fill a folder with the six files of CelebA, showing `count` faces drawn here."""
    folder.mkdir(parents=True, exist_ok=True)
    faces = []
    with (
        zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_STORED) as archive,
        progress_bar(count, "drawing faces", "face") as bar,
    ):
        for number, (jpeg, face) in enumerate(draw_faces(count, seed, processes), start=1):
            member = zipfile.ZipInfo(f"{FOLDER}/{number:06d}.jpg", FIXED_DATE)
            member.create_system, member.external_attr = 3, 0o100644 << 16  # a Unix file that all may read
            archive.writestr(member, jpeg)
            faces.append(face)
            bar.update()
    write_lists(folder, faces, seed)
