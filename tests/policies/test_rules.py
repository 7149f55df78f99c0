"""Each rule by its pure functions: from a known-good stack, broken in one place."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

import rules
from tests.policies.cases import Case
from tests.policies.graph import findings


def _cases(group: ModuleType) -> list[tuple[frozenset[str], Case]]:
    """The cases of a file of rules, which mirrors its name, and the ids of these rules."""
    ids = frozenset(rule.id for rule in rules.of(group))
    module = importlib.import_module(f"tests.policies.rules.{group.__name__.rpartition('.')[2]}")
    return [(ids, case) for case in module.CASES]


CASES = [each for group in rules.GROUPS for each in _cases(group)]


@pytest.mark.parametrize(("ids", "case"), CASES, ids=[f"{n}-{case.name}" for n, (_, case) in enumerate(CASES)])
def test_a_group_of_rules_finds_exactly_what_a_change_breaks(ids: frozenset[str], case: Case) -> None:
    """A change is caught by the rules it breaks, at the place it breaks, and by no other of the group."""
    graph = case.stack()
    case.change(graph)
    judging = ids | {rule for rule, *_ in case.expected}
    judged = [rule for rule in rules.RULES if rule.id in judging]
    found = findings(graph, preview=case.preview, config=case.config, rules=judged)
    assert sorted((each.rule, each.urn.split("::")[-1], each.path, str(each.verdict)) for each in found) == sorted(
        case.expected
    )
    if case.says:
        assert [each.sentence for each in found] == [case.says]


ALWAYS_DECIDED = frozenset({"bg-ignore-changes-ineffective"})
"""Rules that read only resource options, which are always known."""


def test_every_rule_is_seen_to_fail_and_to_be_undecided() -> None:
    """No rule of the pack is without a case of each verdict."""
    seen = {(rule, verdict) for _, case in CASES for rule, _, _, verdict in case.expected}
    wanted = {(rule.id, verdict) for rule in rules.RULES for verdict in ("fail", "undecided")}
    assert wanted - seen == {(rule, "undecided") for rule in ALWAYS_DECIDED}
