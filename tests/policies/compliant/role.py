"""The roles of the compliant stack, and its hook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.policies.compliant.arguments import ACCOUNT, Companion, fills, logical_name

if TYPE_CHECKING:
    from tests.policies.scene import Scene


TRUSTED = {
    "codedeploy": "codedeploy",
    "infrastructure": "ecs",
    "build": "codebuild",
    "pipeline": "codepipeline",
    "hook": "lambda",
}
"""Who assumes a role, by its logical name; tasks assume all others."""


ATTACHED = {
    "execution": "service-role/AmazonECSTaskExecutionRolePolicy",
    "codedeploy": "AWSCodeDeployRoleForECS",
    "infrastructure": "AmazonECSInfrastructureRolePolicyForLoadBalancers",
}
"""AWS's own policies of a role, by its logical name."""


@fills("iam.Role")
def _role(_scene: Scene, name: str, *_: Any) -> dict[str, Any]:
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": f"{TRUSTED.get(name, 'ecs-tasks')}.amazonaws.com"},
    }
    return {"assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [trust]})}


def _policy(bucket: str = "images") -> str:
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [read]})


@fills("iam.Policy")
def _own_policy(*_: Any) -> dict[str, Any]:
    return {"policy": _policy()}


@fills("iam.RolePolicy")
def _role_policy(scene: Scene, *_: Any) -> dict[str, Any]:
    return {"role": scene["task_role"].name, "policy": _policy()}


@fills("iam.RolePolicyAttachment")
def _attachment(scene: Scene, name: str, *_: Any) -> dict[str, Any]:
    role = f"{name}_role" if name in ATTACHED else "execution_role"
    arn = f"arn:aws:iam::aws:policy/{ATTACHED[role.removesuffix('_role')]}"
    return {"role": scene[role].name, "policy_arn": arn}


@fills("lambda_.Function")
def _function(scene: Scene, *_: Any) -> dict[str, Any]:
    return {
        "role": scene["hook_role"].arn,
        "runtime": "python3.13",
        "handler": "index.handler",
        "s3_bucket": f"functions-{ACCOUNT}",
        "s3_key": "smoke-test.zip",
    }


def _managed_policy(scene: Scene, role: Any) -> None:
    if logical_name(role) in ATTACHED:
        scene.new("iam.RolePolicyAttachment", logical_name(role), ...)


COMPANIONS = {"iam.Role": (Companion("iam.RolePolicyAttachment", _managed_policy),)}
