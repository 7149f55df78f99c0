"""All resources of a request, and the joins between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from aws import IDENTITIES, TASK_DEFINITION, short_name
from resources import Resource
from value import Undecided, Value

T = TypeVar("T")


class Stack:
    """One index over a request, built once and shared by all rules.

    A reference is followed by what it says if that is known; else, at preview, by the dependencies
    of its property, then by those of its resource that no other property explains.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_urn = {resource.urn: resource for resource in resources}
        by_kind: dict[str, list[Resource]] = defaultdict(list)
        for resource in self._by_urn.values():
            by_kind[resource.kind].append(resource)
        self._by_kind = by_kind
        self._identities: dict[str, dict[str, list[Resource]]] = {}
        self._derived: dict[Callable[[Stack], Any], Any] = {}
        self._facts: dict[tuple[Callable[[Resource, Stack], Any], str], Any] = {}

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these kinds."""
        return [resource for kind in kinds for resource in self._by_kind.get(kind, ())]

    def derived(self, build: Callable[[Stack], T]) -> T:
        """A table over the whole stack, built at its first use."""
        if build not in self._derived:
            self._derived[build] = build(self)
        return self._derived[build]

    def about(self, find: Callable[[Resource, Stack], T], resource: Resource) -> T:
        """A fact about one resource, found at its first use.

        That it is undecided is remembered as well, and raised again.
        """
        key = (find, resource.urn)
        if key not in self._facts:
            try:
                self._facts[key] = find(resource, self)
            except Undecided as doubt:
                self._facts[key] = doubt
        if isinstance(fact := self._facts[key], Undecided):
            raise fact
        return fact

    def some(self, reference: Value, *kinds: str) -> list[Resource]:
        """The resources a reference may point at.

        None if it names something that this stack does not declare. Several only where the
        reference is unknown and dependencies leave a choice. Raises `Undecided` if it is unknown
        and nothing tells.
        """
        if not reference.is_unknown:
            return [hit for kind in kinds for hit in self._referred(kind, reference.text)]
        holder = reference.resource
        explained = {urn for urns in holder.property_dependencies.values() for urn in urns}
        own = holder.property_dependencies.get(reference.root, ())
        for urns in (own, [urn for urn in holder.dependencies if urn not in explained]):
            found = {urn: self._by_urn[urn] for urn in urns if urn in self._by_urn}
            candidates = [resource for resource in found.values() if resource.kind in kinds]
            if candidates:
                return candidates
        raise Undecided(reference)

    def one(self, reference: Value, *kinds: str) -> Resource | None:
        """The resource a reference points at, None if it is not in this stack.

        Raises `Undecided` if it is unknown, or dependencies leave a choice.
        """
        found = self.some(reference, *kinds)
        if len(found) > 1:
            names = ", ".join(sorted(resource.name for resource in found))
            raise Undecided(reference, f"may be any of {names} until the update")
        return found[0] if found else None

    def keys(self, reference: Value, *kinds: str) -> frozenset[str]:
        """What a reference may point at, to be compared with what others point at.

        URNs of resources of this stack; for anything else the name inside the reference. Empty if
        the reference is absent.
        """
        found = self.some(reference, *kinds)
        if found:
            return frozenset(resource.urn for resource in found)
        return frozenset({short_name(reference.text)} - {""})

    def at(self, keys: Iterable[str]) -> list[Resource]:
        """The resources of this stack among `keys`, in a stable order."""
        return [self._by_urn[key] for key in sorted(keys) if key in self._by_urn]

    def _referred(self, kind: str, text: str) -> list[Resource]:
        named = self._named(kind)
        if kind == TASK_DEFINITION and text not in named:
            text = short_name(text)  # a release has left an older revision in the reference
        return named.get(text, [])

    def _named(self, kind: str) -> dict[str, list[Resource]]:
        index = self._identities.get(kind)
        if index is None:
            index = self._identities[kind] = {}
            for resource in self._by_kind.get(kind, ()):
                values = (resource[prop] for prop in IDENTITIES[kind])
                for text in {v.text for v in values if not v.is_unknown} - {""}:
                    index.setdefault(text, []).append(resource)
        return index
