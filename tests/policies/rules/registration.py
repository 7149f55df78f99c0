"""Changes to how a service is registered with its target groups."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Graph, Ref
from tests.policies.stacks import CONTAINERS, native
from value import UNKNOWN

TARGET = "loadBalancers[0].targetGroupArn"
CONTROLLER = "deploymentController.type"


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
    Case(
        "another port of both target groups",
        several(put("blue", "port", 81.0), put("green", "port", 81.0)),
        [fail("bg-container-port-join", "service", PORT)],
        says=f"service: {PORT} is 80, but target group blue has port 81.",
    ),
    Case(
        "a container that does not exist in a service that is not released blue/green",
        several(_as_rolling, put("service", CONTAINER, "web")),
        [],
    ),
    Case(
        "containers that nothing tells leave the ports of each block judged",
        several(
            _add_worker,
            put("worker-blue", "port", 91.0),
            put("worker-green", "port", 91.0),
            put("task", DEFINITIONS, UNKNOWN),
        ),
        [
            fail("bg-container-port-join", "service", "loadBalancers[1].containerPort"),
            undecided("bg-container-port-join", "service", DEFINITIONS),
        ],
        stack=native,
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
            put("worker-green", "healthCheck", {"path": "/"}),
            put("worker-blue", "port", 91.0),
            put("worker-green", "port", 91.0),
        ),
        [
            fail("bg-container-port-join", "service", "loadBalancers[0].containerName"),
            fail("bg-container-port-join", "service", "loadBalancers[1].containerPort"),
            fail("bg-health-check-parity", "worker-green", "healthCheck.path"),
            fail("bg-target-groups-compatible", "worker-green", "protocol"),
            undecided("bg-health-check-parity", "service", "loadBalancers[0].targetGroupArn"),
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


TARGET_CASES = [
    Case(
        "both groups registered",
        _add_second_target,
        [fail("bg-service-target-in-pair", "service", "loadBalancers")],
        says="service: loadBalancers has 2 blocks; under CODE_DEPLOY a service is registered with one target group.",
    ),
    Case(
        "both groups registered, at a first preview",
        _add_second_target,
        [fail("bg-service-target-in-pair", "service", "loadBalancers")],
        preview=True,
    ),
    Case(
        "two groups registered of which one is outside of the pair, at a first preview",
        several(_add_second_target, _add_other_target),
        [
            fail("bg-service-target-in-pair", "service", "loadBalancers"),
            undecided("bg-service-target-in-pair", "service", TARGET),
            undecided("bg-service-target-in-pair", "service", "loadBalancers[1].targetGroupArn"),
        ],
        preview=True,
    ),
    Case("a block without a target group", drop("service", TARGET), []),
    Case("a deployment group without a pair", drop("group", "loadBalancerInfo"), []),
    Case(
        "a group outside of the pair of a deployment group that cannot release the service",
        several(_add_other_target, put("service", CONTROLLER, "ECS")),
        [],
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
        says=f"service: {TARGET} is a target group, which the pair of deployment group group lacks.",
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
]

CASES = [*CONTAINER_CASES, *TARGET_CASES]
