"""evaluate_gan: what it measures of generators that are known beforehand, its bytes, and what it refuses."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import assert_nothing_left, assert_refused, random_splits, set_key

from stages import evaluate_gan
from stages.core.files import write_text
from stages.datasets import hdf5
from stages.evaluation import digits, judge, pattern
from stages.evaluation.subject import Subject
from stages.networks.families import build_network
from stages.networks.gan import Gan, Seeds, build_gan
from stages.training.determinism import prepare
from stages.training.gan_weights import save_gan
from stages.training.weights import save_network

CPU = torch.device("cpu")
REFERENCE = {"family": "reference_classifier", "filters": 4, "features": 8, "dropout": 0.0}
JUDGE = Path("data/models/classifiers/judge.safetensors")


@pytest.fixture(autouse=True)
def one_thread():
    prepare(seed=1, threads=1, device="cpu")


class Collapsed(torch.nn.Module):
    """A generator of one picture, whatever the seed."""

    def __init__(self, picture: torch.Tensor) -> None:
        super().__init__()
        self.picture = picture

    def forward(self, seeds: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        return self.picture.expand(len(seeds), 1, 28, 28)


class Striped(torch.nn.Module):
    """A generator of noise with a bright stripe at the height of the label."""

    def forward(self, seeds: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        pictures = (seeds @ torch.linspace(-0.1, 0.1, seeds.shape[1] * 784).view(-1, 784)).sigmoid().view(-1, 1, 28, 28)
        if labels is not None:
            pictures = pictures.clone()
            for row, label in enumerate(labels.argmax(dim=1).tolist()):
                pictures[row, :, 2 * label : 2 * label + 2] = 1
        return pictures


def gan_of(generator: torch.nn.Module, classes: int = 0) -> Gan:
    return Gan(generator, torch.nn.Identity(), Seeds(length=3, distribution="normal"), classes)


def subject_of(gan: Gan, data: Path) -> Subject:
    return Subject(gan, {}, data, JUDGE, CPU)


@pytest.fixture
def judged(converted, monkeypatch):
    """The project's 60 training and 30 test pictures, an untrained judge for them, few generated pictures."""
    monkeypatch.setattr(digits, "GENERATED", 200)
    write_judge(hdf5.read_provenance(converted))
    return converted


def write_judge(provenance: dict, network: dict = REFERENCE) -> None:
    prepare(seed=1, threads=1, device="cpu")
    description = {"experiment": "judge", "network": network, "data": provenance, "loss": "cross_entropy"}
    save_network(JUDGE, build_network(network, "network"), description)


@pytest.mark.parametrize("picture", [torch.zeros(1, 1, 28, 28), torch.full((1, 1, 28, 28), 0.5),
                                     torch.linspace(0, 1, 784).view(1, 1, 28, 28)])
@pytest.mark.parametrize("classes", [0, 10])
def test_collapse_gives_finite_numbers_that_show_it(judged, picture, classes):
    metrics, arrays, attributes = digits.measure(subject_of(gan_of(Collapsed(picture), classes), judged))
    json.dumps([metrics, attributes], allow_nan=False)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert metrics["modes_covered"] == 1
    assert (metrics["pairwise_distance_ratio"], metrics["distinct_share"], metrics["recall"]) == (0, 0, 0)
    assert metrics["frechet_distance"] > metrics["frechet_floor"] > 0
    assert attributes["memorisation"]["verdict"] != "copies"


