"""The arithmetic: networks as in the book, updates that are PyTorch's own, the same bytes for the same seed."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from stages.core.command import UserError
from stages.core.parameters import FILE
from stages.datasets.digits.stand_in import draw_digits
from stages.datasets.pictures import to_unit_range
from stages.evaluation.classification import Evaluation, evaluate
from stages.evaluation.layers import describe_layers
from stages.networks.families import build_network
from stages.training import classifier, classifier_feed
from stages.training.augmentation import distort
from stages.training.determinism import prepare
from stages.training.losses import LOSSES
from stages.training.replay import record_update
from stages.training.weights import load_network, save_network

CLASSIFIERS = yaml.safe_load((Path(__file__).parents[1] / FILE).read_text(encoding="utf-8"))["classifiers"]
BOOK = [key for key in CLASSIFIERS if key != "reference"]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits():
    images, labels = draw_digits(2000, seed=1, split="train")
    return torch.from_numpy(images), torch.from_numpy(labels)


def network_of(key: str, seed: int = 1):
    prepare(seed, threads=1, device="cpu")
    return build_network(CLASSIFIERS[key]["network"], key)


def budget_of(key: str, name: str = "book", **changes) -> classifier.Budget:
    return classifier.Budget.model_validate({**CLASSIFIERS[key]["budgets"][name], **changes})


def train(key: str, digits, budget: classifier.Budget, count: int, **changes):
    network = network_of(key)
    settings = {name: CLASSIFIERS[key][name] for name in ("loss", "optimizer")} | changes
    history = classifier.train(network, digits[0][:count], digits[1][:count], budget=budget, device=CPU, title=key,
                               **settings)
    return network, history


# 784*200+200 + 200*10+10; LayerNorm adds 2*200. Convolutions: 10*25+10, 10*10*9+10, two BatchNorms of 20, 250*10+10
@pytest.mark.parametrize(("key", "parameters"), [
    ("baseline", 159_010), ("bce", 159_010), ("leaky_relu", 159_010), ("adam", 159_010), ("layer_norm", 159_410),
    ("combined", 159_410), ("cnn", 3_720),
])
def test_networks_have_the_books_number_of_parameters(key, parameters):
    assert sum(weights.numel() for weights in network_of(key).parameters()) == parameters


@pytest.mark.parametrize("key", CLASSIFIERS)
def test_networks_answer_with_ten_outputs(key, digits):
    answers = network_of(key).eval()(to_unit_range(digits[0][:3]))
    assert answers.shape == (3, 10)
    assert answers.dtype == torch.float32


def test_layer_shapes_of_the_books_convolutional_classifier(digits):
    rows = describe_layers(network_of("cnn").eval(), to_unit_range(digits[0][:1]))
    assert [row["output"] for row in rows] == [
        [10, 12, 12], [10, 12, 12], [10, 12, 12], [10, 5, 5], [10, 5, 5], [10, 5, 5], [250], [10], [10],
    ]
    assert sum(row["parameters"] for row in rows) == 3_720


@pytest.mark.parametrize("key", BOOK)
def test_book_budget_is_the_books_way(key):
    book = CLASSIFIERS[key]["budgets"]["book"]
    adam = CLASSIFIERS[key]["optimizer"] == "adam"
    assert (book["batch_size"], book["shuffle"], book["schedule"]) == (1, False, "constant")
    assert book["epochs"] == (4 if key == "baseline" else 3)
    assert book["learning_rate"] == (0.001 if adam else 0.01)


@pytest.mark.parametrize("key", BOOK)
def test_recorded_update_is_pytorchs_own_to_the_last_bit(key, digits):
    settings, rate = CLASSIFIERS[key], budget_of(key).learning_rate
    pictures = to_unit_range(digits[0][:40])
    targets = torch.nn.functional.one_hot(digits[1][:40].long(), 10).float()
    plain, recorded = network_of(key), network_of(key)
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
    optimizer = kinds[settings["optimizer"]](plain.parameters(), lr=rate, fused=True)
    loss = LOSSES[settings["loss"]]
    update = record_update(recorded, loss, settings["optimizer"], rate, pictures[:1], targets[:1])

    for picture, target in zip(pictures.split(1), targets.split(1), strict=True):
        expected = classifier.plain_update(plain, loss, optimizer, picture, target)
        assert torch.equal(update(picture, target), expected)

    ours = recorded.state_dict()
    assert all(torch.equal(ours[name], weights) for name, weights in plain.state_dict().items())


@pytest.mark.parametrize(("key", "budget"), [("combined", "book"), ("cnn", "book"), ("combined", "best"),
                                             ("reference", "best")])
def test_same_seed_same_bytes(key, budget, digits, tmp_path):
    digests = []
    for name in ("one", "two"):
        changes = {"batch_size": 16} if budget == "best" else {}
        network, history = train(key, digits, budget_of(key, budget, epochs=2, **changes), count=256)
        save_network(tmp_path / name, network, {"network": CLASSIFIERS[key]["network"], "history": history})
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_another_seed_gives_other_weights():
    assert not torch.equal(next(network_of("baseline", 1).parameters()), next(network_of("baseline", 2).parameters()))


def test_loss_is_recorded_every_tenth_update_in_file_order(digits):
    _, history = train("combined", digits, budget_of("combined", epochs=1), count=105)
    assert [update for update, _ in history] == list(range(10, 101, 10))
    again = network_of("combined")
    optimizer = torch.optim.Adam(again.parameters(), lr=0.001, fused=True)
    targets = torch.nn.functional.one_hot(digits[1].long(), 10).float()
    losses = [classifier.plain_update(again, LOSSES["binary_cross_entropy"], optimizer,
                                      to_unit_range(digits[0][place : place + 1]), targets[place : place + 1]).item()
              for place in range(105)]
    assert [loss for _, loss in history] == losses[9::10]


def test_mini_batches_take_every_picture_once_an_epoch(digits):
    images = torch.arange(250, dtype=torch.uint8).view(250, 1, 1).expand(250, 28, 28)
    prepare(1, threads=1, device="cpu")
    batches = list(classifier_feed.feed_of(images, torch.zeros(250, 10), 2, 32, shuffle=True, distortion=0))
    values = [round(picture[0, 0, 0].item() * 255) for pictures, _ in batches for picture in pictures]
    assert [len(pictures) for pictures, _ in batches] == [*([32] * 7), 26] * 2
    assert sorted(values[:250]) == list(range(250)) == sorted(values[250:])
    assert values[:250] != values[250:] != list(range(250))


def test_loss_that_is_no_number_stops_with_the_update_named(digits):
    with pytest.raises(UserError, match=r"leaky_relu: the loss is (nan|inf) at update \d+; lower the learning rate"):
        train("leaky_relu", digits, budget_of("leaky_relu", learning_rate=1000, epochs=1), count=200)


def test_outputs_that_cross_entropy_cannot_take_stop_with_the_update_named(digits):
    with pytest.raises(UserError, match=r"leaky_relu: outputs outside 0 to 1 at update 1; .*sigmoid"):
        train("leaky_relu", digits, budget_of("leaky_relu", epochs=1), count=50, loss="binary_cross_entropy")


def test_weight_decay_is_not_lost_at_batch_1(digits):
    networks = [train("baseline", digits, budget_of("baseline", epochs=1, weight_decay=decay), 100)[0]
                for decay in (0, 0.5)]
    norms = [next(network.parameters()).norm().item() for network in networks]
    assert norms[1] < 0.9 * norms[0]


@pytest.mark.parametrize(("key", "count", "changes", "message"), [
    ("combined", 90, {"batch_size": 10, "epochs": 1}, "9 updates; at least 10 are needed"),
    ("combined", 200, {"batch_size": 10, "epochs": 1, "warm_up": 0.05}, "warm_up 0.05 of 20 updates"),
    ("reference", 129, {"epochs": 10}, "leaves a picture of 129 alone"),
    ("reference", 40, {"batch_size": 1}, "batch_size 1 leaves a picture of 40 alone"),
])
def test_a_budget_that_does_not_fit_is_refused_before_training(key, count, changes, message, digits):
    with pytest.raises(UserError, match=message):
        train(key, digits, budget_of(key, "best", **changes), count)


def test_weight_average_lags_behind_the_weights(digits):
    budgets = [budget_of("combined", "best", epochs=1, batch_size=32, weight_average=share) for share in (0, 0.9)]
    last, averaged = (train("combined", digits, budget, 1024)[0] for budget in budgets)
    start = network_of("combined")
    way = [sum((now - then).norm().item() for now, then in zip(network.parameters(), start.parameters(), strict=True))
           for network in (averaged, last)]
    assert 0 < way[0] < way[1]


def test_trained_classifier_is_good_but_not_perfect(digits):
    network, _ = train("combined", digits, budget_of("combined", epochs=2), count=2000)
    images, labels = draw_digits(1000, seed=1, split="test")
    accuracy = evaluate(network, images, labels, CPU, softmax=False, one_by_one=True).metrics()["accuracy"]
    assert 0.75 < accuracy < 0.97


def test_real_mnist_is_learnt_as_the_book_says(real_mnist):
    from stages.datasets.digits import idx

    folder = real_mnist / "mnist"
    images = torch.from_numpy(idx.read_images(folder / "train-images-idx3-ubyte.gz")[:6000].copy())
    labels = torch.from_numpy(idx.read_labels(folder / "train-labels-idx1-ubyte.gz")[:6000].copy())
    network, _ = train("combined", (images, labels), budget_of("combined", epochs=1), count=6000)
    shown = idx.read_images(folder / "t10k-images-idx3-ubyte.gz").copy()
    evaluation = evaluate(network, shown, idx.read_labels(folder / "t10k-labels-idx1-ubyte.gz"), CPU, softmax=False,
                          one_by_one=True)
    assert 0.88 < evaluation.metrics()["accuracy"] < 0.97


def test_batch_normalisation_at_batch_1_is_tested_as_it_was_trained(digits):
    network = network_of("cnn")
    images, labels = digits[0][:50].numpy(), digits[1][:50].numpy()
    together = evaluate(network, images, labels, CPU, softmax=False, one_by_one=True).outputs
    single = network.train()(to_unit_range(digits[0][7:8])).detach().numpy()[0]
    assert np.allclose(together[7], single, atol=1e-6)
    averaged = evaluate(network_of("cnn"), images, labels, CPU, softmax=False, one_by_one=False).outputs
    assert not np.allclose(averaged[7], single, atol=1e-3)


def test_distortion_moves_ink_but_keeps_the_picture(digits):
    torch.manual_seed(1)
    pictures = to_unit_range(digits[0][:64])
    moved = distort(pictures, 1)
    assert moved.shape == pictures.shape
    assert moved.min() >= 0 and moved.max() <= 1
    assert torch.allclose(distort(pictures, 0), pictures, atol=1e-5)
    assert 0.01 < (moved - pictures).abs().mean() < 0.2
    assert abs(moved.mean() - pictures.mean()) < 0.02


def test_metrics_agree_with_each_other():
    outputs = np.eye(10, dtype=np.float32)[[0, 1, 2, 3, 3, 3]]
    evaluation = Evaluation(outputs, np.array([0, 1, 2, 3, 4, 3], dtype=np.uint8))
    assert evaluation.metrics() == {"accuracy": 0.833333, "errors": 1, "images": 6}
    assert evaluation.confusion()[4, 3] == 1
    assert evaluation.confusion().sum() == 6
    rows = evaluation.per_class()
    assert rows[3] == {"label": 3, "precision": 0.666667, "recall": 1.0, "images": 2}
    assert rows[4] == {"label": 4, "precision": 0.0, "recall": 0.0, "images": 1}
    assert list(evaluation.worst_mistakes(5)) == [4]


def test_weights_come_back_as_they_were(tmp_path, digits):
    network = network_of("reference").eval()
    save_network(tmp_path / "weights", network, {"network": CLASSIFIERS["reference"]["network"]})
    loaded, description = load_network(tmp_path / "weights")
    assert description == {"network": CLASSIFIERS["reference"]["network"]}
    pictures = to_unit_range(digits[0][:5])
    assert torch.equal(loaded(pictures), network(pictures))
