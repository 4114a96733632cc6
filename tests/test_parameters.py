"""Mistakes in params.yaml and on the command line: one line each, before anything is written."""

import time
from pathlib import Path

import pytest
from conftest import (
    CONVERTED,
    RAW,
    assert_nothing_left,
    assert_one_line_error,
    assert_refused,
    delete_key,
    run_stage,
    set_key,
)

from stages import convert, download
from stages.core import parameters
from stages.core.parameters import read_block
from stages.core.run import Run

BASELINE = "classifiers.baseline"


@pytest.fixture
def train(project):
    """`stages.train_classifier.main` for the baseline, without data: it must refuse before it looks for any."""
    from stages import train_classifier

    return lambda: train_classifier.main("baseline")


@pytest.fixture
def build(project):
    """Build the baseline's network from params.yaml."""
    from stages.networks.families import build_network

    return lambda: build_network(parameters._find(f"{BASELINE}.network"), f"{BASELINE}.network")


@pytest.mark.parametrize(("stage", "key", "value", "parts"), [
    ("download", "datasets.mnist.mirors", [], ["datasets.mnist.mirors", "unknown", "mirrors", "remove it"]),
    ("download", "datasets.mnist.stand_in.sed", 1, ["datasets.mnist.stand_in.sed", "unknown", "seed, train_images"]),
    ("download", "run.sauce", "stand_in", ["run.sauce", "unknown", "source"]),
    ("download", "run.source", "torrent", ["run.source", "'torrent'", "'stand_in', 'official' or 'local'"]),
    ("download", "datasets.mnist.stand_in.seed", -1, ["datasets.mnist.stand_in.seed", "-1", "0"]),
    ("download", "datasets.mnist.stand_in.train_images", "many", ["stand_in.train_images", "'many'", "integer"]),
    ("download", "datasets.mnist.mirrors", ["ftp://host/"], ["datasets.mnist.mirrors", "ftp://host/", "https://"]),
    ("convert", "run.budget", "huge", ["run.budget", "'huge'", "'demo', 'book' or 'best'"]),
    ("convert", "datasets.mnist.budgets.demo.test_images", 19, ["budgets.demo.test_images", "19", "20"]),
])
def test_a_wrong_value_is_one_line_on_the_command_line(project, stage, key, value, parts):
    set_key(key, value)
    assert_one_line_error(run_stage(stage, "mnist"), "params.yaml", *parts)
    assert_nothing_left(RAW, CONVERTED)


def test_many_keys_are_read_in_no_time():
    text = "a:\n" + "".join(f"  key_{number}: 1\n" for number in range(9_900))
    began = time.process_time()
    assert len(parameters._parse(text)["a"]) == 9_900
    assert time.process_time() - began < 2


def test_a_missing_key_is_one_line_on_the_command_line(project):
    delete_key("datasets.mnist.stand_in.seed")
    assert_one_line_error(run_stage("download", "mnist"), "params.yaml", "datasets.mnist.stand_in.seed", "add it")
    assert_nothing_left(RAW)


@pytest.mark.parametrize("block", ["run", "datasets", "datasets.mnist", "datasets.mnist.stand_in"])
def test_a_missing_block_names_itself(project, block):
    delete_key(block)
    assert_refused(lambda: download.main("mnist"), "params.yaml", block.rsplit(".", 1)[-1], "add it")
    assert_nothing_left(RAW)


@pytest.mark.parametrize("value", [None, "text", ["list"]])
@pytest.mark.parametrize("block", ["run", "datasets", "datasets.mnist"])
def test_a_block_that_is_none_names_itself(project, block, value):
    set_key(block, value)
    assert_refused(lambda: download.main("mnist"), "params.yaml", block, repr(value), "expected a block")


@pytest.mark.parametrize("key", ["source", "local_dir"])
def test_a_missing_key_of_run_names_itself(project, key):
    delete_key(f"run.{key}")
    assert_refused(lambda: download.main("mnist"), f"run.{key}", "add it")


