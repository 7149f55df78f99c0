"""What Fargate asks of a service and its tasks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from aws import SERVICE, TASK_DEFINITION, TASK_SET
from globs import Globs
from judge import Judge
from remedy import Remedy
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value, all_true, any_true

FARGATE = "FARGATE"
CAPACITY_PROVIDERS = (FARGATE, "FARGATE_SPOT")

GIB = 1024
SIZES: dict[int, Sequence[int]] = {
    256: (512, 1 * GIB, 2 * GIB),
    512: range(1 * GIB, 4 * GIB + 1, GIB),
    1024: range(2 * GIB, 8 * GIB + 1, GIB),
    2048: range(4 * GIB, 16 * GIB + 1, GIB),
    4096: range(8 * GIB, 30 * GIB + 1, GIB),
    8192: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
    16384: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
}
"""The memory, in MiB, that a Fargate task may have, by its CPU units."""


def is_fargate_task(task: Resource) -> bool:
    """True if the task definition asks to be checked for Fargate."""
    return _names(task["requiresCompatibilities"], FARGATE)


def is_fargate(service: Resource) -> bool:
    """True if the service itself says that its tasks run on Fargate."""
    strategies = service["capacityProviderStrategies"]
    return any_true(
        lambda: service.given("launchType").text == FARGATE,
        lambda: any_true(*(partial(_is_fargate_provider, each) for each in strategies.items)),
    )


shape = Rule(
    id="bg-fargate-shape",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A Fargate task has the network, CPU and memory that Fargate offers.",
    why="AWS refuses any other shape (No Fargate configuration exists for given values), and a release learns it "
    "only when the new version is to be started.",
    fix="""\
  aws.ecs.TaskDefinition("app", ...,
      requires_compatibilities=["FARGATE"],
      network_mode="awsvpc",
      cpu="512",
-     memory="512",
+     memory="1024",
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html",
)


@shape.resource(TASK_DEFINITION)
def _task_has_a_shape_of_fargate(task: Resource, judge: Judge) -> None:
    if is_fargate_task(task):
        _check_shape(task, judge)


@shape.resource(SERVICE)
def _fargate_service_has_a_network(service: Resource, judge: Judge) -> None:
    if is_fargate(service):
        _check_network(service, judge)


@shape.stack(SERVICE)
def _task_of_fargate_service_fits(service: Resource, stack: Stack, judge: Judge) -> None:
    task = stack.one(service["taskDefinition"], TASK_DEFINITION)
    if task is None:
        return
    if is_fargate(service):
        if not is_fargate_task(task):
            judge.fail(task["requiresCompatibilities"], f"lacks {FARGATE}, on which {service.name} runs its tasks.")
            _check_shape(task, judge)
    elif _runs_anywhere(service) and is_fargate_task(task):
        _check_network(service, judge)


def _check_shape(task: Resource, judge: Judge) -> None:
    with judge.separately:
        mode = task.given("networkMode")
        if mode.text != "awsvpc":
            judge.fail(mode, "is not awsvpc, the only network mode of Fargate.")
    cpu = _units(task["cpu"], "vCPU")
    if cpu not in SIZES:
        judge.fail(task["cpu"], f"is none of Fargate's sizes: {', '.join(map(str, SIZES))}.")
    elif _units(task["memory"], "GB") not in SIZES[cpu]:
        least, most = SIZES[cpu][0], SIZES[cpu][-1]
        judge.fail(task["memory"], f"is none of Fargate's sizes with cpu {cpu}, which are {least} to {most}.")


def _check_network(service: Resource, judge: Judge) -> None:
    network = service["networkConfiguration"]
    subnets = network["subnets"]
    if subnets.is_unknown and not network.is_unknown:
        return  # they are given, whichever they are
    if not subnets.items:
        judge.fail(subnets, "is not set; a Fargate task gets its network interface in one of them.")


def _runs_anywhere(service: Resource) -> bool:
    """True if the service leaves it to its cluster and task definition where tasks run."""
    return all_true(
        lambda: not service.given("launchType").text,
        lambda: not service["capacityProviderStrategies"].items,
    )


def _is_fargate_provider(strategy: Value) -> bool:
    return strategy["capacityProvider"].text in CAPACITY_PROVIDERS


def _names(words: Value, word: str) -> bool:
    return any_true(*(partial(_says, each, word) for each in words.items))


def _says(value: Value, word: str) -> bool:
    return value.text == word


def _units(size: Value, unit: str) -> int | None:
    """CPU units or MiB, from a number of them or of `unit`s: `512`, `.5 vCPU`, `1 GB`."""
    if size.number is not None:
        return int(size.number) if size.number % 1 == 0 else None
    match = re.fullmatch(rf"\s*(\d{{1,6}}|\d{{0,6}}\.\d{{1,6}})\s*{unit}\s*", size.text, re.IGNORECASE)
    return int(float(match[1]) * GIB) if match else None


no_public_ip = Rule(
    id="sec-service-no-public-ip",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Tasks have no public IP address.",
    why="A public address lets the internet reach a task past the load balancer, its listener "
    "rules and its logs: also the version that is not released yet.",
    fix="""\
  aws.ecs.Service("app", ...,
      network_configuration={
          "subnets": subnets,  # private ones, with NAT or VPC endpoints for images and logs
          "security_groups": [task_group.id],
-         "assign_public_ip": True,
+         "assign_public_ip": False,
      },
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-2",
    knobs={
        "allowFor": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Globs over names and URNs of services that may have public addresses.",
        }
    },
)


@no_public_ip.resource(SERVICE, TASK_SET)
def _has_no_public_ip(service: Resource, judge: Judge) -> None:
    if Globs(judge.knob("allowFor")).match(service.urn):
        return
    public = service["networkConfiguration"]["assignPublicIp"]
    if public.flag:
        judge.fail(public, "is true: each task gets a public address.")


@no_public_ip.remediation(SERVICE, TASK_SET)
def _take_public_ip_away(service: Resource, remedy: Remedy) -> None:
    public = service["networkConfiguration"]["assignPublicIp"]
    if public.flag and not Globs(remedy.knob("allowFor")).match(service.urn):
        remedy.put(public, False)


platform = Rule(
    id="sec-fargate-platform",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="Tasks run on a Fargate platform version that AWS still starts.",
    why="AWS retires platform versions: on those before 1.4.0 no new task starts, so neither a release nor a "
    "rollback does, and their security fixes have ended.",
    fix="""\
  aws.ecs.Service("app", ...,
-     platform_version="1.3.0",
+     platform_version="LATEST",  # also the default
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-versions-retired.html",
)


@platform.resource(SERVICE, TASK_SET)
def _platform_is_current(service: Resource, judge: Judge) -> None:
    version = service["platformVersion"]
    if version.text not in ("", "LATEST") and _parts(version.text) < (1, 4):
        judge.fail(version, "is neither LATEST nor 1.4.0 or later.")


def _parts(version: str) -> tuple[int, ...]:
    """The numbers of a version; none if it is no version."""
    return tuple(map(int, version.split("."))) if re.fullmatch(r"\d{1,4}(\.\d{1,4})*", version) else ()
