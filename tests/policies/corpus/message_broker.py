"""MQTT brokers on EC2 behind a Network Load Balancer without security groups."""

from __future__ import annotations

import pulumi_aws as aws

FOUND = [("sec-sg-world-ingress", "brokers", "ingress[0].cidrBlocks[0]")]


def program() -> None:
    vpc = "vpc-0a1b2c3d4e5f60718"
    balancer = aws.lb.LoadBalancer(
        "mqtt",
        load_balancer_type="network",
        subnets=["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"],
        enable_cross_zone_load_balancing=True,
        enable_deletion_protection=True,
    )
    target = aws.lb.TargetGroup(
        "mqtt", vpc_id=vpc, port=1883, protocol="TCP", target_type="instance", preserve_client_ip="true"
    )
    aws.lb.Listener(
        "mqtts",
        load_balancer_arn=balancer.arn,
        port=8883,
        protocol="TLS",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/6a2f3c1e-0d3b-4b7a-9f55-1c2d3e4f5a6b",
        default_actions=[{"type": "forward", "target_group_arn": target.arn}],
    )
    group = aws.ec2.SecurityGroup(
        "brokers",
        vpc_id=vpc,
        description="The brokers",
        ingress=[
            {
                "description": "Devices, whose addresses the load balancer keeps",
                "protocol": "tcp",
                "from_port": 1883,
                "to_port": 1883,
                "cidr_blocks": ["0.0.0.0/0"],
            }
        ],
    )
    for zone in ("a", "b"):
        broker = aws.ec2.Instance(
            f"broker-{zone}",
            ami="ami-0c1c30571d2dae5c9",
            instance_type="m7g.large",
            availability_zone=f"eu-west-1{zone}",
            vpc_security_group_ids=[group.id],
            metadata_options={"http_tokens": "required"},
        )
        aws.lb.TargetGroupAttachment(f"broker-{zone}", target_group_arn=target.arn, target_id=broker.id, port=1883)
