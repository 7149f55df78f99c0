"""Whatever a stack holds, no rule breaks, no call fails, and no message repeats a secret."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from finding import PUBLIC_WORDS
from rules import RULES
from tests.policies.graph import Graph, Ref, findings
from tests.policies.mutants import MUTATORS, mutants
from tests.policies.pack import Line, Pack, by_rule, secret
from tests.policies.places import leaves, walk
from tests.policies.session import Session
from tests.policies.stacks import SHAPES, Shape
from value import UNKNOWN

BY_ID = {rule.id: rule for rule in RULES}
CORRUPTIONS = 1000
JUNK: tuple[Any, ...] = (
    *(None, UNKNOWN, True, False, 0.0, -1.0, 0.5, 1e300),
    *("", "null", "[{", '[1, {"name": 2}]', '{"Statement": [7]}', "[" * 2000, "x" * 100_000, "é\u0000\ud7ff"),
    *("arn:", "arn:aws:x", "::", "0.0.0.0/0", "version: 0.2\nphases: [", "$" * 5000, "(" * 200),
    *([], {}, [None], [[]], [UNKNOWN], {"value": {}}, [{"type": UNKNOWN}], [{"name": None}, "x", 7.0]),
)
"""Null, unknown, of another type, broken JSON, huge."""


@pytest.fixture(scope="module")
def session(fast: Pack) -> Session:
    return Session(fast)


def corrupted(seed: int) -> tuple[Graph, bool]:
    """A known-good stack with junk in one to three places, and whether it is a first preview."""
    chance = random.Random(seed)
    graph = chance.choice(SHAPES)(chance.choice(["dev", "prod"]))
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(sorted(graph.resources))
        paths = [path for path, _ in walk(graph[name])]
        if not paths:
            continue
        path = chance.choice(paths)
        if chance.random() < 0.25:
            graph.drop(name, path)
        else:
            graph.put(name, path, copy.deepcopy(chance.choice(JUNK)))
    return graph, chance.random() < 0.5


@pytest.mark.parametrize("start", range(0, CORRUPTIONS, 100))
def test_junk_breaks_no_rule_and_no_call(session: Session, start: int) -> None:
    """Missing, null, of another type, broken JSON, unknown or huge, anywhere in any stack."""
    for seed in range(start, start + 100):
        graph, preview = corrupted(seed)
        assert _broken(session.check(graph, preview=preview)) == [], seed


@pytest.mark.parametrize("seed", range(0, CORRUPTIONS, 50))
def test_junk_is_the_same_to_the_sdk(fast: Pack, plain: Pack, seed: int) -> None:
    """The path that takes over where the fast one fails finds the same."""
    graph, preview = corrupted(seed)
    assert by_rule(fast.check(graph, preview=preview)) == by_rule(plain.check(graph, preview=preview))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_whole_stack_of_unknowns_is_undecided(fast: Pack, shape: Shape) -> None:
    """With every property left to another stack nothing breaks, and nothing stops the deployment."""
    graph = shape("prod")
    for declared in graph.resources.values():
        declared.inputs = dict.fromkeys(declared.inputs, Ref("elsewhere", "outputs"))
    graph.add("elsewhere", "pulumi:pulumi:StackReference", {"name": "elsewhere"}, outputs={})
    lines = fast.check(graph, preview=True)
    assert {line.level for line in lines if "undecided:" in line.message} == {"ADVISORY"}
    assert [line for line in lines if "undecided:" not in line.message] == []


def _broken(lines: list[Line]) -> list[str]:
    return [line.message for line in lines if "rule error:" in line.message]


PLANTED = "hunter2-is-a-secret"


def test_a_secret_in_a_good_stack_is_read_and_never_repeated(session: Session) -> None:
    """In the place of each value of each shape, one at a time."""
    planted: set[Any] = set()
    said = 0
    for shape in SHAPES:
        for name, declared in shape("prod").resources.items():
            for place in leaves(shape("prod"), name):
                if (declared.type, place) not in planted:
                    planted.add((declared.type, place))
                    lines = session.check(place.put(shape("prod"), PLANTED if place.document else secret(PLANTED)))
                    assert not [line for line in lines if PLANTED in line.message], (shape.__name__, place)
                    said += len(lines)
    assert len(planted) > 1000
    assert said > 300


@pytest.mark.parametrize("rule", sorted(MUTATORS))
def test_a_secret_where_a_rule_is_broken_is_not_repeated_either(rule: str, session: Session) -> None:
    """In the place of each value of what the rule objects to, one at a time, the stack being broken there."""
    mutant = next(mutants(rule))
    blamed = {finding.urn.rpartition("::")[2] for finding in findings(mutant.graph, rules=[BY_ID[rule]])}
    for place in (place for name in sorted(blamed) for place in leaves(mutant.graph, name)):
        lines = session.check(place.put(mutant.graph.copy(), PLANTED if place.document else secret(PLANTED)))
        assert not [line for line in lines if PLANTED in line.message], (mutant.what, place)


class Tainted(str):
    """Text that is what it was to whoever reads it, and shows where a message repeats it."""

    __slots__ = ()

    def __format__(self, _spec: str) -> str:
        return str.__str__(self) if self in PUBLIC_WORDS else PLANTED


@pytest.mark.parametrize("rule", sorted(MUTATORS))
def test_no_message_about_a_mutant_repeats_any_text_of_it(rule: str) -> None:
    """But AWS's own words: with every text of every mutant marked at once."""
    seen = set()
    for mutant in mutants(rule):
        for declared in mutant.graph.resources.values():
            declared.inputs, declared.computed = _tainted(declared.inputs), _tainted(declared.computed)
        found = findings(mutant.graph)
        assert not [each.sentence for each in found if PLANTED in each.sentence], mutant.what
        seen |= {each.rule for each in found if each.verdict == "fail"}
    assert rule in seen


DOCUMENTS = ("assumeRolePolicy", "containerDefinitions", "policy")


def _tainted(value: Any, key: str = "") -> Any:
    """The same with its texts marked; documents become objects, which rules read as well."""
    if isinstance(value, dict):
        return {name: _tainted(item, name) for name, item in value.items()}
    if type(value) is list:
        return [_tainted(item) for item in value]
    if isinstance(value, str):
        return _tainted(json.loads(value)) if key in DOCUMENTS else Tainted(value)
    return value
