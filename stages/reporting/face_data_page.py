"""The page of a data set of faces: what the file holds, what the pictures show, where they are from."""

from pathlib import Path

import numpy as np
from pydantic import Field

from stages.core.parameters import Block, read_block
from stages.core.run import Run
from stages.datasets.hdf5 import picture_blocks, picture_shape, read_arrays, read_attributes, read_provenance
from stages.reporting import face_figures, figures, gan_figures
from stages.reporting.face_file import contents
from stages.reporting.html import show_facts, show_figure, show_table, show_text
from stages.reporting.run_label import SOURCES, label
from stages.reporting.words import PURPOSES, in_bytes, listed, spoken

SPLITS = ("train", "test")
COLUMNS, SHOWN = 8, 32  # faces
CROP = 128  # the side of what the book's convolutional GANs see
PARTITIONS = ("training", "validation", "test")  # as the data's authors number them


class Settings(Block):
    """A block of `pages.face_data` in params.yaml."""

    title: str = Field(min_length=1)


class Page:
    """What the notebook shows; of the pictures only the first few are read."""

    def __init__(self, name: str) -> None:
        self.path = Path(f"data/hdf5/{name}.h5")
        self.title = read_block(f"pages.face_data.{name}", Settings).title
        self.provenance = read_provenance(self.path)
        self.shapes = {split: picture_shape(self.path, split) for split in SPLITS}
        self.faces = next(picture_blocks(self.path, "train", block=SHOWN))
        self.names, self.attributes = read_attributes(self.path, "train")
        self.badge = label(self.provenance, read_block("run", Run, ["budget"]).budget)

    def show_provenance(self) -> None:
        """Title, source, licence and size."""
        sizes = ", ".join(f"{shape[0]:,} for {PURPOSES[split]}" for split, shape in self.shapes.items())
        skipped = self.provenance.get("skipped", 0)
        _, height, width, _ = self.shapes["train"]
        show_facts({
            "Data": self.provenance["title"], "Source": SOURCES[self.provenance["source"]],
            "Licence": self.provenance["licence"], "Pictures": sizes,
            "Each": f"{height} × {width} pixels, three numbers of 0 to 255 each: red, green, blue",
            "Left out": f"{skipped:,} pictures that could not be decoded" if skipped else "no picture",
        })

    def show_file(self) -> None:
        """The groups and data sets of the file, as the book lists them."""
        rows = [[name, " × ".join(f"{side:,}" for side in shape), kind, in_bytes(size)]
                for name, shape, kind, size in contents(self.path)]
        show_text(f"{self.path} holds {len(rows)} data sets in the groups {listed(SPLITS)}, as folders hold files.")
        show_table(["data set", "shape", "type", "size"], rows)

    def show_picture(self, place: int) -> None:
        """One picture and its shape."""
        face = self.faces[place]
        shape = " × ".join(map(str, face.shape))
        show_figure(figures.picture(face, f"picture {place}"), f"Picture {place} of the training data, {shape} numbers",
                    f"Picture {place}: {shape} numbers (height, width, colours) between {face.min()} and {face.max()}.")

    def show_faces(self) -> None:
        """The first of them."""
        count = len(self.faces)
        show_figure(gan_figures.picture_sheet(self.faces, COLUMNS), f"The first {count} training pictures",
                    f"The first {count} training pictures, in the order of the file.")

    def show_attributes(self) -> None:
        """How often each attribute occurs, and those of one picture."""
        if not self.names:
            show_text("This data came without lists of attributes. The GANs do without: they are told nothing about "
                      "the faces. But no judge can be trained, so their faces are compared with real ones in pixels "
                      "only.")
            return
        shares = self.attributes.mean(axis=0)
        most, least = (spoken(self.names[place]) for place in (shares.argmax(), shares.argmin()))
        show_text(f"Lists that came with the pictures say which of {len(self.names)} attributes each shows. A GAN is "
                  "not told; but a classifier can learn to read them, and then says how often they show in generated "
                  "faces.")
        show_figure(face_figures.share_bars(self.names, shares),
                    f"Bars: how often each of {len(self.names)} attributes occurs; most often {most}, least {least}",
                    f"Of the training pictures, in per cent: most often {most}, least often {least}.")

    def show_attributes_of(self, place: int) -> None:
        """One picture and what is said of it."""
        if not self.names:
            return
        shown = [spoken(name) for name, there in zip(self.names, self.attributes[place], strict=True) if there]
        text = listed(shown) if shown else "none of them"
        show_figure(figures.picture(self.faces[place], f"picture {place}"), f"Picture {place}, said to show: {text}",
                    f"Picture {place} is said to show: {text}.")

    def show_people(self) -> None:
        """How many people, and into which parts the authors of the data divide it."""
        held = {name for name, *_ in contents(self.path)}
        people = {split: np.unique(self._array(split, "identities")) for split in SPLITS
                  if f"{split}/identities" in held}
        if len(people) == len(SPLITS):
            both = len(np.intersect1d(*people.values()))
            show_text(f"{len(people['train']):,} people are in the {self.shapes['train'][0]:,} training pictures, "
                      f"{len(people['test']):,} in the {self.shapes['test'][0]:,} test pictures, "
                      f"{f'{both:,}' if both else 'nobody'} in both.")
        else:
            show_text("This data came without a list of who is in which picture.")
        rows = [[split, *np.bincount(self._array(split, "partitions"), minlength=3)[:3].tolist()] for split in SPLITS
                if f"{split}/partitions" in held]
        if rows:
            show_text("The authors of the data divide it into three partitions. Here its first pictures are for "
                      "training and its last ones for testing:")
            show_table(["here", *(f"{name} partition" for name in PARTITIONS)], rows)

    def show_crop(self) -> None:
        """What the convolutional GANs see."""
        _, height, width, _ = self.shapes["train"]
        if min(height, width) < CROP:
            show_text(f"These pictures are smaller than the {CROP} × {CROP} pixels of the book's convolutional GANs.")
            return
        show_figure(face_figures.crop(self.faces[0], CROP, CROP),
                    f"A face of {height} × {width} pixels with a frame around its middle, and the {CROP} × {CROP} "
                    "pixels inside", "Left the whole picture, right what is left of it.")

    def show_digests(self) -> None:
        """What identifies the data."""
        digests = {f"{part}, MD5": digest for part, digest in sorted(self.provenance["digests"].items())}
        show_facts({**digests, "as converted here, SHA-256 of all content": self.provenance["digest"]})

    def _array(self, split: str, name: str) -> np.ndarray:
        """Numbers, one for each picture."""
        name = f"{split}/{name}"
        return read_arrays(self.path, [name])[name]
