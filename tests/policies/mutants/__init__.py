"""Mutants: known-good stacks, each broken in one place, and the rules that must notice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from tests.policies.graph import Graph
from tests.policies.mutants.delivery import DELIVERY
from tests.policies.mutants.knobs import FOR_REMEDIES, KNOBS, as_it_is
from tests.policies.mutants.native import NATIVE
from tests.policies.mutants.network import NETWORK
from tests.policies.mutants.places import Break, Mutator
from tests.policies.mutants.releases import RELEASES
from tests.policies.mutants.tasks import TASKS
from tests.policies.stacks import SHAPES, Shape

__all__ = ["FOR_REMEDIES", "KNOBS", "MUTATORS", "Mutant", "configured", "mutants"]

MUTATORS: dict[str, list[Mutator]] = {**RELEASES, **NATIVE, **TASKS, **NETWORK, **DELIVERY}
"""By rule, what breaks it wherever a stack lets it."""


class Mutant(NamedTuple):
    """A stack broken in one place, the rule's configuration, and all the rules that then object."""

    what: str
    graph: Graph
    caught_by: frozenset[str]
    config: dict[str, dict[str, Any]]


def mutants(rule: str, stack: str = "prod") -> Iterator[Mutant]:
    """Every place in which a rule can be broken, and every shape in at least one by each mutator."""
    for mutator in MUTATORS.get(rule, []):
        made: set[str] = set()
        for shape in SHAPES:
            for number, (broken, graph) in enumerate(_broken(mutator, shape, stack)):
                if number == 0 or broken.what not in made:
                    made.add(broken.what)
                    yield Mutant(f"{shape.__name__}: {broken.what}", graph, broken.also | {rule}, {})


def configured(rule: str, knob: str, stack: str = "prod") -> Iterator[Mutant]:
    """Every shape, broken in one place where a knob decides: as the knob says, and by default."""
    for value, mutator, by_default in KNOBS.get(rule, {}).get(knob, []):
        for shape in SHAPES:
            for broken, graph in islice(_broken(mutator, shape, stack), 1):
                what = f"{shape.__name__}: {broken.what}"
                caught, accepted = broken.also | {rule}, broken.also - {rule}
                configuration = {rule: {knob: value}}
                yield Mutant(f"{what}, {configuration}", graph, accepted if by_default else caught, configuration)
                if broken.change is not as_it_is:
                    yield Mutant(what, graph, caught if by_default else accepted, {})


def _broken(mutator: Mutator, shape: Shape, stack: str) -> Iterator[tuple[Break, Graph]]:
    for broken in mutator(shape(stack)):
        graph = shape(stack)
        broken.change(graph)
        yield broken, graph