@pytest.mark.parametrize(("key", "value", "parts"), [
    ("seed", -1, ["run.seed", "-1", "greater than or equal to 0"]),
    ("seed", 2**32, ["run.seed", "less than"]),
    ("seed", "one", ["run.seed", "'one'", "integer"]),
    ("seed", True, ["run.seed", "True", "integer"]),
    ("threads", 0, ["run.threads", "0", "greater than or equal to 1"]),
    ("device", "gpu", ["run.device", "'gpu'", "'auto', 'cpu' or 'cuda'"]),
    ("budget", "tiny", ["run.budget", "'tiny'", "'demo', 'book' or 'best'"]),
    ("speed", 1, ["run.speed", "unknown", "source, local_dir, budget, device, threads, seed"]),
])
def test_run_refuses(project, key, value, parts):
    set_key(f"run.{key}", value)
    assert_refused(lambda: read_block("run", Run), "params.yaml", *parts)


@pytest.mark.parametrize(("key", "value", "parts"), [
    ("budgets.demo.learning_rate", -0.1, ["learning_rate", "-0.1", "greater than 0"]),
    ("budgets.demo.learning_rate", 0, ["learning_rate", "greater than 0"]),
    ("budgets.demo.learning_rate", float("nan"), ["learning_rate", "nan"]),
    ("budgets.demo.learning_rate", float("inf"), ["learning_rate", "inf"]),
    ("budgets.demo.learning_rate", "fast", ["learning_rate", "'fast'", "number"]),
    ("budgets.demo.epochs", 0, ["epochs", "0", "greater than or equal to 1"]),
    ("budgets.demo.epochs", 1.5, ["epochs", "1.5", "integer"]),
    ("budgets.demo.batch_size", 0, ["batch_size", "0", "greater than or equal to 1"]),
    ("budgets.demo.shuffle", "perhaps", ["shuffle", "'perhaps'", "boolean"]),
    ("budgets.demo.schedule", "stairs", ["schedule", "'stairs'", "'constant'"]),
    ("budgets.demo.epoch", 3, ["budgets.demo.epoch", "unknown", "epochs, batch_size"]),
    ("loss", "hinge", ["loss", "'hinge'", "mean_squared_error", "binary_cross_entropy", "cross_entropy"]),
    ("optimizer", "rmsprop", ["optimizer", "'rmsprop'", "sgd", "adam"]),
    ("optimiser", "adam", ["optimiser", "unknown", "network, loss, optimizer, budgets"]),
    ("network", "dense", ["network", "'dense'", "dictionary"]),
])
def test_a_classifier_refuses(train, key, value, parts):
    set_key(f"{BASELINE}.{key}", value)
    assert_refused(train, "params.yaml", BASELINE, *parts)


@pytest.mark.parametrize("key", ["loss", "network", "budgets.demo", "budgets.demo.epochs"])
def test_a_missing_key_of_a_classifier_names_itself(train, key):
    delete_key(f"{BASELINE}.{key}")
    assert_refused(train, "params.yaml", *key.split(".")[-1:], "add it")


@pytest.mark.parametrize(("key", "value", "parts"), [
    ("family", "transformer", ["network.family", "'transformer'", "conv_classifier, dense_classifier"]),
    ("family", ["dense_classifier"], ["network.family", "conv_classifier, dense_classifier"]),
    ("hidden_activation", "swish", ["network.hidden_activation", "'swish'", "'sigmoid', 'leaky_relu' or 'gelu'"]),
    ("output_activation", "softmax", ["network.output_activation", "'softmax'", "'sigmoid'"]),
    ("hidden_units", 0, ["network.hidden_units", "0", "greater than or equal to 1"]),
    ("hidden_unit", 9, ["network.hidden_unit", "unknown", "hidden_units"]),
    ("slope", 0.02, ["network", "slope belongs to leaky_relu"]),
])
def test_a_network_refuses(build, key, value, parts):
    set_key(f"{BASELINE}.network.{key}", value)
    assert_refused(build, "params.yaml", *parts)


