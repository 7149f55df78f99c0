"""What the user configures: knobs, what is shared by all rules, exemptions, and mistakes."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from configuration import SETTINGS, Configuration
from finding import Finding, Verdict
from rule import Strength
from rules import RULES
from tests.policies.graph import Graph
from tests.policies.pack import Pack, stack_request
from tests.policies.stacks import classic

TODAY = datetime.date(2026, 5, 4)
BY_ID = {rule.id: rule for rule in RULES}
ROLLBACK = BY_ID["bg-auto-rollback"]
URN = "urn:pulumi:prod::shop::aws:codedeploy/deploymentGroup:DeploymentGroup::group"
FOUND = Finding(URN, ROLLBACK.id, "autoRollbackConfiguration", Verdict.FAIL, "group: off.")


def configured(given: dict[str, dict[str, Any]]) -> Configuration:
    configuration = Configuration(RULES)
    configuration.configure(given, today=TODAY)
    return configuration


def exemption(**entry: Any) -> dict[str, Any]:
    return {"bg-auto-rollback": {"exemptions": [entry]}}


def test_nothing_configured_is_no_mistake() -> None:
    """Nor are the defaults, which the engine sends for every rule."""
    defaults = {rule.id: {k: s["default"] for k, s in rule.schema.items()} for rule in (*RULES, SETTINGS)}
    for given in ({}, defaults, {"all": {}, "environments": {}}):
        assert configured(given).findings == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"bg-auto-rolback": {}},
            "bg-auto-rolback is no rule of this pack (did you mean bg-auto-rollback?).",
        ),
        ({"zzz": {}}, "zzz is no rule of this pack."),
        (
            {"bg-auto-rollback": {"evnts": []}},
            "bg-auto-rollback.evnts is no setting of that rule (did you mean events?).",
        ),
        (
            {"pack-settings": {"prodPatern": "x"}},
            "pack-settings.prodPatern is no setting of that rule (did you mean prodPattern?).",
        ),
        (
            {"bg-not-all-at-once": {"prodPattern": "("}},
            "bg-not-all-at-once.prodPattern is no regular expression, so the default is used.",
        ),
        (
            {"pack-settings": {"prodPattern": "("}},
            "pack-settings.prodPattern is no regular expression, so the default is used.",
        ),
        (exemption(urn="*"), "bg-auto-rollback.exemptions[0] has no reason, so it is not applied."),
        (exemption(urn="*", reason=" "), "bg-auto-rollback.exemptions[0] has no reason, so it is not applied."),
        (exemption(reason="known"), "bg-auto-rollback.exemptions[0] has no urn, so it is not applied."),
        (
            exemption(urn="*", reason="known", expires="2026-05-03"),
            "bg-auto-rollback.exemptions[0] expired on 2026-05-03, so it is not applied.",
        ),
        (
            exemption(urn="*", reason="known", expires="soon"),
            "bg-auto-rollback.exemptions[0] has an expires that is no day (such as 2027-01-31), so it is not applied.",
        ),
        (
            exemption(urn="*", reason="known", until="2027-01-01"),
            "bg-auto-rollback.exemptions[0] has until (allowed: rule, urn, reason, expires), so it is not applied.",
        ),
        (
            {"bg-auto-rollback": {"exemptions": ["*"]}},
            "bg-auto-rollback.exemptions[0] is no object, so it is not applied.",
        ),
        (
            {"pack-settings": {"exemptions": [{"rule": "bg-x*", "urn": "*", "reason": "known"}]}},
            "pack-settings.exemptions names bg-x*, which is no rule of this pack.",
        ),
    ],
)
def test_what_cannot_be_meant_is_a_finding(given: dict[str, Any], sentence: str) -> None:
    """One, about the stack, and the exemption in question exempts nothing."""
    configuration = configured(given)
    assert [(found.urn, found.rule, found.sentence) for found in configuration.findings] == [
        ("", "pack-settings", sentence)
    ]
    assert configuration.options(ROLLBACK).exemption(FOUND) is None


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"urn": "group", "reason": "known"}, "known"),
        ({"urn": "*::group", "reason": "known\n and  accepted"}, "known and accepted"),
        ({"urn": URN, "reason": "known", "expires": "2026-05-04"}, "known (until 2026-05-04)"),
    ],
)
def test_an_exemption_covers_a_name_or_urn_through_its_last_day(entry: dict[str, Any], said: str) -> None:
    """At the rule, or for all rules that a glob names."""
    for given in (
        exemption(**entry),
        {"pack-settings": {"exemptions": [{**entry, "rule": "bg-*"}]}},
    ):
        configuration = configured(given)
        assert configuration.findings == []
        assert str(configuration.options(ROLLBACK).exemption(FOUND)) == said
        assert configuration.options(BY_ID["sec-td-roles"]).exemption(FOUND) is None or "pack-settings" in given


def test_an_exemption_covers_nothing_else() -> None:
    """No other resource, and no other rule."""
    options = configured(exemption(urn="groups", reason="known")).options(ROLLBACK)
    assert options.exemption(FOUND) is None
    other = configured({"pack-settings": {"exemptions": [{"rule": "sec-*", "urn": "*", "reason": "known"}]}})
    assert other.options(ROLLBACK).exemption(FOUND) is None


def test_what_is_set_for_all_rules_gives_way_to_what_is_set_for_one() -> None:
    """Where the rule keeps its default, the shared value counts."""
    configuration = configured(
        {
            "pack-settings": {"prodPattern": "^live$", "failOnUndecided": True, "excludeFor": ["legacy*"]},
            "bg-not-all-at-once": {"prodPattern": "^prod$", "excludeFor": []},
        }
    )
    shared, own = configuration.options(ROLLBACK), configuration.options(BY_ID["bg-not-all-at-once"])
    assert (shared.knobs["failOnUndecided"], own.knobs["prodPattern"]) == (True, "^prod$")
    assert not shared.judges(URN.replace("::group", "::legacy-1"))
    assert own.judges(URN)
    assert not own.judges(URN.replace(":prod:", ":live:"))
    undecided = Finding(URN, ROLLBACK.id, "", Verdict.UNDECIDED, "")
    assert shared.strength(undecided, Strength.MANDATORY) is Strength.MANDATORY


def broken() -> Graph:
    """Two resources that a rule each objects to."""
    return (
        classic()
        .put("group", "autoRollbackConfiguration.enabled", False)
        .put("service", "networkConfiguration.assignPublicIp", True)
    )


@pytest.fixture(scope="module", params=["", "1"], ids=["fast", "plain"])
def pack(request: pytest.FixtureRequest) -> Iterator[Pack]:
    with Pack(environment={"ECS_BLUE_GREEN_POLICIES_PLAIN": request.param}) as running:
        yield running


def test_an_exempted_finding_is_no_violation(pack: Pack) -> None:
    """The engine shows nothing; reports are told what was exempted, where and why."""
    graph = broken()
    entry = {"urn": "group", "reason": "known", "expires": "2999-12-31"}
    pack.configure({"bg-auto-rollback": {"exemptions": [entry]}})
    assert [line.rule for line in pack.check(graph)] == ["sec-service-no-public-ip"]
    assert pack.not_applicable(graph, "group")["bg-auto-rollback"] == (
        f"exempted: {graph.urn('group')}\n"
        "group: autoRollbackConfiguration.enabled is not true.\n"
        "Reason: known (until 2999-12-31)"
    )


def test_a_mistake_is_reported_once_for_the_stack(pack: Pack) -> None:
    """By the policy that holds the settings, as advice, on both paths."""
    pack.configure({"bg-auto-rolback": {"enforcementLevel": "advisory"}})
    lines = pack.analyze_stack(stack_request(classic()))
    assert [(line.urn, line.rule, line.level, line.message.splitlines()[:2]) for line in lines] == [
        (
            "",
            "pack-settings",
            "ADVISORY",
            [
                "The configuration of this policy pack says what it means.",
                "bg-auto-rolback is no rule of this pack (did you mean bg-auto-rollback?).",
            ],
        )
    ]


def test_settings_shared_by_all_rules_reach_every_rule(pack: Pack) -> None:
    """As if they were set for each."""
    pack.configure({"pack-settings": {"excludeFor": ["*"]}})
    assert pack.check(broken()) == []


def test_rules_without_resources_say_that_they_do_not_apply(pack: Pack) -> None:
    """Which is not the same as having passed."""
    pack.configure()
    graph = classic()
    del graph.resources["group"]
    reasons = pack.not_applicable(graph)
    assert reasons["bg-dg-style"] == "The stack has no aws:codedeploy/deploymentGroup:DeploymentGroup."
    assert "sec-task-sg-from-lb" not in reasons
