"""The pack as the engine meets it: a process that speaks gRPC."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2 as proto

from configuration import SETTINGS
from rules import RULES
from tests.policies.graph import Graph, findings
from tests.policies.pack import PLAIN, POLICIES, Line, Pack, by_rule, resource_request, secret, stack_request, struct
from tests.policies.session import Session
from tests.policies.stacks import classic
from tests.policies.test_rules import CASES
from value import UNKNOWN

BY_ID = {rule.id: rule for rule in (*RULES, SETTINGS)}


def test_policies_are_complete_and_unique_per_kind(fast: Pack) -> None:
    """Each half of a rule is one policy, with all that Pulumi can show about it."""
    info = fast.info()
    assert (info.name, info.supportsConfig) == ("ecs-blue-green", True)
    names = [(policy.name, policy.policy_type) for policy in info.policies]
    halves = [
        (rule.id, kind)
        for rule in RULES
        for kind, checks in (
            (proto.POLICY_TYPE_RESOURCE, {**rule.resource_checks, **rule.remediations}),
            (proto.POLICY_TYPE_STACK, rule.stack_checks),
        )
        if checks
    ]
    assert sorted(names) == sorted([*halves, ("pack-settings", proto.POLICY_TYPE_STACK)])
    assert len(set(names)) == len(names)
    for policy in info.policies:
        rule = BY_ID[policy.name]
        assert policy.description == rule.description
        assert policy.url == rule.url
        assert policy.remediation_steps == rule.fix
        assert policy.severity != proto.POLICY_SEVERITY_UNSPECIFIED
        assert set(policy.configSchema.properties) == set(rule.schema)


def test_a_violation_says_what_where_why_and_how_to_mend_it(fast: Pack) -> None:
    """The whole text that a user sees."""
    graph = classic().put("group", "autoRollbackConfiguration.enabled", False)
    rule = BY_ID["bg-auto-rollback"]
    assert fast.check(graph) == [
        Line(
            graph.urn("group"),
            "bg-auto-rollback",
            "MANDATORY",
            "CodeDeploy rolls a failed release back by itself.\n"
            "group: autoRollbackConfiguration.enabled is not true.\n"
            f"Why: {rule.why}\n"
            "Fix:\n"
            '      aws.codedeploy.DeploymentGroup("app", ...,\n'
            '    -     auto_rollback_configuration={"enabled": False},\n'
            '    +     auto_rollback_configuration={"enabled": True, '
            '"events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},\n'
            "      )",
        )
    ]


def test_what_is_undecided_is_advisory_and_says_so(fast: Pack) -> None:
    """A mandatory rule does not stop a preview for what only the update can tell."""
    graph = classic().put("service", "networkConfiguration.assignPublicIp", UNKNOWN)
    assert fast.check(graph) == [
        Line(
            graph.urn("service"),
            "sec-service-no-public-ip",
            "ADVISORY",
            "Tasks have no public IP address.\nundecided: service (aws:ecs/service:Service): "
            "networkConfiguration.assignPublicIp is not known until the update.",
        )
    ]


def test_configuration_reaches_rules_and_levels() -> None:
    """Levels and knobs, sent by rule id, hold for both halves of a rule."""
    graph = classic().put("service", "networkConfiguration.assignPublicIp", True)
    unknown = classic().put("service", "networkConfiguration.assignPublicIp", UNKNOWN)
    rule = "sec-service-no-public-ip"
    with Pack() as pack:

        def levels(broken: Graph, **config: Any) -> list[str]:
            pack.configure({rule: config})
            return [line.level for line in pack.check(broken)]

        assert levels(graph) == ["MANDATORY"]
        assert levels(graph, enforcementLevel="advisory") == ["ADVISORY"]
        assert levels(graph, enforcementLevel="remediate") == ["MANDATORY"]
        assert levels(graph, enforcementLevel="disabled") == []
        assert levels(graph, enabled=False) == []
        assert levels(graph, excludeFor=["serv*"]) == []
        assert levels(graph, includeFor=["*::service"]) == ["MANDATORY"]
        assert levels(graph, includeFor=["other"]) == []
        assert levels(graph, allowFor=["service"]) == []
        assert levels(unknown) == ["ADVISORY"]
        assert levels(unknown, failOnUndecided=True) == ["MANDATORY"]


def test_a_broken_rule_is_one_advisory_finding(tmp_path: Path) -> None:
    """It names rule and resource and no value, on both paths; every other rule still runs."""
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder, ignore=shutil.ignore_patterns("__pycache__", "venv"))
    with (folder / "rules" / "task_definition.py").open("a") as file:
        file.write("\n\n@roles.resource(TASK_DEFINITION)\ndef _broken(task, judge):\n    {}[task['family'].text]\n")
    graph = classic().put("service", "networkConfiguration.assignPublicIp", True)
    for environment in ({}, PLAIN):
        with Pack(folder, environment) as pack:
            pack.configure()
            lines = pack.check(graph)
        broken = [line for line in lines if line.rule == "sec-td-roles"]
        assert [line.level for line in broken] == ["ADVISORY"]
        assert (
            "rule error: sec-td-roles could not judge task (aws:ecs/taskDefinition:TaskDefinition): KeyError at "
            in (broken[0].message)
        )
        assert "app-family" not in broken[0].message
        assert [line.rule for line in lines if line.rule != "sec-td-roles"] == ["sec-service-no-public-ip"]


def test_findings_are_ordered_by_urn_then_rule(fast: Pack) -> None:
    """Whatever the order in which the engine sends the resources."""
    graph = classic()
    graph.ignore("prod-rule").ignore("test-rule").put("green", "port", 81.0).put("test", "loadBalancerArn", UNKNOWN)
    lines = fast.analyze_stack(stack_request(graph))
    turned = stack_request(graph)
    turned.resources.sort(key=lambda resource: resource.urn[::-1])
    assert len(lines) > 3
    assert [(line.urn, line.rule) for line in lines] == sorted((line.urn, line.rule) for line in lines)
    assert fast.analyze_stack(turned) == lines


def _many_open_groups(count: int, name: str = "group") -> Any:
    request = proto.AnalyzeStackRequest()
    for number in range(count):
        graph = Graph()
        graph.add(f"{name}-{number:05}", "aws:ec2/securityGroup:SecurityGroup", {
            "ingress": [{"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrBlocks": ["0.0.0.0/0"]}]
        })  # fmt: skip
        request.resources.extend(stack_request(graph).resources)
    return request


def test_of_many_findings_the_first_are_explained(fast: Pack) -> None:
    """The rest say what and where; all of 5,000 resources fit into a reply."""
    response = fast.stub.AnalyzeStack(_many_open_groups(5000))
    found = [line for line in response.diagnostics if line.policyName == "sec-sg-world-ingress"]
    assert len(found) == 5000
    assert sum("Fix:\n" in line.message for line in found) == 20
    assert response.ByteSize() < 4 * 1024 * 1024


def test_a_reply_too_large_for_the_engine_counts_the_rest(fast: Pack) -> None:
    """The language host refuses replies over 4 MiB, and then nothing at all would be reported."""
    response = fast.stub.AnalyzeStack(_many_open_groups(4000, "g" * 400))
    found = [line for line in response.diagnostics if line.policyName == "sec-sg-world-ingress"]
    assert len(found) == 21
    last = found[-1].message.splitlines()[1]
    name = "g" * 400
    assert last.startswith(f"3,980 more findings of this rule, at {name}-00020, {name}-00021, ")
    assert last.endswith(f"{name}-00119 and 3,880 others.")
    assert found[-1].enforcementLevel == proto.MANDATORY
    assert response.ByteSize() < 4 * 1024 * 1024


@pytest.fixture(scope="module")
def sessions(fast: Pack, plain: Pack) -> tuple[Session, Session]:
    return Session(fast), Session(plain)


@pytest.mark.parametrize("number", range(0, len(CASES), 100))
def test_both_paths_find_the_same_in_broken_stacks(sessions: tuple[Session, Session], number: int) -> None:
    """Every tenth change of the rules' own tests, in groups of ten."""
    for _, case in CASES[number : number + 100 : 10]:
        graph = case.stack()
        case.change(graph)
        lines, same = (session.check(graph, preview=case.preview) for session in sessions)
        assert by_rule(lines) == by_rule(same), case.name
        pure = [each for each in findings(graph, preview=case.preview) if not each.verdict.is_silent]
        assert {(line.urn, line.rule) for line in lines} == {(each.urn, each.rule) for each in pure}


