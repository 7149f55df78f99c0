"""The KMS key of what a stack keeps."""

import json
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import policy
from components.location import Location, arn


class EncryptionKeyArgs(TypedDict):
    """Arguments of an `EncryptionKey`."""

    location: Location
    """Where the stack lives."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class EncryptionKey(pulumi.ComponentResource):
    """A customer-managed KMS key that rotates every year, for log groups, repositories, artifacts and topics.

    IAM policies of the account decide who else may use it. Deleting it waits 30 days: whatever it has encrypted can't
    be read afterwards.
    """

    arn: pulumi.Output[str]
    """The key."""

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:EncryptionKey", name, None, opts)

        key = aws.kms.Key(
            f"{name}-key",
            description=f"What {name} keeps",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=json.dumps(_policy(args["location"])),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.kms.Alias(
            f"{name}-key",
            name_prefix=f"alias/{name}-",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def _policy(location: Location) -> Any:
    """The account by its IAM policies, CloudWatch Logs for the account's log groups, notifications through SNS only.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html
    """
    statement = {"Effect": "Allow", "Resource": "*"}
    return policy(
        [
            statement
            | {
                "Principal": {"AWS": f"arn:{location['partition']}:iam::{location['account_id']}:root"},
                "Action": "kms:*",
            },
            statement
            | {
                "Principal": {"Service": "codestar-notifications.amazonaws.com"},
                "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
                "Condition": {"StringEquals": {"kms:ViaService": f"sns.{location['region']}.amazonaws.com"}},
            },
            statement
            | {
                "Principal": {"Service": f"logs.{location['region']}.amazonaws.com"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn(location, "logs", "log-group:*")}},
            },
        ]
    )
