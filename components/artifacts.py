"""What pipelines, and the builds in them, need of the bucket that they pass artifacts on by."""

from typing import Any, TypedDict

import pulumi

from components.bucket import bucket_arns
from components.iam import Statement, allow
from components.location import Location


class ArtifactsArgs(TypedDict):
    """Where artifacts are kept."""

    bucket_name: pulumi.Input[str]
    """Bucket, of this service's pipelines only."""

    key_arn: pulumi.Input[str]
    """KMS key."""


def use_artifacts(args: ArtifactsArgs, location: Location) -> list[Statement]:
    """The statements by which a role reads and writes artifacts.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    """
    bucket: Any = pulumi.Output.from_input(args["bucket_name"])
    arns = bucket.apply(lambda name: bucket_arns(name, location))
    return [
        allow(["s3:GetBucketAcl", "s3:GetBucketLocation"], arns.apply(lambda both: both[0])),
        allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], arns.apply(lambda both: both[1])),
        allow(
            ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            args["key_arn"],
        ),
    ]


def look_into(args: ArtifactsArgs, location: Location) -> list[Statement]:
    """What a pipeline needs of its bucket besides: it asks whether there are versions, and whether an object is there.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html
    """
    bucket: Any = pulumi.Output.from_input(args["bucket_name"])
    own = bucket.apply(lambda name: bucket_arns(name, location)[0])
    return [allow(["s3:GetBucketVersioning", "s3:ListBucket"], own)]


def carry_tags(args: ArtifactsArgs, location: Location) -> list[Statement]:
    """What a pipeline needs besides where the objects of a source may have tags, such as those of a whole stack.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    """
    bucket: Any = pulumi.Output.from_input(args["bucket_name"])
    objects = bucket.apply(lambda name: bucket_arns(name, location)[1])
    return [allow(["s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging"], objects)]
