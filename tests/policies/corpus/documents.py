"""What several stacks of the corpus write down: IAM documents and ARNs."""

from __future__ import annotations

import json
from typing import Any

REGION, ACCOUNT = "eu-west-1", "123456789012"


def trust(service: str) -> str:
    """A role's trust in one AWS service."""
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}})


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


def allow(actions: str | list[str], resources: str | list[str], **more: Any) -> dict[str, Any]:
    """A statement that allows something."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def arn(service: str, resource: str) -> str:
    """The ARN of something in this account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
