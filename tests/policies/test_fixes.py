"""Each rule's fix, run: one side breaks the rule, the other keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rules import RULES
from tests.policies.compliant import ARGUMENTS, COMPANIONS, NAMES
from tests.policies.pack import Pack
from tests.policies.scene import is_diff, judged, program, run

CONFIGURED: dict[str, dict[str, Any]] = {"sec-tags": {"keys": ["Owner"], "includeFor": ["shop"]}}
"""Rules that have nothing to say until they are configured."""


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with Pack() as pack:
        yield pack


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_fix_leads_from_a_violation_to_none(pack: Pack, rule: Any) -> None:
    """In a production stack that is otherwise compliant, the `-` lines break the rule, and the `+` lines none."""
    assert is_diff(rule.fix), f"{rule.id}: the fix is no diff of `  `, `- ` and `+ ` lines:\n{rule.fix}"
    assert len(rule.fix.splitlines()) <= 20
    pack.configure({rule.id: CONFIGURED.get(rule.id, {})})
    broken, kept = (judged(pack, run(program(rule.fix, sign))) for sign in "-+")
    own = [each for each in broken if each.rule == rule.id]
    assert {each.verdict for each in own} == {"fail"}, f"the `-` side: {own or broken}"
    assert [each for each in kept if each.rule == rule.id or rule.id not in CONFIGURED] == []


CLASSES = {class_ for class_, _ in NAMES.values()}
JOINED = {companion.path for companions in COMPANIONS.values() for companion in companions}
DELIVERY = ["project", "bucket", *(f'aws.{path}("more", ...)' for path in sorted(ARGUMENTS.keys() - CLASSES - JOINED))]
ALSO = ["namespace", "key", "hook", "repository"]


@pytest.mark.parametrize(("service", "more"), [("deployment_group", ALSO + DELIVERY), ("native_service", ALSO)])
@pytest.mark.parametrize("first_preview", [False, True])
def test_the_stack_around_fixes_keeps_every_rule(
    pack: Pack, service: str, more: list[str], first_preview: bool
) -> None:
    """What a fix leaves out is compliant, so that what is found is what the fix shows."""
    pack.configure()
    named = program(f"  _ = [{', '.join([service, *more])}]", "+")
    assert judged(pack, run(named, first_preview=first_preview)) == []
