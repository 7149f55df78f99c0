"""What a release is described by, as plain values and as the texts of files.

https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict, get_args

import yaml

from components.containers import Containers, container_definitions, volumes
from components.limits import Refused
from components.location import Location

IMAGE_DETAIL = "imageDetail.json"
"""The file in which CodeDeployToECS looks for an image (G57)."""

PLACEHOLDER = "IMAGE1_NAME"
"""What stands for the image in a task definition, in angle brackets (G57)."""

LARGEST = 3 * 1024 * 1024
"""Bytes that CodeDeployToECS takes of all its artifacts together (G56)."""

Event = Literal["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"]
"""The events of a deployment at which CodeDeploy calls a function, in order (G12).
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html"""

EVENTS: tuple[str, ...] = get_args(Event)


class TaskArgs(TypedDict):
    """What a task definition is made of."""

    family: str
    """Family."""

    cpu: int
    """CPU units."""

    memory: int
    """MiB of memory."""

    architecture: str
    """X86_64 or ARM64."""

    containers: Containers
    """Containers by name."""

    labels: NotRequired[Mapping[str, str]]
    """Docker labels of every container; none unless given."""

    tags: NotRequired[Mapping[str, str] | None]
    """Tags; none unless given."""


def task_definition(
    task: TaskArgs, location: Location, log_group: str, task_role_arn: str, execution_role_arn: str
) -> dict[str, Any]:
    """What RegisterTaskDefinition takes, in its own words.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    """
    containers, tags = task["containers"], task.get("tags") or {}
    found: dict[str, Any] = {
        "family": task["family"],
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": str(task["cpu"]),
        "memory": str(task["memory"]),
        "runtimePlatform": {"cpuArchitecture": task["architecture"], "operatingSystemFamily": "LINUX"},
        "executionRoleArn": execution_role_arn,
        "taskRoleArn": task_role_arn,
        "containerDefinitions": container_definitions(containers, log_group, location, task.get("labels")),
        "volumes": [{"name": volume} for volume in volumes(containers)],
    }
    return found | ({"tags": [{"key": key, "value": tags[key]} for key in sorted(tags)]} if tags else {})


def taskdef_json(definition: Mapping[str, Any], container: str) -> str:
    """The text of `taskdef.json`: a task definition whose `container` has a placeholder for its image (G57).

    Raises:
        Refused: if there is no such container.
    """
    names = [each["name"] for each in definition["containerDefinitions"]]
    if container not in names:
        raise Refused(repr(container), ", ".join(names), "the task has no other containers")
    containers = [
        each | {"image": f"<{PLACEHOLDER}>"} if each["name"] == container else each
        for each in definition["containerDefinitions"]
    ]
    return json.dumps({**definition, "containerDefinitions": containers}, indent=2) + "\n"


def appspec_yaml(
    container: str,
    port: int,
    subnet_ids: Sequence[str],
    security_group_ids: Sequence[str],
    hooks: Mapping[str, str] | None = None,
) -> str:
    """The text of `appspec.yaml`: which container takes the traffic, where tasks run, and who judges a deployment.

    CodeDeploy puts the revision in the place of `<TASK_DEFINITION>` (G57). Subnets and security groups travel here,
    because UpdateService refuses to change them for such a service (G3).

    Args:
        container: container that takes the traffic.
        port: its port.
        subnet_ids: subnets of the tasks.
        security_group_ids: security groups of the tasks.
        hooks: ARNs of Lambda functions by the event at which CodeDeploy calls them.
    """
    service = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "TaskDefinition": "<TASK_DEFINITION>",
            "LoadBalancerInfo": {"ContainerName": container, "ContainerPort": port},
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    "Subnets": list(subnet_ids),
                    "SecurityGroups": list(security_group_ids),
                    "AssignPublicIp": "DISABLED",
                }
            },
        },
    }
    document: dict[str, Any] = {"version": 0.0, "Resources": [{"TargetService": service}]}
    if hooks:
        document["Hooks"] = [{event: hooks[event]} for event in EVENTS if event in hooks]
    return dumped(document)


def image_detail_json(image: str) -> str:
    """The text of `imageDetail.json`, which says by digest what is released (G57)."""
    return json.dumps({"ImageURI": image})


def check_size(files: Mapping[str, str]) -> None:
    """Refuse files that CodeDeployToECS would not read (G56)."""
    size = sum(len(text.encode()) for text in files.values())
    if size > LARGEST:
        raise Refused(
            f"files of {size} bytes",
            f"at most {LARGEST} bytes",
            "AWS would answer: 'Exception while trying to read the task definition artifact file from: Files' (G56)",
        )


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are read."""


def _text(dumper: yaml.SafeDumper, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dumped(document: Mapping[str, Any]) -> str:
    """A document as YAML, its keys in the order given."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000)
