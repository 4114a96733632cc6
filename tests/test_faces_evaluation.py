"""Measuring GANs of faces: known cases, the way of pictures to the judge, memory, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from conftest import assert_nothing_left, assert_one_line_error, assert_refused, run_stage, set_key
from test_attributes import DATA, NAMES, NETWORK, draw_bars, write_faces

from stages import evaluate_gan, train_classifier
from stages.core.files import write_text
from stages.datasets import hdf5
from stages.datasets.pictures import to_unit_range
from stages.datasets.views import View, apply_view
from stages.evaluation import digits, face_pictures, faces, inception
from stages.evaluation.footprint import count_memory
from stages.evaluation.subject import Subject
from stages.networks.families import build_network
from stages.networks.gan import Gan, Seeds, build_gan
from stages.training.determinism import prepare
from stages.training.gan_weights import save_gan
from stages.training.weights import save_network

CPU = torch.device("cpu")
VIEW = {"crop": [40, 32], "resize": [20, 16]}
JUDGE = Path("data/models/attribute_classifiers/judge.safetensors")
GAN, METRICS, SAMPLES = (Path(f"{place}/gans/faces.{ending}") for place, ending in (
    ("data/models", "safetensors"), ("reports/metrics", "json"), ("data/samples", "h5")))
JUDGED = ["frechet_distance", "frechet_floor", "kernel_distance", "kernel_distance_error", "kernel_floor", "precision",
          "recall", "density", "coverage", "precision_real", "recall_real", "density_real", "coverage_real",
          "attribute_gap", "attribute_gap_floor"]
UNJUDGED = ["images", "real_images", "pairwise_distance_ratio", "distinct_share", "distinct_share_real",
            "memorisation_ratio", "copies_share", "copies_share_real", "near_copies_share", "sharpness",
            "sharpness_real"]


class Painter(torch.nn.Module):
    """A generator that shows given pictures uint8 [n, height, width, 3] one after the other, whatever the seeds."""

    def __init__(self, images: np.ndarray) -> None:
        super().__init__()
        self.pictures, self.place = to_unit_range(torch.from_numpy(images)), 0

    def forward(self, seeds: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        chosen = torch.arange(self.place, self.place + len(seeds)) % len(self.pictures)
        # one seed alone asks for the size of a picture
        self.place += len(seeds) if len(seeds) > 1 else 0
        return self.pictures[chosen]


class Judge(torch.nn.Module):
    """A discriminator that is never asked much."""

    def forward(self, pictures: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        return pictures.mean(dim=(1, 2, 3))


def write_judge(path: Path = JUDGE, **changes) -> None:
    """A judge of the three bars with random weights, normalised: even random features tell apart what differs."""
    prepare(seed=1, threads=1, device="cpu")
    sizes = {"outputs": 3, "shape": [3, 20, 16]}
    network = build_network(NETWORK, "network", **sizes)
    pictures = to_unit_range(torch.from_numpy(seen(draw_bars(100, 9)[0])))
    with torch.no_grad():
        for _ in range(30):
            network(pictures)
    description = {"experiment": "judge", "network": NETWORK, "sizes": sizes, "loss": "binary_cross_entropy",
                   "view": VIEW, "attributes": NAMES, "data": hdf5.read_provenance(DATA)}
    save_network(path, network, description | changes)


def measure(images: np.ndarray, view: dict = VIEW, **changes):
    """What is measured of a GAN whose pictures are these."""
    shape = [3, *images.shape[1:3]]
    gan = Gan(Painter(images), Judge(), Seeds(length=3, distribution="normal"), 0)
    subject = {"gan": gan, "description": {"view": view, "shape": shape, "training": {"optimizer": "adam"}},
               "data": DATA, "judge": JUDGE, "device": CPU}
    metrics, arrays, attributes = faces.measure(Subject(**subject | changes))
    json.dumps([metrics, attributes], allow_nan=False)
    assert all(np.isfinite(array).all() for array in arrays.values())
    return metrics, arrays, attributes


def seen(images: np.ndarray, view: dict = VIEW) -> np.ndarray:
    """Stored pictures as the GAN sees them."""
    return apply_view(torch.from_numpy(images), View(**view)).numpy()


@pytest.fixture
def bars(tmp_path, monkeypatch) -> Path:
    """400 training and 100 test pictures in a folder, a judge, few generated pictures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(faces, "GENERATED", 200)
    write_faces(DATA)
    write_judge()
    return tmp_path


