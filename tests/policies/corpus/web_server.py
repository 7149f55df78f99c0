"""A web server on EC2 with a classic security group, all rules inline."""

from __future__ import annotations

import pulumi_aws as aws

from tests.policies.corpus.documents import trust

FOUND = [
    ("sec-sg-descriptions", "web", "ingress[0].description"),
    ("sec-sg-world-ingress", "web", "ingress[0].cidrBlocks[0]"),  # SSH
    ("sec-sg-world-ingress", "web", "ingress[1].cidrBlocks[0]"),  # met without a load balancer in front
]


def program() -> None:
    vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
    subnet = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.0.0/24", map_public_ip_on_launch=True)
    gateway = aws.ec2.InternetGateway("main", vpc_id=vpc.id)
    table = aws.ec2.RouteTable("public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
    aws.ec2.RouteTableAssociation("public", subnet_id=subnet.id, route_table_id=table.id)
    group = aws.ec2.SecurityGroup(
        "web",
        vpc_id=vpc.id,
        description="The web server",
        ingress=[
            {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]},
            {
                "protocol": "tcp",
                "from_port": 443,
                "to_port": 443,
                "cidr_blocks": ["0.0.0.0/0"],
                "description": "Visitors",
            },
        ],
        egress=[
            {
                "protocol": "-1",
                "from_port": 0,
                "to_port": 0,
                "cidr_blocks": ["0.0.0.0/0"],
                "description": "Updates",
            }
        ],
    )
    role = aws.iam.Role("web", assume_role_policy=trust("ec2"))
    aws.iam.RolePolicyAttachment(
        "web-session-manager", role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    )
    profile = aws.iam.InstanceProfile("web", role=role.name)
    server = aws.ec2.Instance(
        "web",
        ami="ami-0c1c30571d2dae5c9",
        instance_type="t4g.small",
        subnet_id=subnet.id,
        vpc_security_group_ids=[group.id],
        iam_instance_profile=profile.name,
        metadata_options={"http_tokens": "required"},
        root_block_device={"encrypted": True, "volume_type": "gp3"},
        user_data="#!/bin/sh\ndnf install -y nginx && systemctl enable --now nginx\n",
    )
    aws.ec2.Eip("web", instance=server.id, domain="vpc")
