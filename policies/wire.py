"""Resources read straight from the analyzer's gRPC messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resources import Resource
from value import UNKNOWN

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
SENTINELS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""Pulumi's sentinels for unknown values, one per type of value."""


class _Message:
    """A `resources.Source` over an AnalyzeRequest or an AnalyzerResource."""

    def __init__(self, message: Any, given: Mapping[str, frozenset[str]]) -> None:
        self._message = message
        self._given = given
        self._fields = message.properties.fields

    def prop(self, name: str) -> Any:
        # Reading a missing key of a protobuf map would add it.
        return plain(self._fields[name]) if name in self._fields else None

    def ignore_changes(self) -> Sequence[str]:
        return list(self._message.options.ignoreChanges)

    def protect(self) -> bool:
        return self._message.options.protect

    def parent(self) -> str:
        return self._message.options.parent

    def provider(self, name: str) -> Any:
        fields = self._message.provider.properties.fields
        return plain(fields[name]) if name in fields else None

    def given(self) -> frozenset[str] | None:
        return self._given.get(self._message.urn)

    def dependencies(self) -> Sequence[str]:
        return list(self._message.dependencies)

    def property_dependencies(self) -> Mapping[str, Sequence[str]]:
        found = self._message.propertyDependencies
        return {prop: list(dependencies.urns) for prop, dependencies in found.items()}


def resource(message: Any, given: Mapping[str, frozenset[str]]) -> Resource:
    """The resource that an AnalyzeRequest or an AnalyzerResource describes.

    `given` is what each program gave to its resources, by URN (see `given_inputs`).
    """
    return Resource(message.urn, message.type, _Message(message, given))


def given_inputs(request: Any) -> frozenset[str]:
    """The inputs of an AnalyzeRequest that are given at all: null and empty ones are not."""
    return frozenset(name for name, value in request.properties.fields.items() if _is_given(value))


def _is_given(value: Any) -> bool:
    kind = value.WhichOneof("kind")
    return bool(value.list_value.values) if kind == "list_value" else kind != "null_value"


def plain(value: Any) -> Any:
    """A protobuf `Value` as plain data: secrets unwrapped, unknowns as `UNKNOWN`, assets empty."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in SENTINELS else text
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [plain(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields:
            is_secret = fields[_SIGNATURE].string_value == _SECRET
            return plain(fields["value"]) if is_secret else {}
        return {name: plain(item) for name, item in fields.items()}
    return None
