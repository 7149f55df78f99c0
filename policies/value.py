"""Property values as rules read them: known, absent or unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resources import Resource


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, _memo: dict[int, Any]) -> _Unknown:
        return self


UNKNOWN: Any = _Unknown()
"""Stands in plain data for a value that Pulumi knows only after the update."""

_NOT_KNOWN = "is not known until the update"


class Undecided(Exception):
    """A judgement needs something the request does not tell.

    Attributes:
        place: the value that would have to be known.
        reason: the rest of a sentence that starts with the value's path.
    """

    def __init__(self, place: Value, reason: str = _NOT_KNOWN) -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason


class Value:
    """One property of a resource, with the path that leads to it.

    Reading (`text`, `number`, `flag`, `items`, `document`, `absent`) raises `Undecided` when the
    value is unknown. Indexing never raises: what is missing or has another shape is absent, and
    what lies inside an unknown value is that unknown value.
    """

    __slots__ = ("_parent", "_step", "raw", "resource")

    def __init__(self, resource: Resource, raw: Any, step: str | int = "", parent: Value | None = None) -> None:
        self.resource = resource
        self.raw = raw
        self._step = step
        self._parent = parent

    def __getitem__(self, step: str | int) -> Value:
        raw = self.raw
        if raw is UNKNOWN:
            return self
        if isinstance(step, str):
            child = raw.get(step) if isinstance(raw, dict) else None
        else:
            child = raw[step] if isinstance(raw, list) and 0 <= step < len(raw) else None
        return Value(self.resource, child, step, self)

    @property
    def path(self) -> str:
        """Where the value is, as Pulumi writes property paths: `loadBalancers[0].containerPort`."""
        if self._parent is None:
            return str(self._step)
        if isinstance(self._step, int):
            return f"{self._parent.path}[{self._step}]"
        return f"{self._parent.path}.{self._step}"

    @property
    def steps(self) -> list[str | int]:
        """The way to the value, from the top-level property down."""
        return [*(self._parent.steps if self._parent else ()), self._step]

    @property
    def root(self) -> str:
        """The top-level property the value belongs to."""
        return str(self._step) if self._parent is None else self._parent.root

    @property
    def is_unknown(self) -> bool:
        """True if only the update will tell the value."""
        return self.raw is UNKNOWN

    @property
    def is_computed(self) -> bool:
        """True if the value is unknown and comes from no other resource.

        That is an output which the program did not give: the provider will fill it in.
        """
        return self.is_unknown and not self.resource.property_dependencies.get(self.root)

    @property
    def is_set(self) -> bool:
        """True if there is a text, though perhaps only the update will tell which."""
        return self.is_unknown or bool(self.text)

    @property
    def given(self) -> Value:
        """An output that the program gives; absent if the provider will fill in what AWS does by default."""
        return Value(self.resource, None, self._step, self._parent) if self.is_computed else self

    @property
    def known(self) -> Any:
        """The plain value, None if absent."""
        if self.raw is UNKNOWN:
            raise Undecided(self)
        return self.raw

    @property
    def absent(self) -> bool:
        """True if the property is missing or null."""
        return self.known is None

    @property
    def text(self) -> str:
        """The value as text; empty if absent or no text."""
        known = self.known
        return known if isinstance(known, str) else ""

    @property
    def number(self) -> float | None:
        """The value as a number (providers write some as text), whole ones as int; else None."""
        known = self.known
        if isinstance(known, str):
            try:
                known = float(known)
            except ValueError:
                return None
        if isinstance(known, bool) or not isinstance(known, int | float):
            return None
        return int(known) if known == known and abs(known) < 2**53 and known % 1 == 0 else known

    @property
    def flag(self) -> bool:
        """True only if the value is true (old states also hold the text "true")."""
        return self.known is True or self.known == "true"

    @property
    def items(self) -> list[Value]:
        """The elements of a list; none if absent or no list. Elements may be unknown."""
        known = self.known
        if not isinstance(known, list):
            return []
        return [Value(self.resource, item, index, self) for index, item in enumerate(known)]

    @property
    def document(self) -> Value:
        """What the JSON text says (a document may also be given as an object).

        Raises `Undecided` too if the text is no JSON: what it says cannot be judged then.
        """
        known = self.known
        if isinstance(known, str):
            try:
                known = json.loads(known)
            except (ValueError, RecursionError):
                raise Undecided(self, "is no valid JSON") from None
        return Value(self.resource, known, self._step, self._parent)


def each(value: Value) -> list[Value]:
    """The elements of a list, or the one value that stands for a list of one; none if absent.

    An unknown list is one unknown value.
    """
    if value.is_unknown:
        return [value]
    if isinstance(value.known, list):
        return value.items
    return [] if value.absent else [value]


def same_text(one: Value, other: Value) -> bool:
    """True if two values say the same."""
    return one.text == other.text


def any_true(*tests: Callable[[], bool]) -> bool:
    """Whether any test holds: one that does decides, even if others are undecided."""
    return not all_true(*(lambda test=test: not test() for test in tests))


def all_true(*tests: Callable[[], bool]) -> bool:
    """Whether all tests hold: one that does not decides, even if others are undecided."""
    doubt: Undecided | None = None
    for test in tests:
        try:
            if not test():
                return False
        except Undecided as error:
            doubt = doubt or error
    if doubt:
        raise doubt
    return True
