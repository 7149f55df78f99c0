"""What the provider's own types say of plain values: which properties there are, and what may stand in them."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import pulumi


def misfits(value: Any, hint: Any, at: str = "") -> list[str]:
    """Paths in a value at which it isn't what a type of pulumi-aws allows; numbers are taken by the letter."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return min((misfits(value, each, at) for each in inner if _is_plain(each)), key=len)
    if is_typeddict(hint):
        return _of_mapping(value, hint, at)
    if origin is Sequence and isinstance(value, list):
        return [found for number, item in enumerate(value) for found in misfits(item, inner[0], f"{at}[{number}]")]
    if origin is Mapping and isinstance(value, dict):
        return [found for key, item in value.items() for found in misfits(item, inner[1], f"{at}.{key}")]
    return [] if type(value) is hint else [at]


def _of_mapping(value: Any, hint: Any, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [at]
    # `pulumi.Input` holds its third member, `Output[T]`, as text.
    hints = get_type_hints(hint, localns={"Output": pulumi.Output, "T": Any})
    missing = [f"{at}.{key}" for key in sorted(hint.__required_keys__ - value.keys())]
    return missing + [
        found
        for key, item in value.items()
        for found in (misfits(item, hints[key], f"{at}.{key}") if key in hints else [f"{at}.{key}"])
    ]


def _is_plain(hint: Any) -> bool:
    """Whether a member of `pulumi.Input` is the value itself, neither an output nor awaitable."""
    return get_origin(hint) is None or get_origin(hint) in (Sequence, Mapping, Union, types.UnionType)