def test_test_pictures_themselves_are_as_good_as_can_be(bars):
    metrics, arrays, attributes = measure(seen(draw_bars(100, 1)[0]))
    assert set(metrics) == {*JUDGED, *UNJUDGED}
    assert metrics["frechet_distance"] == pytest.approx(0, abs=1e-4)
    assert metrics["frechet_floor"] > 0.01
    assert metrics["precision"] == metrics["recall"] == metrics["coverage"] == 1
    assert metrics["attribute_gap"] == pytest.approx(0, abs=1e-9)
    assert metrics["sharpness"] == pytest.approx(metrics["sharpness_real"], rel=1e-6)
    assert metrics["memorisation_ratio"] == pytest.approx(1)
    assert metrics["distinct_share"] == 0 < metrics["distinct_share_real"]  # shown twice each
    assert (metrics["images"], metrics["real_images"]) == (200, 100)
    shapes = {name: array.shape for name, array in arrays.items()}
    assert shapes["grid/images"] == (100, 20, 16, 3)
    assert shapes["real/images"] == (24, 20, 16, 3)
    assert shapes["closest/generated"] == shapes["closest/held_out_training"] == (8, 20, 16, 3)
    assert shapes["attributes/generated"] == shapes["attributes/real"] == (3,)
    assert attributes["attribute_names"] == NAMES
    assert attributes["judge_note"] == ""
    assert attributes["judge"]["features"] == 16
    assert attributes["samples"]["floor"] == 200
    assert attributes["samples"]["train"] == 400


def test_new_pictures_by_the_same_rule_are_like_the_floor(bars):
    metrics, *_ = measure(seen(draw_bars(200, 5)[0]))
    assert metrics["frechet_distance"] < 3 * metrics["frechet_floor"]
    assert metrics["distinct_share"] > 0.99
    assert metrics["pairwise_distance_ratio"] == pytest.approx(1, abs=0.1)
    assert metrics["copies_share"] == metrics["copies_share_real"] == 0


def test_copies_of_training_pictures_are_found_and_shown(bars):
    training = draw_bars(400, 0)[0]
    metrics, arrays, attributes = measure(seen(training[250:350]))
    assert metrics["copies_share"] == 1
    assert attributes["memorisation"]["verdict"] == "copies"
    assert np.array_equal(arrays["closest/generated"], arrays["closest/training"])
    assert (arrays["closest/distances"] == 0).all()
    real = {picture.tobytes() for picture in seen(training)}
    assert all(picture.tobytes() in real for picture in arrays["closest/held_out_training"])


@pytest.mark.parametrize("value", [0, 128, 255])
def test_collapse_gives_finite_numbers_that_show_it(bars, value):
    metrics, _, attributes = measure(np.full((2, 20, 16, 3), value, np.uint8))
    assert metrics["pairwise_distance_ratio"] == metrics["distinct_share"] == metrics["recall"] == 0
    assert metrics["frechet_distance"] > metrics["frechet_floor"]
    assert metrics["sharpness"] == 0 < metrics["sharpness_real"]
    assert attributes["memorisation"]["verdict"] != "copies"


def test_the_same_numbers_again(bars):
    images = seen(draw_bars(200, 5)[0])
    first, again = measure(images), measure(images)
    assert first[0] == again[0]
    assert all(np.array_equal(array, again[1][name]) for name, array in first[1].items())


def test_blurred_pictures_are_less_sharp():
    images = draw_bars(20, 3)[0]
    blurred = torch.nn.functional.avg_pool2d(to_unit_range(torch.from_numpy(images)), 3, 1, 1)
    blurred = blurred.mul(255).round().to(torch.uint8).movedim(1, 3).numpy()
    assert face_pictures.sharpness(blurred) < 0.5 * face_pictures.sharpness(images)
    assert face_pictures.sharpness(np.full((3, 8, 8, 3), 77, np.uint8)) == 0
    # one white pixel of 3 x 3 inner ones: Laplacians -4 and four times 1
    dot = np.zeros((1, 5, 5, 3), np.uint8)
    dot[0, 2, 2] = 255
    assert face_pictures.sharpness(dot) == pytest.approx((16 + 4) / 9)


def test_attribute_gap_is_the_mean_difference_of_shares():
    assert faces.attribute_gap(np.array([0.5, 0.1, 1]), np.array([0.2, 0.4, 1])) == pytest.approx(0.2)


