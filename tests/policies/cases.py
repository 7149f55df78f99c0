"""How a rule is tested: a change to a known-good stack, and all that is found then."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.policies.graph import Change, Found, Graph
from tests.policies.stacks import classic


class Case(NamedTuple):
    """A change to a stack, and all that the rules of the file under test then find.

    What other rules find is asserted only where `expected` names them. `says` is the sentence of
    the one finding expected.
    """

    name: str
    change: Change
    expected: list[Found]
    stack: Any = classic
    preview: bool = False
    config: dict[str, dict[str, Any]] | None = None
    says: str = ""


def fail(rule: str, name: str, path: str = "") -> Found:
    return (rule, name, path, "fail")


def undecided(rule: str, name: str, path: str) -> Found:
    return (rule, name, path, "undecided")


def not_applicable(rule: str, name: str) -> Found:
    return (rule, name, "", "not applicable")


def put(name: str, path: str, value: Any) -> Change:
    return lambda graph: graph.put(name, path, value)


def drop(name: str, path: str) -> Change:
    return lambda graph: graph.drop(name, path)


def ignore(name: str, *props: str) -> Change:
    return lambda graph: graph.ignore(name, *props)


def several(*changes: Change) -> Change:
    return lambda graph: [change(graph) for change in changes]


def nothing(graph: Graph) -> None:
    """Leaves the stack as it is."""
