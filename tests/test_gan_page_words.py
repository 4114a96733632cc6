"""What pages of GANs tell of limits and weaknesses: the book's own values, weak judges, outliers, single patterns."""

from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY, assert_refused
from face_files import CENTRE, write_face_gan, write_faces
from gan_files import BOOK, TRAINING, shown_by, write_digit_gan, write_pattern_gan

from stages.core.files import write_json, write_text
from stages.core.parameters import load, read_block
from stages.reporting import cards, face_data_page, gan_kinds, gan_recipe, gans_page
from stages.reporting.gan_results import Book, Settings

MODERN = {**TRAINING, "loss": "relativistic", "shuffle": True, "betas": [0.0, 0.99], "schedule": "cosine",
          "penalty": 0.5, "last_penalty": 0.05, "mismatch": 1.0, "weight_average": 0.99}


@pytest.fixture
def params(tmp_path, monkeypatch):
    """A folder of the test's own; what it returns writes one page into its params.yaml."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, **book: object) -> None:
        page = {"title": "A GAN", "about": "It draws.", "book": {**BOOK, **book}}
        Path("params.yaml").write_text(yaml.safe_dump({"pages": {"gans": {name: page}}}), encoding="utf-8")

    return write


def test_what_differs_has_the_books_own_values(params, monkeypatch):
    params("faces", view={}, generator={"hidden_units": 300}, discriminator={"hidden_units": 100})
    write_face_gan("faces", view=CENTRE, training={
        **MODERN, "generator": {"hidden_units": 64}, "discriminator": {"hidden_units": 32, "slope": 0.1},
        "gpu_precision": "bfloat16"})
    told = shown_by(monkeypatch, gans_page.Page("faces").show_against_the_book)
    for line in ("Generator at this budget: hidden units 64 here, hidden units 300 in the book.",
                 "Discriminator at this budget: hidden units 32, slope 0.1 here, hidden units 100 in the book.",
                 "Betas of Adam: 0 and 0.99 here, 0.9 and 0.999 in the book.",
                 "Changing learning rate: falls to nothing along half a cosine here, constant in the book.",
                 "Shuffled samples: in each epoch anew here, in the order of the file in the book.",
                 "from the new weights here, not used in the book.", "more here, float32 in the book."):
        assert line in told, line
    assert "none in the book" not in told


def test_without_adam_the_book_has_no_betas(params, monkeypatch):
    params("plain", optimizer="sgd")
    write_digit_gan("plain", training={**MODERN, "generator": {"filters": 8}})
    told = shown_by(monkeypatch, gans_page.Page("plain").show_against_the_book)
    assert "Betas of Adam: 0 and 0.99 here, not used in the book." in told
    assert "Generator at this budget: filters 8 here, unchanged in the book." in told


def test_the_books_sizes_are_those_of_the_networks_in_params():
    settings = load(REPOSITORY / "params.yaml")
    for name, page in settings["pages"]["gans"].items():
        networks = settings["gans"][name]
        for player in ("generator", "discriminator") if page["book"] else ():
            replaced = {key for budget in networks["budgets"].values() for key in budget.get(player, {})}
            assert page["book"].get(player, {}) == {key: networks[player][key] for key in replaced}, name


def test_a_size_that_no_network_has_is_refused(params):
    params("plain", generator={"hiden_units": 300})
    assert_refused(lambda: read_block("pages.gans.plain", Settings), "pages.gans.plain.book.generator.hiden_units")


def test_every_extra_is_explained_where_it_stands():
    told = gan_recipe.extras(MODERN)
    assert "real samples (R1)" in told["Gradient penalties R1 and R2"]
    assert "strength 0.5, changing to 0.05" in told["Gradient penalties R1 and R2"]
    assert "1 times the main one" in told[gan_recipe.LABELS]
    assert "0.99 of it stays, and 0.01 comes from the new" in told[gan_recipe.AVERAGE]


@pytest.mark.parametrize(("output", "origin", "said"), [
    (None, "published", "shown in the author"), ([0.9], "published", "printed by the author"),
    (None, "text", "in the book's prose")])
def test_numbers_are_printed_and_pictures_are_shown(output, origin, said):
    assert said in Book(**{**BOOK, "output": output, "origin": origin}).source()


def test_parameters_of_both_networks_add_up(params, monkeypatch):
    params("plain")
    convolutional = {"family": "strided_conv_discriminator", "filters": 1, "features": 128,
                     "hidden_activation": "leaky_relu", "slope": 0.2}
    write_digit_gan("plain", taught=10, discriminator=convolutional,
                    parameters={"generator": 20, "discriminator": 10 + 1280})
    told = shown_by(monkeypatch, gans_page.Page("plain").show_networks)
    assert "Linear(in_features=10, out_features=128, bias=False), which sees labels, in training only" in told
    assert '<td class="number">1,280</td>' in told and '<td class="number">1,290</td>' in told
    write_digit_gan("plain")
    assert "which sees labels" not in shown_by(monkeypatch, gans_page.Page("plain").show_networks)


@pytest.mark.parametrize(("losses", "metrics", "weak"), [
    ((0.7, 0.69), {"coverage": 0.14}, True), ((0.7, 0.69), {"pairwise_distance_ratio": 0.1}, True),
    ((0.7, 0.69), {}, False), ((0.2, 3.0), {"coverage": 0.14}, False)])
def test_a_balance_over_poor_samples_is_said_to_be_a_weak_discriminators(params, monkeypatch, losses, metrics, weak):
    params("plain")
    ends = dict(zip(("discriminator_loss", "generator_loss"), losses, strict=True))
    write_digit_gan("plain", {**metrics, **ends})
    told = shown_by(monkeypatch, gans_page.Page("plain").show_losses)
    assert ("too weak to see their faults" in told) == ("appendix_a.html" in told) == weak


def test_an_outlier_does_not_make_the_loss_at_the_end(params, monkeypatch):
    params("plain")
    write_digit_gan("plain")
    rows = [f"{pair},1e-6,{15.5 if pair == 499 else 0.2}" for pair in range(400, 500)]
    write_text("reports/losses/discriminators/plain.csv", "\n".join(["pair,real,noise", *rows]) + "\n")
    told = shown_by(monkeypatch, gans_page.Page("plain").show_alone)
    assert "is below 0.0001 on real samples and 0.200 on noise" in told


@pytest.mark.parametrize(("valid", "said"), [(1.0, "keeps to the rule"), (0.0, "breaks the rule")])
def test_a_single_pattern_has_no_per_cent(params, valid, said):
    params("patterned")
    write_pattern_gan("patterned")
    write_json("reports/metrics/gans/patterned.json",
               {"images": 1, "valid_share": valid, "range_distance": 0.0, "discriminator_loss": 0.25,
                "generator_loss": 0.25, "ideal_loss": 0.25})
    result = gan_kinds.read_result("patterned")
    assert result.card() == ("1 pattern", f"its only one: it {said}")
    assert result.verdict() == f"makes a single pattern, which {said}"
    assert bool(result.faults()) == (valid == 0)


def test_certainty_and_neighbourhoods_are_explained(params, monkeypatch):
    params("plain")
    write_digit_gan("plain")
    page = gans_page.Page("plain")
    told = shown_by(monkeypatch, page.show_metrics)
    assert "where the judge gives one digit 80.0\u00a0% or more" in told
    assert "nearest neighbours, with 60 of each" in told and "as a part of" not in told
    assert "with certainty (one digit at 80.0\u00a0% or more)" in page.result.verdict()


def test_one_row_is_no_rows(params, monkeypatch):
    params("plain")
    write_digit_gan("plain")
    samples = gans_page.Page("plain").samples
    samples.seeds["linear/pictures"] = samples.seeds["linear/pictures"][:1]
    told = shown_by(monkeypatch, samples.show_seeds)
    assert 'alt="1 row of 12 pictures' in told and 'alt="4 rows of 12 pictures' in told


def test_parts_of_the_data_are_named_by_their_purpose(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_faces()
    pages = {"run": {"budget": "demo"}, "pages": {"face_data": {"celeba": {"title": "Faces"}}}}
    Path("params.yaml").write_text(yaml.safe_dump(pages), encoding="utf-8")
    told = shown_by(monkeypatch, face_data_page.Page("celeba").show_provenance)
    assert "40 for training, 24 for testing" in told


def test_a_card_says_what_is_so_many_times_as_fast(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = {"cuda_basics": {"title": "A product", "about": "Chapter 4."}}
    Path("params.yaml").write_text(yaml.safe_dump({"pages": {"lessons": page}}), encoding="utf-8")
    assert cards.Cards({}, {}).lessons("cuda_basics")[:2] == ("", "Chapter 4.")
    write_json("benchmarks/basics.json", {"cpu": {"rows": [{"what": "plain Python", "times_numpy": 0.000381}]}})
    assert cards.Cards({}, {}).lessons("cuda_basics")[:2] == (
        "2,600 times", "as fast is NumPy as plain Python. Chapter 4.")
