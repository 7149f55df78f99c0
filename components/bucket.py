"""S3 buckets that nobody reads by accident."""

from collections.abc import Callable, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import Statement, policy
from components.location import Location

PolicyOf = Callable[[str], Sequence[Statement]]


class BucketArgs(TypedDict):
    """What buckets differ in."""

    location: Location
    """Where the stack lives."""

    expire: dict[str, int]
    """Days after which objects go, by the prefix of their keys."""

    noncurrent_days: int
    """Days after which versions go that have been overwritten or deleted."""

    statements: NotRequired[PolicyOf]
    """What the bucket's policy allows, by the bucket's name; nothing unless given."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of the objects; S3's own unless given."""

    force_destroy: NotRequired[bool]
    """Whether deleting the bucket deletes its objects too; not unless given."""

    tags: NotRequired[dict[str, str] | None]
    """Tags of the bucket; none unless given."""


def private_bucket(name: str, args: BucketArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    """A bucket without public access, encrypted, versioned, reached by TLS only; its name, once all of that holds.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
    """
    own = pulumi.ResourceOptions(parent=parent)
    key_arn, location = args.get("key_arn"), args["location"]
    statements = args.get("statements", lambda _: [])
    bucket = aws.s3.Bucket(name, force_destroy=args.get("force_destroy", False), tags=args.get("tags"), opts=own)
    private = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=own,
    )
    owned = aws.s3.BucketOwnershipControls(
        name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=own
    )
    encrypted = aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.id,
        rules=[
            {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
            if key_arn is None
            else {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn},
                "bucket_key_enabled": True,
            }
        ],
        opts=own,
    )
    versioned = aws.s3.BucketVersioning(
        name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=own
    )
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.id,
        rules=[
            *(
                {
                    "id": f"expire-{prefix}" if prefix else "expire",
                    "status": "Enabled",
                    "filter": {"prefix": prefix},
                    "expiration": {"days": days},
                }
                for prefix, days in args["expire"].items()
            ),
            {
                "id": "tidy",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": args["noncurrent_days"]},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
            },
        ],
        # S3 answers that versioning is changing while both are set at once.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioned]),
    )
    sealed = aws.s3.BucketPolicy(
        name,
        bucket=bucket.id,
        policy=pulumi.Output.json_dumps(
            bucket.bucket.apply(lambda known: policy([*statements(known), _tls_only(known, location)]))
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[private]),
    )
    ready = (each.id for each in (owned, encrypted, versioned, sealed))
    return pulumi.Output.all(bucket.bucket, *ready).apply(lambda known: known[0])


def bucket_arns(bucket: str, location: Location) -> list[str]:
    """The ARNs of a bucket and of all that is in it."""
    own = f"arn:{location['partition']}:s3:::{bucket}"
    return [own, f"{own}/*"]


def _tls_only(bucket: str, location: Location) -> Any:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": bucket_arns(bucket, location),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
