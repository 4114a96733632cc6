"""GANs of faces: the book's networks by shapes and weights, batch normalisation at batch 1, training, precision."""

import copy

import pytest
import torch
import torch.nn.functional as F
from conftest import REPOSITORY, assert_refused
from torch import nn

from stages.core.parameters import load
from stages.evaluation.layers import describe_layers
from stages.networks.gan import Gan, Seeds, build_gan
from stages.networks.layers import BatchNorm2d
from stages.training import gan as training
from stages.training import gan_recording, gan_settings, gan_steps, noise
from stages.training.determinism import prepare
from stages.training.gan_weights import load_gan, save_gan

GANS = {key: block for key, block in load(REPOSITORY / "params.yaml")["gans"].items() if block["data"] == "celeba"}
BOOK_SHAPES = {"celeba_dense": (3, 218, 178), "celeba_conv": (3, 128, 128), "celeba_conv_gelu": (3, 128, 128)}
SMALL = {
    "celeba_dense": ((3, 20, 16), {"hidden_units": 5}, {"hidden_units": 4}),
    "celeba_conv": ((3, 56, 64), {"filters": 4}, {"filters": 4}),
    "celeba_conv_gelu": ((3, 56, 64), {"filters": 4}, {"filters": 4}),
    "celeba_best": ((3, 16, 16), {"filters": [8, 6, 4], "refinements": 1}, {"filters": [4, 6], "refinements": 1,
                                                                         "features": 8}),
}
CPU = torch.device("cpu")
COUNT = 20


def build(key: str, shape=None, generator=None, discriminator=None) -> Gan:
    prepare(seed=3, threads=1, device="cpu")
    block = GANS[key]
    return build_gan(block["generator"] | (generator or {}), block["discriminator"] | (discriminator or {}),
                     Seeds(**block["seeds"]), shape=shape or BOOK_SHAPES[key], classes=0, place=key)


def small(key: str) -> Gan:
    shape, generator, discriminator = SMALL[key]
    return build(key, shape, generator, discriminator)


