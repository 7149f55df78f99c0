"""Changes to listeners and their rules."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, ignore, put, several, undecided
from tests.policies.graph import Graph, Ref
from value import UNKNOWN

PAIR = "loadBalancerInfo.targetGroupPairInfo"
PRODUCTION = f"{PAIR}.prodTrafficRoute.listenerArns[0]"


def _add_other_balancer(graph: Graph) -> None:
    graph.add("nlb", "aws:lb/loadBalancer:LoadBalancer", {**graph["alb"], "name": "nlb"}, arn="arn:nlb")
    graph.put("test", "loadBalancerArn", Ref("nlb", "arn"))


def _add_third_listener(graph: Graph) -> None:
    _add_other_balancer(graph)
    graph.add(
        "third",
        "aws:lb/listener:Listener",
        {"loadBalancerArn": UNKNOWN, "defaultActions": [{"type": "forward", "targetGroupArn": Ref("blue", "arn")}]},
        arn="arn:third",
    )


CASES = [
    Case(
        "a listener whose load balancer nothing tells leaves the others judged",
        several(_add_third_listener, lambda graph: graph.resources["third"].computed.update(port=80.0)),
        [
            fail("bg-prod-listener-wired", "group", PAIR),
            undecided("bg-prod-listener-wired", "group", "loadBalancerArn"),
            undecided("sec-task-sg-from-lb", "service", "loadBalancerArn"),
        ],
    ),
    Case(
        "actions that nothing tells leave the load balancers judged",
        several(_add_other_balancer, put("prod-rule", "actions", UNKNOWN)),
        [
            fail("bg-prod-listener-wired", "group", PAIR),
            undecided("bg-prod-listener-wired", "group", "actions"),
        ],
    ),
    Case(
        "two production listeners",
        lambda graph: graph["group"]["loadBalancerInfo"]["targetGroupPairInfo"]["prodTrafficRoute"][
            "listenerArns"
        ].append("arn:elsewhere"),
        [fail("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns")],
        says=f"group: {PAIR}.prodTrafficRoute.listenerArns has 2 listeners instead of one.",
    ),
    Case(
        "a deployment group for servers",
        several(
            drop("group", "ecsService"),
            drop("group", "loadBalancerInfo"),
            lambda graph: graph.resources["group"].computed.update(computePlatform="Server"),
        ),
        [],
    ),
    Case(
        "one listener of two that forwards, at a first preview",
        put("prod-rule", "actions", [{"type": "fixed-response"}]),
        [undecided("bg-prod-listener-wired", "group", PRODUCTION)],
        preview=True,
    ),
    Case(
        "a rule of which one target is told, the other not",
        lambda graph: graph.put("prod-rule", "actions", graph.inputs("prod-rule")["actions"]).put(
            "prod-rule", "actions[0].forward.targetGroups[1].arn", UNKNOWN
        ),
        [undecided("bg-prod-listener-wired", "group", "actions[0].forward.targetGroups[1].arn")],
    ),
    Case(
        "no production listener",
        put("group", f"{PAIR}.prodTrafficRoute.listenerArns", []),
        [fail("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns")],
    ),
    Case(
        "a production listener that forwards elsewhere",
        several(
            put("prod-rule", "actions", [{"type": "fixed-response"}]),
            put("prod-rule", "listenerArn", Ref("test", "arn")),
        ),
        [fail("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]")],
    ),
    Case(
        "a production listener by default action",
        several(
            put("prod-rule", "actions", [{"type": "fixed-response"}]),
            put("https", "defaultActions", [{"type": "forward", "targetGroupArn": Ref("blue", "arn")}]),
            ignore("https", "defaultActions"),
        ),
        [],
    ),
    Case(
        "a production listener whose state lost its targets",
        several(
            put("prod-rule", "actions", [{"type": "fixed-response"}]),
            put("https", "defaultActions", [{"type": "forward", "targetGroupArn": ""}]),
            ignore("https", "defaultActions"),
        ),
        [undecided("bg-prod-listener-wired", "group", "defaultActions[0].targetGroupArn")],
    ),
    Case(
        "a production listener of another stack",
        several(
            put(
                "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]", "arn:aws:elasticloadbalancing:::listener/app/x/1/2"
            ),
            put("prod-rule", "actions", [{"type": "fixed-response"}]),
        ),
        [],
    ),
    Case(
        "an unknown production listener that nothing tells",
        several(
            drop("group", f"{PAIR}.testTrafficRoute"), put("group", f"{PAIR}.prodTrafficRoute.listenerArns[0]", UNKNOWN)
        ),
        [
            fail("bg-test-listener", "group", f"{PAIR}.testTrafficRoute"),
            undecided("bg-ignore-changes-listener", "group", PRODUCTION),
            undecided("bg-prod-listener-wired", "group", PRODUCTION),
            undecided("bg-test-listener-not-public", "group", PRODUCTION),
        ],
    ),
    Case(
        "a test listener on another load balancer",
        _add_other_balancer,
        [fail("bg-prod-listener-wired", "group", PAIR)],
    ),
]
