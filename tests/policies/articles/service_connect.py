"""A test report of 2025: ECS itself releases a backend blue/green behind Service Connect.

Whatever its text leaves open is as plain as it can be: the network, names of cluster and load balancer, one task of
each service, and security groups that let in what the drawing shows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import trust

REGION = "ap-northeast-1"
FILES: list[Path] = []
LOG_GROUP = "/aws/ecs/task/ecs-service-connect-tasks"
NAMESPACE = "service-connect.local"
CLEARED = "rm -rf /etc/nginx/conf.d/*"


def program() -> None:
    vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
    public, private = (_subnets(vpc, kind, first) for kind, first in (("public", 0), ("private", 10)))
    balancer_group = _group("alb", vpc, 80, {"cidr_ipv4": "0.0.0.0/0"})
    frontend_group = _group("frontend", vpc, 80, {"referenced_security_group_id": balancer_group.id})
    backend_group = _group("backend", vpc, 3000, {"referenced_security_group_id": frontend_group.id})
    balancer = aws.lb.LoadBalancer(
        "main", load_balancer_type="application", subnets=public, security_groups=[balancer_group.id]
    )
    target_group = aws.lb.TargetGroup(
        "frontend", vpc_id=vpc.id, port=80, protocol="HTTP", target_type="ip", health_check={"path": "/health"}
    )
    listener = aws.lb.Listener(
        "http",
        load_balancer_arn=balancer.arn,
        port=80,
        protocol="HTTP",
        default_actions=[{"type": "forward", "target_group_arn": target_group.arn}],
    )
    namespace = aws.servicediscovery.HttpNamespace("main", name=NAMESPACE)
    cluster = aws.ecs.Cluster("main")
    logs = aws.cloudwatch.LogGroup("tasks", name=LOG_GROUP)
    roles = {
        "execution_role_arn": _role("ecs-task-execution-role", "service-role/AmazonECSTaskExecutionRolePolicy").arn,
        "task_role_arn": _role("ecs-task-role").arn,
    }
    backend_task = _task(
        "backend",
        3000,
        {"ENV": "production", "SERVICE_NAME": "backend"},
        _server(3000, "return 200 'Hello from BACKEND BLUE'", "OK"),
        roles,
    )
    frontend_task = _task(
        "frontend",
        80,
        {"BACKEND_HOST": f"backend.{NAMESPACE}"},
        _server(80, "proxy_pass http://backend:3000; proxy_http_version 1.1", "OK"),
        roles,
    )
    backend = aws.ecs.Service(
        "backend",
        name="backend",
        cluster=cluster.arn,
        task_definition=backend_task.arn,
        desired_count=1,
        launch_type="FARGATE",
        deployment_controller={"type": "ECS"},
        deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "5"},
        network_configuration={"subnets": private, "security_groups": [backend_group.id]},
        service_connect_configuration={
            "enabled": True,
            "namespace": namespace.name,
            "services": [
                {
                    "port_name": "backend-port",
                    "discovery_name": "backend",
                    "client_alias": [
                        {
                            "port": 3000,
                            "dns_name": "backend",
                            "test_traffic_rules": [
                                {"header": {"name": "x-amzn-ecs-bluegreen-test", "value": {"exact": "test"}}}
                            ],
                        }
                    ],
                }
            ],
        },
        opts=pulumi.ResourceOptions(depends_on=[logs]),
    )
    aws.ecs.Service(
        "frontend",
        name="frontend",
        cluster=cluster.arn,
        task_definition=frontend_task.arn,
        desired_count=1,
        launch_type="FARGATE",
        network_configuration={"subnets": private, "security_groups": [frontend_group.id]},
        load_balancers=[{"target_group_arn": target_group.arn, "container_name": "frontend", "container_port": 80}],
        service_connect_configuration={
            "enabled": True,
            "namespace": namespace.name,
            "services": [{"port_name": "frontend-port", "discovery_name": "frontend", "client_alias": [{"port": 80}]}],
        },
        opts=pulumi.ResourceOptions(depends_on=[listener, backend]),
    )


def _subnets(vpc: aws.ec2.Vpc, kind: str, first: int) -> list[pulumi.Output[str]]:
    return [
        aws.ec2.Subnet(
            f"{kind}-{zone}",
            vpc_id=vpc.id,
            cidr_block=f"10.0.{first + number}.0/24",
            availability_zone=f"{REGION}{zone}",
        ).id
        for number, zone in enumerate("ac")
    ]


def _group(name: str, vpc: aws.ec2.Vpc, port: int, source: dict[str, pulumi.Input[str]]) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(name, vpc_id=vpc.id, description=name)
    aws.vpc.SecurityGroupIngressRule(
        name, security_group_id=group.id, ip_protocol="tcp", from_port=port, to_port=port, **source
    )
    return group


def _role(name: str, attached: str = "") -> aws.iam.Role:
    role = aws.iam.Role(name, name=name, assume_role_policy=trust("ecs-tasks"))
    if attached:
        aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{attached}")
    return role


def _server(port: int, root: str, health: str) -> list[str]:
    """The command that writes nginx's configuration and starts it."""
    plain = "add_header Content-Type text/plain"
    answer = root if root.startswith("proxy_pass") else f"{root}; {plain}"
    server = (
        f"server {{ listen {port}; server_name localhost; "
        f"location / {{ {answer}; }} location /health {{ return 200 '{health}'; {plain}; }} }}"
    )
    written = f'echo "{server}" > /etc/nginx/conf.d/default.conf'
    return ["/bin/sh", "-c", f"{CLEARED} && {written} && nginx -g 'daemon off;'"]


def _task(
    name: str, port: int, environment: dict[str, str], command: list[str], roles: dict[str, Any]
) -> aws.ecs.TaskDefinition:
    address = "localhost" if port == 80 else f"localhost:{port}"
    container = {
        "name": name,
        "image": "nginx:alpine",
        "essential": True,
        "command": command,
        "portMappings": [
            {
                "name": f"{name}-port",
                "containerPort": port,
                "hostPort": port,
                "protocol": "tcp",
                "appProtocol": "http",
            }
        ],
        "environment": [{"name": key, "value": value} for key, value in environment.items()],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": LOG_GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": name},
        },
        "healthCheck": {
            "command": [
                "CMD-SHELL",
                f"wget --quiet --tries=1 --spider http://{address}/health || exit 1",
            ],
            "interval": 30,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 60,
        },
    }
    return aws.ecs.TaskDefinition(
        f"ecs-service-connect-{name}",
        family=f"ecs-service-connect-{name}",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        container_definitions=json.dumps([container]),
        **roles,
    )