def test_the_sdk_takes_over_where_the_fast_path_fails(plain: Pack, tmp_path: Path) -> None:
    """A fast path that breaks in the middle of a call changes no finding."""
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder, ignore=shutil.ignore_patterns("__pycache__", "venv"))
    wire = folder / "wire.py"
    wire.write_text(wire.read_text().replace("message.urn, message.type", "message.gone, message.type"))
    graph = classic().put("service", "networkConfiguration.assignPublicIp", True)
    with Pack(folder) as pack:
        pack.configure()
        assert pack.check(graph) == plain.check(graph)
        assert [line.rule for line in pack.check(graph)] == ["sec-service-no-public-ip"]
    assert "Analyze left to the SDK: AttributeError" in pack.errors


def test_the_fast_path_stays_out_of_an_sdk_it_does_not_know(plain: Pack, tmp_path: Path) -> None:
    """If the SDK registers its servicer by another function, the pack is the SDK's alone."""
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder, ignore=shutil.ignore_patterns("__pycache__", "venv"))
    source = (folder / "analyzer.py").read_text()
    (folder / "analyzer.py").write_text(source.replace('"add_AnalyzerServicer_to_server"', '"add_other"'))
    graph = classic().put("service", "networkConfiguration.assignPublicIp", UNKNOWN)
    with Pack(folder) as pack:
        pack.configure()
        assert pack.check(graph) == plain.check(graph)
    assert pack.errors == ""


def test_containers_may_be_a_secret(fast: Pack) -> None:
    """One secret variable makes the whole document a secret; it is judged all the same."""
    request = resource_request(classic(), "task")
    assert fast.analyze(request) == []
    graph = classic().put("service", "loadBalancers[0].containerName", "web")
    stack = stack_request(graph)
    task = next(message for message in stack.resources if message.name == "task")
    document = json.dumps([{"name": "hidden-name", "portMappings": [{"containerPort": 80}]}])
    task.properties.CopyFrom(struct({**graph.outputs("task"), "containerDefinitions": secret(document)}))
    lines = fast.analyze_stack(stack)
    assert [(line.rule, line.urn) for line in lines] == [("bg-container-port-join", graph.urn("service"))]
    assert "hidden-name" not in lines[0].message
