"""dvc.yaml says what the code does: every import, parameter, path and command."""

import ast
import functools
import json
import re
from pathlib import Path

import dvc.dependency.param
import pytest
import yaml
from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo

ROOT = Path(__file__).parents[1]
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))


PACKAGE = ROOT / "stages/datasets"
DRAWN = {PACKAGE / "digits/stand_in.py", PACKAGE / "digits/strokes.py"}
DOWNLOADED, CONVERTED = {PACKAGE / "http.py"}, {PACKAGE / "hdf5.py"}


@pytest.fixture(scope="module")
def stages():
    with Repo(str(ROOT)) as repo:
        return list(repo.index.stages)


def module_file(name: str) -> Path | None:
    path = ROOT / Path(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@functools.cache
def imports(source: str) -> set[Path]:
    """The files of this project that a module's text imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {file for name in names if name.startswith("stages") and (file := module_file(name))}
    return found


def closure(files: set[Path]) -> set[Path]:
    """Files and all that they import, in turn."""
    seen, todo = set(), set(files)
    while todo:
        file = todo.pop()
        seen.add(file)
        todo |= imports(file.read_text(encoding="utf-8")) - seen
    return seen


def notebook_code(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def entry_files(stage) -> set[Path]:
    """The files in which a stage begins: its script, what it looks up by name, its notebook's imports."""
    verb, name = re.fullmatch(r"python -m stages\.(\w+) (\w+)", stage.cmd).groups()
    files = {ROOT / f"stages/{verb}.py"}
    if verb in ("download", "convert"):
        files.add(ROOT / f"stages/datasets/{name}.py")
    if verb in ("train_classifier", "evaluate_classifier"):
        block = (PARAMS["classifiers"] | PARAMS["attribute_classifiers"])[name]
        files.add(ROOT / f"stages/networks/{block['network']['family']}.py")
        if name in PARAMS["attribute_classifiers"]:
            files.add(ROOT / ("stages/training/attribute_classifier.py" if verb == "train_classifier" else
                              "stages/evaluation/attributes.py"))
    if verb in ("train_gan", "train_discriminator", "explore_seeds", "evaluate_gan"):
        block = PARAMS["gans"][name]
        files |= {ROOT / f"stages/networks/{block[network]['family']}.py" for network in ("generator", "discriminator")}
    if verb == "evaluate_gan":
        files.add(ROOT / f"stages/evaluation/{block['evaluation']}.py")
        judge = {"mnist": "reference_classifier", "celeba": "attribute_classifier"}.get(block["data"])
        files |= {ROOT / f"stages/networks/{judge}.py"} if judge else set()
    if verb == "demonstrate":
        files.add(ROOT / f"stages/lessons/{name}/__init__.py")
    if verb == "list_convolutions":
        files |= set((ROOT / "stages/networks").glob("*.py"))
    if verb == "report":
        kind = next(kind for kind, pages in PARAMS["pages"].items() if name in pages)
        template = name if kind == "lessons" else kind
        files |= imports(notebook_code(ROOT / f"reports/notebooks/{template}.ipynb"))
        if kind == "gans":  # a page holds the networks themselves
            files |= {ROOT / f"stages/networks/{PARAMS['gans'][name][network]['family']}.py"
                      for network in ("generator", "discriminator")}
    return files


def declared(stage) -> list[Path]:
    return [Path(dep.fs_path) for dep in stage.deps if hasattr(dep, "fs_path") and not hasattr(dep, "params")]


def is_docstring_only(file: Path) -> bool:
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return len(body) == 1 and isinstance(body[0], ast.Expr)


def test_every_stage_declares_what_it_imports(stages):
    # the two stages of a data set share a file; what only the other one uses is imported there when used
    lazy = {"convert_mnist": DRAWN | DOWNLOADED, "convert_celeba": DOWNLOADED, "download_celeba": CONVERTED}
    for stage in stages:
        places = declared(stage)
        for file in closure(entry_files(stage)):
            known = any(file == place or place in file.parents for place in places)
            allowed = file in lazy.get(stage.name, ())
            assert known or allowed or is_docstring_only(file), f"{stage.name} imports {file} and does not declare it"


def test_every_declared_file_of_code_is_imported(stages):
    groups: dict[str, list] = {}
    for stage in stages:
        groups.setdefault(stage.name.split("@")[0], []).append(stage)
    for name, members in groups.items():  # the experiments of a group share one list
        used = set().union(*(closure(entry_files(stage)) for stage in members))
        places = {place for stage in members for place in declared(stage) if place.suffix == ".py"}
        assert places <= used, f"{name} declares {places - used} and never imports it"


def test_stage_scripts_are_imported_by_no_module():
    scripts = {file for file in (ROOT / "stages").glob("*.py") if file.name != "__init__.py"}
    for file in (ROOT / "stages").rglob("*.py"):
        assert not imports(file.read_text(encoding="utf-8")) & scripts, f"{file} imports a stage script"


def test_every_leaf_of_params_is_claimed_by_a_stage():
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    blocks = "run|datasets|patterns|classifiers|attribute_classifiers|gans|lessons|pages"
    claims = re.findall(rf"^ +- ((?:{blocks})[\w.${{}}]*)$", text, flags=re.MULTILINE)
    claims = [re.sub(r"\$\{[\w.]+\}", "ANY", claim) for claim in claims]
    patterns = [re.compile(re.escape(claim).replace("ANY", "[^.]+") + r"(\..*)?$") for claim in claims]
    for leaf in leaves(PARAMS):
        assert any(pattern.match(leaf) for pattern in patterns), f"no stage claims {leaf}"


def test_every_field_of_the_pages_block_is_used():
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "stages/reporting").glob("*.py"))
    fields = {leaf.rsplit(".", 1)[-1] for leaf in leaves(PARAMS["pages"])}
    assert not [field for field in fields if f".{field}" not in code]


