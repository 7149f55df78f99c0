"""Events: a DynamoDB table whose changes go through Kinesis to an archive."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import allow, arn, policy, trust

FOUND = [
    ("sec-iam-no-wildcards", "archive", "policy.Statement[1].Action[0]"),  # s3:* on everything
    ("sec-log-kms", "archive", "kmsKeyId"),
]


def program() -> None:
    key = aws.kms.Key("events", description="Events", enable_key_rotation=True)
    table = aws.dynamodb.Table(
        "orders",
        name="orders",
        billing_mode="PAY_PER_REQUEST",
        hash_key="id",
        attributes=[{"name": "id", "type": "S"}],
        point_in_time_recovery={"enabled": True},
        server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
        deletion_protection_enabled=True,
    )
    stream = aws.kinesis.Stream(
        "orders",
        name="orders",
        stream_mode_details={"stream_mode": "ON_DEMAND"},
        encryption_type="KMS",
        kms_key_id=key.arn,
    )
    aws.dynamodb.KinesisStreamingDestination("orders", table_name=table.name, stream_arn=stream.arn)
    archive = aws.s3.Bucket("archive", bucket="orders-archive-123456789012")
    logs = aws.cloudwatch.LogGroup("archive", name="/aws/kinesisfirehose/archive", retention_in_days=30)
    role = aws.iam.Role("archive", assume_role_policy=trust("firehose"))
    read = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    permissions = aws.iam.RolePolicy(
        "archive",
        role=role.name,
        policy=policy(allow(read, arn("kinesis", "stream/orders")), allow(["s3:*"], ["*"])),
    )
    aws.kinesis.FirehoseDeliveryStream(
        "archive",
        destination="extended_s3",
        kinesis_source_configuration={"kinesis_stream_arn": stream.arn, "role_arn": role.arn},
        extended_s3_configuration={
            "bucket_arn": archive.arn,
            "role_arn": role.arn,
            "compression_format": "GZIP",
            "cloudwatch_logging_options": {"enabled": True, "log_group_name": logs.name, "log_stream_name": "s3"},
        },
        opts=pulumi.ResourceOptions(depends_on=[permissions]),
    )
