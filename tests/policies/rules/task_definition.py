"""Changes to a task definition."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, undecided
from tests.policies.graph import Ref
from value import UNKNOWN

CASES = [
    Case("no execution role", drop("task", "executionRoleArn"), [fail("sec-td-roles", "task", "executionRoleArn")]),
    Case(
        "one role for both",
        put("task", "taskRoleArn", Ref("execution-role", "arn")),
        [fail("sec-td-roles", "task", "taskRoleArn")],
    ),
    Case(
        "one role for both, at a first preview",
        put("task", "taskRoleArn", Ref("execution-role", "arn")),
        [fail("sec-td-roles", "task", "taskRoleArn")],
        preview=True,
    ),
    Case(
        "a role that nothing tells",
        put("task", "taskRoleArn", UNKNOWN),
        [undecided("sec-td-roles", "task", "taskRoleArn")],
    ),
    Case("no task role", drop("task", "taskRoleArn"), [], preview=True),
]