def test_dvc_lock_belongs_to_this_code_and_these_parameters(stages, monkeypatch):
    """The committed results are those of the committed code; what lies in data/ is not looked at."""
    monkeypatch.setattr(dvc.dependency.param, "load_path", functools.cache(dvc.dependency.param.load_path))
    for stage in stages:
        for dep in stage.deps:
            place = Path(dep.fs_path).relative_to(ROOT).as_posix()
            if isinstance(dep, ParamsDependency) or place.startswith(("stages", "reports/notebooks")):
                assert not dep.status(), f"{stage.name}: {dep.status()}; run `make repro` and commit"


def leaves(value, path: str = "") -> list[str]:
    if not isinstance(value, dict) or not value:
        return [path]
    return [leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}.{key}" if path else key)]


def test_every_line_of_params_has_a_comment():
    for number, line in enumerate((ROOT / "params.yaml").read_text(encoding="utf-8").splitlines(), start=1):
        if re.match(r"^\s+\w+: +\S", line) or re.match(r"^\s+\w+: *\{", line):
            assert "#" in line, f"params.yaml line {number} has no comment: {line}"


@pytest.mark.parametrize("kind", ["classifiers", "attribute_classifiers", "gans"])
def test_every_experiment_has_a_page_and_every_page_an_experiment(kind):
    assert list(PARAMS["pages"][kind]) == list(PARAMS[kind])


def test_script_argument_and_outputs_carry_the_same_key(stages):
    for stage in stages:
        name = stage.cmd.split()[-1]
        for out in stage.outs:
            assert Path(out.fs_path).stem == name, f"{stage.name} writes {out.fs_path}"


def test_reports_metrics_and_losses_are_in_git_and_outputs_in_the_cache(stages):
    for stage in stages:
        for out in stage.outs:
            relative = Path(out.fs_path).relative_to(ROOT).as_posix()
            assert out.use_cache == (not relative.startswith("reports/") or relative.startswith("reports/html/"))


def test_notebooks_are_templates_without_outputs():
    for path in (ROOT / "reports/notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs") and not cell.get("execution_count"), f"{path} holds outputs"


def test_no_comment_has_become_part_of_a_value():
    def values(block):
        return [value for inner in block.values() for value in (values(inner) if isinstance(inner, dict) else [inner])]

    assert not [value for value in values(PARAMS) if "#" in str(value)]


def test_no_parameter_has_a_name_that_dvcs_cache_of_runs_does_not_look_at():
    """DVC leaves keys named size and nfiles out of what it knows a run by: a change of one brought old results back."""
    def keys(values):
        inner = values.values() if isinstance(values, dict) else values if isinstance(values, list) else []
        return set(values if isinstance(values, dict) else []).union(*map(keys, inner))

    assert not keys(PARAMS) & {"size", "nfiles"}
