"""The configuration of a policy pack: `--policy-pack-config`, merged and checked as the CLI does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline.errors import OfflineError

if TYPE_CHECKING:
    from offline.pack import Policy

LEVELS = ("advisory", "mandatory", "remediate", "disabled")


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """The level of one policy ("" leaves it as it is) and its knobs."""

    level: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


def read(path: Path) -> dict[str, PolicyConfig]:
    """The configuration in a JSON file: policy name (or `all`) -> level, or object of level and knobs.

    Raises OfflineError, naming file and policy, if it is anything else.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if text.strip() else {}
    except (OSError, ValueError, RecursionError) as error:
        raise OfflineError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise OfflineError(f"{path}: expected an object, was {type(document).__name__}")
    return {name: _entry(name, value, path) for name, value in document.items() if name != "environments"}


def _entry(name: str, value: Any, path: Path) -> PolicyConfig:
    properties = dict(value) if isinstance(value, dict) else {}
    level = properties.pop("enforcementLevel", "") if isinstance(value, dict) else value
    if not isinstance(value, (str, dict)):
        raise OfflineError(f"{path}: {name}: {value!r} is not a level or an object")
    if not isinstance(level, str) or (level and level not in LEVELS) or value == "":
        raise OfflineError(f"{path}: {name}: {level!r} is not a valid enforcement level; allowed: {', '.join(LEVELS)}")
    return PolicyConfig(level, properties)


def reconcile(
    policies: Iterable[Policy],
    initial: Mapping[str, PolicyConfig],
    given: Mapping[str, PolicyConfig],
) -> dict[str, PolicyConfig]:
    """What the pack is to be configured with: its defaults, under its initial configuration, under ours.

    Knobs are merged one level deep. Raises ValueError, all problems in one line, if a policy's schema
    doesn't take the result, or if we name policies or knobs that the pack doesn't have: the CLI passes
    them on, so a rule would silently stay as it is.
    """
    policies = list(policies)
    problems = list(_unknown(policies, given))
    result = {
        policy.name: PolicyConfig(
            policy.level,
            {
                knob: schema["default"]
                for knob, schema in policy.schema["properties"].items()
                if isinstance(schema, dict) and "default" in schema
            },
        )
        for policy in policies
    }
    for layer in (initial, given):
        if level := layer.get("all", PolicyConfig()).level:
            result = {name: PolicyConfig(level, item.properties) for name, item in result.items()}
        for name, item in layer.items():
            below = result.get(name, PolicyConfig())
            properties = {**below.properties, **item.properties}
            result[name] = PolicyConfig(item.level or below.level, properties)
    problems += [f"{name}: needs a level" for name, item in result.items() if name == "all" and not item.level]
    problems += [
        f"{policy.name}: {problem}"
        for policy in policies
        for problem in _problems(policy.schema, result[policy.name].properties)
    ]
    if problems:
        raise ValueError("; ".join(sorted(set(problems))))
    return result


def _unknown(policies: list[Policy], given: Mapping[str, PolicyConfig]) -> Iterator[str]:
    knobs: dict[str, set[str]] = {}
    for policy in policies:
        knobs.setdefault(policy.name, set()).update(policy.schema["properties"])
    for name, item in given.items():
        if name == "all":
            continue
        if name not in knobs:
            yield f"{name}: the pack has no such policy{_nearest(name, knobs)}"
        elif known := knobs[name]:  # a policy without a schema takes anything
            for knob in set(item.properties) - known:
                yield f"{name}: {knob}: the policy has no such property{_nearest(knob, known)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0)
    return f"; the nearest is {close[0]}" if close else ""


def _problems(schema: Mapping[str, Any], properties: Mapping[str, Any]) -> list[str]:
    if not schema["required"] and not properties:
        return []
    import jsonschema

    validator = jsonschema.Draft7Validator({"type": "object", **schema})
    try:
        return [
            f"{'.'.join(map(str, error.absolute_path))}: {error.message}".removeprefix(": ")
            for error in validator.iter_errors(dict(properties))
        ]
    except Exception as error:  # a schema of a foreign pack may be broken in any way
        return [f"its schema can't be used: {error}"]
