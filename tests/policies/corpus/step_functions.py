"""A workflow: a state machine over two Lambda functions."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import allow, arn, policy, trust

FOUND = [
    ("sec-log-kms", "workflow", "kmsKeyId"),
    ("sec-log-retention", "workflow", "retentionInDays"),  # three days
]


def program() -> None:
    names = ("charge", "ship")
    for name in names:
        role = aws.iam.Role(name, assume_role_policy=trust("lambda"))
        aws.iam.RolePolicyAttachment(
            name,
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        )
        aws.lambda_.Function(
            name,
            name=name,
            role=role.arn,
            package_type="Image",
            image_uri=f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name}:1.0.0",
        )
    logs = aws.cloudwatch.LogGroup("workflow", name="/aws/vendedlogs/states/order", retention_in_days=3)
    role = aws.iam.Role("workflow", assume_role_policy=trust("states"))
    delivery = ["logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:ListLogDeliveries"]
    invoked = [arn("lambda", f"function:{name}") for name in names]
    aws.iam.RolePolicy(
        "workflow",
        role=role.name,
        policy=policy(allow("lambda:InvokeFunction", invoked), allow(delivery, "*")),
    )
    steps = {
        "StartAt": "Charge",
        "States": {
            "Charge": {"Type": "Task", "Resource": invoked[0], "Next": "Ship"},
            "Ship": {"Type": "Task", "Resource": invoked[1], "End": True},
        },
    }
    aws.sfn.StateMachine(
        "order",
        name="order",
        role_arn=role.arn,
        definition=json.dumps(steps),
        logging_configuration={
            "level": "ERROR",
            "include_execution_data": False,
            "log_destination": pulumi.Output.concat(logs.arn, ":*"),
        },
    )
