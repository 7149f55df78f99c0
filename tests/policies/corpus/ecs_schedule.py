"""A nightly report: an ECS task that EventBridge starts."""

from __future__ import annotations

import json

import pulumi_aws as aws

from tests.policies.corpus.documents import allow, arn, policy, trust

FOUND = [
    ("sec-cluster-insights", "reports", "settings"),
    ("sec-iam-passrole-scoped", "start", "policy.Statement[1].Resource"),  # any role
    ("sec-iam-passrole-scoped", "start", "policy.Statement[1].Condition"),  # to any service
]


def program() -> None:
    key = aws.kms.Key("logs", description="Logs", enable_key_rotation=True)
    aws.cloudwatch.LogGroup("report", name="/ecs/report", retention_in_days=365, kms_key_id=key.arn)
    execution = aws.iam.Role("execution", assume_role_policy=trust("ecs-tasks"))
    aws.iam.RolePolicyAttachment(
        "execution",
        role=execution.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )
    task_role = aws.iam.Role("task", assume_role_policy=trust("ecs-tasks"))
    aws.iam.RolePolicy(
        "reports", role=task_role.name, policy=policy(allow("s3:PutObject", "arn:aws:s3:::reports-123456789012/*"))
    )
    container = {
        "name": "report",
        "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/report:2.3.1",
        "essential": True,
        "user": "1000:1000",
        "readonlyRootFilesystem": True,
        "command": ["report", "--yesterday"],
        "secrets": [{"name": "DATABASE_URL", "valueFrom": arn("secretsmanager", "secret:orders-AbCdEf")}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/report",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "report",
            },
        },
    }
    task = aws.ecs.TaskDefinition(
        "report",
        family="report",
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=execution.arn,
        task_role_arn=task_role.arn,
        container_definitions=json.dumps([container]),
    )
    cluster = aws.ecs.Cluster("reports", name="reports")
    start = aws.iam.Role("start", assume_role_policy=trust("events"))
    aws.iam.RolePolicy(
        "start",
        role=start.name,
        policy=policy(
            allow("ecs:RunTask", arn("ecs", "task-definition/report:*")),
            allow("iam:PassRole", "*"),
        ),
    )
    nightly = aws.cloudwatch.EventRule("nightly", schedule_expression="cron(0 3 * * ? *)")
    aws.cloudwatch.EventTarget(
        "nightly",
        rule=nightly.name,
        arn=cluster.arn,
        role_arn=start.arn,
        ecs_target={
            "task_definition_arn": task.arn,
            "launch_type": "FARGATE",
            "network_configuration": {
                "subnets": ["subnet-0a1b2c3d4e5f60001"],
                "security_groups": ["sg-0a1b2c3d4e5f60718"],
                "assign_public_ip": False,
            },
        },
    )