def test_leaky_relu_without_slope_is_refused(build):
    set_key(f"{BASELINE}.network.hidden_activation", "leaky_relu")
    assert_refused(build, "slope belongs to leaky_relu", "give both")


def test_a_rate_written_as_1e_4_is_a_number(project):
    from stages.training.classifier import Budget

    set_key(f"{BASELINE}.budgets.demo.learning_rate", "RATE")
    file = Path("params.yaml")
    file.write_text(file.read_text(encoding="utf-8").replace("RATE", "1e-4"), encoding="utf-8")
    assert read_block(f"{BASELINE}.budgets.demo", Budget).learning_rate == 0.0001


def test_digests_are_all_four_or_none(project):
    delete_key("datasets.mnist.digests.test_labels")
    assert_one_line_error(run_stage("download", "mnist"), "datasets.mnist.digests", "all of", "test_labels", "none")
    assert_nothing_left(RAW)


@pytest.mark.parametrize("mirror", ["", "host/mnist", "file:///etc/passwd", "http://", "http://[bad", "https://a b/"])
def test_mirrors_are_web_addresses(project, mirror):
    set_key("datasets.mnist.mirrors", [mirror])
    assert_refused(lambda: download.main("mnist"), "datasets.mnist.mirrors", "https://host/folder/")


@pytest.mark.parametrize(("stage", "name", "known"), [
    ("download", "emnist", "mnist"),
    ("convert", "emnist", "mnist"),
    ("report", "basline", "baseline, bce"),
])
def test_an_unknown_name_lists_the_known_ones(project, stage, name, known):
    assert_one_line_error(run_stage(stage, name), "params.yaml", f"'{name}'", known, "choose one of them")
    assert_nothing_left("data", "reports")


def test_an_unknown_classifier_lists_the_known_ones(project):
    from stages import train_classifier

    assert_refused(lambda: train_classifier.main("basline"), "'basline'", "baseline, bce", "choose one of them")


@pytest.mark.parametrize("stage", [download, convert])
def test_a_data_set_without_code_names_the_file_to_write(project, stage):
    set_key("datasets.emnist", {"title": "EMNIST"})
    assert_refused(lambda: stage.main("emnist"), "'emnist'", "stages/datasets/emnist.py")


def test_a_missing_argument_is_wrong_usage(project):
    result = run_stage("download")
    assert result.returncode == 2
    assert "usage: python -m stages.download" in result.stderr


def test_a_missing_file_is_one_line_on_the_command_line(project):
    Path("params.yaml").unlink()
    assert_one_line_error(run_stage("download", "mnist"), "params.yaml", "not found", "project's folder")
    assert_nothing_left(RAW)


@pytest.mark.parametrize("content", ["", "# only a remark\n"])
def test_an_empty_file_is_refused(project, content):
    Path("params.yaml").write_text(content)
    assert_refused(lambda: download.main("mnist"), "params.yaml", "expected blocks", "restore")


@pytest.mark.parametrize("content", [
    b"run: [", b"run: {a: 1\nb: 2", b"\xff\xfe\x00", b"run: 2024-13-45", b"[" * 5000, b"run: !!python/name:os.system",
])
def test_a_file_that_is_no_yaml_is_refused(project, content):
    Path("params.yaml").write_bytes(content)
    assert_refused(lambda: download.main("mnist"), "params.yaml", "no valid YAML", "correct it")


def test_a_file_that_is_no_yaml_is_one_line_on_the_command_line(project):
    Path("params.yaml").write_text("run: {source: stand_in\ndatasets: {")
    assert_one_line_error(run_stage("download", "mnist"), "params.yaml", "no valid YAML", "line 2")


def test_a_key_given_twice_is_refused(project):
    text = (project / "params.yaml").read_text(encoding="utf-8")
    (project / "params.yaml").write_text(text + "\nrun: {seed: 2}\n", encoding="utf-8")
    assert_one_line_error(run_stage("download", "mnist", cwd=project), "params.yaml", "key 'run' stands twice")
