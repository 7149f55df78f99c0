"""A network, and security groups in each of the provider's three forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.policies.graph import Graph, Ref
from tests.policies.stacks.names import arn

CIDR = "10.0.0.0/16"
WORLD = "0.0.0.0/0"
Form = Callable[[Graph, str, str, str, float, Any], None]
"""Lets a port in or out: graph, rule name, security group, direction, port, range or group."""


def network(g: Graph) -> None:
    """A VPC with two public and two private subnets."""
    g.add("vpc", "aws:ec2/vpc:Vpc", {"cidrBlock": CIDR, "enableDnsHostnames": True}, id="vpc-1")
    for number, name in enumerate(("public-a", "public-b", "private-a", "private-b")):
        g.add(
            name,
            "aws:ec2/subnet:Subnet",
            {
                "vpcId": Ref("vpc", "id"),
                "cidrBlock": f"10.0.{number}.0/24",
                "availabilityZone": f"eu-west-1{name[-1]}",
                "mapPublicIpOnLaunch": False,
            },
            id=f"subnet-{number}",
            arn=arn("ec2", f"subnet/subnet-{number}"),
        )


def security_group(g: Graph, name: str, description: str) -> None:
    """A security group whose rules stand outside of it; the provider reads them back into it."""
    g.add(
        name,
        "aws:ec2/securityGroup:SecurityGroup",
        {"name": f"{name}-1", "description": description, "vpcId": Ref("vpc", "id")},
        id=f"sg-{name.removesuffix('-sg')}",
        arn=arn("ec2", f"security-group/sg-{name.removesuffix('-sg')}"),
        ingress=[],
        egress=[],
    )


def rule(g: Graph, name: str, group: str, direction: str, port: float, peer: Any) -> None:
    """A rule in the provider's newest form, one resource per direction."""
    kind = f"SecurityGroup{direction.title()}Rule"
    g.add(
        name,
        f"aws:vpc/s{kind[1:]}:{kind}",
        {
            "securityGroupId": Ref(group, "id"),
            "description": f"{name} of the shop",
            "cidrIpv4" if isinstance(peer, str) else "referencedSecurityGroupId": peer,
            "ipProtocol": "tcp",
            "fromPort": port,
            "toPort": port,
        },
        id=f"sgr-{name}",
        securityGroupRuleId=f"sgr-{name}",
    )


def older_rule(g: Graph, name: str, group: str, direction: str, port: float, peer: Any) -> None:
    """The same as one resource for both directions."""
    g.add(
        name,
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        {
            "type": direction,
            "securityGroupId": Ref(group, "id"),
            "description": f"{name} of the shop",
            **({"cidrBlocks": [peer]} if isinstance(peer, str) else {"sourceSecurityGroupId": peer}),
            "protocol": "tcp",
            "fromPort": port,
            "toPort": port,
        },
        id=f"sgrule-{name}",
        securityGroupRuleId=f"sgr-{name}",
    )


def inline_rule(g: Graph, name: str, group: str, direction: str, port: float, peer: Any) -> None:
    """The same inside of the group, where two groups can't name each other: traffic leaves by range."""
    if direction == "egress":
        peer = CIDR
    block = {
        "description": f"{name} of the shop",
        **({"cidrBlocks": [peer]} if isinstance(peer, str) else {"securityGroups": [peer]}),
        "protocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "self": False,
    }
    g.resources[group].computed.pop(direction, None)
    g[group].setdefault(direction, []).append(block)