@pytest.mark.parametrize(("view", "part", "size"), [
    (View(), (128, 128), (64, 64)),
    (View(crop=(128, 128), resize=(64, 64)), (64, 64), (64, 64)),
    (View(resize=(109, 89)), (64, 64), (64, 64)),
    (View(crop=(178, 178), resize=(89, 89)), (64, 64), (64, 64)),
    (View(crop=(64, 64)), (64, 64), (64, 64)),  # less than the judge's: all of it
])
def test_the_judge_sees_the_same_part_of_every_view(view, part, size):
    found = face_pictures.judged_part(view, View(crop=(128, 128), resize=(64, 64)), (10, 218, 178, 3))
    assert (found.crop, found.resize) == (part, size)


def test_pictures_of_another_view_are_judged_alike(bars):
    images = draw_bars(100, 1)[0]
    whole, *_ = measure(seen(images, {}), {})
    part, *_ = measure(seen(images))
    for name in JUDGED:
        assert whole[name] == pytest.approx(part[name], abs=1e-6), name


def test_memory_is_counted_from_the_layers():
    nets = {kind: {"family": f"dense_{kind}", "hidden_units": 5, "hidden_activation": "sigmoid", "layer_norm": False}
            for kind in ("generator", "discriminator")}
    gan = build_gan(**nets, seeds=Seeds(length=2, distribution="normal"), shape=[3, 4, 4], classes=0, place="gan")
    counts = count_memory(gan, [3, 4, 4], "adam")
    weights = 4 * ((2 * 5 + 5 + 5 * 48 + 48) + (48 * 5 + 5 + 5 + 1))
    activations = 4 * ((5 + 5 + 48 + 48) + (5 + 5 + 1 + 1))
    assert counts == {"weights_bytes": weights, "gradients_bytes": weights, "moments_bytes": 2 * weights,
                      "activations_bytes": activations, "training_bytes": 4 * weights + activations}
    assert count_memory(gan, [3, 4, 4], "sgd")["moments_bytes"] == 0


# judges that cannot judge

def test_without_lists_pixels_alone_are_measured(bars):
    write_faces(DATA, lists=False)
    write_judge(attributes=[], skipped="No lists.")
    metrics, arrays, attributes = measure(seen(draw_bars(100, 1)[0]))
    assert set(metrics) == set(UNJUDGED)
    assert arrays["attributes/generated"].shape == arrays["attributes/real"].shape == (0,)
    assert (attributes["judge"], attributes["judge_note"], attributes["attribute_names"]) == (None, "No lists.", [])


def test_judges_of_other_data_or_other_things_are_refused(bars):
    images = seen(draw_bars(10, 1)[0])
    digit_judge = {"network": {"family": "reference_classifier", "filters": 4, "features": 8, "dropout": 0.0}}
    provenance = hdf5.read_provenance(DATA)
    save_network(JUDGE, build_network(digit_judge["network"], "network"),
                 {"experiment": "judge", "loss": "cross_entropy", "data": provenance, **digit_judge})
    assert_refused(lambda: measure(images), f"{JUDGE}: a judge of digits; this evaluation needs one of attributes; "
                   "name one of attribute_classifiers under `judge` in params.yaml")
    write_judge()
    gan = Gan(Painter(images), Judge(), Seeds(length=3, distribution="normal"), 0)
    assert_refused(lambda: digits.measure(Subject(gan, {}, DATA, JUDGE, CPU)),
                   f"{JUDGE}: a judge of attributes; this evaluation needs one of digits")
    write_judge(data=provenance | {"title": "another", "digest": "0" * 64})
    assert_refused(lambda: measure(images), f"{JUDGE}: the judge was trained on other data (another, digest 0000")
    JUDGE.unlink()
    assert_refused(lambda: measure(images), f"{JUDGE}: not found; run the training stage first")


# the stage

@pytest.fixture
def project_of_faces(project, monkeypatch) -> Path:
    """A project with a GAN `faces` and its judge `judge`, untrained both."""
    monkeypatch.setattr(faces, "GENERATED", 200)
    write_faces(DATA)
    block = {"data": "celeba", "conditional": False, "evaluation": "faces", "judge": str(JUDGE)}
    set_key("gans", {"faces": block})
    write_judge()
    write_gan()
    return project


