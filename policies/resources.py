"""A resource as rules see it, whichever way it reached the pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from aws import canonical
from value import Value


class Source(Protocol):
    """Where a resource's parts are read from, each at most once and only if a rule asks."""

    def prop(self, name: str) -> Any:
        """A top-level property as plain data: None if absent, `UNKNOWN` where unknown."""
        ...

    def ignore_changes(self) -> Sequence[str]:
        """The `ignoreChanges` option."""
        ...

    def protect(self) -> bool:
        """The `protect` option."""
        ...

    def parent(self) -> str:
        """The parent's URN, empty if none."""
        ...

    def provider(self, name: str) -> Any:
        """A property of the resource's provider, as `prop`; None too if the provider isn't told."""
        ...

    def given(self) -> frozenset[str] | None:
        """The inputs that the program gives, by name; None if the resource was not analysed alone."""
        ...

    def dependencies(self) -> Sequence[str]:
        """URNs of what the resource depends on; empty outside of a stack request."""
        ...

    def property_dependencies(self) -> Mapping[str, Sequence[str]]:
        """The same for each top-level property."""
        ...


class Resource:
    """One resource: inputs when it is analysed alone, outputs as part of a stack.

    Attributes:
        urn: the whole URN.
        kind: the type token, twins and old names of one AWS resource made one (`aws.canonical`).
        name: the logical name.
    """

    def __init__(self, urn: str, resource_type: str, source: Source) -> None:
        self.urn = urn
        self.kind = canonical(resource_type)
        self.source = source
        self._values: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        value = self._values.get(name)
        if value is None:
            value = self._values[name] = Value(self, self.source.prop(name), name)
        return value

    @cached_property
    def name(self) -> str:
        """The logical name: what follows the third `::` of the URN."""
        return self.urn.split("::", 3)[-1]

    @cached_property
    def ignored(self) -> frozenset[str]:
        """What `ignoreChanges` holds."""
        return frozenset(self.source.ignore_changes())

    def ignores(self, prop: str) -> bool:
        """True if changes of a whole top-level property are ignored (a sub-path is not enough)."""
        return prop in self.ignored or "*" in self.ignored

    @property
    def is_protected(self) -> bool:
        """True if Pulumi refuses to delete or replace the resource."""
        return self.source.protect()

    def provider(self, name: str) -> Value:
        """A property of the provider that manages the resource; absent if that is not told."""
        return Value(self, self.source.provider(name), name)

    def is_given(self, prop: str) -> bool | None:
        """Whether the program gives a property, None if that cannot be told.

        Outputs do not tell: a refresh fills in what others have changed.
        """
        given = self.source.given()
        return None if given is None else prop in given

    def given(self, prop: str) -> Value:
        """A property as the program gives it, absent where it leaves the choice to AWS.

        The output of such a property is unknown at a first preview.
        """
        value = self[prop]
        return Value(self, None, prop) if value.is_unknown and self.is_given(prop) is False else value

    @cached_property
    def parent_type(self) -> str:
        """The parent's type token, empty if there is no parent."""
        parts = self.source.parent().split("::", 3)
        return parts[2].rsplit("$", 1)[-1] if len(parts) > 2 else ""

    @cached_property
    def dependencies(self) -> Sequence[str]:
        """URNs the resource depends on."""
        return self.source.dependencies()

    @cached_property
    def property_dependencies(self) -> Mapping[str, Sequence[str]]:
        """URNs each top-level property depends on."""
        return self.source.property_dependencies()
