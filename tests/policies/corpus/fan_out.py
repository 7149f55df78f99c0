"""One topic, two queues with their dead letters, and an alarm that calls somebody."""

from __future__ import annotations

import json

import pulumi_aws as aws

from tests.policies.corpus.documents import arn, policy

FOUND: list[tuple[str, str, str]] = []


def program() -> None:
    topic = aws.sns.Topic("orders", name="orders", kms_master_key_id="alias/aws/sns")
    pager = aws.sns.Topic("pager", name="pager")
    for name in ("billing", "shipping"):
        dead = aws.sqs.Queue(f"{name}-dead", name=f"{name}-dead", message_retention_seconds=1209600)
        queue = aws.sqs.Queue(
            name,
            name=name,
            sqs_managed_sse_enabled=True,
            redrive_policy=json.dumps({"deadLetterTargetArn": arn("sqs", f"{name}-dead"), "maxReceiveCount": 5}),
        )
        send = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "sqs:SendMessage",
            "Resource": arn("sqs", name),
            "Condition": {"ArnEquals": {"aws:SourceArn": arn("sns", "orders")}},
        }
        aws.sqs.QueuePolicy(name, queue_url=queue.id, policy=policy(send))
        aws.sns.TopicSubscription(name, topic=topic.arn, protocol="sqs", endpoint=queue.arn)
        aws.cloudwatch.MetricAlarm(
            f"{name}-dead",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": dead.name},
            statistic="Maximum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=300,
            evaluation_periods=1,
            alarm_actions=[pager.arn],
        )
