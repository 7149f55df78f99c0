"""Changes to who may reach tasks."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import native
from value import UNKNOWN

REACHED = "sec-task-sg-from-lb"
SOURCE = "referencedSecurityGroupId"


def _as_security_group_rule(graph: Graph) -> None:
    graph.resources["lb-task"].type = "aws:ec2/securityGroupRule:SecurityGroupRule"
    graph.resources["lb-task"].inputs = {
        "type": "ingress", "securityGroupId": Ref("task-sg", "id"), "protocol": "tcp", "fromPort": 80.0, "toPort": 80.0,
        "sourceSecurityGroupId": Ref("lb-sg", "id"),
    }  # fmt: skip


def inline(*blocks: dict[str, Any]) -> Change:
    """Blocks of one port in the tasks' security group, in place of the rule that stands alone."""

    def change(graph: Graph) -> None:
        graph.resources.pop("lb-task", None)
        common = {"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0, "description": "To the tasks"}
        graph["task-sg"]["ingress"] = [{**common, **block} for block in blocks]

    return change


INLINE = inline({"securityGroups": [Ref("lb-sg", "id")]})


def _add_peer(namespace: str) -> Change:
    def change(graph: Graph) -> None:
        graph.add("peer-sg", "aws:ec2/securityGroup:SecurityGroup", {}, id="sg-peer", ingress=[])
        graph.add(
            "peer", "aws:ecs/service:Service",
            {"name": "peer", "networkConfiguration": {"securityGroups": [Ref("peer-sg", "id")]},
             "serviceConnectConfiguration": {"enabled": True, "namespace": namespace}},
        )  # fmt: skip
        graph.add("peer-task", graph.resources["lb-task"].type, {**graph["lb-task"]})
        graph.put("peer-task", SOURCE, Ref("peer-sg", "id"))

    return change


def _as_bare_network_balancer(graph: Graph) -> None:
    graph.put("alb", "loadBalancerType", "network").drop("alb", "securityGroups")
    del graph.resources["world-https"]


CASES = [
    Case(
        "an unknown source leaves its neighbour and the next block judged",
        several(
            _add_peer("other"),
            lambda graph: graph.resources.pop("peer-task"),
            inline(
                {"securityGroups": [UNKNOWN, "sg-peer"]}, {"prefixListIds": UNKNOWN}, {"cidrBlocks": ["10.0.0.0/8"]}
            ),
        ),
        [
            fail(REACHED, "task-sg", "ingress[0].securityGroups[1]"),
            fail(REACHED, "task-sg", "ingress[2].cidrBlocks[0]"),
            undecided(REACHED, "service", "ingress[0].securityGroups[0]"),
            undecided(REACHED, "service", "ingress[1].prefixListIds"),
        ],
        stack=native,
    ),
    Case(
        "addresses, behind a network load balancer that wears no group",
        several(_as_bare_network_balancer, inline({"cidrBlocks": ["10.0.0.0/8"]})),
        [],
    ),
    Case(
        "the same at a first preview, where AWS fills its groups in",
        several(
            _as_bare_network_balancer,
            inline({"cidrBlocks": ["10.0.0.0/8"]}),
            lambda graph: graph.resources["alb"].computed.update(securityGroups=[]),
        ),
        [],
        preview=True,
    ),
    Case(
        "addresses, behind a network load balancer that wears a group",
        several(put("alb", "loadBalancerType", "network"), inline({"cidrBlocks": ["10.0.0.0/8"]})),
        [fail(REACHED, "task-sg", "ingress[0].cidrBlocks[0]")],
    ),
    Case("a rule in the older form", _as_security_group_rule, []),
    Case("a rule inline", INLINE, []),
    Case("a rule inline, at a first preview", INLINE, [], preview=True),
    Case(
        "addresses to tasks, inline",
        several(INLINE, put("task-sg", "ingress[0].cidrBlocks", ["10.0.0.0/8"])),
        [fail(REACHED, "task-sg", "ingress[0].cidrBlocks[0]")],
    ),
    Case(
        "a prefix list to tasks",
        several(drop("lb-task", SOURCE), put("lb-task", "prefixListId", "pl-1")),
        [fail(REACHED, "lb-task", "prefixListId")],
    ),
    Case(
        "all ports from the load balancer",
        put("lb-task", "toPort", 65535.0),
        [fail(REACHED, "lb-task", SOURCE)],
        says="lb-task: referencedSecurityGroupId may reach ports 80-65535; the tasks listen at 80.",
    ),
    Case(
        "the port of health checks too",
        several(
            put("lb-task", "fromPort", 81.0), put("lb-task", "toPort", 81.0), put("blue", "healthCheck.port", "81")
        ),
        [],
    ),
    Case("a stranger's group", _add_peer("other"), [fail(REACHED, "peer-task", SOURCE)], stack=native),
    Case(
        "a stranger's group, at a first preview",
        _add_peer("other"),
        [fail(REACHED, "peer-task", SOURCE)],
        stack=native,
        preview=True,
    ),
    Case(
        "a stranger's group, allowed",
        _add_peer("other"),
        [],
        stack=native,
        config={REACHED: {"peers": ["peer-*"]}},
    ),
    Case("a peer of the mesh", _add_peer("mesh"), [], stack=native),
    Case("a group of another stack", put("lb-task", SOURCE, "sg-far"), []),
    Case(
        "a source that nothing tells",
        put("lb-task", SOURCE, UNKNOWN),
        [undecided(REACHED, "service", SOURCE)],
    ),
    Case(
        "a rule whose group nothing tells",
        put("lb-task", "securityGroupId", UNKNOWN),
        [undecided(REACHED, "service", "securityGroupId")],
    ),
]
