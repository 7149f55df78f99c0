"""IAM policy documents, in every shape that IAM takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from value import Value


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy document; `place` is where it stands."""

    place: Value

    @property
    def allows(self) -> bool:
        """True if it allows; False if it denies."""
        return self.place["Effect"].text == "Allow"

    @property
    def actions(self) -> list[Value]:
        """`Action`, whether one or a list."""
        return each(self.place["Action"])

    @property
    def excepted_actions(self) -> list[Value]:
        """`NotAction`: all actions but these."""
        return each(self.place["NotAction"])

    @property
    def resources(self) -> list[Value]:
        """`Resource`, whether one or a list."""
        return each(self.place["Resource"])

    @property
    def excepted_resources(self) -> list[Value]:
        """`NotResource`: all resources but these."""
        return each(self.place["NotResource"])

    @property
    def principals(self) -> dict[str, list[Value]]:
        """`Principal` by kind (`AWS`, `Service`, `Federated`); the bare `*` is of every kind, under `*`."""
        principal = self.place["Principal"]
        known = principal.known
        if isinstance(known, str):
            return {"*": [principal]}
        return {kind: each(principal[kind]) for kind in known} if isinstance(known, dict) else {}

    @property
    def conditions(self) -> dict[str, list[Value]]:
        """The values compared with each condition key; keys in lower case, operators left out."""
        found: dict[str, list[Value]] = {}
        operators = self.place["Condition"]
        for operator in _keys(operators):
            for key in _keys(operators[operator]):
                found.setdefault(key.lower(), []).extend(each(operators[operator][key]))
        return found

    def names(self, action: str) -> bool:
        """True if `Action` covers this action; IAM compares without case and takes `*` and `?`."""
        return any(fnmatchcase(action.lower(), given.text.lower()) for given in self.actions)


def statements(document: Value) -> Iterator[Statement]:
    """The statements of a policy document, given as JSON text or as an object.

    Raises `Undecided` if the document is unknown or no JSON.
    """
    for place in each(document.document["Statement"]):
        yield Statement(place)


def each(value: Value) -> list[Value]:
    """The elements of a list, or the one value that stands for a list of one; none if absent."""
    if isinstance(value.known, list):
        return value.items
    return [] if value.absent else [value]


def _keys(value: Value) -> list[str]:
    known = value.known
    return list(known) if isinstance(known, dict) else []
