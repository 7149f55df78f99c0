"""Changes to a pair of target groups."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Ref
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
        [fail("bg-target-groups-compatible", "green", prop)],
        stack=stack,
    )
    for stack in (classic, native)
    for prop, value in (
        ("vpcId", "vpc-2"),
        ("protocol", "HTTPS"),
        ("protocolVersion", "GRPC"),
        ("targetType", "instance"),
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


CASES = [*PAIR_CASES, *ALIKE_CASES]
