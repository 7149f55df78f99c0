"""A monitoring agent on each server of an ECS cluster on EC2."""

from __future__ import annotations

import json

import pulumi_aws as aws

from tests.policies.corpus.documents import arn, trust

FOUND = [
    ("sec-image-pinned", "agent", "containerDefinitions[0].image"),  # a bare major
    ("sec-log-kms", "agent", "kmsKeyId"),
    ("sec-td-isolation", "agent", "pidMode"),  # true, and what an agent is for: the reason of its exemption
    ("sec-td-non-root", "agent", "containerDefinitions[0].user"),
    ("sec-td-readonly-root", "agent", "containerDefinitions[0].readonlyRootFilesystem"),
    ("sec-td-roles", "agent", "taskRoleArn"),  # one role for both
]


def program() -> None:
    aws.cloudwatch.LogGroup("agent", name="/ecs/agent", retention_in_days=30)
    role = aws.iam.Role("agent", assume_role_policy=trust("ecs-tasks"))
    aws.iam.RolePolicyAttachment(
        "agent",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )
    container = {
        "name": "agent",
        "image": "public.ecr.aws/datadog/agent:7",
        "essential": True,
        "memory": 512,
        "secrets": [{"name": "DD_API_KEY", "valueFrom": arn("secretsmanager", "secret:datadog-AbCdEf")}],
        "environment": [{"name": "DD_SITE", "value": "datadoghq.eu"}],
        "mountPoints": [{"sourceVolume": "docker", "containerPath": "/var/run/docker.sock", "readOnly": True}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/agent", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "agent"},
        },
    }
    task = aws.ecs.TaskDefinition(
        "agent",
        family="agent",
        network_mode="bridge",
        requires_compatibilities=["EC2"],
        pid_mode="host",
        execution_role_arn=role.arn,
        task_role_arn=role.arn,
        volumes=[{"name": "docker", "host_path": "/var/run/docker.sock"}],
        container_definitions=json.dumps([container]),
    )
    cluster = aws.ecs.Cluster("servers", name="servers", settings=[{"name": "containerInsights", "value": "enhanced"}])
    aws.ecs.Service(
        "agent",
        name="agent",
        cluster=cluster.arn,
        task_definition=task.arn,
        launch_type="EC2",
        scheduling_strategy="DAEMON",
        deployment_minimum_healthy_percent=0,
    )
