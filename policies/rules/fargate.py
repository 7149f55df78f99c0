"""What Fargate asks of a service and its tasks."""

from __future__ import annotations

from fnmatch import fnmatchcase

from aws import SERVICE, TASK_SET
from judge import Judge
from resources import Resource
from rule import Level, Rule, Severity

no_public_ip = Rule(
    id="sec-service-no-public-ip",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Tasks have no public IP address.",
    why="A public address lets the internet reach a task past the load balancer, its listener "
    "rules and its logs: also the version that is not released yet.",
    fix="""\
network_configuration={
    "subnets": network.private_subnet_ids,  # with NAT or VPC endpoints for images and logs
    "security_groups": [tasks.id],
    "assign_public_ip": False,
}""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-2",
    knobs={
        "allowFor": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Globs over the names of services that may have public addresses.",
        }
    },
)


@no_public_ip.resource(SERVICE, TASK_SET)
def _has_no_public_ip(service: Resource, judge: Judge) -> None:
    if any(fnmatchcase(service.name, glob) for glob in judge.knob("allowFor")):
        return
    public = service["networkConfiguration"]["assignPublicIp"]
    if public.flag:
        judge.fail(public, "is true: each task gets a public address.")
