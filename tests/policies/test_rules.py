"""Each rule by its pure functions: from a known-good stack, broken in one place."""

from __future__ import annotations

import pytest

from rules import RULES
from tests.policies.cases import Case
from tests.policies.graph import findings, found
from tests.policies.rules import (
    deployment_group,
    listener,
    security_group,
    service,
    target_group,
    task_definition,
)

MODULES = (service, deployment_group, target_group, listener, task_definition, security_group)
CASES: list[Case] = [case for module in MODULES for case in module.CASES]


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case.name}" for number, case in enumerate(CASES)])
def test_the_whole_pack_finds_exactly_what_a_change_breaks(case: Case) -> None:
    """A change is caught by the rules it breaks, at the place it breaks, and by no other."""
    graph = case.stack()
    case.change(graph)
    assert sorted(found(graph, preview=case.preview, config=case.config)) == sorted(case.expected)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "rolling behind a load balancer",
            "service: deploymentController.type is ECS, with strategy ROLLING: releases replace tasks in place.",
        ),
        ("another port", "green: port is 81, but that of blue is 80."),
        ("another vpcId", "green: vpcId differs from that of blue."),
        (
            "a container that does not exist",
            "service: loadBalancers[0].containerName names no container of task definition task.",
        ),
        (
            "prod-rule ignores nothing",
            "prod-rule does not ignore changes of actions, although CodeDeploy moves it for group.",
        ),
        (
            "all ports from the load balancer",
            "lb-task: referencedSecurityGroupId may reach ports 80-65535; the tasks listen at 80.",
        ),
        ("the world on another port", "world-https: cidrIpv4 is the world, which may reach port 8443."),
        (
            "a second deployment group for one service",
            "service is named by more than one deployment group: again, group.",
        ),
    ],
)
def test_a_finding_names_resource_property_and_both_ends_of_a_join(name: str, sentence: str) -> None:
    """What may be no secret is said: names of resources, AWS's words, ports."""
    case = next(case for case in CASES if case.name == name)
    graph = case.stack()
    case.change(graph)
    assert [finding.sentence for finding in findings(graph, preview=case.preview)] == [sentence]


def test_every_rule_is_seen_to_fail_and_to_be_undecided() -> None:
    """No rule of the pack is without a case of each verdict."""
    seen = {(rule, verdict) for case in CASES for rule, _, _, verdict in case.expected}
    assert {(rule.id, verdict) for rule in RULES for verdict in ("fail", "undecided")} - seen == set()
