"""Where a stack can be broken, and how."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from aws import SERVICE, canonical
from tests.policies.graph import Change, Graph

Mutator = Callable[[Graph], Iterator["Break"]]
"""Finds every place of a graph in which it breaks a rule."""
Test = Callable[[Graph, str], bool]
"""Whether a resource, by name, is one that can be broken."""


class Break(NamedTuple):
    """One change to a stack.

    `also` are the rules that the change cannot but break too.
    """

    what: str
    change: Change
    also: frozenset[str] = frozenset()


class Edit(NamedTuple):
    """What is done to one resource, by name."""

    what: str
    do: Callable[[Graph, str], object]
    also: frozenset[str] = frozenset()


def to(path: str, value: Any, *also: str) -> Edit:
    """Sets a property; what lies inside a missing one is made."""
    said = json.dumps(value, default=str)[:40]
    return Edit(f"{path} is {said}", lambda g, name: g.put(name, path, value), _ids(also))


def without(path: str, *also: str) -> Edit:
    """Leaves a property out."""
    return Edit(f"no {path}", lambda g, name: g.drop(name, path), _ids(also))


def edit(what: str, do: Callable[[Graph, str], object], *also: str) -> Edit:
    """Any other change."""
    return Edit(what, do, _ids(also))


def inside(path: str, what: str, do: Callable[[Any], object], *also: str) -> Edit:
    """A change to the document that a property holds as JSON text."""

    def change(graph: Graph, name: str) -> None:
        document = json.loads(graph[name][path])
        do(document)
        graph.put(name, path, json.dumps(document))

    return Edit(what, change, _ids(also))


def each(kind: str, *edits: Edit, when: Test | None = None) -> Mutator:
    """Makes each of these edits at every resource of a kind, one at a time."""

    def mutator(graph: Graph) -> Iterator[Break]:
        for name in of(graph, kind):
            if when is None or when(graph, name):
                for one in edits:
                    yield Break(
                        f"{name}: {one.what}",
                        lambda g, name=name, one=one: one.do(g, name),
                        one.also,
                    )

    return mutator


def of(graph: Graph, *kinds: str) -> list[str]:
    """The names of the resources of these kinds."""
    return [each.name for each in graph.resources.values() if canonical(each.type) in kinds]


def apps(graph: Graph) -> list[str]:
    """What the resources of each service have before their names."""
    return [name.removesuffix("service") for name in of(graph, SERVICE)]


def has(*path: str) -> Test:
    """Whether a resource has a property."""

    def test(graph: Graph, name: str) -> bool:
        here: Any = graph[name]
        for step in path:
            if not isinstance(here, dict) or step not in here:
                return False
            here = here[step]
        return bool(here)

    return test


def both(*tests: Test) -> Test:
    """Whether all tests hold."""
    return lambda graph, name: all(test(graph, name) for test in tests)


def lacks(test: Test) -> Test:
    """Whether a test does not hold."""
    return lambda graph, name: not test(graph, name)


def named(*names: str) -> Test:
    """Whether a resource has one of these names."""
    return lambda _, name: name in names


def code_deploy(graph: Graph, name: str) -> bool:
    """Whether CodeDeploy releases a service."""
    return graph[name]["deploymentController"]["type"] == "CODE_DEPLOY"


def native(graph: Graph, name: str) -> bool:
    """Whether ECS itself releases a service."""
    return not code_deploy(graph, name)


behind_balancer = has("loadBalancers")
in_mesh = has("serviceConnectConfiguration", "services")


def application(graph: Graph, _name: str) -> bool:
    """Whether the stack's load balancer is an Application Load Balancer."""
    return "alb" in graph.resources and graph["alb"]["loadBalancerType"] == "application"


def delivered(graph: Graph, _name: str) -> bool:
    """Whether the stack holds its own pipeline."""
    return "pipeline" in graph.resources


network = lacks(application)


def strategy(*wanted: str) -> Test:
    """Whether ECS releases a service by one of these strategies."""
    return lambda graph, name: native(graph, name) and graph[name]["deploymentConfiguration"]["strategy"] in wanted


def _ids(also: tuple[str, ...]) -> frozenset[str]:
    return frozenset(also)
