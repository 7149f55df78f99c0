"""Container definitions of a task as plain values, and what their images and secrets need to be allowed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NotRequired, TypedDict

from components.location import Location, arn


class ContainerHealthCheckArgs(TypedDict):
    """A command that ECS runs inside the container."""

    command: list[str]
    """Command, such as `["CMD-SHELL", "wget -q --spider http://127.0.0.1/ || exit 1"]`."""

    interval_seconds: NotRequired[int]
    """Seconds between two checks; 30 unless given."""

    timeout_seconds: NotRequired[int]
    """Seconds after which a check has failed; 5 unless given."""

    retries: NotRequired[int]
    """Failures in a row that make the container unhealthy; 3 unless given."""

    start_period_seconds: NotRequired[int]
    """Seconds at the start in which failures don't count; none unless given."""


class ContainerArgs(TypedDict):
    """One container of a task."""

    image: str
    """Image with a tag other than latest, or a digest."""

    port: NotRequired[int]
    """TCP port it listens on; none unless given."""

    port_name: NotRequired[str]
    """Name of the port mapping; `<container>-<port>` unless given."""

    app_protocol: NotRequired[str]
    """http, http2 or grpc; plain TCP unless given."""

    command: NotRequired[list[str]]
    """Command; the image's own unless given."""

    entry_point: NotRequired[list[str]]
    """Entry point; the image's own unless given."""

    environment: NotRequired[dict[str, str]]
    """Environment variables; none unless given."""

    secrets: NotRequired[dict[str, str]]
    """Environment variables by SSM parameter (`/name` or ARN) or Secrets Manager ARN; none unless given."""

    health_check: NotRequired[ContainerHealthCheckArgs]
    """Health check inside the container; none unless given."""

    essential: NotRequired[bool]
    """Whether the task stops when this container does; it does unless given."""

    user: NotRequired[str]
    """User and group to run as, which may listen on any port even if it isn't root; the image's own unless given."""

    readonly_root_filesystem: NotRequired[bool]
    """Whether the root file system is read-only; it is unless given."""

    writable_paths: NotRequired[list[str]]
    """Paths that get an empty, writable volume of their own; none unless given."""

    stop_timeout_seconds: NotRequired[int]
    """Seconds from SIGTERM to SIGKILL; 30 unless given."""


Containers = Mapping[str, ContainerArgs]


def container_definitions(
    containers: Containers, log_group: str, location: Location, labels: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The `containerDefinitions` of a task definition, with `labels` on every container.

    Containers and variables are sorted by name, so that the order in a stack file never makes a new revision.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    shared = {"dockerLabels": dict(labels)} if labels else {}
    return [shared | _definition(name, containers[name], log_group, location) for name in sorted(containers)]


def _definition(name: str, container: ContainerArgs, log_group: str, location: Location) -> dict[str, Any]:
    always = {
        "name": name,
        "image": container["image"],
        "essential": container.get("essential", True),
        "readonlyRootFilesystem": container.get("readonly_root_filesystem", True),
        "stopTimeout": container.get("stop_timeout_seconds", 30),
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": location["region"],
                "awslogs-stream-prefix": name,
            },
        },
    }
    environment, secrets = container.get("environment", {}), container.get("secrets", {})
    optional = {
        "command": container.get("command"),
        "entryPoint": container.get("entry_point"),
        "user": container.get("user"),
        "healthCheck": _health_check(container["health_check"]) if "health_check" in container else None,
        "portMappings": [_port_mapping(name, container)] if "port" in container else None,
        "environment": [{"name": key, "value": value} for key, value in sorted(environment.items())],
        "secrets": [
            {"name": key, "valueFrom": _secret_arn(reference, location)} for key, reference in sorted(secrets.items())
        ],
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in _mounts(name, container)
        ],
        "systemControls": [_ANY_PORT] if _needs_any_port(container) else None,
    }
    # ECS returns what is empty in a form of its own, which the provider could take for a change.
    return always | {key: value for key, value in optional.items() if value}


_ANY_PORT = {"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
"""Lets a user other than root listen on a port below 1024, for which Fargate grants no capability.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html"""


def _needs_any_port(container: ContainerArgs) -> bool:
    user = container.get("user", "root").partition(":")[0]
    return user not in ("root", "0") and container.get("port", 1024) < 1024


def port_name(name: str, container: ContainerArgs) -> str:
    """Name of the port mapping of the container `name`, by which Service Connect finds it."""
    # A container's name may be longer than a port's 64 characters; their end is what tells ports apart.
    return container.get("port_name", f"{name}-{container.get('port')}".lower()[-64:].lstrip("-"))


def _port_mapping(name: str, container: ContainerArgs) -> dict[str, Any]:
    port = container.get("port")
    mapping = {
        "name": port_name(name, container),
        "containerPort": port,
        "hostPort": port,
        "protocol": "tcp",
    }
    return mapping | ({"appProtocol": container["app_protocol"]} if "app_protocol" in container else {})


def _health_check(check: ContainerHealthCheckArgs) -> dict[str, Any]:
    return {
        "command": check["command"],
        "interval": check.get("interval_seconds", 30),
        "timeout": check.get("timeout_seconds", 5),
        "retries": check.get("retries", 3),
        "startPeriod": check.get("start_period_seconds", 0),
    }


def volumes(containers: Containers) -> list[str]:
    """Names of the empty volumes behind the writable paths of all containers."""
    return [volume for name in sorted(containers) for volume, _ in _mounts(name, containers[name])]


def _mounts(name: str, container: ContainerArgs) -> Iterator[tuple[str, str]]:
    for number, path in enumerate(sorted(set(container.get("writable_paths", [])))):
        yield f"{name}-{number}", path


def ecr_repositories(containers: Containers, partition: str) -> list[str]:
    """ARNs of the private ECR repositories that the images come from."""
    pattern = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([a-z0-9._/-]+)")
    matches = (pattern.match(container["image"]) for container in containers.values())
    return sorted({f"arn:{partition}:ecr:{m[2]}:{m[1]}:repository/{m[3]}" for m in matches if m})


def secret_arns(containers: Containers, location: Location) -> dict[str, list[str]]:
    """ARNs of what the containers' secrets refer to, by service: `ssm` parameters and `secretsmanager` secrets."""
    found: dict[str, set[str]] = {"ssm": set(), "secretsmanager": set()}
    for reference in _references(containers):
        full = _secret_arn(reference, location)
        # A reference may name a JSON key and a version behind the secret's own seven parts; permissions don't.
        found[full.split(":")[2]].add(":".join(full.split(":")[:7]))
    return {service: sorted(arns) for service, arns in found.items() if arns}


def _references(containers: Containers) -> Iterator[str]:
    for container in containers.values():
        yield from container.get("secrets", {}).values()


def _secret_arn(reference: str, location: Location) -> str:
    return arn(location, "ssm", f"parameter{reference}") if reference.startswith("/") else reference
