"""What rules mend by themselves, where the user sets their level to `remediate`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from rules import RULES
from tests.policies.graph import Graph
from tests.policies.pack import SECRET, UNKNOWN_STRING, Pack, resource_request, secret, struct
from tests.policies.stacks import classic
from value import UNKNOWN

MENDING = {
    "bg-auto-rollback",
    "sec-alb-drop-invalid-headers",
    "sec-cluster-insights",
    "sec-ecr-scan",
    "sec-log-retention",
    "sec-service-no-public-ip",
    "sec-tags",
}


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with Pack() as running:
        yield running


def test_the_rules_that_mend() -> None:
    """Those that the catalogue says can be mended without asking anybody."""
    assert {rule.id for rule in RULES if rule.remediations} == MENDING
    for rule in RULES:
        assert set(rule.remediations) <= set(rule.kinds)


def mended(pack: Pack, rule: str, type_: str, inputs: dict[str, Any], **knobs: Any) -> dict[str, Any] | None:
    """The inputs after the remedy, None if it changed nothing."""
    graph = Graph("prod")
    graph.add("it", type_, inputs)
    pack.configure({rule: {"enforcementLevel": "remediate", **knobs}})
    response = pack.stub.Remediate(resource_request(graph, "it"))
    assert [each.diagnostic for each in response.remediations] == [""] * len(response.remediations)
    assert {each.policyName for each in response.remediations} <= {rule}
    return MessageToDict(response.remediations[0].properties) if response.remediations else None


ECS_GROUP = {"ecsService": {"clusterName": "main", "serviceName": "app"}}
ROLLBACK = "bg-auto-rollback"
GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup"
SERVICE = "aws:ecs/service:Service"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
CLUSTER = "aws:ecs/cluster:Cluster"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
REPOSITORY = "aws:ecr/repository:Repository"


@pytest.mark.parametrize(
    ("rule", "type_", "before", "after"),
    [
        (
            ROLLBACK,
            GROUP,
            {**ECS_GROUP, "autoRollbackConfiguration": {"enabled": False, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]}},
            {
                **ECS_GROUP,
                "autoRollbackConfiguration": {
                    "enabled": True,
                    "events": ["DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_FAILURE"],
                },
            },
        ),
        (
            ROLLBACK,
            GROUP,
            {**ECS_GROUP, "alarmConfiguration": {"enabled": True, "alarms": ["a"]}},
            {
                **ECS_GROUP,
                "alarmConfiguration": {"enabled": True, "alarms": ["a"]},
                "autoRollbackConfiguration": {
                    "enabled": True,
                    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
                },
            },
        ),
        (
            "sec-service-no-public-ip",
            SERVICE,
            {"networkConfiguration": {"subnets": ["a"], "assignPublicIp": True}},
            {"networkConfiguration": {"subnets": ["a"], "assignPublicIp": False}},
        ),
        (
            "sec-alb-drop-invalid-headers",
            BALANCER,
            {"loadBalancerType": "application"},
            {"loadBalancerType": "application", "dropInvalidHeaderFields": True},
        ),
        (
            "sec-alb-drop-invalid-headers",
            BALANCER.replace(":lb/", ":alb/"),
            {"dropInvalidHeaderFields": False},
            {"dropInvalidHeaderFields": True},
        ),
        (
            "sec-cluster-insights",
            CLUSTER,
            {"settings": [{"name": "containerInsights", "value": "disabled"}]},
            {"settings": [{"name": "containerInsights", "value": "enhanced"}]},
        ),
        ("sec-cluster-insights", CLUSTER, {}, {"settings": [{"name": "containerInsights", "value": "enhanced"}]}),
        ("sec-log-retention", LOGS, {"name": "logs"}, {"name": "logs", "retentionInDays": 30.0}),
        ("sec-log-retention", LOGS, {"retentionInDays": 1.0}, {"retentionInDays": 30.0}),
        (
            "sec-ecr-scan",
            REPOSITORY,
            {"imageScanningConfiguration": {"scanOnPush": False}},
            {"imageScanningConfiguration": {"scanOnPush": True}},
        ),
        (
            "sec-ecr-scan",
            REPOSITORY,
            {"name": "app"},
            {"name": "app", "imageScanningConfiguration": {"scanOnPush": True}},
        ),
    ],
)
def test_a_remedy_changes_what_the_rule_objects_to_and_nothing_else(
    pack: Pack, rule: str, type_: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """And what it has mended needs no second remedy."""
    assert mended(pack, rule, type_, before) == after
    assert mended(pack, rule, type_, after) is None


def test_tags_are_added_where_the_user_says_their_values(pack: Pack) -> None:
    """A key without a value stays missing, a tag that is there stays as it is."""
    knobs = {"keys": ["Owner", "Stage", "Team"], "values": {"Owner": "shop", "Stage": "live", "Other": "x"}}
    before = {"tags": {"Stage": "test"}}
    assert mended(pack, "sec-tags", CLUSTER, before, **knobs) == {"tags": {"Stage": "test", "Owner": "shop"}}
    assert mended(pack, "sec-tags", CLUSTER, {}, **knobs) == {"tags": {"Owner": "shop", "Stage": "live"}}
    assert mended(pack, "sec-tags", CLUSTER, before) is None


@pytest.mark.parametrize(
    ("rule", "type_", "inputs"),
    [
        (ROLLBACK, GROUP, {**ECS_GROUP, "autoRollbackConfiguration": UNKNOWN}),
        (ROLLBACK, GROUP, {**ECS_GROUP, "autoRollbackConfiguration": {"enabled": UNKNOWN, "events": UNKNOWN}}),
        (ROLLBACK, GROUP, {"deploymentStyle": {"deploymentType": "IN_PLACE"}}),
        ("sec-service-no-public-ip", SERVICE, {"networkConfiguration": {"assignPublicIp": UNKNOWN}}),
        ("sec-service-no-public-ip", SERVICE, {"networkConfiguration": UNKNOWN}),
        ("sec-alb-drop-invalid-headers", BALANCER, {"dropInvalidHeaderFields": UNKNOWN}),
        ("sec-alb-drop-invalid-headers", BALANCER, {"loadBalancerType": "network"}),
        ("sec-cluster-insights", CLUSTER, {"settings": UNKNOWN}),
        ("sec-cluster-insights", CLUSTER, {"settings": [{"name": UNKNOWN, "value": "disabled"}]}),
        ("sec-log-retention", LOGS, {"retentionInDays": UNKNOWN}),
        ("sec-ecr-scan", REPOSITORY, {"imageScanningConfiguration": UNKNOWN}),
        ("sec-ecr-scan", REPOSITORY, {"imageScanningConfiguration": {"scanOnPush": UNKNOWN}}),
        (ROLLBACK, GROUP, {**ECS_GROUP, "autoRollbackConfiguration": "junk"}),
    ],
)
def test_what_is_unknown_or_not_meant_is_left_alone(pack: Pack, rule: str, type_: str, inputs: dict[str, Any]) -> None:
    """A remedy that guessed would overwrite what the program is about to say."""
    assert mended(pack, rule, type_, inputs) is None


def test_a_remedy_keeps_secrets_and_unknowns(pack: Pack) -> None:
    """Beside what it changes, and in what it changes."""
    graph = classic()
    inputs = {
        "tags": secret({"Owner": "shop"}),
        "networkConfiguration": {"subnets": UNKNOWN, "assignPublicIp": secret(True)},
    }
    graph.add("it", SERVICE, inputs)
    pack.configure({"sec-service-no-public-ip": {"enforcementLevel": "remediate"}})
    (remediation,) = pack.stub.Remediate(resource_request(graph, "it")).remediations
    assert remediation.properties == struct(
        {
            "tags": secret({"Owner": "shop"}),
            "networkConfiguration": {"subnets": UNKNOWN, "assignPublicIp": {**SECRET, "value": False}},
        }
    )
    assert UNKNOWN_STRING in json.dumps(MessageToDict(remediation.properties))


def test_nothing_is_mended_unless_the_user_opts_in(pack: Pack) -> None:
    """Nor where the rule does not judge, or the user has exempted the resource."""
    rule, before = "sec-log-retention", {"name": "logs"}
    graph = Graph("prod")
    graph.add("it", LOGS, before)
    for knobs in ({}, {"enforcementLevel": "mandatory"}):
        pack.configure({rule: knobs})
        assert list(pack.stub.Remediate(resource_request(graph, "it")).remediations) == []
    assert mended(pack, rule, LOGS, before, excludeFor=["it"]) is None
    assert mended(pack, rule, LOGS, before, exemptions=[{"urn": "it", "reason": "known"}]) is None
    assert mended(pack, rule, LOGS, before, enabled=False) is None
    assert (
        mended(
            pack,
            "sec-service-no-public-ip",
            SERVICE,
            {"networkConfiguration": {"assignPublicIp": True}},
            allowFor=["it"],
        )
        is None
    )
    assert mended(pack, rule, LOGS, before, minDays=100.0) == {"name": "logs", "retentionInDays": 120.0}
