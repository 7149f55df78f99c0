"""Property values, and their two written forms.

In memory a value is plain data (`None`, `bool`, `int`, `float`, `str`, `list`, `dict`) plus two things
of Pulumi's: a value that isn't known yet is the string `UNKNOWN`, one that must not be shown is
wrapped in `Secret`. On the wire (a protobuf `Struct`) and in a deployment export (JSON) a secret is an
object marked by a signature; the wire carries its plain text, an export its cipher text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf import struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that is only known after a resource has been created."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks an object as something else than an object."""

SECRET = "1b47061264138c4ac30d75fd1eb44270"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"

CIPHERTEXT = "offline: a secret, not written to this file"
"""What an export holds where the CLI would write a secret's cipher text."""

Value = Any
"""None, bool, int, float, str, list[Value], dict[str, Value] or Secret."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be shown. Its `repr` hides it; a secret read from an export holds `UNKNOWN`."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(...)"


def reveal(value: Value) -> Value:
    """`value` without any `Secret` wrapper, at any depth."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def is_known(value: Value) -> bool:
    """Whether no part of `value` is `UNKNOWN`."""
    return UNKNOWN not in _scalars(value)


def _scalars(value: Value) -> Iterator[Value]:
    if isinstance(value, Secret):
        yield from _scalars(value.value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    else:
        yield value


def from_struct(struct: struct_pb2.Struct) -> dict[str, Value]:
    """The properties in a `Struct`. Whole numbers become `int`: the wire has only doubles."""
    return {key: _from_proto(item) for key, item in struct.fields.items()}


def _from_proto(value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_from_proto(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
            return Secret(_from_proto(fields["value"]))
        return {key: _from_proto(item) for key, item in fields.items()}
    return None


def to_struct(properties: Mapping[str, Value], struct: struct_pb2.Struct) -> None:
    """Put `properties` into `struct`, beside what it holds."""
    fields = struct.fields
    for key, item in properties.items():
        _to_proto(item, fields[key])


def _to_proto(value: Value, target: struct_pb2.Value) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, dict):
        fields = target.struct_value.fields
        target.struct_value.SetInParent()
        for key, item in value.items():
            _to_proto(item, fields[key])
    elif isinstance(value, list):
        target.list_value.SetInParent()
        for item in value:
            _to_proto(item, target.list_value.values.add())
    elif isinstance(value, Secret):
        fields = target.struct_value.fields
        fields[SIGNATURE].string_value = SECRET
        _to_proto(value.value, fields["value"])
    else:
        target.null_value = 0  # type: ignore[assignment]  # the enum's only member


def to_json(value: Value) -> Value:
    """`value` as a deployment export holds it: keys sorted, no secret's plain text."""
    if isinstance(value, dict):
        return {key: to_json(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "ciphertext": CIPHERTEXT}
    return value


def from_json(value: Value) -> Value:
    """The value a deployment export holds.

    A secret's value is `UNKNOWN` unless the export was made with `--show-secrets`.
    """
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE) == SECRET:
        return Secret(_from_plaintext(value.get("plaintext")))
    return {key: from_json(item) for key, item in value.items()}


def _from_plaintext(text: Any) -> Value:
    try:
        return from_json(json.loads(text))
    except (TypeError, ValueError):
        return UNKNOWN
