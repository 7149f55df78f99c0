"""Every mutant of every known-good stack is caught, by exactly the rules that its change breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from rule import Strength
from rules import RULES
from tests.policies.cases import Case
from tests.policies.graph import findings
from tests.policies.mutants import FOR_REMEDIES, KNOBS, MUTATORS, Mutant, configured, mutants
from tests.policies.pack import Line, Pack
from tests.policies.session import Session
from tests.policies.test_rules import ALWAYS_DECIDED, CASES

BY_ID = {rule.id: rule for rule in RULES}
EVERY_RULE = pytest.mark.parametrize("rule", sorted(BY_ID))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Pack() as pack:
        yield Session(pack)


def test_every_rule_and_every_knob_has_a_mutant() -> None:
    """And nothing else has."""
    assert {*MUTATORS, *KNOBS} == set(BY_ID)
    knobs = {(id_, knob) for id_, knobs in KNOBS.items() for knob in knobs}
    assert knobs | FOR_REMEDIES == {(rule.id, knob) for rule in RULES for knob in rule.knobs}
    assert not [id_ for id_ in MUTATORS if not any(mutants(id_))]
    assert not [(id_, knob) for id_, knob in knobs if not any(configured(id_, knob))]


@EVERY_RULE
def test_a_mutant_is_caught_by_what_it_breaks(rule: str, session: Session, tally: Any) -> None:
    """By the pure functions and over the protocol, and nothing is left undecided."""
    missed = []
    for mutant in _all(rule):
        caught = mutant.caught_by == _found(mutant) == _reported(mutant, session)
        tally.count(caught)
        if not caught:
            missed.append((mutant.what, mutant.caught_by, _found(mutant), _reported(mutant, session)))
    assert missed == []


@EVERY_RULE
def test_no_mutant_passes_in_silence_at_a_first_preview(rule: str) -> None:
    """What computed values hide is undecided, by the rule that would object to it."""
    silent = []
    for mutant in _all(rule):
        found = findings(mutant.graph, preview=True, config=mutant.config, rules=[BY_ID[rule]])
        if rule in mutant.caught_by and all(each.verdict.is_silent for each in found):
            silent.append(mutant.what)
    assert silent == []


SILENCING: list[dict[str, Any]] = [
    {"enabled": False},
    {"includeFor": ["nothing"]},
    {"excludeFor": ["*"]},
    {"exemptions": [{"urn": "*", "reason": "accepted"}]},
]


@pytest.mark.parametrize("knob", SILENCING, ids=str)
def test_what_silences_a_rule_silences_no_other(session: Session, knob: dict[str, Any]) -> None:
    """A mutant of each, by the functions; over the protocol with every rule silenced at once."""
    everyone = dict.fromkeys(BY_ID, knob)
    for rule in BY_ID:
        what, graph, caught_by, config = next(_caught(rule))
        mutant = Mutant(what, graph, caught_by - {rule}, {rule: {**config.get(rule, {}), **knob}})
        assert _found(mutant) == mutant.caught_by, what
        assert session.check(graph, everyone) == [], what


@pytest.mark.parametrize(
    ("stack", "pattern"), [("prod", None), ("dev", None), ("prod", "^live$"), ("dev", "^dev$")], ids=str
)
def test_a_rule_is_as_strong_as_its_stack_says(session: Session, stack: str, pattern: str | None) -> None:
    """Which is a production stack by its name, or as `prodPattern` says."""
    production = (stack == "prod") == (pattern is None)
    config = {rule.id: {"prodPattern": pattern} for rule in RULES if pattern and rule.level.varies}
    for rule in RULES:
        mutant = next(_caught(rule.id, stack))
        lines = session.check(mutant.graph, {**config, **mutant.config})
        strength = rule.level.production if production else rule.level.elsewhere
        expected = set() if strength is Strength.SILENT else {strength.upper()}
        assert {line.level for line in lines if line.rule == rule.id} == expected, rule.id


@pytest.mark.parametrize("counts", [False, True])
def test_what_is_undecided_may_count_as_a_violation(session: Session, counts: bool) -> None:
    """Only by configuration, and then at the rule's own level."""
    for rule in sorted(set(BY_ID) - ALWAYS_DECIDED):
        case = next(case for ids, case in CASES if rule in ids and _leaves_undecided(rule, case))
        graph = case.stack()
        case.change(graph)
        config = {id_: {"failOnUndecided": counts, **(case.config or {}).get(id_, {})} for id_ in BY_ID}
        lines = session.check(graph, config, preview=case.preview)
        levels = {line.level for line in lines if line.rule == rule and "undecided:" in line.message}
        assert levels == {BY_ID[rule].level.production.upper() if counts else "ADVISORY"}, rule


def _leaves_undecided(rule: str, case: Case) -> bool:
    return any(id_ == rule and verdict == "undecided" for id_, _, _, verdict in case.expected)


def _all(rule: str) -> list[Mutant]:
    """Those of one configuration together, which the pack then takes once."""
    found = [*mutants(rule), *(each for knob in KNOBS.get(rule, {}) for each in configured(rule, knob))]
    return sorted(found, key=lambda mutant: repr(mutant.config))


def _caught(rule: str, stack: str = "prod") -> Iterator[Mutant]:
    yield from mutants(rule, stack)
    for knob in KNOBS.get(rule, {}):
        yield from (mutant for mutant in configured(rule, knob, stack) if rule in mutant.caught_by)


def _found(mutant: Mutant) -> frozenset[str]:
    """The rules that object by their functions, with the verdict of those that cannot tell."""
    found = [each for each in findings(mutant.graph, config=mutant.config) if not each.verdict.is_silent]
    return frozenset(each.rule if each.verdict == "fail" else f"{each.rule}: {each.sentence}" for each in found)


def _reported(mutant: Mutant, session: Session) -> frozenset[str]:
    """The same over the protocol."""
    return _ids(session.check(mutant.graph, mutant.config))


def _ids(lines: Iterable[Line]) -> frozenset[str]:
    unsure = ("undecided:", "rule error:")
    return frozenset(line.message if any(word in line.message for word in unsure) else line.rule for line in lines)
