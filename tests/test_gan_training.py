"""Training GANs: the recorded iteration against PyTorch as its tutorials write it, the book's order, refusals."""

import copy
import math
import threading

import pytest
import torch
import torch.nn.functional as F
import yaml
from conftest import REPOSITORY

from stages.networks.gan import Gan, Seeds, build_gan
from stages.training import gan as training
from stages.training import gan_settings, noise, shares
from stages.training.determinism import prepare
from stages.training.gan_weights import load_gan, save_gan

KEYS = ("pattern_1010", "mnist_first", "mnist_improved", "mnist_conditional", "mnist_best", "mnist_conditional_best")
GANS = yaml.safe_load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))["gans"]
CPU = torch.device("cpu")
COUNT = 30


def build(key: str) -> Gan:
    prepare(seed=3, threads=1, device="cpu")
    block = GANS[key]
    shape = (4,) if key == "pattern_1010" else (1, 28, 28)
    return build_gan(block["generator"], block["discriminator"], Seeds(**block["seeds"]), shape=shape,
                     classes=10 if block["conditional"] else 0, taught=taught(key), place=key)


def taught(key: str) -> int:
    return 10 if "mismatch" in GANS[key]["budgets"]["best"] else 0


def samples(key: str, count: int = COUNT) -> tuple[torch.Tensor, torch.Tensor | None]:
    source = torch.Generator().manual_seed(5)
    if key == "pattern_1010":
        return torch.rand(count, 4, generator=source), None
    pictures = torch.randint(256, (count, 28, 28), dtype=torch.uint8, generator=source)
    labels = torch.randint(10, (count,), dtype=torch.uint8, generator=source)
    return pictures, labels if GANS[key]["conditional"] or taught(key) else None


def budget(key: str, name: str = "book", **changes) -> gan_settings.Budget:
    return gan_settings.Budget(**{**GANS[key]["budgets"][name], "epochs": 1, **changes})


def train(key: str, chosen: gan_settings.Budget, frames: int = 1, count: int = COUNT):
    gan = build(key)
    pictures, labels = samples(key, count)
    shown = []
    torch.manual_seed(9)
    losses = training.train(gan, pictures, labels, budget=chosen, device=CPU, title=key, frames=frames,
                            show=lambda iteration, network: shown.append((iteration, copy.deepcopy(network))))
    return gan, losses, shown


