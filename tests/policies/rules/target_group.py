"""Changes to a pair of target groups."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic, native
from value import UNKNOWN

PAIR = "loadBalancerInfo.targetGroupPairInfo"

PAIR_CASES = [
    Case(
        "one target group",
        drop("group", f"{PAIR}.targetGroups[1]"),
        [fail("bg-target-group-pair-exact", "group", f"{PAIR}.targetGroups")],
    ),
    Case(
        "one target group twice",
        put("group", f"{PAIR}.targetGroups[1].name", Ref("blue", "name")),
        [fail("bg-target-group-pair-exact", "group", f"{PAIR}.targetGroups")],
        says=f"group: {PAIR}.targetGroups names one target group twice.",
    ),
    Case(
        "an unknown name leaves the other judged",
        several(put("group", f"{PAIR}.targetGroups[0].name", UNKNOWN), drop("group", f"{PAIR}.targetGroups[1].name")),
        [
            fail("bg-target-group-pair-exact", "group", f"{PAIR}.targetGroups[1].name"),
            *(
                undecided(rule, name, f"{PAIR}.targetGroups[0].name")
                for rule, name in (
                    ("bg-health-check-parity", "group"),
                    ("bg-target-group-pair-exact", "group"),
                    ("bg-target-groups-compatible", "group"),
                    ("bg-target-type-ip", "service"),
                )
            ),
        ],
    ),
    Case(
        "no pair at all",
        drop("group", "loadBalancerInfo"),
        [
            fail("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns"),
            fail("bg-target-group-pair-exact", "group", f"{PAIR}.targetGroups"),
        ],
    ),
    Case(
        "a name that is left out",
        drop("group", f"{PAIR}.targetGroups[1].name"),
        [fail("bg-target-group-pair-exact", "group", f"{PAIR}.targetGroups[1].name")],
        says=f"group: {PAIR}.targetGroups[1].name is not set.",
    ),
    Case(
        "an unknown name, told by dependencies in the stack",
        put("group", f"{PAIR}.targetGroups[1].name", Ref("green", "arn")),
        [undecided("bg-target-group-pair-exact", "group", f"{PAIR}.targetGroups[1].name")],
        preview=True,
    ),
    Case(
        "a deployment group for servers",
        several(
            drop("group", "ecsService"),
            drop("group", "loadBalancerInfo"),
            drop("group", "deploymentStyle"),
            put("group", "computePlatform", "Server"),
            put("group", "autoRollbackConfiguration.enabled", False),
        ),
        [fail("bg-dg-matches-service", "service")],
    ),
]

ALIKE_CASES = [
    Case(
        f"another {prop}",
        put("green", prop, value),
        [fail("bg-target-groups-compatible", "green", prop), *more],
        stack=stack,
    )
    for stack in (classic, native)
    for prop, value, *more in (
        ("vpcId", "vpc-2"),
        ("protocol", "HTTPS"),
        ("protocolVersion", "GRPC"),
        ("targetType", "instance", fail("bg-target-type-ip", "green", "targetType")),
        ("port", 81.0),
    )
] + [
    Case(
        "another port that is not compared",
        put("green", "port", 81.0),
        [],
        config={"bg-target-groups-compatible": {"comparePort": False}},
    ),
    Case("a default written out", put("green", "protocolVersion", "HTTP1"), []),
    Case(
        "an unknown network that no dependency tells",
        put("green", "vpcId", UNKNOWN),
        [undecided("bg-target-groups-compatible", "group", "vpcId")],
    ),
    Case(
        "unknown networks of both that no dependency tells",
        several(put("blue", "vpcId", UNKNOWN), put("green", "vpcId", UNKNOWN)),
        [undecided("bg-target-groups-compatible", "group", "vpcId")],
    ),
    Case(
        "networks that different resources will tell",
        put("green", "vpcId", Ref("alb", "vpcId")),
        [undecided("bg-target-groups-compatible", "group", "vpcId")],
        preview=True,
    ),
    Case(
        "one unknown property leaves the others judged",
        several(put("green", "vpcId", UNKNOWN), put("green", "port", 81.0)),
        [
            fail("bg-target-groups-compatible", "green", "port"),
            undecided("bg-target-groups-compatible", "group", "vpcId"),
        ],
    ),
    Case(
        "a pair that is another stack's, but not the service's and the listener's",
        put("group", f"{PAIR}.targetGroups", [{"name": "a"}, {"name": "b"}]),
        [
            fail("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]"),
            fail("bg-service-target-in-pair", "service", "loadBalancers[0].targetGroupArn"),
        ],
    ),
]


def _both(prop: str, value: object) -> Change:
    return several(put("blue", prop, value), put("green", prop, value))


def _on_instances(graph: Graph) -> None:
    graph.drop("service", "networkConfiguration").put("service", "launchType", "EC2")
    graph.put("task", "networkMode", "bridge")


TYPE_CASES = [
    *(
        Case(
            f"both groups register by {kind}",
            _both("targetType", kind),
            [fail("bg-target-type-ip", "blue", "targetType"), fail("bg-target-type-ip", "green", "targetType")],
            stack=stack,
            preview=preview,
        )
        for kind in ("instance", "lambda", None)
        for stack in (classic, native)
        for preview in (False, True)
    ),
    Case(
        "the one group of a service that no deployment group releases registers instances",
        several(
            put("blue", "targetType", "instance"),
            lambda graph: graph.resources.pop("group"),
        ),
        [fail("bg-target-type-ip", "blue", "targetType")],
        says="blue: targetType is instance, but the tasks of service are reached by ip.",
    ),
    Case(
        "tasks on the ports of their instance, as AWS chooses at a first preview",
        several(
            _on_instances,
            drop("service", "launchType"),
            drop("task", "networkMode"),
            lambda graph: graph.resources["service"].computed.update(launchType="EC2"),
            lambda graph: graph.resources["task"].computed.update(networkMode="bridge"),
            _both("targetType", "instance"),
        ),
        [],
        preview=True,
    ),
    Case("tasks on the ports of their instance", several(_on_instances, _both("targetType", "instance")), []),
    *(
        Case(
            f"tasks with addresses of their own, told by {prop} alone",
            several(_on_instances, put(name, prop, value), _both("targetType", "instance")),
            [fail("bg-target-type-ip", "blue", "targetType"), fail("bg-target-type-ip", "green", "targetType")],
        )
        for name, prop, value in (
            ("service", "launchType", "FARGATE"),
            ("service", "networkConfiguration", {"subnets": ["a"]}),
            ("task", "networkMode", "awsvpc"),
        )
    ),
    Case(
        "a service that is not released blue/green",
        several(
            put("service", "deploymentController.type", "ECS"),
            put("blue", "targetType", "instance"),
            lambda graph: graph.resources.pop("group"),
        ),
        [],
    ),
    *(
        Case(
            f"an unknown type leaves the other group judged{' at a first preview' if preview else ''}",
            several(put("blue", "targetType", UNKNOWN), put("green", "targetType", "instance")),
            [
                fail("bg-target-type-ip", "green", "targetType"),
                undecided("bg-target-groups-compatible", "service", "targetType"),
                undecided("bg-target-type-ip", "service", "targetType"),
            ],
            stack=native,
            preview=preview,
        )
        for preview in (False, True)
    ),
    Case(
        "a target that nothing tells leaves the deployment group's pair judged",
        several(put("service", "loadBalancers[0].targetGroupArn", UNKNOWN), put("green", "targetType", "instance")),
        [
            fail("bg-target-groups-compatible", "green", "targetType"),
            fail("bg-target-type-ip", "green", "targetType"),
            undecided("bg-target-type-ip", "service", "loadBalancers[0].targetGroupArn"),
        ],
    ),
    Case(
        "tasks of which nothing tells the network",
        several(_on_instances, put("task", "networkMode", UNKNOWN)),
        [undecided("bg-target-type-ip", "service", "networkMode")],
    ),
    Case(
        "tasks of another stack",
        several(_on_instances, put("service", "taskDefinition", "elsewhere:3"), _both("targetType", "instance")),
        [],
    ),
]


CASES = [*PAIR_CASES, *ALIKE_CASES, *TYPE_CASES]
