"""Names of an account, as AWS writes them."""

from __future__ import annotations

ACCOUNT = "123456789012"
REGION = "eu-west-1"


def arn(service: str, resource: str) -> str:
    """The ARN of something in this account; IAM has no region, S3 neither region nor account."""
    region = "" if service in ("iam", "s3") else REGION
    account = "" if service == "s3" else ACCOUNT
    return f"arn:aws:{service}:{region}:{account}:{resource}"
