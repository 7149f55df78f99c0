"""Who is told of what goes on in pipelines."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import policy
from components.location import Location


class ReleaseTopicArgs(TypedDict):
    """Arguments of a `ReleaseTopic`."""

    location: Location
    """Where the stack lives."""

    emails: list[str]
    """Addresses, each of which has to confirm that it wants to be told."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of the messages, which lets AWS's notifications use it; none unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class ReleaseTopic(pulumi.ComponentResource):
    """An SNS topic that pipelines of this account publish to, and that people subscribe to by email."""

    topic_arn: pulumi.Output[str]
    """The topic, once pipelines may publish to it."""

    def __init__(self, name: str, args: ReleaseTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:ReleaseTopic", name, None, opts)

        own = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            f"{name}-releases", kms_master_key_id=args.get("key_arn"), tags=args.get("tags"), opts=own
        )
        open_ = aws.sns.TopicPolicy(
            f"{name}-releases",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(topic.arn.apply(lambda arn: _policy(arn, args["location"]))),
            opts=own,
        )
        for email in dict.fromkeys(args["emails"]):
            aws.sns.TopicSubscription(
                f"{name}-releases-{email}", topic=topic.arn, protocol="email", endpoint=email, opts=own
            )

        self.topic_arn = pulumi.Output.all(topic.arn, open_.id).apply(lambda known: known[0])
        self.register_outputs({"topic_arn": self.topic_arn})


def _policy(topic_arn: str, location: Location) -> Any:
    """https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html."""
    return policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "codestar-notifications.amazonaws.com"},
                "Action": "SNS:Publish",
                "Resource": topic_arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": location["account_id"]}},
            }
        ]
    )
