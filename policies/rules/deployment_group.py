"""What a CodeDeploy deployment group must be to release an ECS service."""

from __future__ import annotations

from aws import APPLICATION, DEPLOYMENT_GROUP, SERVICE
from finding import shown
from judge import Judge
from release import controller, is_code_deploy, is_ecs, releases
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack

style = Rule(
    id="bg-dg-style",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A deployment group for ECS deploys blue/green with traffic control.",
    why="CodeDeploy releases ECS services in no other way, and its defaults are IN_PLACE and "
    "WITHOUT_TRAFFIC_CONTROL: AWS refuses the group.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
      app_name=application.name,  # of compute_platform="ECS"
-     deployment_style={"deployment_type": "IN_PLACE"},
+     deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
  )""",
    url="https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentStyle.html",
)


@style.resource(DEPLOYMENT_GROUP)
def _style_is_blue_green(group: Resource, judge: Judge) -> None:
    if not is_ecs(group):
        return
    for name, wanted in (
        ("deploymentType", "BLUE_GREEN"),
        ("deploymentOption", "WITH_TRAFFIC_CONTROL"),
    ):
        with judge.separately:
            given = group["deploymentStyle"][name]
            if given.text != wanted:
                judge.fail(given, f"is {shown(given.known)}; ECS needs {wanted}.")


@style.stack(DEPLOYMENT_GROUP)
def _platform_is_ecs(group: Resource, stack: Stack, judge: Judge) -> None:
    if not is_ecs(group):
        return
    application = stack.one(group["appName"], APPLICATION)
    if application is None:
        return
    platform = application["computePlatform"]
    if platform.text != "ECS":
        judge.fail(
            platform,
            f"is {shown(platform.known)}; deployment group {group.name} releases an ECS service.",
        )


matches_service = Rule(
    id="bg-dg-matches-service",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Each CODE_DEPLOY service has exactly one deployment group, and that names it.",
    why="CodeDeploy finds the service by cluster and service name. A group that names none, or a "
    "service with another controller, fails at its first deployment; AWS refuses a second group "
    "for one service (ECSServiceMappingLimitExceeded).",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
-     ecs_service={"cluster_name": cluster.name, "service_name": "app"},
+     ecs_service={"cluster_name": cluster.name, "service_name": service.name},  # with Pulumi's suffix
  )""",
    url="https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ECSService.html",
    knobs={
        "allowExternal": {
            "type": "boolean",
            "default": False,
            "description": "Whether a group or its service may lie in another stack although this one declares others.",
        }
    },
)


@matches_service.stack(DEPLOYMENT_GROUP)
def _names_a_service(group: Resource, stack: Stack, judge: Judge) -> None:
    if not stack.of(SERVICE) or not is_ecs(group):
        return
    table = stack.derived(releases)
    if group.urn in table.doubts:
        raise table.doubts[group.urn]
    services = table.services.get(group.urn, ())
    place = group["ecsService"]
    if not services and not judge.knob("allowExternal"):
        judge.fail(place, "names no service of this stack, by cluster and service name.")
    for service in services:
        if not is_code_deploy(service):
            judge.fail(place, f"names {service.name}, whose deployment controller is {shown(controller(service))}.")


@matches_service.stack(SERVICE)
def _has_one_group(service: Resource, stack: Stack, judge: Judge) -> None:
    if not stack.of(DEPLOYMENT_GROUP) or not is_code_deploy(service):
        return
    table = stack.derived(releases)
    groups = table.groups.get(service.urn, [])
    if len(groups) > 1:
        names = ", ".join(sorted(group.name for group in groups))
        judge.fail(service, f"is named by more than one deployment group: {names}.")
    elif not groups and not judge.knob("allowExternal"):
        for doubt in table.doubts.values():
            raise doubt
        judge.fail(service, "is named by no deployment group of this stack.")