def test_measuring_a_conditional_gan(judged):
    metrics, arrays, attributes = digits.measure(subject_of(gan_of(Striped(), 10), judged))
    shapes = {name: (str(array.dtype), array.shape) for name, array in arrays.items()}
    assert shapes["grid/images"] == ("uint8", (100, 28, 28))
    assert shapes["closest/generated"] == shapes["closest/held_out_training"] == ("uint8", (8, 28, 28))
    assert shapes["histogram/generated"] == ("float64", (10,))
    assert shapes["real/images"] == ("uint8", (24, 28, 28))
    stripes = [int(picture[:, 14].argmax()) // 2 for picture in arrays["grid/images"]]
    assert stripes == [row for row in range(10) for _ in range(10)]
    assert list(metrics["label_accuracy_of"]) == [str(label) for label in range(10)]
    assert metrics["label_accuracy"] == pytest.approx(np.mean(list(metrics["label_accuracy_of"].values())))
    assert (metrics["images"], metrics["real_images"]) == (200, 30)
    assert attributes["judge"] == {"experiment": "judge", "features": 8, "title": "random",
                                   "digest": hashlib.sha256(JUDGE.read_bytes()).hexdigest()}
    again = digits.measure(subject_of(gan_of(Striped(), 10), judged))
    assert fingerprint(metrics, arrays) == fingerprint(again[0], again[1])


def fingerprint(metrics: dict, arrays: dict) -> str:
    content = json.dumps(metrics, sort_keys=True).encode() + b"".join(arrays[name].tobytes() for name in sorted(arrays))
    return hashlib.sha256(content).hexdigest()


def test_a_judge_of_other_data_is_refused(judged):
    write_judge(hdf5.read_provenance(judged) | {"title": "another", "digest": "0" * 64})
    assert_refused(lambda: digits.measure(subject_of(gan_of(Striped()), judged)),
                   f"{JUDGE}: the judge was trained on other data (another, digest 000000000000)", "train it again")


def test_a_judge_without_features_is_refused(judged):
    dense = {"family": "dense_classifier", "hidden_units": 3, "layer_norm": False, "hidden_activation": "sigmoid",
             "output_activation": "sigmoid"}
    write_judge(hdf5.read_provenance(judged), dense)
    assert_refused(lambda: judge.load_judge(JUDGE, hdf5.read_provenance(judged), judged, CPU),
                   "a judge needs features", "`judge` in params.yaml")


PATTERN = Path("data/hdf5/pattern_1010.h5")
RANGES = [[0.8, 1.0], [0.0, 0.2], [0.8, 1.0], [0.0, 0.2]]
HIDDEN = {"hidden_units": 3, "hidden_activation": "sigmoid", "layer_norm": False}
LOSSES = "iteration,discriminator_real,discriminator_fake,generator\n5,0.2,0.4,0.5\n"


def write_gan(experiment: str, data: Path, shape: list[int], *, seeds: dict, classes: int = 0) -> None:
    """Weights and losses as after training."""
    networks = {kind: {"family": f"dense_{kind}", **HIDDEN} for kind in ("generator", "discriminator")}
    prepare(seed=1, threads=1, device="cpu")
    gan = build_gan(**networks, seeds=Seeds(**seeds), shape=shape, classes=classes, place="gan")
    description = {"experiment": experiment, "loss": "mean_squared_error", "seeds": seeds, "shape": shape,
                   "classes": classes, "data": hdf5.read_provenance(data), "training": {"batch_size": 64},
                   "taught": 0, "view": {}, **networks}
    save_gan(Path(f"data/models/gans/{experiment}.safetensors"), gan, description)
    write_text(f"reports/losses/gans/{experiment}.csv", LOSSES)


@pytest.fixture
def conditional(judged):
    set_key("gans.mnist_conditional.judge", str(JUDGE))
    write_gan("mnist_conditional", judged, [1, 28, 28], seeds={"length": 5, "distribution": "normal"}, classes=10)
    return judged


def test_the_stage_writes_the_same_bytes_again(conditional):
    digests = []
    for _ in range(2):
        evaluate_gan.main("mnist_conditional")
        files = ("reports/metrics/gans/mnist_conditional.json", "data/samples/gans/mnist_conditional.h5")
        digests.append([hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]
    metrics = json.loads(Path(files[0]).read_text(encoding="utf-8"))
    assert (metrics["discriminator_loss"], metrics["generator_loss"], metrics["ideal_loss"]) == (0.3, 0.5, 0.25)
    layers = hdf5.read_attribute(Path(files[1]), "layers")
    assert [row["output"] for row in layers["generator"]] == [[3], [3], [784], [784]]
    assert sum(row["parameters"] for row in layers["discriminator"]) == (784 + 10) * 3 + 3 + 3 + 1


def test_a_pattern_from_a_constant_seed_is_one_output(project):
    rule = {"title": "1010 rule", "source": "rule", "licence": "", "digests": {}, "ranges": RANGES}
    samples = np.full((20, 4), 0.9, dtype=np.float32)
    hdf5.write_samples(PATTERN, {"train": samples, "test": samples}, rule)
    write_gan("pattern_1010", PATTERN, [4], seeds={"length": 1, "distribution": "constant"})
    evaluate_gan.main("pattern_1010")
    metrics = json.loads(Path("reports/metrics/gans/pattern_1010.json").read_text(encoding="utf-8"))
    assert metrics["valid_share"] in (0, 1)
    assert set(metrics["mean_output"]) == {"first", "second", "third", "fourth"}
    arrays = hdf5.read_arrays(Path("data/samples/gans/pattern_1010.h5"), ["grid/outputs", "real/samples"])
    assert [array.shape for array in arrays.values()] == [(1, 4), (16, 4)]
    assert metrics["images"] == 1


def test_an_evaluation_by_a_rule_needs_a_rule(judged):
    gan = Gan(torch.nn.Identity(), torch.nn.Identity(), Seeds(length=4, distribution="constant"), 0)
    assert_refused(lambda: pattern.measure(Subject(gan, {}, judged, judged, CPU)), str(judged), "holds no rule",
                   "params.yaml")


def test_a_judge_or_a_gan_of_other_data_stops_the_stage(conditional):
    write_judge(hdf5.read_provenance(conditional) | {"digest": "0" * 64})
    assert_refused(lambda: evaluate_gan.main("mnist_conditional"), f"{JUDGE}: the judge was trained on other data")
    assert_nothing_left("reports/metrics/gans/mnist_conditional.json", "data/samples/gans/mnist_conditional.h5")
    hdf5.write_splits(conditional, random_splits(train_images=70), {"title": "newer", "source": "local"})
    assert_refused(lambda: evaluate_gan.main("mnist_conditional"),
                   "mnist_conditional.safetensors: the GAN was trained on other data (random,", "(newer,")


def test_an_unknown_evaluation_is_refused_with_the_known_ones(conditional):
    set_key("gans.mnist_conditional.evaluation", "taste")
    assert_refused(lambda: evaluate_gan.main("mnist_conditional"),
                   "gans.mnist_conditional.evaluation is 'taste'; expected one of: digits, faces, pattern")
