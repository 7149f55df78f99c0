"""Waits for a person, who lets a release go on or sends it back by writing an SSM parameter.

HOOK: {"parameters": "/ecs-blue-green/shop/approvals"}

The parameter is `<parameters>/<deployment id>`; each time the hook is asked it logs the command that writes it. Its
value is `approve`, or `reject` and a reason. ECS asks again and again, for a day unless its hook has another timeout;
CodeDeploy asks once, so that a person has as long as the function may run. The first deployment passes (G35).
"""

import re
from collections.abc import Mapping
from typing import Any

from .client import client
from .hook import answer
from .release import FIRST, Release
from .settings import Setting, read, text
from .verdict import Verdict

CALLS = {
    "ECS": ("ecs:DescribeServiceDeployments", "ssm:GetParameter"),
    "CODE_DEPLOY": (
        "codedeploy:GetDeployment",
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "ssm:GetParameter",
    ),
}
"""What the function's role must allow, by the controller of the service."""

SETTINGS = {"parameters": Setting("a path of SSM parameters, such as /shop/approvals", text(r"(/[\w.-]+)+"))}


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
    """The Lambda function."""
    return answer(_judge, event, context)


def _judge(release: Release) -> Verdict:
    name = f"{read(SETTINGS)['parameters']}/{release.id}"
    if release.first:
        return FIRST
    ssm = client("ssm")
    command = f"aws ssm put-parameter --region {ssm.meta.region_name} --name {name} --type String"
    return judge(_value(ssm, name), command)


def _value(ssm: Any, name: str) -> str:
    try:
        return ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return ""


def judge(value: str, command: str) -> Verdict:
    """IN_PROGRESS for as long as `value` is no answer; `command` is what gives one."""
    value = " ".join(value.split())
    if not value:
        return Verdict("IN_PROGRESS", f"{command} --value approve, or --value 'reject: WHY'")
    match = re.fullmatch(r"(approve|reject)(?:d|ed)?\b\W*(.*)", value, re.IGNORECASE)
    if not match:
        return Verdict("IN_PROGRESS", f"an answer begins with approve or reject: {command} --overwrite --value approve")
    word, why = match.groups()
    status = "SUCCEEDED" if word.lower() == "approve" else "FAILED"
    return Verdict(status, f"{word.lower()}: {why}" if why else word.lower())
