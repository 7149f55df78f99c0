"""What a security group and its rules must be."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from aws import EGRESS_RULE, INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE
from judge import Judge
from network import INGRESS_KINDS, Ingress, group_keys, groups, ingress_of, is_world, opened
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value

world_ingress = Rule(
    id="sec-sg-world-ingress",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Only a load balancer's listener ports are open to the world.",
    why="What the world reaches past the load balancer has no listener rules, no logs and no "
    "web ACL in front; on another port it may be a version that is not released yet.",
    fix="""\
  aws.vpc.SecurityGroupIngressRule("world", ...,
-     security_group_id=task_group.id,
+     security_group_id=load_balancer_group.id,
      cidr_ipv4="0.0.0.0/0",
-     ip_protocol="tcp", from_port=80, to_port=80,
+     ip_protocol="tcp", from_port=443, to_port=443,  # where the load balancer listens
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18",
    knobs={
        "ports": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 65535},
            "default": [80, 443],
            "description": "Listener ports that may be open to the world.",
        }
    },
)


@world_ingress.resource(*INGRESS_KINDS)
def _world_meets_public_ports_only(holder: Resource, judge: Judge) -> None:
    allowed = frozenset(judge.knob("ports"))
    for entry in ingress_of(holder):
        for cidr in entry.cidrs:
            with judge.separately:
                if is_world(cidr) and not entry.within(allowed):
                    judge.fail(cidr, f"is the world, which may reach {opened(entry)}.")


@world_ingress.stack(*INGRESS_KINDS)
def _world_meets_load_balancers_only(holder: Resource, stack: Stack, judge: Judge) -> None:
    allowed = frozenset(judge.knob("ports"))
    with suppress(Undecided):  # unknown to the resource check too, which says so, or filled in by AWS
        for entry in ingress_of(holder):
            for cidr in _public(entry, allowed):
                with judge.separately:
                    _check_listens(entry, cidr, stack, judge)


def _public(entry: Ingress, allowed: frozenset[float]) -> list[Value]:
    """What opens nothing but allowed ports to the world; unknowns are the resource check's."""
    with suppress(Undecided):
        if entry.within(allowed):
            return [cidr for cidr in entry.cidrs if not cidr.is_unknown and is_world(cidr)]
    return []


def _check_listens(entry: Ingress, cidr: Value, stack: Stack, judge: Judge) -> None:
    table = stack.derived(groups)
    for group in stack.at(group_keys(entry, stack)):
        balancers = table.balancers.get(group.urn, [])
        ports = frozenset(port for balancer in balancers for port in table.ports.get(balancer.urn, ()))
        if balancers and (not ports or entry.within(ports)):
            continue
        for doubt in table.balancer_doubts:
            raise doubt
        if balancers:
            names = ", ".join(balancer.name for balancer in balancers)
            judge.fail(cidr, f"is the world, and {names} does not listen at {opened(entry)}.")
        else:
            judge.fail(cidr, f"is the world, and {group.name} is no load balancer's group.")


mixed_rules = Rule(
    id="sec-sg-mixed-rules",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="A security group's rules are all inside of it, or all resources of their own.",
    why="Rules inside of a group are the whole list: an update removes what stands alone, and the next one adds it "
    "again. Between the two, tasks have lost their load balancer.",
    fix="""\
  orders = aws.ec2.SecurityGroup("orders", ...,
-     egress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/16"]}],
  )
  aws.vpc.SecurityGroupEgressRule("database", ...,
      security_group_id=orders.id,
      cidr_ipv4="10.0.1.0/24",
  )
+ aws.vpc.SecurityGroupEgressRule("endpoints", ...,
+     security_group_id=orders.id,
+     cidr_ipv4="10.0.0.0/16",
+ )""",
    url="https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/",
)


@dataclass
class _Standalone:
    """The rules of security groups that are resources of their own.

    Attributes:
        rules: by group key and direction.
        doubts: rules that cannot be told to which group they belong, by direction.
    """

    rules: dict[tuple[str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))
    doubts: dict[str, Undecided] = field(default_factory=dict)


def _standalone(stack: Stack) -> _Standalone:
    table = _Standalone()
    for rule in stack.of(SECURITY_GROUP_RULE, INGRESS_RULE, EGRESS_RULE):
        directions = {INGRESS_RULE: ("ingress",), EGRESS_RULE: ("egress",)}.get(rule.kind, ("ingress", "egress"))
        for direction in directions:
            try:
                if len(directions) == 1 or rule["type"].text == direction:
                    for key in stack.keys(rule["securityGroupId"], SECURITY_GROUP):
                        table.rules[key, direction].append(rule)
            except Undecided as doubt:
                table.doubts[direction] = doubt
    return table


@mixed_rules.stack(SECURITY_GROUP)
def _rules_are_in_one_place(group: Resource, stack: Stack, judge: Judge) -> None:
    table = stack.derived(_standalone)
    for direction in ("ingress", "egress"):
        with judge.separately:
            given, inline = group.is_given(direction), group[direction]
            if given is False or (given is None and not inline.items):
                continue
            standalone = table.rules.get((group.urn, direction))
            if standalone is None:
                if direction in table.doubts:
                    raise table.doubts[direction]
            elif given is None:
                raise Undecided(inline, "may be given, or read back from rules that stand alone")
            else:
                judge.fail(inline, f"is given inside of the group, and {standalone[0].name} stands alone.")


descriptions = Rule(
    id="sec-sg-descriptions",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A security group and its rules say what they are for.",
    why="Nobody dares to close what nobody can explain. A group's own description can't be mended later: AWS replaces "
    "the group.",
    fix="""\
  aws.vpc.SecurityGroupIngressRule("metrics", ...,
-     description=None,
+     description="From the load balancer",
  )""",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
)


@descriptions.resource(SECURITY_GROUP, SECURITY_GROUP_RULE, INGRESS_RULE, EGRESS_RULE)
def _is_described(holder: Resource, judge: Judge) -> None:
    with judge.separately:
        _check_description(holder["description"], judge)
    for direction in ("ingress", "egress"):
        with judge.separately:
            for block in holder[direction].items:
                with judge.separately:
                    _check_description(block["description"], judge)


def _check_description(description: Value, judge: Judge) -> None:
    if description.text.strip() in ("", "Managed by Pulumi", "Managed by Terraform"):
        judge.fail(description, "says nothing.")
