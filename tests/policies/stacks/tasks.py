"""What runs: a cluster, task definitions and services."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.graph import Graph, Ref, Text
from tests.policies.stacks.iam import allow, role
from tests.policies.stacks.names import arn
from tests.policies.stacks.network import WORLD, Form, rule, security_group


def container(name: str, image: str, port: int = 0, **more: Any) -> dict[str, Any]:
    """A container that writes nowhere, is not root and logs to CloudWatch."""
    logs = {"awslogs-group": "/ecs/app", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": name}
    mapping = {"name": "http", "containerPort": port, "hostPort": port, "protocol": "tcp", "appProtocol": "http"}
    return {
        "name": name,
        "image": image,
        "essential": True,
        "user": "1000:1000",
        "readonlyRootFilesystem": True,
        "logConfiguration": {"logDriver": "awslogs", "options": logs},
        **({"portMappings": [mapping]} if port else {}),
        **more,
    }


CONTAINERS = [
    container(
        "app",
        "app:1.2.3",
        80,
        environment=[{"name": "LOG_LEVEL", "value": "info"}],
        secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": arn("secretsmanager", "secret:shop/database-a1b2c3")}],
    ),
    container("sidecar", "agent:4.5.6"),
]


def cluster(g: Graph) -> None:
    """A cluster, its logs and the key they are encrypted by."""
    g.add(
        "key",
        "aws:kms/key:Key",
        {"description": "Logs, images and artifacts of the shop", "enableKeyRotation": True},
        id="1234abcd-12ab-34cd-56ef-1234567890ab",
        arn=arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    )
    for name, path in (("logs", "/ecs/app"), ("exec-logs", "/ecs/main/exec")):
        g.add(
            name,
            "aws:cloudwatch/logGroup:LogGroup",
            {"name": path, "retentionInDays": 90.0, "kmsKeyId": Ref("key", "arn")},
            arn=arn("logs", f"log-group:{path}"),
        )
    g.add(
        "cluster",
        "aws:ecs/cluster:Cluster",
        {
            "name": "main",
            "settings": [{"name": "containerInsights", "value": "enhanced"}],
            "configuration": {
                "executeCommandConfiguration": {
                    "kmsKeyId": Ref("key", "arn"),
                    "logging": "OVERRIDE",
                    "logConfiguration": {
                        "cloudWatchEncryptionEnabled": True,
                        "cloudWatchLogGroupName": Ref("exec-logs", "name"),
                    },
                }
            },
        },
        id=arn("ecs", "cluster/main"),
        arn=arn("ecs", "cluster/main"),
    )


def task(g: Graph, app: str = "", containers: list[dict[str, Any]] | None = None) -> None:
    """A task definition and its two roles."""
    role(
        g,
        f"{app}task-role",
        "ecs-tasks.amazonaws.com",
        allow(["dynamodb:GetItem", "dynamodb:PutItem"], arn("dynamodb", "table/orders")),
    )
    role(
        g,
        f"{app}execution-role",
        "ecs-tasks.amazonaws.com",
        allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:shop/database-*")),
        managed="service-role/AmazonECSTaskExecutionRolePolicy",
    )
    family = f"{app or 'app-'}family"
    g.add(
        f"{app}task",
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "family": family,
            "containerDefinitions": json.dumps(containers or CONTAINERS),
            "executionRoleArn": Ref(f"{app}execution-role", "arn"),
            "taskRoleArn": Ref(f"{app}task-role", "arn"),
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "512",
            "memory": "1024",
            "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        },
        id=family,
        arn=arn("ecs", f"task-definition/{family}:7"),
        arnWithoutRevision=arn("ecs", f"task-definition/{family}"),
        revision=7.0,
    )


def task_group(g: Graph, app: str = "", form: Form = rule, port: float = 80.0) -> None:
    """The tasks' security group: in from the load balancer, out to AWS."""
    name = f"{app}task-sg"
    security_group(g, name, "The tasks")
    form(g, f"{app}lb-task", name, "ingress", port, Ref("lb-sg", "id"))
    form(g, f"{app}lb-out", "lb-sg", "egress", port, Ref(name, "id"))
    form(g, f"{app}task-out", name, "egress", 443.0, WORLD)


def service(g: Graph, app: str = "", **more: Any) -> None:
    """A Fargate service, registered with blue."""
    name = f"{app or 'app-'}1"
    g.add(
        f"{app}service",
        "aws:ecs/service:Service",
        {
            "name": name,
            "cluster": Ref("cluster", "arn"),
            "taskDefinition": Ref(f"{app}task", "arn"),
            "launchType": "FARGATE",
            "schedulingStrategy": "REPLICA",
            "platformVersion": "LATEST",
            "desiredCount": 2.0,
            "deploymentMinimumHealthyPercent": 100.0,
            "deploymentMaximumPercent": 200.0,
            "healthCheckGracePeriodSeconds": 60.0,
            "enableExecuteCommand": False,
            "networkConfiguration": {
                "assignPublicIp": False,
                "subnets": [Ref("private-a", "id"), Ref("private-b", "id")],
                "securityGroups": [Ref(f"{app}task-sg", "id")],
            },
            "loadBalancers": [block(app)],
            **more,
        },
        id=arn("ecs", f"service/main/{name}"),
        arn=arn("ecs", f"service/main/{name}"),
    )
    g.protect(f"{app}service")


def block(app: str = "", port: float = 80.0) -> dict[str, Any]:
    """The block that registers a service's tasks with blue."""
    return {"targetGroupArn": Ref(f"{app}blue", "arn"), "containerName": "app", "containerPort": port}


def scaling(g: Graph, app: str = "") -> None:
    """Autoscaling, which from then on owns the number of tasks."""
    g.add(
        f"{app}scaling",
        "aws:appautoscaling/target:Target",
        {
            "serviceNamespace": "ecs",
            "scalableDimension": "ecs:service:DesiredCount",
            "resourceId": Text(("service/", Ref("cluster", "name"), "/", Ref(f"{app}service", "name"))),
            "minCapacity": 2.0,
            "maxCapacity": 8.0,
        },
    )


def service_alarm(g: Graph, app: str) -> Ref:
    """An alarm on a service that no load balancer watches; its name."""
    g.add(
        f"{app}cpu",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": f"{app}cpu-1",
            "namespace": "AWS/ECS",
            "metricName": "CPUUtilization",
            "dimensions": {"ClusterName": Ref("cluster", "name"), "ServiceName": f"{app}1"},
            "statistic": "Average",
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": 90.0,
            "period": 60.0,
            "evaluationPeriods": 3.0,
        },
        arn=arn("cloudwatch", f"alarm:{app}cpu-1"),
    )
    return Ref(f"{app}cpu", "name")
