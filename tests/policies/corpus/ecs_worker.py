"""A worker on ECS that takes jobs from a queue: rolling updates, no load balancer."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import allow, arn, policy, trust

FOUND = [
    ("sec-image-pinned", "worker", "containerDefinitions[0].image"),
    ("sec-td-no-plaintext-secrets", "worker", "containerDefinitions[0].environment[1].value"),
    ("sec-td-non-root", "worker", "containerDefinitions[0].user"),
    ("sec-log-kms", "worker", "kmsKeyId"),
]


def program() -> None:
    queue = aws.sqs.Queue("jobs", name="jobs", sqs_managed_sse_enabled=True, visibility_timeout_seconds=300)
    logs = aws.cloudwatch.LogGroup("worker", name="/ecs/worker", retention_in_days=30)
    execution = aws.iam.Role("execution", assume_role_policy=trust("ecs-tasks"))
    aws.iam.RolePolicyAttachment(
        "execution",
        role=execution.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )
    task_role = aws.iam.Role("task", assume_role_policy=trust("ecs-tasks"))
    receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    aws.iam.RolePolicy("jobs", role=task_role.name, policy=policy(allow(receive, arn("sqs", "jobs"))))
    container = {
        "name": "worker",
        "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:latest",
        "essential": True,
        "readonlyRootFilesystem": True,
        "environment": [
            {"name": "QUEUE", "value": "jobs"},
            {"name": "DATABASE_PASSWORD", "value": "correct-horse-battery-staple"},
        ],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/worker",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "worker",
            },
        },
    }
    task = aws.ecs.TaskDefinition(
        "worker",
        family="worker",
        cpu="512",
        memory="1024",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=execution.arn,
        task_role_arn=task_role.arn,
        container_definitions=json.dumps([container]),
        opts=pulumi.ResourceOptions(depends_on=[logs]),
    )
    cluster = aws.ecs.Cluster("jobs", name="jobs", settings=[{"name": "containerInsights", "value": "enabled"}])
    group = aws.ec2.SecurityGroup(
        "worker",
        vpc_id="vpc-0a1b2c3d4e5f60718",
        description="Workers, reached by nobody",
        egress=[
            {
                "protocol": "tcp",
                "from_port": 443,
                "to_port": 443,
                "cidr_blocks": ["0.0.0.0/0"],
                "description": "AWS",
            }
        ],
    )
    service = aws.ecs.Service(
        "worker",
        name="worker",
        cluster=cluster.arn,
        task_definition=task.arn,
        desired_count=1,
        launch_type="FARGATE",
        deployment_circuit_breaker={"enable": True, "rollback": True},
        network_configuration={
            "subnets": ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"],
            "security_groups": [group.id],
        },
    )
    target = aws.appautoscaling.Target(
        "worker",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
        min_capacity=1,
        max_capacity=10,
    )
    aws.appautoscaling.Policy(
        "worker",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "target_value": 100,
            "customized_metric_specification": {
                "namespace": "AWS/SQS",
                "metric_name": "ApproximateNumberOfMessagesVisible",
                "statistic": "Average",
                "dimensions": [{"name": "QueueName", "value": queue.name}],
            },
        },
    )
