"""Where in AWS a stack lives, and the ARNs that can be written down from names alone.

ARNs built here are known in the first preview, when those that AWS returns are not; documents made of them can be
read and checked before anything exists.
"""

from typing import TypedDict


class Location(TypedDict):
    """The partition, region and account of a stack."""

    partition: str
    """`aws`, `aws-cn` or `aws-us-gov`."""

    region: str
    """Region, such as ap-northeast-1."""

    account_id: str
    """Account, 12 digits."""


def role_arn(location: Location, name: str) -> str:
    """The ARN of an IAM role without a path."""
    return f"arn:{location['partition']}:iam::{location['account_id']}:role/{name}"


def arn(location: Location, service: str, resource: str) -> str:
    """The ARN of a regional resource, such as `log-group:name` of `logs`."""
    return f"arn:{location['partition']}:{service}:{location['region']}:{location['account_id']}:{resource}"
