"""Pulumi.yaml and Pulumi.<stack>.yaml, read as the Pulumi CLI reads them.

`load` gives the configuration exactly as the CLI would hand it to the program: every key namespaced,
every value text (objects and lists as JSON), project defaults applied, types of the project's `config:`
schema checked. A secret can't be decrypted here: its value is the text `SECRET_STAND_IN`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from offline.errors import OfflineError

SECRET_STAND_IN = "[secret: not decrypted offline]"
"""The value the program sees for `secure: ...` in a stack file."""


@dataclass(frozen=True)
class Project:
    """A project and one of its stacks.

    Attributes:
        root: the folder that holds Pulumi.yaml.
        program: the folder or file Pulumi would run (`main:` of Pulumi.yaml, else `root`).
        config: namespaced key -> text, as the program receives it.
        secret_keys: the keys of `config` whose values hold a secret.
        file: the stack file.
    """

    name: str
    stack: str
    root: Path
    program: Path
    config: Mapping[str, str] = field(default_factory=dict)
    secret_keys: tuple[str, ...] = ()
    file: Path = Path()


def load(folder: Path, stack: str) -> Project:
    """The project in `folder` or the nearest folder above it, with the configuration of `stack`.

    Raises OfflineError for whatever the CLI would refuse: no project, no such stack, broken YAML, a
    value of another type than the schema's, a missing one.
    """
    path = _find_project(folder)
    document = _read(path)
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise OfflineError(f"{path}: project is missing a non-empty string 'name' attribute")
    runtime = document.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language != "python":
        raise OfflineError(f"{path}: runtime is {language!r}; only python programs run offline")
    schema = _schema(document, name, path)
    root = path.parent
    folder_of_stacks = root / str(document.get("stackConfigDir") or _old_config_dir(document) or "")
    file = folder_of_stacks / f"Pulumi.{stack}{path.suffix}"
    values = _stack_values(file, stack, name)
    _apply_schema(values, schema, name, stack)
    try:
        secrets = tuple(key for key, value in values.items() if _is_secret(value))
        texts = {key: _text(value) for key, value in values.items()}
    except RecursionError:
        raise OfflineError(f"{root}: a value of stack '{stack}' is nested too deeply, or contains itself") from None
    return Project(name, stack, root, root / str(document.get("main") or ""), texts, secrets, file)


def _find_project(folder: Path) -> Path:
    start = folder.resolve()
    for parent in (start, *start.parents):
        for suffix in (".yaml", ".yml"):
            if (path := parent / f"Pulumi{suffix}").is_file():
                return path
    raise OfflineError(f"no Pulumi.yaml project file found (searching upwards from {start})")


class _Loader(yaml.SafeLoader):
    """YAML as the CLI's parser reads it: `yes` and `on` are text, `1e3` is a number, no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        first: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in first:
                problem = f"mapping key {key.value!r} already defined at line {first[key.value]}"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            first[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":bool", ":float", ":int"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def _construct_int(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = node.value.replace("_", "")
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if digits.startswith("0") and digits[1:].isdigit():
        return sign * int(digits, 8)
    return sign * int(digits, 0)


_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}:" if error.problem_mark else ""
        raise OfflineError(f"{path}:{line} {error.problem}") from error
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        raise OfflineError(f"{path}: {error}") from error
    except RecursionError:
        raise OfflineError(f"{path}: nested too deeply") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise OfflineError(f"{path}: expected an object, was {type(document).__name__}")
    return document


def _stack_values(path: Path, stack: str, project: str) -> dict[str, Any]:
    if not path.is_file():
        suffix = path.suffix
        stacks = sorted(
            file.name.removeprefix("Pulumi.").removesuffix(suffix) for file in path.parent.glob(f"Pulumi.*{suffix}")
        )
        have = f"stacks here: {', '.join(stacks)}" if stacks else "there is no stack file here"
        raise OfflineError(f"no stack named '{stack}' found: {path} doesn't exist; {have}")
    config = _read(path).get("config")
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise OfflineError(f"{path}: config: expected an object, was {type(config).__name__}")
    return {_key(str(key), project, path): value for key, value in config.items()}


def _key(key: str, project: str, path: Path) -> str:
    parts = key.split(":")
    if len(parts) == 1:
        return f"{project}:{key}"
    if len(parts) == 3 and parts[1] == "config":  # the form of very old stack files
        return f"{parts[0]}:{parts[2]}"
    if len(parts) != 2:
        raise OfflineError(
            f"{path}: could not parse {key} as a configuration key "
            "(configuration keys should be of the form `<namespace>:<name>`)"
        )
    return key


def _old_config_dir(document: Mapping[str, Any]) -> str | None:
    config = document.get("config")
    return config if isinstance(config, str) else None


_TYPES = ("string", "integer", "boolean", "array", "object")


def _schema(document: Mapping[str, Any], project: str, path: Path) -> dict[str, dict[str, Any]]:
    """The project's `config:`, namespaced and in its long form, refused where the CLI refuses it."""
    config = document.get("config")
    if config is None or isinstance(config, str):
        return {}
    if not isinstance(config, dict):
        raise OfflineError(f"{path}: config: expected an object, was {type(config).__name__}")
    schema: dict[str, dict[str, Any]] = {}
    for key, entry in config.items():
        own = ":" not in str(key) or str(key).startswith(f"{project}:")
        if not isinstance(entry, dict):
            entry = {"default" if own else "value": entry}
        _check_entry(str(key), entry, own, path)
        schema[_key(str(key), project, path)] = entry
    return schema


def _check_entry(key: str, entry: Mapping[str, Any], own: bool, path: Path) -> None:
    kind, default = entry.get("type"), entry.get("default")
    if default is not None and entry.get("value") is not None:
        problem = f"project config '{key}' cannot have both a 'default' and 'value' attribute"
    elif kind is not None and kind not in _TYPES:
        problem = f"config.{key}.type is {kind!r}; allowed: {', '.join(_TYPES)}"
    elif own and kind == "array" and not isinstance(entry.get("items"), dict):
        problem = (
            f"The configuration key '{key}' declares an array "
            "but does not specify the underlying type via the 'items' attribute"
        )
    elif own and kind and default is not None and not _matches(default, entry):
        problem = (
            f"The default value specified for configuration key '{key}' "
            f"is not of the expected type '{_type_name(entry)}'"
        )
    elif not own and kind:
        problem = f"Configuration key '{key}' is not namespaced by the project and should not define a type"
    elif not own and default is not None:
        problem = (
            f"Configuration key '{key}' is not namespaced by the project and should not define a default "
            "value. Did you mean to use the 'value' attribute instead of 'default'?"
        )
    elif not own and entry.get("value") is None:
        problem = f"Configuration key '{key}' is namespaced and must provide an attribute 'value'"
    else:
        return
    raise OfflineError(f"{path}: {problem}")


def _apply_schema(values: dict[str, Any], schema: Mapping[str, dict[str, Any]], project: str, stack: str) -> None:
    """Add the defaults to `values`; then check it, in the order and words of the CLI.

    Keys the schema doesn't know pass, as they do in the CLI.
    """
    missing: list[str] = []
    for key in sorted(schema):
        if key in values:
            continue
        entry = schema[key]
        default = entry.get("default")
        value = entry.get("value") if default is None else default
        if value is not None:
            values[key] = value
        elif key.startswith(f"{project}:"):
            missing.append(key.removeprefix(f"{project}:"))
    if missing:
        *most, last = (f"'{key}'" for key in missing)
        keys = f"{', '.join(most)} and {last}" if most else last
        raise OfflineError(f"Stack '{stack}' is missing configuration value{'s' if most else ''} {keys}")
    for key in sorted(schema):
        entry, value = schema[key], values.get(key)
        name = key.removeprefix(f"{project}:")
        if not entry.get("type"):
            continue
        if entry.get("secret") and not _is_secret(value):
            raise OfflineError(f"Stack '{stack}' with configuration key '{name}' must be encrypted as it's secret")
        # Scalars are text by the time the CLI compares them: `port: 80` is a good string.
        compared = value if isinstance(value, (dict, list)) else _text(value)
        if not _matches(compared, entry):
            raise OfflineError(f"Stack '{stack}' with configuration key '{name}' must be of type '{_type_name(entry)}'")


def _type_name(entry: Mapping[str, Any]) -> str:
    items = entry.get("items")
    return f"array<{_type_name(items)}>" if isinstance(items, dict) else str(entry.get("type"))


def _matches(value: Any, entry: Mapping[str, Any]) -> bool:
    kind = entry.get("type")
    if _is_encrypted(value):
        return True
    if kind == "string":
        return isinstance(value, str)
    if kind == "integer":
        if isinstance(value, str):
            return re.fullmatch(r"[-+]?[0-9]+", value) is not None
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value % 1 == 0
    if kind == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if kind == "object":
        return isinstance(value, dict)
    items = entry.get("items")
    return isinstance(value, list) and isinstance(items, dict) and all(_matches(item, items) for item in value)


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("secure"), str)


def _is_secret(value: Any) -> bool:
    if _is_encrypted(value):
        return True
    if isinstance(value, dict):
        return any(_is_secret(item) for item in value.values())
    return isinstance(value, list) and any(_is_secret(item) for item in value)


def _text(value: Any) -> str:
    """`value` as the CLI hands it to a program: text as it is, everything else as JSON."""
    plain = _plain(value)
    if plain is None:
        return ""
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if _is_encrypted(value):
        return SECRET_STAND_IN
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, date):  # as Go prints it
        return f"{value.strftime('%Y-%m-%d %H:%M:%S')} +0000 UTC"
    raise OfflineError(f"a value of YAML type {type(value).__name__} can't be a configuration value")
