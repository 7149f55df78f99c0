"""Lets a release go on if its images are named by digest and come from repositories that are allowed.

HOOK: {
  "images": [
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop",                this repository, by digest
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/*",                   each one below, by digest
    "public.ecr.aws/docker/library/python:3.13.9-alpine3.22"            this image as it is written here
  ],
  "containers": ["web"]                                                 all unless given
}

The first deployment of a service is judged as well: an image that it starts with can be allowed as it is written.
Under CodeDeploy the new tasks are known from AfterInstall on.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .client import client
from .hook import answer
from .release import Release
from .settings import Setting, read, texts
from .verdict import Verdict

CALLS = {
    "ECS": ("ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions", "ecs:DescribeTaskDefinition"),
    "CODE_DEPLOY": (
        "codedeploy:GetDeployment",
        "codedeploy:GetDeploymentGroup",
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
    ),
}
"""What the function's role must allow, by the controller of the service."""

_BY_DIGEST = re.compile(r"(?P<repository>[^@]+?)(:[\w.-]+)?@sha256:[0-9a-f]{64}", re.ASCII)
_AS_WRITTEN = re.compile(r".*[:@][^/]*")


SETTINGS = {
    "images": Setting(
        "a list of repositories, repositories ending in /*, and images with a tag or a digest",
        texts(r"[\w.-]+(:[0-9]+)?(/[\w.-]+)*(/\*|(:[\w.-]+)?(@sha256:[0-9a-f]{64})?)"),
    ),
    "containers": Setting("a list of container names", texts(r"[\w-]+"), []),
}


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
    """The Lambda function."""
    return answer(_judge, event, context)


def _judge(release: Release) -> Verdict:
    given = read(SETTINGS)
    found = client("ecs").describe_task_definition(taskDefinition=release.task_definition)
    images = {each["name"]: each["image"] for each in found["taskDefinition"]["containerDefinitions"]}
    return judge(images, given["images"], given["containers"])


def judge(images: Mapping[str, str], allowed: Sequence[str], containers: Sequence[str]) -> Verdict:
    """FAILED if one of the containers, all if none is named, has an image that is not allowed."""
    faults = [_fault(name, images.get(name), allowed) for name in containers or images]
    if any(faults):
        return Verdict("FAILED", "; ".join(filter(None, faults)))
    return Verdict("SUCCEEDED", "each image is allowed")


def _fault(container: str, image: str | None, allowed: Sequence[str]) -> str:
    if image is None:
        return f"the task definition has no container {container}"
    if image in filter(_AS_WRITTEN.fullmatch, allowed):
        return ""
    match = _BY_DIGEST.fullmatch(image)
    if not match:
        return f"{container}: {image} is not named by digest"
    if not any(_covers(each, match["repository"]) for each in allowed):
        return f"{container}: {match['repository']} is not an allowed repository"
    return ""


def _covers(allowed: str, repository: str) -> bool:
    return repository == allowed or (allowed.endswith("/*") and repository.startswith(allowed[:-1]))
