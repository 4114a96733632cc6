"""Broken params.yaml files: one line on what is wrong, never a crash, a hang or a program that runs."""

import fuzzing
import pytest
import yaml
from fuzzing import contained, fuzz, mutated
from hypothesis import given
from hypothesis import strategies as st

from stages.core import parameters
from stages.core.run import Run
from stages.datasets.pattern import Settings
from stages.networks.gan import Seeds

TEXT = """\
run:  # what all share
  source: stand_in
  local_dir: data/local
  budget: demo
  device: cpu
  threads: 2
  seed: 1
  inception_weights: null
gan:
  size: 100
  distribution: normal
pattern:
  title: 1010 rule
  ranges: [[0.8, 1.0], [0.0, 1e-1]]
  seed: 1
"""
HOSTILE = ("!!python/object/apply:os.system ['touch x']", "&a [*a]", "&a {b: *a}", "[" * 30, "{" * 30, "? ", "<<: *a",
           "1e999", ".nan", "0x" + "f" * 50, "9" * 60, "2026-13-45", "!!binary x", "\"\\e[2J\"", "\ufeff", "%YAML 9.9",
           "--- ", "\t", "é")
SIMPLE = st.none() | st.booleans() | st.integers() | st.floats(allow_subnormal=False) | st.text(max_size=8)
NESTED = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=3) |
                      st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("params"))
        yield from fuzzing.growth_checked(parameters.Path("params.yaml"))


def check(path, content: bytes) -> None:
    path.write_bytes(content)
    for place, model in (("run", Run), ("gan", Seeds), ("pattern", Settings)):
        contained("params", lambda place=place, model=model: parameters.read_block(place, model))


@fuzz
@given(data=st.data())
def test_a_file_with_changed_bytes(path, data):
    check(path, data.draw(mutated(TEXT.encode())))


@fuzz
@given(line=st.integers(0, TEXT.count("\n")), part=st.sampled_from(HOSTILE), whole=st.booleans())
def test_a_file_with_hostile_yaml_at_one_place(path, line, part, whole):
    lines = TEXT.splitlines()
    before = lines[line].split(":")[0] if line < len(lines) else "more"
    lines[line : line + 1] = [part if whole else f"{before}: {part}"]
    check(path, "\n".join(lines).encode())


@fuzz
@given(value=NESTED, key=st.sampled_from(list(yaml.safe_load(TEXT)["run"])))
def test_a_key_with_any_value(path, value, key):
    values = yaml.safe_load(TEXT)
    values["run"][key] = value
    check(path, yaml.safe_dump(values, allow_unicode=True).encode("utf-8", "replace"))


def test_aliases_within_aliases_do_not_grow(path):
    """The 'billion laughs': ten levels, each ten times the one before."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 11)]
    check(path, "\n".join(["a0: &a0 [ha]", *levels, "run: *a10", "gan: {size: *a10}", "pattern: *a10"]).encode())
