"""Servers behind a load balancer that CodeDeploy updates in place."""

from __future__ import annotations

import pulumi_aws as aws

from tests.policies.corpus.documents import trust

FOUND = [
    ("sec-alb-access-logs", "web", "accessLogs.enabled"),
    ("sec-waf", "web", ""),
]


def program() -> None:
    vpc, subnets = "vpc-0a1b2c3d4e5f60718", ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
    balancer_group = aws.ec2.SecurityGroup("balancer", vpc_id=vpc, description="The load balancer")
    aws.vpc.SecurityGroupIngressRule(
        "https",
        security_group_id=balancer_group.id,
        description="Visitors",
        cidr_ipv4="0.0.0.0/0",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
    )
    server_group = aws.ec2.SecurityGroup("servers", vpc_id=vpc, description="The servers")
    aws.vpc.SecurityGroupIngressRule(
        "http",
        security_group_id=server_group.id,
        description="From the load balancer",
        referenced_security_group_id=balancer_group.id,
        ip_protocol="tcp",
        from_port=8080,
        to_port=8080,
    )
    balancer = aws.lb.LoadBalancer(
        "web",
        subnets=subnets,
        security_groups=[balancer_group.id],
        drop_invalid_header_fields=True,
        enable_deletion_protection=True,
    )
    group = aws.lb.TargetGroup(
        "web",
        vpc_id=vpc,
        port=8080,
        protocol="HTTP",
        target_type="instance",
        health_check={"path": "/", "matcher": "200"},
    )
    aws.lb.Listener(
        "https",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/6a2f3c1e-0d3b-4b7a-9f55-1c2d3e4f5a6b",
        default_actions=[{"type": "forward", "target_group_arn": group.arn}],
    )
    template = aws.ec2.LaunchTemplate(
        "web",
        image_id="ami-0c1c30571d2dae5c9",
        instance_type="m7g.large",
        vpc_security_group_ids=[server_group.id],
        metadata_options={"http_tokens": "required"},
    )
    servers = aws.autoscaling.Group(
        "web",
        min_size=2,
        max_size=6,
        vpc_zone_identifiers=subnets,
        target_group_arns=[group.arn],
        launch_template={"id": template.id, "version": "$Latest"},
        health_check_type="ELB",
    )
    role = aws.iam.Role("codedeploy", assume_role_policy=trust("codedeploy"))
    aws.iam.RolePolicyAttachment(
        "codedeploy", role=role.name, policy_arn="arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole"
    )
    application = aws.codedeploy.Application("web", compute_platform="Server")
    config = aws.codedeploy.DeploymentConfig(
        "one-by-one",
        compute_platform="Server",
        minimum_healthy_hosts={"type": "HOST_COUNT", "value": 1},
    )
    aws.codedeploy.DeploymentGroup(
        "web",
        app_name=application.name,
        deployment_group_name="web",
        service_role_arn=role.arn,
        deployment_config_name=config.deployment_config_name,
        deployment_style={"deployment_type": "IN_PLACE", "deployment_option": "WITH_TRAFFIC_CONTROL"},
        autoscaling_groups=[servers.name],
        load_balancer_info={"target_group_infos": [{"name": group.name}]},
    )
