"""Lambda functions behind an internal load balancer, without target ports or health checks."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import trust

FOUND = [
    ("sec-alb-deletion-protection", "offices", "enableDeletionProtection"),
    ("sec-log-retention", "rates", "retentionInDays"),
]


def program() -> None:
    group = aws.ec2.SecurityGroup("internal", vpc_id="vpc-0a1b2c3d4e5f60718", description="The internal load balancer")
    aws.ec2.SecurityGroupRule(
        "offices",
        security_group_id=group.id,
        type="ingress",
        description="Offices",
        protocol="tcp",
        from_port=80,
        to_port=80,
        cidr_blocks=["10.20.0.0/16", "10.30.0.0/16"],
    )
    balancer = aws.alb.LoadBalancer(
        "offices",
        internal=True,
        subnets=["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"],
        security_groups=[group.id],
        drop_invalid_header_fields=True,
        access_logs={"bucket": "access-logs-123456789012", "enabled": True},
    )
    listener = aws.alb.Listener(
        "http",
        load_balancer_arn=balancer.arn,
        port=80,
        default_actions=[
            {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "404"}}
        ],
    )
    key = aws.kms.Key("logs", description="Logs", enable_key_rotation=True)
    aws.cloudwatch.LogGroup("rates", name="/aws/lambda/rates", kms_key_id=key.arn)
    role = aws.iam.Role(
        "rates",
        assume_role_policy=trust("lambda"),
        managed_policy_arns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
    )
    function = aws.lambda_.Function(
        "rates",
        name="rates",
        role=role.arn,
        runtime="python3.13",
        handler="rates.handler",
        s3_bucket="functions-123456789012",
        s3_key="rates.zip",
    )
    target = aws.alb.TargetGroup("rates", target_type="lambda")
    allowed = aws.lambda_.Permission(
        "rates",
        action="lambda:InvokeFunction",
        function=function.name,
        principal="elasticloadbalancing.amazonaws.com",
        source_arn=target.arn,
    )
    aws.alb.TargetGroupAttachment(
        "rates",
        target_group_arn=target.arn,
        target_id=function.arn,
        opts=pulumi.ResourceOptions(depends_on=[allowed]),
    )
    aws.alb.ListenerRule(
        "rates",
        listener_arn=listener.arn,
        priority=10,
        conditions=[{"path_pattern": {"values": ["/rates", "/rates/*"]}}],
        actions=[{"type": "forward", "target_group_arn": target.arn}],
    )
