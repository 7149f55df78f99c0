"""Changes to security groups."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import native
from value import UNKNOWN


def _world(port: float, **more: Any) -> Change:
    def change(graph: Graph) -> None:
        graph.put("world-https", "fromPort", port).put("world-https", "toPort", port)
        graph["world-https"].update(more)

    return change


def _as_security_group_rule(graph: Graph) -> None:
    graph.resources["lb-task"].type = "aws:ec2/securityGroupRule:SecurityGroupRule"
    graph.resources["lb-task"].inputs = {
        "type": "ingress", "securityGroupId": Ref("task-sg", "id"), "protocol": "tcp", "fromPort": 80.0, "toPort": 80.0,
        "sourceSecurityGroupId": Ref("lb-sg", "id"),
    }  # fmt: skip


def _as_inline_rule(graph: Graph) -> None:
    del graph.resources["lb-task"]
    graph["task-sg"]["ingress"] = [
        {"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0, "securityGroups": [Ref("lb-sg", "id")]}
    ]


def _add_peer(namespace: str) -> Change:
    def change(graph: Graph) -> None:
        graph.add("peer-sg", "aws:ec2/securityGroup:SecurityGroup", {}, id="sg-peer", ingress=[])
        graph.add(
            "peer", "aws:ecs/service:Service",
            {"name": "peer", "networkConfiguration": {"securityGroups": [Ref("peer-sg", "id")]},
             "serviceConnectConfiguration": {"enabled": True, "namespace": namespace}},
        )  # fmt: skip
        graph.add("peer-task", graph.resources["lb-task"].type, {**graph["lb-task"]})
        graph.put("peer-task", "referencedSecurityGroupId", Ref("peer-sg", "id"))

    return change


SOURCE = "referencedSecurityGroupId"


def _inline(*blocks: dict[str, Any]) -> Change:
    """Blocks of one port, in the tasks' security group."""

    def change(graph: Graph) -> None:
        port = {"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0}
        graph["task-sg"]["ingress"] = [{**port, **block} for block in blocks]

    return change


def _as_bare_network_balancer(graph: Graph) -> None:
    graph.put("alb", "loadBalancerType", "network").drop("alb", "securityGroups")
    del graph.resources["world-https"]


def _older_form(**props: Any) -> Change:
    """A rule of the tasks' group in the provider's older form."""
    return lambda graph: graph.add(
        "older",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        {"securityGroupId": Ref("task-sg", "id"), "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"], **props},
    )


