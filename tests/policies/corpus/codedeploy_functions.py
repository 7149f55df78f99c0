"""A Lambda function whose alias CodeDeploy shifts."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import trust

FOUND = [("sec-log-kms", "prices", "kmsKeyId")]


def program() -> None:
    aws.cloudwatch.LogGroup("prices", name="/aws/lambda/prices", retention_in_days=14)
    role = aws.iam.Role("prices", assume_role_policy=trust("lambda"))
    aws.iam.RolePolicyAttachment(
        "prices",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )
    function = aws.lambda_.Function(
        "prices",
        name="prices",
        role=role.arn,
        runtime="nodejs22.x",
        handler="index.handler",
        s3_bucket="functions-123456789012",
        s3_key="prices.zip",
        publish=True,
    )
    aws.lambda_.Alias(
        "live",
        name="live",
        function_name=function.name,
        function_version="1",
        opts=pulumi.ResourceOptions(ignore_changes=["function_version", "routing_config"]),
    )
    codedeploy = aws.iam.Role("codedeploy", assume_role_policy=trust("codedeploy"))
    aws.iam.RolePolicyAttachment(
        "codedeploy",
        role=codedeploy.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda",
    )
    application = aws.codedeploy.Application("prices", name="prices", compute_platform="Lambda")
    aws.codedeploy.DeploymentGroup(
        "prices",
        app_name=application.name,
        deployment_group_name="prices",
        service_role_arn=codedeploy.arn,
        deployment_config_name="CodeDeployDefault.LambdaAllAtOnce",
        deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
    )