def write_gan() -> None:
    networks = {kind: {"family": f"dense_{kind}", "hidden_units": 3, "hidden_activation": "sigmoid",
                       "layer_norm": False} for kind in ("generator", "discriminator")}
    seeds = {"length": 5, "distribution": "normal"}
    gan = build_gan(**networks, seeds=Seeds(**seeds), shape=[3, 20, 16], classes=0, place="gan")
    description = {"experiment": "faces", "loss": "binary_cross_entropy", "seeds": seeds, "shape": [3, 20, 16],
                   "classes": 0, "taught": 0, "view": VIEW, "training": {"batch_size": 1, "optimizer": "adam"},
                   "data": hdf5.read_provenance(DATA), **networks}
    save_gan(GAN, gan, description)
    write_text("reports/losses/gans/faces.csv", "iteration,discriminator_real,discriminator_fake,generator\n5,1,2,3\n")


def test_the_stage_writes_metrics_and_samples(project_of_faces):
    evaluate_gan.main("faces")
    metrics = json.loads(METRICS.read_text(encoding="utf-8"))
    assert {*JUDGED, "discriminator_loss", "ideal_loss"} <= set(metrics)
    assert hdf5.read_attribute(SAMPLES, "memory")["training_bytes"] > 0
    assert hdf5.read_attribute(SAMPLES, "layers")["generator"]


def test_a_judge_skipped_on_the_command_line_skips_the_judgement(project_of_faces):
    write_faces(DATA, lists=False)
    write_gan()
    budget = {"epochs": 1, "batch_size": 8, "learning_rate": 0.01, "schedule": "constant", "shuffle": True}
    set_key("attribute_classifiers", {"judge": {
        "data": "celeba", "view": VIEW, "network": NETWORK, "loss": "binary_cross_entropy", "optimizer": "adam",
        "budgets": {"demo": budget}}})
    train_classifier.main("judge")
    evaluate_gan.main("faces")
    metrics = json.loads(METRICS.read_text(encoding="utf-8"))
    assert not set(metrics) & set(JUDGED)
    assert hdf5.read_attribute(SAMPLES, "judge_note").startswith("bars has no list of attributes")


# the judge of the papers

def test_a_file_that_holds_no_inception_weights_stops_the_stage(project_of_faces):
    set_key("run.inception_weights", "weights.pth")
    assert_refused(lambda: evaluate_gan.main("faces"), "weights.pth: not found; run.inception_weights in params.yaml")
    Path("weights.pth").write_bytes(b"no weights")
    assert_refused(lambda: evaluate_gan.main("faces"), "weights.pth: damaged, or no weights", "inception_v3")
    safetensors.torch.save_file({"one": torch.zeros(1)}, "weights.pth")
    assert_refused(lambda: evaluate_gan.main("faces"), "weights.pth: holds no weights of torchvision's inception_v3")
    torch.save({"one": torch.zeros(1)}, "weights.pth")  # a pickle, which might run anything
    assert_refused(lambda: evaluate_gan.main("faces"), "weights.pth: damaged, or no weights as safetensors")
    assert_nothing_left(METRICS, SAMPLES)


@pytest.mark.slow
def test_inception_weights_from_disk_give_a_distance_and_its_floor(bars, monkeypatch):
    from torchvision.models import inception_v3

    monkeypatch.setattr(faces, "GENERATED", 6)
    write_faces(DATA, train=20, test=6)
    write_judge()
    torch.manual_seed(1)
    state = inception_v3(weights=None, init_weights=False).state_dict()
    path = Path("weights.safetensors")
    safetensors.torch.save_file(state, path)
    metrics, *_ = measure(seen(draw_bars(6, 1)[0]), inception_weights=path)
    assert metrics["inception_frechet_distance"] == pytest.approx(0, abs=1e-4)
    assert metrics["inception_frechet_floor"] > 0
    network = inception.load_inception(path, CPU)
    features = inception.inception_features(network, seen(draw_bars(3, 1)[0]), CPU, "test")
    assert (features.dtype, features.shape) == (torch.float64, (3, 2048))


@pytest.mark.slow
def test_a_wrong_judge_is_one_line_on_the_command_line(project_of_faces):
    write_judge(data=hdf5.read_provenance(DATA) | {"digest": "0" * 64})
    assert_one_line_error(run_stage("evaluate_gan", "faces"), f"{JUDGE}: the judge was trained on other data")
