"""Roles, with just the rights they need."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.graph import Graph, Ref
from tests.policies.stacks.names import ACCOUNT, arn


def role(g: Graph, name: str, service: str, *statements: dict[str, Any], managed: str = "") -> None:
    """A role that a service assumes, with a policy of its own and a managed one, if any."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    if service == "ecs-tasks.amazonaws.com":
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    g.add(
        name,
        "aws:iam/role:Role",
        {"name": f"{name}-1", "description": f"The {name} of the shop", "assumeRolePolicy": policy(trust)},
        id=f"{name}-1",
        arn=arn("iam", f"role/{name}-1"),
        managedPolicyArns=[],
        inlinePolicies=[],
        uniqueId="AROA1",
    )
    if statements:
        g.add(
            f"{name}-policy",
            "aws:iam/rolePolicy:RolePolicy",
            {"name": f"{name}-policy-1", "role": Ref(name, "id"), "policy": policy(*statements)},
        )
    if managed:
        g.add(
            f"{name}-attachment",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"role": Ref(name, "name"), "policyArn": f"arn:aws:iam::aws:policy/{managed}"},
        )


def allow(actions: str | list[str], resources: str | list[str], **condition: Any) -> dict[str, Any]:
    """A statement; `condition` by operator."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | {"Condition": condition} if condition else statement


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