def same(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    return all(torch.equal(one, other) for one, other in
               zip(first.state_dict().values(), second.state_dict().values(), strict=True))


@pytest.mark.parametrize("key", KEYS[:4])
def test_book_iterations_equal_plain_pytorch_to_the_last_bit(key):
    """The reference below is the book's loop: D on a real sample, D on a detached fake, G through D."""
    chosen = budget(key)
    trained, losses, _ = train(key, chosen)

    gan = build(key)
    pictures, labels = samples(key)
    torch.manual_seed(9)
    loss = F.mse_loss if chosen.loss == "mean_squared_error" else F.binary_cross_entropy
    kind = torch.optim.SGD if chosen.optimizer == "sgd" else torch.optim.Adam
    steppers = {network: kind(network.parameters(), lr=chosen.learning_rate, fused=True)
                for network in (gan.discriminator, gan.generator)}
    seeds = [gan.seeds.draw(COUNT) for _ in range(2)]
    wanted = [None] * 3
    if labels is not None:
        drawn = [torch.randint(10, (COUNT,)) for _ in range(2)]
        wanted = [F.one_hot(kept.long(), 10).float() for kept in (labels, *drawn)]
    real = training.to_samples(pictures)

    def update(network, value):
        steppers[network].zero_grad()
        value.backward()
        steppers[network].step()
        return value.item()

    expected = []
    for place in range(COUNT):
        one = slice(place, place + 1)
        real_labels, *fake_labels = (None if kept is None else kept[one] for kept in wanted)
        on_real = update(gan.discriminator, loss(gan.discriminator(real[one], real_labels), torch.ones(1, 1)))
        fake = gan.generator(seeds[0][one], fake_labels[0]).detach()
        on_fake = update(gan.discriminator, loss(gan.discriminator(fake, fake_labels[0]), torch.zeros(1, 1)))
        judged = gan.discriminator(gan.generator(seeds[1][one], fake_labels[1]), fake_labels[1])
        expected.append((place + 1, on_real, on_fake, update(gan.generator, loss(judged, torch.ones(1, 1)))))

    assert same(trained, gan)
    assert losses == [row for row in expected if row[0] % 5 == 0]


@pytest.fixture
def doubles(monkeypatch):
    """All arithmetic in float64, where rounding hides nothing."""
    monkeypatch.setattr(Gan, "one_hot", lambda gan, labels, _: F.one_hot(labels.long(), gan.label_count).double())
    monkeypatch.setattr(training, "to_samples", lambda stored: stored.unsqueeze(1).double() / 255)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize(("key", "optimizer"), [
    ("mnist_conditional_best", "sgd"), ("mnist_conditional_best", "adam"), ("mnist_best", "adam"),
])
def test_relativistic_iterations_equal_plain_pytorch(doubles, key, optimizer):
    """Pairs, R1 and R2, wrong labels, Adam's betas, a falling rate and a moving average, written out once more."""
    size = 5
    changes = {"mismatch": 0.7} if optimizer == "adam" else {"mismatch": 0.0, "betas": None}
    chosen = budget(key, "best", batch_size=size, shuffle=False, optimizer=optimizer, learning_rate=0.01, **changes)
    trained, losses, _ = train(key, chosen, count=50)

    gan = build(key)
    pictures, labels = samples(key, 50)
    torch.manual_seed(9)
    seeds = [gan.seeds.draw(50) for _ in range(2)]
    real, wanted, random = training.to_samples(pictures), gan.one_hot(labels, CPU), torch.randint(10, (50,))
    average = copy.deepcopy(gan.generator)
    kinds = {"sgd": torch.optim.SGD, "adam": lambda weights: torch.optim.Adam(weights, betas=chosen.betas)}
    steppers = [kinds[optimizer](network.parameters()) for network in (gan.discriminator, gan.generator)]
    for place in range(10):
        done = place / 10
        rate = chosen.learning_rate * (1 + math.cos(math.pi * done)) / 2
        strength = chosen.penalty + done * (chosen.last_penalty - chosen.penalty)
        few = slice(place * size, (place + 1) * size)
        for stepper in steppers:
            stepper.param_groups[0]["lr"] = rate

        label = wanted[few] if GANS[key]["conditional"] else None
        fake = gan.generator(seeds[0][few], label).detach()
        shown = torch.cat([real[few], fake]).requires_grad_()  # together: sums of the same numbers in the same order
        logits = gan.discriminator.logits(shown, None if label is None else label.repeat(2, 1))
        slope, = torch.autograd.grad(logits.sum(), shown, create_graph=True)
        r1, r2 = (part.square().sum(dim=(1, 2, 3)).mean() for part in slope.split(size))
        pair = F.softplus(logits[size:] - logits[:size]).mean()
        mislabelled = gan.discriminator.logits(real[few], gan.one_hot(random[few], CPU))
        mismatch = F.softplus(mislabelled - gan.discriminator.logits(real[few], wanted[few])).mean()
        steppers[0].zero_grad()
        (pair + strength / 2 * (r1 + r2) + chosen.mismatch * mismatch).backward()
        steppers[0].step()

        drawn = gan.generator(seeds[1][few], label)
        fooled = F.softplus(gan.discriminator.logits(real[few], label)
                            - gan.discriminator.logits(drawn, label)).mean()
        steppers[1].zero_grad()
        fooled.backward()
        steppers[1].step()
        with torch.no_grad():
            for kept, new in zip(average.parameters(), gan.generator.parameters(), strict=True):
                kept.lerp_(new, 1 - chosen.weight_average)
    for network, expected in ((trained.generator, average), (trained.discriminator, gan.discriminator)):
        for weights, wished in zip(network.state_dict().values(), expected.state_dict().values(), strict=True):
            torch.testing.assert_close(weights, wished, rtol=1e-6, atol=1e-8)
    assert losses[-1][0] == 10 and losses[-1][1] == losses[-1][2] == pytest.approx(pair.item(), rel=1e-4)
    assert losses[-1][3] == pytest.approx(fooled.item(), rel=1e-4)


@pytest.mark.parametrize("key", ["mnist_conditional_best", "mnist_best"])
def test_threads_that_share_a_batch_do_what_one_does_and_the_same_each_time(doubles, monkeypatch, key):
    chosen = budget(key, "best", batch_size=24, optimizer="sgd", learning_rate=0.01, betas=None)
    alone = train(key, chosen, count=240)
    monkeypatch.setattr(shares, "count_shares", lambda *_: 3)
    together, again = (train(key, chosen, count=240) for _ in range(2))
    assert same(together[0], again[0]) and together[1] == again[1]
    for weights, wished in zip(together[0].parameters(), alone[0].parameters(), strict=True):
        torch.testing.assert_close(weights, wished, rtol=1e-9, atol=1e-12)
    assert together[1][-1] == pytest.approx(alone[1][-1], rel=1e-9)


def test_shares_are_added_in_their_order_whoever_is_first():
    workers, late, seen = shares.Workers(3), threading.Event(), {}

    def work(shift: torch.Tensor, share: torch.Tensor) -> list[torch.Tensor]:
        first = share[0].item() == 0
        if first:
            late.wait(timeout=10)  # until the others are done
        denormal = (torch.tensor([1e-39]) * 1).item()
        seen[share[0].item()] = (len(share), torch.get_num_threads(), denormal, threading.get_ident())
        if len(seen) == 2:
            late.set()
        return [share.mean(dim=0, keepdim=True) + shift]

    # shares of 1e8, -1e8 and 1: in float32, another order would lose the 1
    (found,) = workers.average(work, [torch.tensor(0.0)], [torch.tensor([0.0, 2e8, 3.0, -2e8 - 3, 1.0, 1.0])])
    assert found.item() == pytest.approx(1 / 3)
    assert [kept[:3] for kept in seen.values()] == [(2, 1, 0.0)] * 3
    assert threading.get_ident() not in {kept[3] for kept in seen.values()}


def test_a_batch_is_shared_where_that_pays_and_changes_nothing(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    gan = build("mnist_best")
    networks = [gan.discriminator, gan.generator]
    assert [shares.count_shares(size, networks, CPU) for size in (1, 15, 16, 64, 66)] == [1, 1, 2, 4, 3]
    assert shares.count_shares(64, networks, torch.device("cuda")) == 1
    looks_at_all = torch.nn.Sequential(gan.generator, torch.nn.BatchNorm2d(1))
    assert shares.count_shares(64, [gan.discriminator, looks_at_all], CPU) == 1


@pytest.mark.parametrize(("key", "generator", "discriminator"), [
    ("pattern_1010", 1 * 3 + 3 + 3 * 4 + 4, 4 * 3 + 3 + 3 * 1 + 1),
    ("mnist_first", 1 * 200 + 200 + 200 * 784 + 784, 784 * 200 + 200 + 200 + 1),
    ("mnist_improved", 100 * 200 + 200 + 400 + 200 * 784 + 784, 784 * 200 + 200 + 400 + 200 + 1),
    ("mnist_conditional", 110 * 200 + 200 + 400 + 200 * 784 + 784, 794 * 200 + 200 + 400 + 200 + 1),
])
def test_networks_of_the_book_have_the_books_number_of_weights(key, generator, discriminator):
    gan = build(key)
    counts = [sum(weights.numel() for weights in network.parameters()) for network in
              (gan.generator, gan.discriminator)]
    assert counts == [generator, discriminator]


@pytest.mark.parametrize("key", KEYS)
def test_outputs_have_the_shape_of_samples_and_stay_between_0_and_1(key):
    gan, (pictures, labels) = build(key), samples(key)
    wanted = F.one_hot(labels.long(), 10).float() if GANS[key]["conditional"] else None
    made = gan.generator(gan.seeds.draw(COUNT), wanted)
    assert made.shape == training.to_samples(pictures).shape
    judged = gan.discriminator(made, wanted)
    assert judged.shape == (COUNT, 1)
    for values in (made, judged):
        assert values.min() >= 0 and values.max() <= 1
    assert torch.equal(gan.discriminator.logits(made, wanted).sigmoid(), judged)


@pytest.mark.parametrize("key", ["mnist_conditional", "mnist_conditional_best"])
def test_the_label_changes_what_both_networks_say(key):
    gan, (pictures, _) = build(key), samples(key)
    three, seven = (F.one_hot(torch.full((COUNT,), label), 10).float() for label in (3, 7))
    seeds, real = gan.seeds.draw(COUNT), training.to_samples(pictures)
    assert not torch.equal(gan.generator(seeds, three), gan.generator(seeds, seven))
    assert not torch.equal(gan.discriminator(real, three), gan.discriminator(real, seven))


@pytest.mark.parametrize("key", ["mnist_improved", "mnist_best"])
def test_the_same_seed_gives_the_same_weights_and_another_gives_others(key):
    changes = {"batch_size": 3} if key == "mnist_best" else {}
    first, second = (train(key, budget(key, **changes))[0] for _ in range(2))
    assert same(first, second)
    gan = build(key)
    pictures, labels = samples(key)
    torch.manual_seed(10)
    training.train(gan, pictures, labels, budget=budget(key, **changes), device=CPU, title=key, frames=1,
                   show=lambda *_: None)
    assert not same(first, gan)


def test_frames_are_spread_over_training_and_show_the_generator_of_their_moment():
    trained, _, shown = train("mnist_improved", budget("mnist_improved"), frames=3)
    assert [iteration for iteration, _ in shown] == [0, 10, 20, 30]
    prepare(seed=3, threads=1, device="cpu")
    assert same(shown[0][1], build("mnist_improved").generator)
    assert same(shown[-1][1], trained.generator)
    assert not same(shown[1][1], shown[2][1])


def test_the_last_samples_of_an_epoch_that_fill_no_batch_are_left_out():
    _, losses, _ = train("mnist_best", budget("mnist_best", batch_size=4, epochs=2), count=23)
    assert losses[-1][0] == 10  # twice five batches


@pytest.mark.parametrize("loss", ["mean_squared_error", "binary_cross_entropy", "relativistic"])
def test_a_loss_that_is_no_longer_finite_stops_at_its_iteration(loss):
    key = "mnist_improved"
    gan, (pictures, _) = build(key), samples(key)
    with torch.no_grad():
        gan.generator.layers[0].bias[0] = float("nan")
    chosen = budget(key, loss=loss)
    with pytest.raises(training.NotFinite) as stopped:
        training.train(gan, pictures, None, budget=chosen, device=CPU, title=key, frames=1, show=lambda *_: None)
    assert stopped.value.iteration == 1


def test_weights_that_the_last_update_spoilt_are_not_shown_as_good():
    key = "mnist_improved"
    # the loss of the one step that overflows is still finite: it is taken before it
    chosen = budget(key, optimizer="sgd", learning_rate=1000.0, loss="relativistic", penalty=1e6, last_penalty=1e6)
    gan, (pictures, _) = build(key), samples(key)
    shown = []
    with pytest.raises(training.NotFinite):
        training.train(gan, pictures, None, budget=chosen, device=CPU, title=key, frames=30,
                       show=lambda iteration, network: shown.append(copy.deepcopy(network)))
    assert shown
    for network in shown:
        assert all(weights.isfinite().all() for weights in network.parameters())


def test_a_moving_average_takes_over_the_statistics_of_batch_normalisation():
    key = "mnist_best"
    gan, (pictures, labels) = build(key), samples(key)
    gan.generator.layers.insert(1, torch.nn.BatchNorm1d(gan.generator.layers[0].out_features))
    chosen = budget(key, batch_size=3, weight_average=0.9)
    training.train(gan, pictures, labels, budget=chosen, device=CPU, title=key, frames=1, show=lambda *_: None)
    assert gan.generator.layers[1].num_batches_tracked > 0
    assert not torch.equal(gan.generator.layers[1].running_mean, torch.zeros(gan.generator.layers[0].out_features))


def test_alone_against_noise_a_discriminator_leaves_what_only_labels_teach():
    gan, (pictures, _) = build("mnist_best"), samples("mnist_best")
    before = copy.deepcopy(gan.discriminator)
    noise.train(gan, noise.Samples(pictures, None), 10, budget=budget("mnist_best"), device=CPU, title="mnist_best")
    assert torch.equal(gan.discriminator.projection.weight, before.projection.weight)
    assert not torch.equal(gan.discriminator.head.weight, before.head.weight)


def test_weights_remember_labels_that_only_the_discriminator_learnt(tmp_path):
    gan, block, path = build("mnist_best"), GANS["mnist_best"], tmp_path / "mnist_best.safetensors"
    save_gan(path, gan, {"generator": block["generator"], "discriminator": block["discriminator"],
                         "seeds": gan.seeds.model_dump(), "shape": [1, 28, 28], "classes": 0, "taught": 10,
                         "training": {"batch_size": 64}})
    found, _ = load_gan(path)
    assert (found.classes, found.label_count) == (0, 10) and same(found, gan)
