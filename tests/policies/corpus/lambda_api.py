"""A Lambda function behind an HTTP API."""

from __future__ import annotations

import pulumi_aws as aws

from tests.policies.corpus.documents import allow, policy, trust

FOUND = [
    ("sec-iam-no-wildcards", "orders-table", "policy.Statement[0].Action"),  # dynamodb:* on everything
    ("sec-log-kms", "orders", "kmsKeyId"),
    ("sec-log-kms", "orders-access", "kmsKeyId"),
    ("sec-log-retention", "orders-access", "retentionInDays"),  # kept for ever
]


def program() -> None:
    logs = aws.cloudwatch.LogGroup("orders", name="/aws/lambda/orders", retention_in_days=30)
    role = aws.iam.Role("orders", assume_role_policy=trust("lambda"))
    aws.iam.RolePolicyAttachment(
        "orders-logs",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )
    aws.iam.RolePolicy("orders-table", role=role.name, policy=policy(allow("dynamodb:*", "*")))
    function = aws.lambda_.Function(
        "orders",
        name="orders",
        role=role.arn,
        runtime="python3.13",
        handler="orders.handler",
        s3_bucket="functions-123456789012",
        s3_key="orders.zip",
        environment={"variables": {"TABLE": "orders", "LOG_LEVEL": "info"}},
        tracing_config={"mode": "Active"},
        logging_config={"log_format": "JSON", "log_group": logs.name},
    )
    api = aws.apigatewayv2.Api("orders", protocol_type="HTTP")
    access = aws.cloudwatch.LogGroup("orders-access", name="/aws/apigateway/orders")
    integration = aws.apigatewayv2.Integration(
        "orders",
        api_id=api.id,
        integration_type="AWS_PROXY",
        integration_uri=function.invoke_arn,
        payload_format_version="2.0",
    )
    aws.apigatewayv2.Route("orders", api_id=api.id, route_key="ANY /orders", target=integration.id)
    aws.apigatewayv2.Stage(
        "live",
        api_id=api.id,
        name="$default",
        auto_deploy=True,
        access_log_settings={"destination_arn": access.arn, "format": "$context.requestId $context.status"},
    )
    aws.lambda_.Permission(
        "orders",
        action="lambda:InvokeFunction",
        function=function.name,
        principal="apigateway.amazonaws.com",
        source_arn=api.execution_arn,
    )
