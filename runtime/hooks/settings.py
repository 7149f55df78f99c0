"""A hook's settings: a JSON object in the environment variable HOOK."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

REQUIRED: Any = object()


@dataclass(frozen=True)
class Setting:
    """A key of HOOK.

    Attributes:
        allowed: what its value may be, in words.
        allows: the same as a function.
        default: its value unless one is given.
    """

    allowed: str
    allows: Callable[[Any], bool]
    default: Any = REQUIRED


def read(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """The value of each setting.

    Raises:
        ValueError: names all that is wrong but shows no value, for a header may be a secret.
    """
    try:
        given = json.loads(os.environ.get("HOOK", ""))
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise ValueError("HOOK must be a JSON object")
    mistakes = [f"no key {key!r}, only {', '.join(settings)}" for key in given if key not in settings]
    for key, setting in settings.items():
        if key in given and not setting.allows(given[key]):
            mistakes.append(f"{key!r} must be {setting.allowed}")
        if key not in given and setting.default is REQUIRED:
            mistakes.append(f"{key!r} is missing: {setting.allowed}")
    if mistakes:
        raise ValueError(f"HOOK: {'; '.join(mistakes)}")
    return {key: given.get(key, setting.default) for key, setting in settings.items()}


def text(pattern: str) -> Callable[[Any], bool]:
    """Whether a value is a text that the regular expression describes."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def texts(pattern: str) -> Callable[[Any], bool]:
    """Whether a value is a list of at least one such text."""
    allows = text(pattern)
    return lambda value: isinstance(value, list) and value != [] and all(map(allows, value))


def number(least: float, most: float, *kinds: type) -> Callable[[Any], bool]:
    """Whether a value is a number of one of these kinds in this range."""
    return lambda value: type(value) in kinds and least <= value <= most
