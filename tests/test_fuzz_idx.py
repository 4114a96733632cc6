"""Broken and hostile IDX files: refused in one line, in little memory, whatever their header announces."""

import gzip

import fuzzing
import numpy as np
import pytest
from conftest import random_splits
from fuzzing import contained, fuzz, mutated
from hypothesis import given
from hypothesis import strategies as st

from stages.datasets.digits import idx

IMAGES, LABELS = random_splits(3)["train"]
PLAIN = {"images": idx.encode_images(IMAGES), "labels": idx.encode_labels(LABELS)}
READ = {"images": idx.read_images, "labels": idx.read_labels}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    yield from fuzzing.growth_checked(tmp_path_factory.mktemp("idx") / "file")


def check(path, kind: str, content: bytes) -> None:
    path.write_bytes(content)
    found = contained("IDX", lambda: READ[kind](path))
    if found is not None:
        assert found.dtype == np.uint8
        assert found.shape[1:] == ((28, 28) if kind == "images" else ())
        assert len(found) <= len(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    contained("IDX", lambda: idx.digest(path))


@pytest.mark.parametrize("kind", PLAIN)
@fuzz
@given(data=st.data())
def test_a_plain_file_with_changes(path, kind, data):
    check(path, kind, data.draw(mutated(PLAIN[kind], header=20)))


@pytest.mark.parametrize("kind", PLAIN)
@fuzz
@given(data=st.data())
def test_a_gzipped_file_with_changes(path, kind, data):
    check(path, kind, data.draw(mutated(idx.compress(PLAIN[kind]), header=24)))


@pytest.mark.parametrize("kind", PLAIN)
@fuzz
@given(data=st.data())
def test_an_honest_gzip_of_a_file_with_changes(path, kind, data):
    check(path, kind, idx.compress(data.draw(mutated(PLAIN[kind], header=20))))


@fuzz
@given(content=st.binary(max_size=200))
def test_bytes_at_random(path, content):
    check(path, "images", content)
    check(path, "labels", b"\x1f\x8b\x08" + content)
