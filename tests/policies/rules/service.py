"""Changes to an ECS service."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, drop, fail, ignore, nothing, put, several, undecided
from tests.policies.graph import Graph, Ref
from tests.policies.stacks import CONTAINERS, native
from value import UNKNOWN

TARGET = "loadBalancers[0].targetGroupArn"
CONTROLLER = "deploymentController.type"
CONNECT = {"enabled": True, "namespace": "mesh", "services": [{"portName": "http"}]}


def _as_rolling(graph: Graph) -> None:
    graph.put("service", "deploymentController.type", "ECS")
    del graph.resources["group"], graph.resources["application"]


def _add_second_target(graph: Graph) -> None:
    block = {"targetGroupArn": Ref("green", "arn"), "containerName": "app", "containerPort": 80.0}
    graph["service"]["loadBalancers"].append(block)


def _add_worker(graph: Graph) -> None:
    """A second block, to another container by another port, released between two more groups."""
    for colour in ("worker-blue", "worker-green"):
        graph.add(colour, "aws:lb/targetGroup:TargetGroup", {**graph["blue"], "name": colour, "port": 90.0}, arn=colour)
    rule = graph.resources["prod-rule"]
    groups = [{"arn": Ref("worker-blue", "arn")}, {"arn": Ref("worker-green", "arn")}]
    actions = [{"type": "forward", "forward": {"targetGroups": groups}}]
    graph.add("worker-rule", rule.type, {**rule.inputs, "actions": actions}, arn="worker-rule")
    graph.ignore("worker-rule", "actions")
    block = {
        **graph["service"]["loadBalancers"][0],
        "targetGroupArn": Ref("worker-blue", "arn"),
        "containerName": "worker",
        "containerPort": 90.0,
        "advancedConfiguration": {
            "alternateTargetGroupArn": Ref("worker-green", "arn"),
            "productionListenerRule": Ref("worker-rule", "arn"),
        },
    }
    graph["service"]["loadBalancers"].append(block)
    graph.put("task", DEFINITIONS, containers(*CONTAINERS, {"name": "worker", "portMappings": [{"containerPort": 90}]}))
    graph.add("lb-worker", graph.resources["lb-task"].type, {**graph["lb-task"], "fromPort": 90.0, "toPort": 90.0})


def _written_out(graph: Graph) -> None:
    """Writes references out, so that no dependency tells them."""
    graph.put("service", "loadBalancers", graph.inputs("service")["loadBalancers"])


def _add_other_target(graph: Graph) -> None:
    graph.add("other", "aws:lb/targetGroup:TargetGroup", {**graph["blue"], "name": "other"}, arn="arn:other")
    graph.put("service", TARGET, Ref("other", "arn"))


CONTROLLER_CASES = [
    Case(
        "rolling behind a load balancer",
        _as_rolling,
        [fail("bg-controller-required", "service", CONTROLLER)],
        says="service: deploymentController.type is ECS, with strategy ROLLING: releases replace tasks in place.",
    ),
    Case(
        "no controller is ECS, rolling",
        several(_as_rolling, drop("service", "deploymentController")),
        [fail("bg-controller-required", "service", CONTROLLER)],
    ),
    Case("rolling without traffic", several(_as_rolling, drop("service", "loadBalancers")), []),
    Case(
        "rolling, serving through Service Connect",
        several(
            _as_rolling,
            drop("service", "loadBalancers"),
            put("service", "serviceConnectConfiguration", CONNECT),
        ),
        [
            fail("bg-controller-required", "service", CONTROLLER),
            fail("sec-task-sg-from-lb", "lb-task", "referencedSecurityGroupId"),
        ],
    ),
    Case(
        "rolling, only a client of Service Connect",
        several(
            _as_rolling,
            drop("service", "loadBalancers"),
            put("service", "serviceConnectConfiguration", {"enabled": True}),
            drop("lb-task", "referencedSecurityGroupId"),
        ),
        [],
    ),
    Case(
        "Service Connect under CODE_DEPLOY",
        put("service", "serviceConnectConfiguration", CONNECT),
        [fail("bg-controller-required", "service", CONTROLLER)],
    ),
    Case(
        "CODE_DEPLOY where only native is allowed",
        nothing,
        [fail("bg-controller-required", "service", CONTROLLER)],
        config={"bg-controller-required": {"allowed": "native"}},
    ),
    Case(
        "native where only CodeDeploy is allowed",
        nothing,
        [fail("bg-controller-required", "service", CONTROLLER)],
        stack=native,
        config={"bg-controller-required": {"allowed": "codedeploy"}},
    ),
    Case(
        "rolling behind a load balancer, out of scope",
        _as_rolling,
        [],
        config={"bg-controller-required": {"scope": "serviceConnect"}},
    ),
    Case(
        "an unknown controller",
        put("service", CONTROLLER, UNKNOWN),
        [
            undecided("bg-container-port-join", "service", CONTROLLER),
            undecided("bg-controller-required", "service", CONTROLLER),
            undecided("bg-dg-matches-service", "group", CONTROLLER),
            undecided("bg-dg-matches-service", "service", CONTROLLER),
            undecided("bg-ignore-changes-listener", "service", CONTROLLER),
            undecided("bg-service-target-in-pair", "service", CONTROLLER),
            undecided("bg-target-groups-compatible", "service", CONTROLLER),
        ],
    ),
    Case(
        "an unknown strategy that decides nothing under CODE_DEPLOY",
        put("service", "deploymentConfiguration", {"strategy": UNKNOWN}),
        [],
    ),
]

CONTAINER = "loadBalancers[0].containerName"
PORT = "loadBalancers[0].containerPort"
DEFINITIONS = "containerDefinitions"


def containers(*definitions: Any) -> str:
    return json.dumps(definitions)


CONTAINER_CASES = [
    Case(
        "a container that does not exist",
        put("service", CONTAINER, "web"),
        [fail("bg-container-port-join", "service", CONTAINER)],
        says="service: loadBalancers[0].containerName names no container of task definition task.",
    ),
    Case(
        "a port that the container does not map",
        put("task", DEFINITIONS, containers({"name": "app", "portMappings": [{"containerPort": 8080}]})),
        [fail("bg-container-port-join", "service", PORT)],
    ),
    Case(
        "another port than the target group's",
        several(
            put("task", DEFINITIONS, containers({"name": "app", "portMappings": [{"containerPort": 8080}]})),
            put("service", PORT, 8080.0),
        ),
        [
            fail("bg-container-port-join", "service", PORT),
            fail("sec-task-sg-from-lb", "lb-task", "referencedSecurityGroupId"),
        ],
    ),
    Case(
        "a container that maps other ports too",
        put(
            "task",
            DEFINITIONS,
            containers({"name": "app", "portMappings": [{"containerPort": 9}, {"containerPort": 80}]}),
        ),
        [],
    ),
    Case("a second block with ports of its own", _add_worker, [], stack=native),
    Case(
        "the same at a first preview, where dependencies leave a choice",
        _add_worker,
        [
            undecided("bg-container-port-join", "service", "loadBalancers[0].targetGroupArn"),
            undecided("bg-container-port-join", "service", "loadBalancers[1].targetGroupArn"),
            undecided("bg-target-groups-compatible", "service", "loadBalancers[0].targetGroupArn"),
            undecided("bg-target-groups-compatible", "service", "loadBalancers[1].targetGroupArn"),
        ],
        stack=native,
        preview=True,
    ),
    Case(
        "what nothing tells of one block leaves its container, and the next block, judged",
        several(
            _add_worker,
            _written_out,
            put("service", "loadBalancers[0].targetGroupArn", UNKNOWN),
            put("service", "loadBalancers[0].containerName", "web"),
            put("worker-green", "protocol", "HTTPS"),
            put("worker-blue", "port", 91.0),
            put("worker-green", "port", 91.0),
        ),
        [
            fail("bg-container-port-join", "service", "loadBalancers[0].containerName"),
            fail("bg-container-port-join", "service", "loadBalancers[1].containerPort"),
            fail("bg-target-groups-compatible", "worker-green", "protocol"),
            undecided("bg-container-port-join", "service", "loadBalancers[0].targetGroupArn"),
            undecided("bg-target-groups-compatible", "service", "loadBalancers[0].targetGroupArn"),
            undecided("sec-task-sg-from-lb", "service", "loadBalancers[0].targetGroupArn"),
        ],
        stack=native,
    ),
    Case(
        "what nothing tells of one target leaves the other judged",
        several(
            _add_second_target,
            _add_other_target,
            _written_out,
            put("service", "loadBalancers[1].targetGroupArn", "arn:other"),
            put("service", TARGET, UNKNOWN),
        ),
        [
            fail("bg-service-target-in-pair", "service", "loadBalancers"),
            fail("bg-service-target-in-pair", "service", "loadBalancers[1].targetGroupArn"),
            undecided("bg-container-port-join", "service", TARGET),
            undecided("bg-service-target-in-pair", "service", TARGET),
            undecided("sec-task-sg-from-lb", "service", TARGET),
        ],
    ),
    Case(
        "unknown container definitions",
        put("task", DEFINITIONS, UNKNOWN),
        [undecided("bg-container-port-join", "service", DEFINITIONS)],
    ),
    Case(
        "container definitions that are no JSON",
        put("task", DEFINITIONS, "[{"),
        [undecided("bg-container-port-join", "service", DEFINITIONS)],
    ),
    Case(
        "an older revision, left by a release",
        put("service", "taskDefinition", "arn:aws:ecs:eu-west-1:1:task-definition/app-family:3"),
        [],
    ),
    Case(
        "an older revision, left by a release, of a family without the container",
        several(
            put("service", "taskDefinition", "arn:aws:ecs:eu-west-1:1:task-definition/app-family:3"),
            put("service", CONTAINER, "web"),
        ),
        [fail("bg-container-port-join", "service", CONTAINER)],
    ),
    Case(
        "a task definition of another stack",
        several(put("service", "taskDefinition", "elsewhere:3"), put("service", CONTAINER, "web")),
        [],
    ),
    Case(
        "an unknown task definition that nothing tells",
        put("service", "taskDefinition", UNKNOWN),
        [undecided("bg-container-port-join", "service", "taskDefinition")],
    ),
]


OTHER_CASES = [
    Case(
        "both groups registered",
        _add_second_target,
        [fail("bg-service-target-in-pair", "service", "loadBalancers")],
    ),
    Case(
        "a group outside of the pair",
        _add_other_target,
        [fail("bg-service-target-in-pair", "service", TARGET)],
    ),
    Case(
        "a group outside of the pair, at a first preview",
        _add_other_target,
        [fail("bg-service-target-in-pair", "service", TARGET)],
        preview=True,
    ),
    Case(
        "a group of another stack outside of the pair",
        put("service", TARGET, "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/far/1"),
        [fail("bg-service-target-in-pair", "service", TARGET)],
    ),
    Case(
        "a group that nothing tells",
        put("service", TARGET, UNKNOWN),
        [
            undecided("bg-container-port-join", "service", TARGET),
            undecided("bg-service-target-in-pair", "service", TARGET),
            undecided("sec-task-sg-from-lb", "service", TARGET),
        ],
    ),
    Case(
        "the service ignores nothing",
        ignore("service"),
        [fail("bg-ignore-changes-service", "service")],
    ),
    Case(
        "nothing is ignored under an unknown controller",
        several(ignore("service"), put("service", CONTROLLER, UNKNOWN), drop("service", "loadBalancers")),
        [
            undecided("bg-container-port-join", "service", CONTROLLER),
            undecided("bg-dg-matches-service", "group", CONTROLLER),
            undecided("bg-dg-matches-service", "service", CONTROLLER),
            undecided("bg-ignore-changes-listener", "service", CONTROLLER),
            undecided("bg-ignore-changes-service", "service", CONTROLLER),
            undecided("bg-service-target-in-pair", "service", CONTROLLER),
            undecided("bg-target-groups-compatible", "service", CONTROLLER),
        ],
    ),
    Case(
        "the service ignores a sub-path",
        ignore("service", "taskDefinition", "loadBalancers[0].targetGroupArn"),
        [fail("bg-ignore-changes-service", "service")],
    ),
    Case("the service ignores everything", ignore("service", "*"), []),
    Case("a native service ignores nothing", ignore("service"), [], stack=native),
    Case(
        "an extra property is not ignored",
        nothing,
        [fail("bg-ignore-changes-service", "service")],
        config={"bg-ignore-changes-service": {"extra": ["tags"]}},
    ),
    Case(
        "a public address",
        put("service", "networkConfiguration.assignPublicIp", True),
        [fail("sec-service-no-public-ip", "service", "networkConfiguration.assignPublicIp")],
    ),
    Case(
        "a public address, allowed",
        put("service", "networkConfiguration.assignPublicIp", True),
        [],
        config={"sec-service-no-public-ip": {"allowFor": ["serv*"]}},
    ),
    Case(
        "a public address, perhaps",
        put("service", "networkConfiguration.assignPublicIp", UNKNOWN),
        [undecided("sec-service-no-public-ip", "service", "networkConfiguration.assignPublicIp")],
    ),
    Case(
        "a task set's public address",
        lambda graph: graph.add("set", "aws:ecs/taskSet:TaskSet", {"networkConfiguration": {"assignPublicIp": True}}),
        [fail("sec-service-no-public-ip", "set", "networkConfiguration.assignPublicIp")],
    ),
]

CASES = [*CONTROLLER_CASES, *CONTAINER_CASES, *OTHER_CASES]
