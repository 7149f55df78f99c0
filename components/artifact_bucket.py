"""Where a service's pipelines keep what they pass on from stage to stage."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.bucket import BucketArgs, private_bucket
from components.location import Location


class ArtifactBucketArgs(TypedDict):
    """Arguments of an `ArtifactBucket`."""

    location: Location
    """Where the stack lives."""

    key_arn: pulumi.Input[str]
    """KMS key of the artifacts."""

    pipeline_names: list[str]
    """The pipelines: each keeps its artifacts below a prefix of its name."""

    retention_days: NotRequired[int]
    """Days that artifacts are kept, and what they replace; 30 unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


FOLDER = 20
"""Characters of a pipeline's name that its folder in the bucket is sure to begin with."""


class ArtifactBucket(pulumi.ComponentResource):
    """A private S3 bucket for the artifacts of one service's pipelines, which tells EventBridge of new objects.

    What lies in it is what is released next, so that no other service's pipelines may write to it. Artifacts are copies
    and go with the bucket.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/welcome-introducing-artifacts.html
    """

    bucket_name: pulumi.Output[str]
    """The bucket, once it is private and tells of its objects."""

    def __init__(self, name: str, args: ArtifactBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:ArtifactBucket", name, None, opts)

        days = args.get("retention_days", 30)
        bucket = private_bucket(
            f"{name}-artifacts",
            BucketArgs(
                location=args["location"],
                key_arn=args["key_arn"],
                expire={pipeline[:FOLDER]: days for pipeline in args["pipeline_names"]},
                noncurrent_days=days,
                force_destroy=True,
                tags=args.get("tags"),
            ),
            self,
        )
        told = aws.s3.BucketNotification(
            f"{name}-artifacts", bucket=bucket, eventbridge=True, opts=pulumi.ResourceOptions(parent=self)
        )

        self.bucket_name = pulumi.Output.all(bucket, told.id).apply(lambda known: known[0])
        self.register_outputs({"bucket_name": self.bucket_name})
