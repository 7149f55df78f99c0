"""What a role needs to pass artifacts on."""

import json

import pulumi
import pulumi_aws as aws
import pytest

from components.artifacts import look_into, use_artifacts
from components.iam import policy

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.fixture
def statements(declare):
    """The statements that a function makes for a bucket, known or not."""

    def run(function, location, bucket="shop-artifacts"):
        def program():
            name = pulumi.Output.from_input(bucket)
            found = function({"bucket_name": name, "key_arn": KEY}, location)
            aws.iam.RolePolicy("policy", role="role", policy=pulumi.Output.json_dumps(policy(found)))

        (found,) = declare(program).of_type("aws:iam/rolePolicy:RolePolicy")
        return json.loads(found.inputs["policy"])["Statement"]

    return run


def test_use_artifacts(statements, location):
    """Objects of this bucket are read and written by this key; nothing is listed, nothing is deleted."""
    assert statements(use_artifacts, location) == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
            "Resource": "arn:aws:s3:::shop-artifacts",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            "Resource": "arn:aws:s3:::shop-artifacts/*",
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Resource": KEY,
        },
    ]


def test_look_into(statements, location):
    """A pipeline asks its bucket for versions and objects as well."""
    assert statements(look_into, location) == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketVersioning", "s3:ListBucket"],
            "Resource": "arn:aws:s3:::shop-artifacts",
        }
    ]


@pytest.mark.parametrize("function", [use_artifacts, look_into])
def test_partition(statements, location, function):
    """Buckets are those of the stack's partition."""
    buckets = [
        each for each in statements(function, {**location, "partition": "aws-us-gov"}) if each["Resource"] != KEY
    ]
    assert buckets
    assert {each["Resource"].partition(":s3:")[0] for each in buckets} == {"arn:aws-us-gov"}
