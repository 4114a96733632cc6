"""Broken and hostile files of weights: one line, no more memory than the file has, and nothing is ever unpickled."""

import ast
import json
import os
import pickle
import struct
from pathlib import Path

import fuzzing
import pytest
import safetensors.torch
import torch
from conftest import assert_refused
from fuzzing import contained, fuzz, mutated
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluation.inception import load_inception
from stages.networks.families import build_network
from stages.networks.gan import Seeds, build_gan
from stages.training.gan_weights import load_gan, save_gan
from stages.training.weights import load_network, read_description, save_network

STAGES = Path(__file__).parents[1] / "stages"
DENSE = {"family": "dense_classifier", "hidden_units": 3, "hidden_activation": "sigmoid",
         "output_activation": "sigmoid", "layer_norm": False}
NUMBERS = st.sampled_from([0, -1, 1, 2, 3, 10**5, 2**31, 2**63, 10**30, 1.5, float("inf"), None, True, "", "gan", [],
                           {}, [[]]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(1)
    save_network(folder / "valid", build_network(DENSE, "network"), {"network": DENSE})
    maker = {"family": "dense_generator", "hidden_units": 3, "hidden_activation": "sigmoid", "layer_norm": False}
    judge = maker | {"family": "dense_discriminator"}
    gan = build_gan(maker, judge, Seeds(length=1, distribution="constant"), shape=[4], classes=0, place="gan")
    save_gan(folder / "gan", gan, {"generator": maker, "discriminator": judge, "shape": [4], "classes": 0, "taught": 0,
                                   "seeds": {"length": 1, "distribution": "constant"}, "training": {"batch_size": 1}})
    yield from fuzzing.growth_checked(folder)


def check(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for read in (load_network, load_gan, read_description):
        contained("weights", lambda read=read: read(path))


@pytest.mark.parametrize("valid", ["valid", "gan"])
@fuzz
@given(data=st.data())
def test_a_file_with_changed_bytes(folder, valid, data):
    check(folder / "changed", data.draw(mutated((folder / valid).read_bytes(), header=400)))


@pytest.mark.parametrize("valid", ["valid", "gan"])
@fuzz
@given(data=st.data())
def test_a_file_whose_description_lies(folder, valid, data):
    """Whole by its format; what it says of its network is changed at one to three places."""
    content = (folder / valid).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    description = json.loads(header["__metadata__"]["experiment"])
    for _ in range(data.draw(st.integers(1, 3))):
        block = description
        while isinstance(inner := block[key := data.draw(st.sampled_from(sorted(block)))], dict) and inner:
            block = inner
        block[key] = data.draw(NUMBERS | st.lists(NUMBERS, max_size=4))
    header["__metadata__"]["experiment"] = json.dumps(description)
    text = json.dumps(header).encode()
    check(folder / "lies", struct.pack("<Q", len(text)) + text + content[8 + length :])


def test_a_small_file_that_describes_a_large_network_gets_no_memory(folder):
    """Eighty million weights that are not there; the fixture looks at the memory of the process."""
    large = {"network": DENSE | {"hidden_units": 100_000}}
    content = safetensors.torch.save({"0": torch.zeros(1)}, {"experiment": json.dumps(large)})
    (folder / "large").write_bytes(content)
    assert_refused(lambda: load_network(folder / "large"), "large: its weights do not fit the network it describes")


def test_the_look_at_a_description_draws_no_random_numbers(folder):
    state = torch.get_rng_state()
    load_network(folder / "valid")
    after = torch.get_rng_state()
    torch.set_rng_state(state)
    build_network(DENSE, "network")
    assert torch.equal(after, torch.get_rng_state()), "evaluations would change"


class Evil:
    """What a pickle can do: it runs a command as soon as it is opened."""

    def __reduce__(self):
        return os.system, ("touch unpickled",)


def test_a_pickle_is_refused_in_one_line_and_never_opened(folder, monkeypatch):
    monkeypatch.chdir(folder)
    torch.save({"weights": Evil()}, "torch.pth")
    Path("plain.pkl").write_bytes(pickle.dumps(Evil()))
    for name in ("torch.pth", "plain.pkl"):
        for load in (load_network, load_gan, read_description, lambda path: load_inception(path, torch.device("cpu"))):
            assert_refused(lambda load=load, name=name: contained_raising(load, Path(name)), name, "no weights")
    assert not Path("unpickled").exists()


def contained_raising(load, path):
    with fuzzing.limits():
        return load(path)


def test_no_module_of_stages_can_unpickle():
    """Neither pickle nor what is built on it is imported, and torch.load and NumPy's pickles are not called."""
    for path in STAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                assert name.split(".")[0] not in ("pickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve"), path
                assert name not in ("torch.load", "torch.jit.load", "torch.hub"), path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("torch.load", "torch.jit.load", "torch.hub.load", "pandas.read_pickle", "eval",
                                      "exec", "yaml.unsafe_load"), f"{path} calls {called}"
                assert not [one for one in node.keywords if one.arg == "allow_pickle"], path
