"""The pack as the engine meets it: a process that speaks gRPC."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2 as proto

from configuration import SETTINGS
from rules import RULES
from tests.policies.graph import Graph, findings
from tests.policies.pack import POLICIES, Line, Pack, resource_request, secret, stack_request, struct
from tests.policies.stacks import classic, native
from tests.policies.test_rules import CASES
from value import UNKNOWN

PLAIN = {"ECS_BLUE_GREEN_POLICIES_PLAIN": "1"}
BY_ID = {rule.id: rule for rule in (*RULES, SETTINGS)}


@pytest.fixture(scope="module")
def fast() -> Iterator[Pack]:
    with Pack() as pack:
        pack.configure()
        yield pack
    assert pack.errors == ""


@pytest.fixture(scope="module")
def plain() -> Iterator[Pack]:
    with Pack(environment=PLAIN) as pack:
        pack.configure()
        yield pack


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


@pytest.mark.parametrize("stack", [classic, native])
@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize(
    "module", ["aws:lb/", "aws:alb/", "aws:elasticloadbalancingv2/", "aws:applicationloadbalancing/"]
)
def test_a_good_stack_has_no_findings(fast: Pack, stack: Any, preview: bool, module: str) -> None:
    """Neither after an update nor at a first preview, under any of the provider's type tokens."""
    assert fast.check(stack().rename("aws:lb/", module), preview=preview) == []


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
            "    auto_rollback_configuration={\n"
            '        "enabled": True,\n'
            '        "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],\n'
            "    }",
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


def test_secrets_are_read_and_never_repeated(fast: Pack) -> None:
    """A secret in every place of a stack that breaks every rule is found in no message."""
    text, seen = "hunter2-is-secret", 0
    for stack in (classic, native):
        for resource in stack().resources.values():
            for path in _leaves(resource.inputs):
                graph = stack()
                graph.put(resource.name, path, secret(text))
                for line in fast.check(graph):
                    assert text not in line.message, (resource.name, path)
                    seen += 1
    assert seen > 50


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None or hasattr(value, "_fields"):
        yield path
        return
    for key, item in items:
        yield from _leaves(item, f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip("."))


def _normal(lines: list[Line]) -> list[tuple[str, str, str]]:
    """Rule, level and text of each finding; what the SDK reports as unable to run, taken apart.

    The SDK gives one advisory line per policy, without a URN, for what must not stop a deployment.
    """
    result = []
    for line in lines:
        prefix = f"can't run policy '{line.rule}' from policy pack 'ecs-blue-green@v0.0.1' during preview: "
        if line.message.startswith(prefix):
            texts = line.message.removeprefix(prefix).split("\n")
            result += [(line.rule, line.level, f"{BY_ID[line.rule].description}\n{text}") for text in texts]
        else:
            result.append((line.rule, line.level, line.message))
    return sorted(result)


@pytest.mark.parametrize("number", range(0, len(CASES), 4))
def test_both_paths_find_the_same_in_broken_stacks(fast: Pack, plain: Pack, number: int) -> None:
    """Every change of the rules' own tests, in groups of four."""
    for _, case in CASES[number : number + 4]:
        graph = case.stack()
        case.change(graph)
        lines = fast.check(graph, preview=case.preview)
        assert _normal(lines) == _normal(plain.check(graph, preview=case.preview)), case.name
        pure = findings(graph, preview=case.preview)
        assert sorted((line.urn, line.rule) for line in lines) == sorted((f.urn, f.rule) for f in pure)


JUNK = st.one_of(
    st.just(UNKNOWN),
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "[{", "null", '[1, {"name": 2}]', "arn:", "arn:aws:x", "::", "x" * 5000, "0.0.0.0/0"]),
    st.sampled_from([[], {}, [None], [[]], [UNKNOWN], {"value": {}}, [{"type": UNKNOWN}]]),
)


@st.composite
def corruptions(draw: st.DrawFn) -> tuple[Graph, bool]:
    """A known-good stack with junk in one to three places."""
    graph = draw(st.sampled_from([classic, native]))(draw(st.sampled_from(["dev", "prod"])))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(graph.resources)))
        paths = sorted(_places(graph[name]))
        if not paths:
            continue
        path = draw(st.sampled_from(paths))
        graph = graph.drop(name, path) if draw(st.booleans()) else graph.put(name, path, draw(JUNK))
    return graph, draw(st.booleans())


def _places(value: Any, path: str = "") -> Iterator[str]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, f"{path}[{index}]")


@settings(max_examples=60, deadline=None)
@given(corrupted=corruptions())
def test_junk_is_no_error_and_the_same_on_both_paths(fast: Pack, plain: Pack, corrupted: tuple[Graph, bool]) -> None:
    """Missing, null, of another type, broken JSON or unknown: no rule breaks, no call fails."""
    graph, preview = corrupted
    lines = fast.check(graph, preview=preview)
    assert _normal(lines) == _normal(plain.check(graph, preview=preview))
    assert not [line for line in lines if "rule error:" in line.message]


def test_a_whole_stack_of_unknowns_is_undecided(fast: Pack) -> None:
    """With every property unknown nothing is decided, nothing breaks, and no rule fails."""
    for stack in (classic, native):
        graph = stack()
        for declared in graph.resources.values():
            declared.inputs = dict.fromkeys(declared.inputs, UNKNOWN)
        lines = fast.check(graph, preview=True)
        assert {line.level for line in lines if "undecided:" in line.message} == {"ADVISORY"}
        assert not [line for line in lines if "rule error:" in line.message]


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
