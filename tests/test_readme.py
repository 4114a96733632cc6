"""README is true: its tables are those of the recorded runs, its paths and commands exist."""

import json
import re
from pathlib import Path

import pytest
import yaml

from benchmarks import checkpoints, faces_table, fuzz, kills, processors, tables, verify

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MADE_BY_THE_PIPELINE = {"data/", "raw/", "hdf5/", "models/", "progress/", "samples/", "html/", "compare/", ".venv",
                        "reports/html/index.html"}


def test_tables_are_those_of_the_recorded_runs():
    assert tables.with_tables(README) == README, "run `make readme`"
    assert README.count("±") >= 15


@pytest.mark.parametrize(("module", "made"), [(fuzz, fuzz.sentence), (kills, kills.sentence),
                                              (processors, processors.table), (checkpoints, checkpoints.table),
                                              (verify, verify.table)])
def test_what_is_not_recorded_is_said_not_to_be_measured(tmp_path, monkeypatch, module, made):
    monkeypatch.setattr(module, "RECORD", tmp_path / "none.json")
    assert made() == "Not measured yet.\n"


def test_records_of_reliability_become_words(tmp_path, monkeypatch):
    here = {"processor": "P", "cores": 2}
    same = {variant: dict.fromkeys(processors.EXPERIMENTS, False) for variant in processors.VARIANTS}
    row = {"experiment": "a", "budget": "demo", "seconds": 0.5, "bytes": 2_000_000, "share": 0.001}
    for module, found in ((fuzz, {"lists": 1200, "idx": 30}),
                          (kills, {"runs": 20, "kills": 17, "stages": 7, "outputs": 9}),
                          (processors, {"machine": here | {"torch": "2"}, "threads": 2, "same": same}),
                          (checkpoints, {"rows": [row], "machine": here, "versions": {"torch": "2"}})):
        monkeypatch.setattr(module, "RECORD", tmp_path / f"{module.__name__}.json")
        module.RECORD.write_text(json.dumps(found), encoding="utf-8")
    assert tables.TABLES["fuzz"]().startswith("1,230 inputs") and "1,200 of lists, 30 of idx" in tables.TABLES["fuzz"]()
    assert "killed (SIGKILL) 17 times" in tables.TABLES["kills"]()
    assert "| 1 thread | other | other |" in tables.TABLES["processors"]()
    assert "| `a` | `demo` | 0.50 | 2.0 | 0.10 % |" in tables.TABLES["checkpoints"]()


@pytest.mark.parametrize(("title", "source", "budget"), [("CelebA", "local", "demo"),
                                                         ("stand-in faces", "stand_in", "book")])
def test_faces_of_another_run_than_as_shipped_are_not_kept(tmp_path, monkeypatch, title, source, budget):
    monkeypatch.setattr(faces_table, "RECORD", tmp_path / "faces.json")
    monkeypatch.setattr(faces_table, "SAMPLES", tmp_path)
    monkeypatch.setattr(faces_table, "read_attribute", lambda *_: {"data": {"title": title, "source": source},
                                                                   "budget": budget})
    with pytest.raises(SystemExit, match=f"of {title} at {budget}; expected stand-in faces at demo; run make repro"):
        faces_table.main()
    assert not list(tmp_path.iterdir())


def test_faces_stand_in_the_order_of_the_book():
    rows = re.findall(r"^\| `(celeba_\w+)` \|", tables.TABLES["faces"](), flags=re.MULTILINE)
    assert rows == ["celeba_dense", "celeba_conv", "celeba_conv_gelu", "celeba_best"]


@pytest.mark.parametrize("name", tables.PICTURES)
def test_pictures_are_those_of_the_recorded_runs(tmp_path, name):
    tables.PICTURES[name]().savefig(tmp_path / "now.png", dpi=120, metadata={"Software": None})
    committed = ROOT / f"benchmarks/{name}.png"
    assert (tmp_path / "now.png").read_bytes() == committed.read_bytes(), "run `make readme`"


def test_recorded_runs_belong_to_the_experiments_of_params():
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for budget in ("book", "best"):
        for key, run in tables._runs(budget).items():
            if key == tables.BATCHED:  # its own variant of a budget
                continue
            block = next(settings[kind][key] for kind in ("classifiers", "gans") if key in settings[kind])
            assert run["training"] == block["budgets"][budget], f"record {budget}-{key} again"


def test_every_make_target_exists():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"\bmake ([\w-]+)(?=`| {2,}| \|)", README)) - {"and"}
    assert named and named <= targets


def test_every_module_exists():
    modules = re.findall(r"python -m ((?:stages|benchmarks)\.\w+)", README)
    assert modules
    assert all((ROOT / (module.replace(".", "/") + ".py")).is_file() for module in modules)


def test_every_stage_and_parameter_named_exists():
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for dotted in re.findall(r"-S ([\w.]+)=", README) + re.findall(r"`(run\.\w+)`", README):
        value = settings
        for key in dotted.split("."):
            value = value[key]
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    for name in re.findall(r"dvc repro (?:--force )?([a-z_]+)", README):
        assert name in stages


def test_every_path_of_the_tree_exists():
    tree = README.split("## What is where")[1].split("## Rights")[0]
    parents = {0: ROOT}
    for line in tree.splitlines():
        if not (match := re.match(r"    ( *)((?:[\w.]+/? )*[\w.]+/?)(?:  |$)", line)):
            continue
        depth, names = len(match[1]), match[2].split()
        for name in names:
            if name in MADE_BY_THE_PIPELINE:
                continue
            assert (parents[depth] / name).exists(), f"README names {name}, which is not there"
            parents[depth + 2] = parents[depth] / name


def test_every_file_named_in_the_text_exists():
    for path in re.findall(r"`((?:stages|benchmarks|reports|tests)/[\w./]+)`", README):
        assert path in MADE_BY_THE_PIPELINE or (ROOT / path).exists(), path
