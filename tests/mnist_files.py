"""The official files of MNIST, small, as tests of their download see them."""

import gzip
import hashlib

from conftest import DOWNLOADED, RAW, assert_nothing_left, random_files

from stages import download
from stages.datasets.mnist import FILES

FIRST = FILES["train_images"]


def digests(files):
    return {part: hashlib.sha256(gzip.decompress(files[name])).hexdigest() for part, name in FILES.items()}


def fetch():
    download.main("mnist")


def assert_downloaded(files=None):
    """The four files are in place, are the given ones or `random_files`, and nothing else is left."""
    for name, content in (files or random_files()).items():
        assert gzip.decompress((RAW / name).read_bytes()) == gzip.decompress(content)
    assert sorted(path.name for path in RAW.iterdir()) == sorted([*FILES.values(), "provenance.json"])
    assert_nothing_left(DOWNLOADED)