CASES = [
    Case("the world in an egress rule", _older_form(type="egress", fromPort=0.0, toPort=65535.0), []),
    Case(
        "the world in an ingress rule without ports",
        _older_form(type="ingress", fromPort=443.0),
        [
            fail("sec-sg-world-ingress", "older", "cidrBlocks[0]"),
            fail("sec-task-sg-from-lb", "older", "cidrBlocks[0]"),
        ],
    ),
    Case(
        "an unknown range leaves its neighbour judged",
        _inline({"cidrBlocks": [UNKNOWN, "10.0.0.0/8", "0.0.0.0/0"], "toPort": 81.0}),
        [
            fail("sec-sg-world-ingress", "task-sg", "ingress[0].cidrBlocks[2]"),
            fail("sec-task-sg-from-lb", "task-sg", "ingress[0].cidrBlocks[1]"),
            fail("sec-task-sg-from-lb", "task-sg", "ingress[0].cidrBlocks[2]"),
            undecided("sec-sg-world-ingress", "task-sg", "ingress[0].cidrBlocks[0]"),
            undecided("sec-task-sg-from-lb", "service", "ingress[0].cidrBlocks[0]"),
        ],
    ),
    Case(
        "an unknown port leaves the next block judged",
        _inline({"cidrBlocks": ["0.0.0.0/0"], "fromPort": UNKNOWN}, {"cidrBlocks": ["0.0.0.0/0"]}),
        [
            fail("sec-sg-world-ingress", "task-sg", "ingress[1].cidrBlocks[0]"),
            fail("sec-task-sg-from-lb", "task-sg", "ingress[0].cidrBlocks[0]"),
            fail("sec-task-sg-from-lb", "task-sg", "ingress[1].cidrBlocks[0]"),
            undecided("sec-sg-world-ingress", "task-sg", "ingress[0].fromPort"),
        ],
    ),
    Case(
        "an unknown source leaves its neighbour and the next block judged",
        several(
            _add_peer("other"),
            lambda graph: graph.resources.pop("peer-task"),
            _inline(
                {"securityGroups": [UNKNOWN, "sg-peer"]}, {"prefixListIds": UNKNOWN}, {"cidrBlocks": ["10.0.0.0/8"]}
            ),
        ),
        [
            fail("sec-task-sg-from-lb", "task-sg", "ingress[0].securityGroups[1]"),
            fail("sec-task-sg-from-lb", "task-sg", "ingress[2].cidrBlocks[0]"),
            undecided("sec-task-sg-from-lb", "service", "ingress[0].securityGroups[0]"),
            undecided("sec-task-sg-from-lb", "service", "ingress[1].prefixListIds"),
        ],
        stack=native,
    ),
    Case(
        "addresses, behind a network load balancer that wears no group",
        several(_as_bare_network_balancer, _inline({"cidrBlocks": ["10.0.0.0/8"]})),
        [],
    ),
    Case(
        "the same at a first preview, where AWS fills its groups in",
        several(
            _as_bare_network_balancer,
            _inline({"cidrBlocks": ["10.0.0.0/8"]}),
            lambda graph: graph.resources["alb"].computed.update(securityGroups=[]),
        ),
        [],
        preview=True,
    ),
    Case(
        "addresses, behind a network load balancer that wears a group",
        several(put("alb", "loadBalancerType", "network"), _inline({"cidrBlocks": ["10.0.0.0/8"]})),
        [fail("sec-task-sg-from-lb", "task-sg", "ingress[0].cidrBlocks[0]")],
    ),
    Case("the world on another port", _world(8443.0), [fail("sec-sg-world-ingress", "world-https", "cidrIpv4")]),
    Case(
        "the world on a port that is allowed and listens",
        _world(8443.0),
        [],
        config={"sec-sg-world-ingress": {"ports": [8443]}},
    ),
    Case("the world where nobody listens", _world(80.0), [fail("sec-sg-world-ingress", "world-https", "cidrIpv4")]),
    Case(
        "the whole IPv6 world on all ports",
        _world(0.0, cidrIpv4=None, cidrIpv6="::/0", ipProtocol="-1"),
        [fail("sec-sg-world-ingress", "world-https", "cidrIpv6")],
    ),
    Case(
        "ports around an allowed one",
        several(_world(443.0), put("world-https", "toPort", 444.0)),
        [fail("sec-sg-world-ingress", "world-https", "cidrIpv4")],
    ),
    Case(
        "the world to tasks",
        put("world-https", "securityGroupId", Ref("task-sg", "id")),
        [
            fail("sec-sg-world-ingress", "world-https", "cidrIpv4"),
            fail("sec-task-sg-from-lb", "world-https", "cidrIpv4"),
        ],
    ),
    Case("the world to a group of another stack", put("world-https", "securityGroupId", "sg-far"), []),
    Case(
        "an unknown range",
        put("world-https", "cidrIpv4", UNKNOWN),
        [undecided("sec-sg-world-ingress", "world-https", "cidrIpv4")],
    ),
    Case("a network that is not the world", put("world-https", "cidrIpv4", "10.0.0.0/8"), []),
    Case("a rule in the older form", _as_security_group_rule, []),
    Case("a rule inline", _as_inline_rule, []),
    Case("a rule inline, at a first preview", _as_inline_rule, [], preview=True),
    Case(
        "addresses to tasks, inline",
        several(_as_inline_rule, put("task-sg", "ingress[0].cidrBlocks", ["10.0.0.0/8"])),
        [fail("sec-task-sg-from-lb", "task-sg", "ingress[0].cidrBlocks[0]")],
    ),
    Case(
        "a prefix list to tasks",
        several(drop("lb-task", SOURCE), put("lb-task", "prefixListId", "pl-1")),
        [fail("sec-task-sg-from-lb", "lb-task", "prefixListId")],
    ),
    Case(
        "all ports from the load balancer",
        put("lb-task", "toPort", 65535.0),
        [fail("sec-task-sg-from-lb", "lb-task", SOURCE)],
        says="lb-task: referencedSecurityGroupId may reach ports 80-65535; the tasks listen at 80.",
    ),
    Case(
        "the port of health checks too",
        several(
            put("lb-task", "fromPort", 81.0), put("lb-task", "toPort", 81.0), put("blue", "healthCheck.port", "81")
        ),
        [],
    ),
    Case("a stranger's group", _add_peer("other"), [fail("sec-task-sg-from-lb", "peer-task", SOURCE)], stack=native),
    Case(
        "a stranger's group, at a first preview",
        _add_peer("other"),
        [fail("sec-task-sg-from-lb", "peer-task", SOURCE)],
        stack=native,
        preview=True,
    ),
    Case(
        "a stranger's group, allowed",
        _add_peer("other"),
        [],
        stack=native,
        config={"sec-task-sg-from-lb": {"peers": ["peer-*"]}},
    ),
    Case("a peer of the mesh", _add_peer("mesh"), [], stack=native),
    Case("a group of another stack", put("lb-task", SOURCE, "sg-far"), []),
    Case(
        "a source that nothing tells",
        put("lb-task", SOURCE, UNKNOWN),
        [undecided("sec-task-sg-from-lb", "service", SOURCE)],
    ),
    Case(
        "a rule whose group nothing tells",
        put("lb-task", "securityGroupId", UNKNOWN),
        [undecided("sec-task-sg-from-lb", "service", "securityGroupId")],
    ),
]
