"""params.yaml, the one source of truth: a stage reads its own fields only, typed and closed.

A block is a part of params.yaml named by its dotted path. A stage names the fields of the block that it uses;
it gets those and no others, so a read that dvc.yaml does not declare cannot go unnoticed (tests run every stage
with nothing but its declared parameters in the file).
"""

import functools
import importlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from stages.core.command import UserError
from stages.core.modest_yaml import require_modest

FILE = "params.yaml"


class Block(BaseModel):
    """A block of params.yaml: unknown keys are refused, text is no number, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())


AnyBlock = TypeVar("AnyBlock", bound=Block)


# libyaml is seven times as fast; PyYAML may be built without it
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """PyYAML reads YAML 1.1, where `1e-4` is text; DVC writes and reads YAML 1.2, where it is a number."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A block; PyYAML would silently take the last of two equal keys."""
        counts = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        twice = next((key for key, count in counts.items() if count > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key '{twice}' stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def read_block(path: str, model: type[AnyBlock], fields: Sequence[str] | None = None) -> AnyBlock:
    """Read the block at the dotted `path`, and of it only `fields` (all where None), checked against `model`.

    Raises UserError with one line that names key, value and what is accepted.
    """
    values = _find(path)
    if not isinstance(values, dict):
        raise UserError(f"{FILE}: {path} is {values!r}; expected a block with the keys {_listed(model.model_fields)}")
    unknown = [key for key in values if key not in model.model_fields]
    if unknown:
        accepted = _listed(model.model_fields)
        raise UserError(f"{FILE}: {path}.{unknown[0]} is unknown; accepted keys: {accepted}; correct or remove it")
    if fields is not None:
        rules = model.__pydantic_decorators__
        assert not (rules.field_validators or rules.model_validators), "a rule of a partly read block belongs to a type"
        chosen = {name: (model.model_fields[name].annotation, model.model_fields[name]) for name in fields}
        values = {key: value for key, value in values.items() if key in chosen}
        model = create_model(model.__name__, __base__=Block, **chosen)
    return check(values, model, path)


def read_blocks(path: str, model: type[AnyBlock]) -> dict[str, AnyBlock]:
    """Read all blocks below `path`, each checked against `model`, in the order of the file."""
    return {name: read_block(f"{path}.{name}", model) for name in _find_block(path)}


def check(values: dict[str, Any], model: type[AnyBlock], path: str) -> AnyBlock:
    """Turn a plain dict into a checked block; `path` is its name in messages."""
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        raise UserError(_explain(invalid, model, path)) from None


def has_name(block: str, name: str) -> bool:
    """Whether params.yaml has such a block with the key `name`."""
    values = load().get(block)
    return isinstance(values, dict) and name in values


def require_name(block: str, name: str, *others: str) -> None:
    """Refuse a name from the command line that is no key of `block`, listing the known ones.

    `others` are blocks whose names would have done, and are listed as well where they are in the file.
    """
    known = _find_block(block)
    if name not in known:
        blocks = {block: known} | {other: load()[other] for other in others if load().get(other)}
        names = _listed(key for keys in blocks.values() for key in keys)
        have = "it has" if len(blocks) == 1 else "they have"
        raise UserError(f"{FILE}: no '{name}' in {' or '.join(blocks)}; {have}: {names}; choose one of them or add it")


def import_module(package: str, name: str) -> ModuleType:
    """The module of `package` that a name of params.yaml stands for. Raises UserError where there is none."""
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith(package):
            raise
        place = f"{package.replace('.', '/')}/{name}.py"
        raise UserError(f"{FILE}: '{name}' needs {place}, which is not there; write it, or correct the name") from None


def find_name(block: str, name: str) -> str:
    """The part of `block` that has the key `name`. Raises UserError with all names where none has."""
    parts = {part: _find_block(f"{block}.{part}") for part in _find_block(block)}
    for part, entries in parts.items():
        if name in entries:
            return part
    known = _listed(entry for entries in parts.values() for entry in entries)
    raise UserError(f"{FILE}: no '{name}' in any part of {block}; it has: {known}; choose one of them or add it")


def _find(path: str) -> Any:
    """The value at the dotted `path` of params.yaml."""
    value, walked = load(), []
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            place = ".".join(walked) or "the top level"
            known = _listed(value) if isinstance(value, dict) else repr(value)
            raise UserError(f"{FILE}: no '{key}' in {place}; it has: {known}; choose one of them or add it")
        value = value[key]
        walked.append(key)
    return value


def _find_block(path: str) -> dict[str, Any]:
    """The block at the dotted `path`, whatever its keys."""
    values = _find(path)
    if not isinstance(values, dict):
        raise UserError(f"{FILE}: {path} is {values!r}; expected a block of named entries; correct it")
    return values


def load(path: Path = Path(FILE)) -> dict[str, Any]:
    """The whole file, as plain dicts and lists; not to be changed: the next who asks gets the same ones."""
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{FILE}: not found in this folder; run the stage from the project's folder") from None
    except (yaml.YAMLError, ValueError, RecursionError) as invalid:  # ValueError: no UTF-8, or a 13th month
        raise UserError(f"{FILE}: is no valid YAML ({invalid}); correct it") from None


@functools.lru_cache(maxsize=1)  # a page reads a dozen blocks
def _parse(text: str) -> dict[str, Any]:
    """The values of a whole file. Raises UserError for other values than blocks."""
    require_modest(text)
    values = yaml.load(text, Loader=_Loader)
    if not isinstance(values, dict):
        raise UserError(f"{FILE}: holds {values!r}; expected blocks such as 'run:'; restore the file")
    return values


def _explain(invalid: ValidationError, model: type[Block], path: str) -> str:
    """The first complaint of pydantic as one line for the user."""
    # a misspelt key is unknown and its right name missing: the first is what the user wrote
    complaints = invalid.errors(include_url=False)
    complaint = next((one for one in complaints if one["type"] == "extra_forbidden"), complaints[0])
    key = ".".join([path, *(str(part) for part in complaint["loc"])])
    if complaint["type"] == "missing":
        return f"{FILE}: {key} is missing; add it"
    if complaint["type"] == "extra_forbidden":
        return f"{FILE}: {key} is unknown; accepted keys: {_listed(_fields_at(model, complaint['loc']))}"
    what = complaint["msg"][0].lower() + complaint["msg"][1:]
    return f"{FILE}: {key} is {complaint['input']!r}; {what}"


def _fields_at(model: type[Block], location: Sequence[str | int]) -> Sequence[str]:
    """The keys accepted where `location` points, one level up."""
    for part in location[:-1]:
        inner = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, Block)):
            return []
        model = inner
    return list(model.model_fields)


def _listed(names: Any) -> str:
    """Names in the order given, for a message."""
    return ", ".join(str(name) for name in names) or "nothing"
