"""Changes to security groups."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.rules.task_security_group import INLINE, inline
from tests.policies.stacks import inline_rules, older_rules
from value import UNKNOWN

WORLD, MIXED, DESCRIBED = "sec-sg-world-ingress", "sec-sg-mixed-rules", "sec-sg-descriptions"
REACHED = "sec-task-sg-from-lb"


def _world(port: float, **more: Any) -> Change:
    def change(graph: Graph) -> None:
        graph.put("world-https", "fromPort", port).put("world-https", "toPort", port)
        graph["world-https"].update(more)

    return change


def _older_form(**props: Any) -> Change:
    """A rule of the tasks' group in the provider's older form."""
    return lambda graph: graph.add(
        "older",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        {
            "securityGroupId": Ref("task-sg", "id"),
            "description": "An older rule",
            "protocol": "tcp",
            "cidrBlocks": ["0.0.0.0/0"],
            **props,
        },
    )


def _read_back(direction: str) -> Change:
    """What a refresh fills in for a group whose rules stand alone."""
    block = {"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0, "securityGroups": ["sg-lb"]}
    return lambda graph: graph.resources["task-sg"].computed.update({direction: [block]})


EGRESS = [
    {"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrBlocks": ["10.0.0.0/16"], "description": "To AWS"}
]

CASES: list[Case] = [
    Case("the world in an egress rule", _older_form(type="egress", fromPort=0.0, toPort=65535.0), []),
    Case(
        "the world in an ingress rule without ports",
        _older_form(type="ingress", fromPort=443.0),
        [fail(WORLD, "older", "cidrBlocks[0]"), fail(REACHED, "older", "cidrBlocks[0]")],
    ),
    Case(
        "an unknown range leaves its neighbour judged",
        inline({"cidrBlocks": [UNKNOWN, "10.0.0.0/8", "0.0.0.0/0"], "toPort": 81.0}),
        [
            fail(WORLD, "task-sg", "ingress[0].cidrBlocks[2]"),
            fail(REACHED, "task-sg", "ingress[0].cidrBlocks[1]"),
            fail(REACHED, "task-sg", "ingress[0].cidrBlocks[2]"),
            undecided(WORLD, "task-sg", "ingress[0].cidrBlocks[0]"),
            undecided(REACHED, "service", "ingress[0].cidrBlocks[0]"),
        ],
    ),
    Case(
        "an unknown port leaves the next block judged",
        inline({"cidrBlocks": ["0.0.0.0/0"], "fromPort": UNKNOWN}, {"cidrBlocks": ["0.0.0.0/0"]}),
        [
            fail(WORLD, "task-sg", "ingress[1].cidrBlocks[0]"),
            fail(REACHED, "task-sg", "ingress[0].cidrBlocks[0]"),
            fail(REACHED, "task-sg", "ingress[1].cidrBlocks[0]"),
            undecided(WORLD, "task-sg", "ingress[0].fromPort"),
        ],
    ),
    Case(
        "the world on another port",
        _world(8443.0),
        [fail(WORLD, "world-https", "cidrIpv4")],
        says="world-https: cidrIpv4 is the world, which may reach port 8443.",
    ),
    Case("the world on a port that is allowed and listens", _world(8443.0), [], config={WORLD: {"ports": [8443]}}),
    Case(
        "the world where nobody listens",
        _world(80.0),
        [fail(WORLD, "world-https", "cidrIpv4")],
        says="world-https: cidrIpv4 is the world, and alb does not listen at port 80.",
    ),
    Case(
        "the world where somebody may listen",
        several(_world(80.0), put("test", "port", UNKNOWN)),
        [undecided(WORLD, "world-https", "port")],
    ),
    Case(
        "the world to a group that no load balancer wears",
        several(
            lambda graph: graph.add(
                "spare-sg", "aws:ec2/securityGroup:SecurityGroup", {"description": "Spare"}, id="sg-9"
            ),
            put("world-https", "securityGroupId", Ref("spare-sg", "id")),
        ),
        [fail(WORLD, "world-https", "cidrIpv4")],
        says="world-https: cidrIpv4 is the world, and spare-sg is no load balancer's group.",
    ),
    Case(
        "a range that may be the world, beside one that is not and one that is",
        _older_form(type="ingress", fromPort=443.0, toPort=443.0, cidrBlocks=["10.0.0.0/8", UNKNOWN, "0.0.0.0/0"]),
        [undecided(WORLD, "older", "cidrBlocks[1]"), fail(WORLD, "older", "cidrBlocks[2]")],
    ),
    Case(
        "the whole IPv6 world on all ports",
        _world(0.0, cidrIpv4=None, cidrIpv6="::/0", ipProtocol="-1"),
        [fail(WORLD, "world-https", "cidrIpv6")],
    ),
    Case(
        "ports around an allowed one",
        several(_world(443.0), put("world-https", "toPort", 444.0)),
        [fail(WORLD, "world-https", "cidrIpv4")],
    ),
    Case(
        "the world to tasks",
        put("world-https", "securityGroupId", Ref("task-sg", "id")),
        [fail(WORLD, "world-https", "cidrIpv4"), fail(REACHED, "world-https", "cidrIpv4")],
    ),
    Case("the world to a group of another stack", put("world-https", "securityGroupId", "sg-far"), []),
    Case("an unknown range", put("world-https", "cidrIpv4", UNKNOWN), [undecided(WORLD, "world-https", "cidrIpv4")]),
    Case("a network that is not the world", put("world-https", "cidrIpv4", "10.0.0.0/8"), []),
    Case(
        "rules inside, and one that stands alone",
        put("task-sg", "ingress", [{**EGRESS[0], "securityGroups": [Ref("lb-sg", "id")], "cidrBlocks": []}]),
        [fail(MIXED, "task-sg", "ingress")],
        says="task-sg: ingress is given inside of the group, and lb-task stands alone.",
    ),
    Case("the same for what leaves", put("task-sg", "egress", EGRESS), [fail(MIXED, "task-sg", "egress")]),
    Case(
        "the same at a first preview",
        put("task-sg", "egress", EGRESS),
        [fail(MIXED, "task-sg", "egress")],
        preview=True,
    ),
    Case(
        "the same in the older form",
        put("task-sg", "egress", EGRESS),
        [fail(MIXED, "task-sg", "egress")],
        stack=older_rules,
    ),
    Case("rules inside for one direction, and alone for the other", INLINE, []),
    Case("rules that a refresh has read back", several(_read_back("ingress"), _read_back("egress")), []),
    Case(
        "rules inside, and one of another stack's group",
        lambda graph: graph.add(
            "far",
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            {"securityGroupId": "sg-far", "type": "ingress", "description": "Far", "protocol": "tcp"},
        ),
        [],
        stack=inline_rules,
    ),
    Case(
        "a rule whose group nothing tells, beside groups with rules inside",
        several(
            INLINE, _older_form(type="ingress", fromPort=80.0, toPort=80.0, securityGroupId=UNKNOWN, cidrBlocks=[])
        ),
        [undecided(MIXED, "task-sg", "securityGroupId")],
    ),
    Case(
        "a rule whose direction nothing tells",
        several(INLINE, _older_form(type=UNKNOWN, fromPort=80.0, toPort=80.0, cidrBlocks=[])),
        [undecided(MIXED, "task-sg", "type"), undecided(WORLD, "older", "type")],
    ),
    Case(
        "a group that says nothing",
        drop("task-sg", "description"),
        [fail(DESCRIBED, "task-sg", "description")],
        says="task-sg: description says nothing.",
    ),
    *(
        Case(
            f"a group that says {text!r}",
            put("task-sg", "description", text),
            [fail(DESCRIBED, "task-sg", "description")],
        )
        for text in ("Managed by Pulumi", "Managed by Terraform", " ")
    ),
    Case("a rule that says nothing", drop("lb-task", "description"), [fail(DESCRIBED, "lb-task", "description")]),
    Case(
        "a rule for what leaves that says nothing",
        drop("task-out", "description"),
        [fail(DESCRIBED, "task-out", "description")],
    ),
    Case(
        "an older rule that says nothing",
        drop("lb-task", "description"),
        [fail(DESCRIBED, "lb-task", "description")],
        stack=older_rules,
    ),
    Case(
        "a block that says nothing, after one that may",
        inline({"description": UNKNOWN}, {"description": None}),
        [
            undecided(DESCRIBED, "task-sg", "ingress[0].description"),
            fail(DESCRIBED, "task-sg", "ingress[1].description"),
        ],
    ),
    Case(
        "unknown blocks leave the other direction judged",
        several(put("task-sg", "ingress", UNKNOWN), put("task-sg", "egress", [{}])),
        [
            undecided(DESCRIBED, "task-sg", "ingress"),
            undecided(WORLD, "task-sg", "ingress"),
            fail(DESCRIBED, "task-sg", "egress[0].description"),
        ],
        stack=inline_rules,
    ),
]
