"""Changes to listeners and their rules."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, ignore, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic, native
from value import UNKNOWN

PAIR = "loadBalancerInfo.targetGroupPairInfo"


def _add_other_balancer(graph: Graph) -> None:
    graph.add(
        "nlb", "aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "application"}, arn="arn:nlb", securityGroups=[]
    )
    graph.put("test", "loadBalancerArn", Ref("nlb", "arn"))


def _plain(name: str, prop: str) -> Change:
    """Writes references out, so that no dependency tells them."""
    return lambda graph: graph.put(name, prop, graph.inputs(name)[prop])


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
            undecided("sec-task-sg-from-lb", "service", "actions"),
        ],
    ),
    Case(
        "an unknown production listener leaves the test listener judged",
        several(
            _plain("group", "loadBalancerInfo"),
            put("group", f"{PAIR}.prodTrafficRoute.listenerArns[0]", UNKNOWN),
            ignore("test-rule"),
        ),
        [
            fail("bg-ignore-changes-listener", "test-rule"),
            undecided("bg-ignore-changes-listener", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]"),
            undecided("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]"),
        ],
    ),
    Case(
        "unknown actions of one rule leave the other judged",
        several(put("prod-rule", "actions", UNKNOWN), ignore("prod-rule"), ignore("test-rule")),
        [
            fail("bg-ignore-changes-listener", "test-rule"),
            undecided("bg-ignore-changes-listener", "group", "actions"),
            undecided("bg-prod-listener-wired", "group", "actions"),
        ],
    ),
    Case(
        "an unknown production rule of a native service leaves the test rule judged",
        several(
            _plain("service", "loadBalancers"),
            put("service", "loadBalancers[0].advancedConfiguration.productionListenerRule", UNKNOWN),
            ignore("test-rule"),
        ),
        [
            fail("bg-ignore-changes-listener", "test-rule"),
            undecided(
                "bg-ignore-changes-listener",
                "service",
                "loadBalancers[0].advancedConfiguration.productionListenerRule",
            ),
        ],
        stack=native,
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
            undecided("bg-ignore-changes-listener", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]"),
            undecided("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]"),
        ],
    ),
    Case(
        "a test listener on another load balancer",
        _add_other_balancer,
        [fail("bg-prod-listener-wired", "group", PAIR)],
    ),
    *(
        Case(
            f"{rule} ignores nothing{' at a first preview' if preview else ''}",
            ignore(rule),
            [fail("bg-ignore-changes-listener", rule)],
            stack=stack,
            preview=preview,
        )
        for rule in ("prod-rule", "test-rule")
        for stack in (classic, native)
        for preview in (False, True)
    ),
    Case(
        "a listener forwards to the pair and ignores nothing",
        put("https", "defaultActions", [{"type": "forward", "targetGroupArn": Ref("green", "arn")}]),
        [fail("bg-ignore-changes-listener", "https")],
    ),
    Case(
        "unknown actions, told by nothing, and not ignored",
        several(put("prod-rule", "actions", UNKNOWN), ignore("prod-rule")),
        [
            undecided("bg-ignore-changes-listener", "group", "actions"),
            undecided("bg-prod-listener-wired", "group", "actions"),
        ],
    ),
]
