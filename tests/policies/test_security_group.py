"""What is found at a security group if only its outputs are there, as where a state is analysed."""

from __future__ import annotations

from typing import Any

import pytest

from judge import judge
from options import Options
from resources import Resource
from rules.security_group import mixed_rules
from stack import Stack
from tests.policies.graph import Plain

GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
BLOCK = {"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0}


def _resource(type_: str, name: str, given: frozenset[str] | None, **outputs: Any) -> Resource:
    return Resource(f"urn:pulumi:prod::shop::{type_}::{name}", type_, Plain(outputs, [], given_inputs=given))


def _found(given: frozenset[str] | None, *, ingress: list[Any], standalone: bool = True) -> list[str]:
    group = _resource(GROUP, "tasks", given, id="sg-1", ingress=ingress)
    rule = _resource(RULE, "web", given, securityGroupId="sg-1" if standalone else "sg-2")
    return [each.sentence for each in judge(mixed_rules, Options(mixed_rules), group, Stack([group, rule]))]


@pytest.mark.parametrize(
    ("given", "ingress", "standalone", "found"),
    [
        (None, [BLOCK], True, [f"tasks ({GROUP}): ingress may be given, or read back from rules that stand alone."]),
        (None, [BLOCK], False, []),
        (None, [], True, []),
        (frozenset(), [BLOCK], True, []),
        (
            frozenset({"ingress"}),
            [BLOCK],
            True,
            ["tasks: ingress is given inside of the group, and web stands alone."],
        ),
    ],
)
def test_what_a_refresh_may_have_read_back_is_no_violation(
    given: frozenset[str] | None, ingress: list[Any], standalone: bool, found: list[str]
) -> None:
    """Outputs hold the rules that stand alone too, so only inputs tell that rules are inside."""
    assert _found(given, ingress=ingress, standalone=standalone) == found
