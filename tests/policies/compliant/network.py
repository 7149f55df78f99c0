"""The network of the compliant stack, and its load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from tests.policies.compliant.arguments import ACCOUNT, Companion, companion, fills

if TYPE_CHECKING:
    from tests.policies.scene import Scene


@fills("ec2.Vpc")
def _vpc(*_: Any) -> dict[str, Any]:
    return {"cidr_block": "10.0.0.0/16"}


def subnets(scene: Scene, kind: str) -> list[Any]:
    first = 0 if kind == "public" else 10
    return [
        scene.new(
            "ec2.Subnet",
            f"{kind}-{zone}",
            vpc_id=scene["vpc"].id,
            cidr_block=f"10.0.{first + number}.0/24",
            availability_zone=f"eu-west-1{zone}",
        ).id
        for number, zone in enumerate("ab")
    ]


@fills("ec2.SecurityGroup")
def _security_group(scene: Scene, name: str, *_: Any) -> dict[str, Any]:
    return {"vpc_id": scene["vpc"].id, "description": f"What reaches {name}"}


@fills("vpc.SecurityGroupIngressRule")
def _ingress(scene: Scene, _: str, shown: set[str], *__: Any) -> dict[str, Any]:
    source = {"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"}
    group = {} if shown & source else {"referenced_security_group_id": scene["load_balancer_group"].id}
    return {
        "security_group_id": scene["task_group"].id,
        "description": "From the load balancer",
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        **group,
    }


@fills("vpc.SecurityGroupEgressRule")
def _egress(scene: Scene, _: str, shown: set[str], *__: Any) -> dict[str, Any]:
    target = {"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"}
    return {
        "security_group_id": scene["load_balancer_group"].id,
        "description": "To the tasks",
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        **({} if shown & target else {"referenced_security_group_id": scene["task_group"].id}),
    }


@fills("ec2.SecurityGroupRule")
def _group_rule(scene: Scene, _: str, shown: set[str], *__: Any) -> dict[str, Any]:
    source = {"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "source_security_group_id", "self"}
    return {
        "security_group_id": scene["task_group"].id,
        "type": "ingress",
        "description": "From the load balancer",
        "protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        **({} if shown & source else {"source_security_group_id": scene["load_balancer_group"].id}),
    }


@fills("lb.LoadBalancer")
def _load_balancer(scene: Scene, _: str, __: set[str], given: dict[str, Any]) -> dict[str, Any]:
    http = {"drop_invalid_header_fields": True, "desync_mitigation_mode": "defensive"}
    return {
        "subnets": scene["public_subnets"],
        "security_groups": [scene["load_balancer_group"].id],
        "enable_deletion_protection": True,
        "access_logs": {"bucket": f"access-logs-{ACCOUNT}", "enabled": True},
        **({} if given.get("load_balancer_type") == "network" else http),
        "opts": pulumi.ResourceOptions(protect=True),
    }


@fills("lb.Listener")
def _listener(scene: Scene, name: str, _: set[str], given: dict[str, Any]) -> dict[str, Any]:
    tls = {
        "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "certificate_arn": f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/6a2f3c1e-0d3b-4b7a-9f55-1c2d3e4f5a6b",
    }
    return {
        "load_balancer_arn": scene["load_balancer"].arn,
        "port": 8443 if name == "test" else 443,
        "protocol": "HTTPS",
        "default_actions": [{"type": "fixed-response", "fixed_response": {"content_type": "text/plain"}}],
        **(tls if given.get("protocol", "HTTPS") in ("HTTPS", "TLS") else {}),
        "opts": pulumi.ResourceOptions(ignore_changes=["default_actions"]),
    }


@fills("lb.ListenerRule")
def _rule(scene: Scene, name: str, *_: Any) -> dict[str, Any]:
    groups = [{"arn": scene["blue"].arn, "weight": 100}, {"arn": scene["green"].arn, "weight": 0}]
    return {
        "listener_arn": scene["test_listener" if name == "test" else "listener"].arn,
        "priority": 10,
        "conditions": [{"path_pattern": {"values": ["/*"]}}],
        "actions": [{"type": "forward", "forward": {"target_groups": groups}}],
        "opts": pulumi.ResourceOptions(ignore_changes=["actions"]),
    }


@fills("lb.TargetGroup")
def _target_group(scene: Scene, *_: Any) -> dict[str, Any]:
    return {
        "vpc_id": scene["vpc"].id,
        "port": 80,
        "protocol": "HTTP",
        "target_type": "ip",
        "deregistration_delay": 30,
        "health_check": {"path": "/health", "matcher": "200", "interval": 15},
    }


@fills("wafv2.WebAclAssociation")
def _web_acl(scene: Scene, *_: Any) -> dict[str, Any]:
    acl = f"arn:aws:wafv2:eu-west-1:{ACCOUNT}:regional/webacl/shop/2b7e1f0a-5c4d-4e3f-8a9b-0c1d2e3f4a5b"
    return {"resource_arn": scene["load_balancer"].arn, "web_acl_arn": acl}


def _clients(scene: Scene, group: Any) -> None:
    if scene.get("load_balancer_group") is group:
        for port, source in ((443, "0.0.0.0/0"), (8443, "10.0.0.0/8")):
            scene.new(
                "vpc.SecurityGroupIngressRule",
                f"load-balancer-{port}",
                security_group_id=group.id,
                description="Clients of the app",
                cidr_ipv4=source,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
            )


COMPANIONS = {
    "lb.LoadBalancer": (companion("wafv2.WebAclAssociation"),),
    "ec2.SecurityGroup": (Companion("ec2.SecurityGroup", _clients),),
}
