"""IAM policy documents as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.location import Location, arn

Statement = Mapping[str, Any]


def allow(
    actions: Sequence[str], resources: pulumi.Input[Any], condition: Mapping[str, Any] | None = None
) -> Statement:
    """A statement that allows `actions` on `resources`, one ARN or several."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return statement | {"Condition": condition} if condition else statement


def policy(statements: Sequence[Statement]) -> Mapping[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, condition: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """A trust policy: `service`, such as codedeploy.amazonaws.com, may assume the role."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return policy([statement | {"Condition": condition} if condition else statement])


def tasks_trust(location: Location) -> Mapping[str, Any]:
    """The trust policy of task and execution roles: the tasks of this account and region only.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    return trust(
        "ecs-tasks.amazonaws.com",
        {
            "ArnLike": {"aws:SourceArn": arn(location, "ecs", "*")},
            "StringEquals": {"aws:SourceAccount": location["account_id"]},
        },
    )


def pass_role(roles: Sequence[pulumi.Input[str]], service: str) -> Statement:
    """The statement that lets a principal hand `roles` to `service` and to nobody else (G59)."""
    return allow(["iam:PassRole"], list(roles), {"StringEquals": {"iam:PassedToService": service}})
