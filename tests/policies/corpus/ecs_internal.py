"""Services on ECS that find each other by Cloud Map's DNS and are updated in place, without any proxy."""

from __future__ import annotations

import json

import pulumi_aws as aws

from tests.policies.corpus.documents import arn, trust

FOUND = [
    ("sec-exec-audit", "prices", "enableExecuteCommand"),
    ("sec-sg-mixed-rules", "prices", "ingress"),
]


def program() -> None:
    vpc = "vpc-0a1b2c3d4e5f60718"
    zone = aws.servicediscovery.PrivateDnsNamespace("internal", name="internal.example", vpc=vpc)
    name = aws.servicediscovery.Service(
        "prices",
        name="prices",
        dns_config={"namespace_id": zone.id, "dns_records": [{"type": "A", "ttl": 10}]},
    )
    cluster = aws.ecs.Cluster("internal", name="internal", settings=[{"name": "containerInsights", "value": "enabled"}])
    roles = {use: aws.iam.Role(f"prices-{use}", assume_role_policy=trust("ecs-tasks")) for use in ("execution", "task")}
    aws.iam.RolePolicyAttachment(
        "prices-execution",
        role=roles["execution"].name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )
    container = {
        "name": "prices",
        "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/prices@sha256:" + "0f" * 32,
        "essential": True,
        "user": "prices",
        "readonlyRootFilesystem": True,
        "portMappings": [{"containerPort": 9000}],
        "secrets": [{"name": "API_KEY", "valueFrom": arn("ssm", "parameter/prices/api-key")}],
        "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "cloudwatch"}},
    }
    router = {
        "name": "router",
        "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:2.32.5",
        "essential": True,
        "user": "1000",
        "readonlyRootFilesystem": True,
        "firelensConfiguration": {"type": "fluentbit"},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/router", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "r"},
        },
    }
    task = aws.ecs.TaskDefinition(
        "prices",
        family="prices",
        cpu="1 vCPU",
        memory="2 GB",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=roles["execution"].arn,
        task_role_arn=roles["task"].arn,
        container_definitions=json.dumps([container, router]),
    )
    group = aws.ec2.SecurityGroup(
        "prices",
        vpc_id=vpc,
        description="Prices",
        ingress=[
            {
                "description": "Network",
                "protocol": "tcp",
                "from_port": 9000,
                "to_port": 9000,
                "cidr_blocks": ["10.0.0.0/8"],
            }
        ],
    )
    aws.vpc.SecurityGroupIngressRule(
        "partners",
        security_group_id=group.id,
        description="Partners",
        cidr_ipv4="192.0.2.0/24",
        ip_protocol="tcp",
        from_port=9000,
        to_port=9000,
    )
    aws.ecs.Service(
        "prices",
        name="prices",
        cluster=cluster.arn,
        task_definition=task.arn,
        desired_count=1,
        capacity_provider_strategies=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
        enable_execute_command=True,
        service_registries={"registry_arn": name.arn},
        network_configuration={"subnets": ["subnet-0a1b2c3d4e5f60001"], "security_groups": [group.id]},
    )