def faces(key: str, count: int = COUNT) -> torch.Tensor:
    _, height, width = SMALL[key][0]
    return torch.randint(256, (count, height, width, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(5))


def budget(key: str, name: str = "book", **changes) -> gan_settings.Budget:
    return gan_settings.Budget(**{**GANS[key]["budgets"][name], "epochs": 1, **changes})


def train(key: str, chosen: gan_settings.Budget):
    gan = small(key)
    if chosen.batch_size == 1:
        gan.normalise_by_picture()
    torch.manual_seed(9)
    losses = training.train(gan, faces(key), None, budget=chosen, device=CPU, title=key, frames=1, show=lambda *_: None)
    return gan, losses


def shapes(network: nn.Module, example: torch.Tensor) -> list[tuple[str, list[int]]]:
    return [(row["layer"].split("(")[0], row["output"]) for row in describe_layers(network, example)]


@pytest.mark.parametrize(("key", "discriminator", "generator"), [
    ("celeba_dense", 116412 * 100 + 100 + 200 + 100 + 1, 100 * 300 + 300 + 600 + 300 * 116412 + 116412),
    *((key, 3 * 256 * 64 + 256 + 512 + 256 * 256 * 64 + 256 + 512 + 256 * 3 * 64 + 3 + 300 + 1,
       100 * 363 + 363 + 3 * 256 * 64 + 256 + 512 + 256 * 256 * 64 + 256 + 512 + 256 * 3 * 64 + 3 + 6)
      for key in ("celeba_conv", "celeba_conv_gelu")),
])
def test_networks_of_the_book_have_the_books_number_of_weights(key, discriminator, generator):
    gan = build(key)
    counts = [sum(weights.numel() for weights in network.parameters()) for network in
              (gan.discriminator, gan.generator)]
    assert counts == [discriminator, generator]


@pytest.mark.parametrize(("key", "activation"), [("celeba_conv", "LeakyReLU"), ("celeba_conv_gelu", "GELU")])
def test_the_books_convolutions_lead_down_and_up_again(key, activation):
    # 128 to 61, 27 and 10 pixels a side, and 11 to 28, 62 and 128; fewer filters change no side and take less time
    gan = build(key, None, {"filters": 2}, {"filters": 2})
    assert shapes(gan.discriminator, torch.zeros(1, 3, 128, 128)) == [
        ("Conv2d", [2, 61, 61]), ("BatchNorm2d", [2, 61, 61]), (activation, [2, 61, 61]),
        ("Conv2d", [2, 27, 27]), ("BatchNorm2d", [2, 27, 27]), (activation, [2, 27, 27]),
        ("Conv2d", [3, 10, 10]), (activation, [3, 10, 10]), ("Flatten", [300]), ("Linear", [1]), ("Sigmoid", [1]),
    ]
    assert shapes(gan.generator, torch.zeros(1, 100)) == [
        ("Linear", [363]), (activation, [363]), ("Unflatten", [3, 11, 11]),
        ("ConvTranspose2d", [2, 28, 28]), ("BatchNorm2d", [2, 28, 28]), (activation, [2, 28, 28]),
        ("ConvTranspose2d", [2, 62, 62]), ("BatchNorm2d", [2, 62, 62]), (activation, [2, 62, 62]),
        ("ConvTranspose2d", [3, 128, 128]), ("BatchNorm2d", [3, 128, 128]), ("Sigmoid", [3, 128, 128]),
    ]


@pytest.mark.parametrize("key", GANS)
@pytest.mark.parametrize("name", ["demo", "best"])
def test_networks_of_every_budget_fit_their_view(key, name):
    block = GANS[key]
    chosen = budget(key, name)
    sides = chosen.view.resize or chosen.view.crop or (218, 178)
    # on no memory: some have millions of weights
    with torch.device("meta"):
        gan = build_gan(block["generator"] | chosen.generator, block["discriminator"] | chosen.discriminator,
                        Seeds(**block["seeds"]), shape=(3, *sides), classes=0, place=key)
        made = gan.generator(torch.zeros(2, 100))
        assert made.shape == (2, 3, *sides) and gan.discriminator(made).shape == (2, 1)


@pytest.mark.parametrize("key", ["celeba_dense", "celeba_conv", "celeba_conv_gelu"])
def test_book_iterations_equal_plain_pytorch_to_the_last_bit(key):
    """The book's loop, written out: D on a real face, D on a detached fake, G through D, batch normalisation in it."""
    trained, losses = train(key, budget(key))

    gan, real = small(key), faces(key).permute(0, 3, 1, 2).contiguous().float() / 255
    torch.manual_seed(9)
    steppers = {network: torch.optim.Adam(network.parameters(), lr=0.0001, fused=True)
                for network in (gan.discriminator, gan.generator)}
    seeds = [gan.seeds.draw(COUNT) for _ in range(2)]
    expected = []
    for place in range(COUNT):
        one = slice(place, place + 1)
        fake = gan.generator(seeds[0][one]).detach()
        row = []
        for network, judged, target in (
            (gan.discriminator, lambda one=one: real[one], torch.ones(1, 1)),
            (gan.discriminator, lambda fake=fake: fake, torch.zeros(1, 1)),
            (gan.generator, lambda one=one: gan.generator(seeds[1][one]), torch.ones(1, 1)),
        ):
            value = F.binary_cross_entropy(gan.discriminator(judged()), target)
            steppers[network].zero_grad()
            value.backward()
            steppers[network].step()
            row.append(value.item())
        expected.append((place + 1, *row))

    assert losses == [row for row in expected if row[0] % 5 == 0]
    for ours, theirs in zip(trained.state_dict().values(), gan.state_dict().values(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize("key", GANS)
def test_the_same_seed_gives_the_same_weights(key):
    first, second = (train(key, budget(key, batch_size=1 if key != "celeba_best" else 2)) for _ in range(2))
    assert first[1] == second[1]
    for one, other in zip(first[0].state_dict().values(), second[0].state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_trained_on_single_pictures_each_is_normalised_by_itself_in_any_company():
    """In evaluation a batch gives what pictures one by one gave in training, not what running averages make of them."""
    gan, _ = train("celeba_conv", budget("celeba_conv"))
    seeds = gan.seeds.draw(6)
    with torch.no_grad():
        as_trained = torch.cat([gan.generator.train()(seed) for seed in seeds.split(1)])
        together = gan.generator.eval()(seeds)
        torch.testing.assert_close(together, as_trained, rtol=1e-4, atol=1e-5)
        for layer in gan.modules():
            if isinstance(layer, BatchNorm2d):
                layer.by_picture = False
        assert (gan.generator(seeds) - as_trained).abs().max() > 0.05


@pytest.mark.parametrize(("batch_size", "by_picture"), [(1, True), (4, False)])
def test_weights_remember_how_pictures_are_normalised(tmp_path, batch_size, by_picture):
    gan, path = small("celeba_conv"), tmp_path / "faces.safetensors"
    block, (shape, generator, discriminator) = GANS["celeba_conv"], SMALL["celeba_conv"]
    save_gan(path, gan, {"generator": block["generator"] | generator, "classes": 0, "taught": 0,
                         "discriminator": block["discriminator"] | discriminator, "seeds": block["seeds"],
                         "shape": shape, "training": {"batch_size": batch_size}})
    found, _ = load_gan(path)
    layers = [layer for layer in found.modules() if isinstance(layer, BatchNorm2d)]
    assert len(layers) == 5 and all(layer.by_picture == by_picture for layer in layers)


def test_mini_batches_train_the_books_networks_too():
    gan, losses = train("celeba_conv", budget("celeba_conv", "best", batch_size=2))
    assert losses[-1][0] == 10 and not gan.generator.layers[4].by_picture
    assert gan.generator.layers[4].num_batches_tracked > 0


def test_a_discriminator_alone_learns_to_tell_faces_from_noise():
    gan = small("celeba_conv")
    gan.normalise_by_picture()
    flat = torch.full((COUNT, 56, 64, 3), 90, dtype=torch.uint8)
    flat[:, 10:30] = 200
    history = noise.train(gan, noise.Samples(flat, None), 120, device=CPU, title="faces",
                          budget=budget("celeba_conv", learning_rate=0.003))
    assert history[-1][0] == 120
    real = noise.outputs(gan, noise.Samples(flat, None), CPU)
    fake = noise.outputs(gan, noise.draw_noise(flat, gan, torch.Generator().manual_seed(1)), CPU)
    assert real.min() > 0.8 and fake.max() < 0.2


def test_half_precision_changes_products_only_and_can_be_recorded():
    """On a GPU; a CPU's half precision stands in for it, as the same code sees it."""
    gan, chosen = small("celeba_best"), budget("celeba_best", batch_size=4)
    state, moments = gan_recording.state_of(gan.discriminator, "adam")
    rate = torch.tensor(0.01, dtype=torch.float64)
    player = gan_recording.player(gan.discriminator, moments, iter(state), chosen, rate)
    pictures = torch.rand(4, 3, 16, 16)
    assert player.precision == torch.float32
    half = gan_steps.Player(**{**vars(player), "precision": torch.bfloat16})
    exact, rough = player(pictures, as_logits=True), half(pictures, as_logits=True)
    assert rough.dtype == torch.float32 and not torch.equal(exact, rough)
    torch.testing.assert_close(exact, rough, rtol=0.1, atol=0.02)

    def slope(judge: gan_steps.Player) -> torch.Tensor:
        leaf = pictures.clone().requires_grad_()
        return torch.autograd.grad(judge(leaf, as_logits=True).sum(), leaf)[0]

    from torch.fx.experimental.proxy_tensor import make_fx

    recorded = make_fx(lambda seen: half(seen, as_logits=True))(pictures)
    assert torch.equal(recorded(pictures), rough)
    torch.testing.assert_close(slope(half), slope(player), rtol=0.2, atol=0.02)


@pytest.mark.parametrize(("key", "shape", "changes", "parts"), [
    ("celeba_conv", (3, 60, 128), {}, ("generator", "60", "48, 56, 64", "change the view")),
    ("celeba_best", (3, 20, 64), {}, ("halves its pictures 4 times", "20 x 64", "16 divides")),
])
def test_pictures_that_a_family_cannot_make_are_refused(key, shape, changes, parts):
    assert_refused(lambda: build(key, shape), *parts)


def test_pictures_too_small_for_the_convolutions_are_refused():
    assert_refused(lambda: build("celeba_conv", (3, 56, 56), {}, {"kernel": 16}), "conv_discriminator", "kernel 16",
                   "leaves nothing", "smaller kernel")


def test_faces_have_no_labels_to_ask_for():
    block = GANS["celeba_conv"]
    assert_refused(lambda: build_gan(block["generator"], block["discriminator"], Seeds(**block["seeds"]),
                                     shape=(3, 128, 128), classes=10, place="x"), "takes no labels", "conditional")


def test_averages_keep_what_batch_normalisation_gathered():
    gan, _ = train("celeba_conv", budget("celeba_conv", "best", batch_size=2, weight_average=0.5))
    copied = copy.deepcopy(gan.generator.layers[4])
    assert not torch.equal(copied.running_mean, torch.zeros(4))
