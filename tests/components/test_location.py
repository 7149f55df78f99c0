"""ARNs that are known before anything exists."""

from __future__ import annotations

import pytest

from components.location import Location, arn, role_arn

CHINA: Location = {"partition": "aws-cn", "region": "cn-north-1", "account_id": "123456789012"}


@pytest.mark.parametrize(
    ("service", "resource", "expected"),
    [
        ("logs", "log-group:shop:*", "arn:aws:logs:eu-west-1:123456789012:log-group:shop:*"),
        ("ecs", "*", "arn:aws:ecs:eu-west-1:123456789012:*"),
    ],
)
def test_a_regional_arn_has_region_and_account(location, service, resource, expected):
    """Partition, service, region, account, resource."""
    assert arn(location, service, resource) == expected


def test_a_role_has_no_region(location):
    """IAM is global within a partition."""
    assert role_arn(location, "shop-task-0123456") == "arn:aws:iam::123456789012:role/shop-task-0123456"


def test_other_partitions_have_arns_of_their_own():
    """Nothing is fixed to `aws`."""
    assert arn(CHINA, "ecs", "*") == "arn:aws-cn:ecs:cn-north-1:123456789012:*"
    assert role_arn(CHINA, "x") == "arn:aws-cn:iam::123456789012:role/x"
