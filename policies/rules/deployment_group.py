"""What a CodeDeploy deployment group must be to release an ECS service."""

from __future__ import annotations

from functools import partial

from aws import APPLICATION, DEPLOYMENT_CONFIG, DEPLOYMENT_GROUP, LISTENER, LOAD_BALANCER, SERVICE
from finding import shown
from judge import Judge
from release import controller, is_code_deploy, is_ecs, releases, route, target_pair
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value, all_true, any_true

style = Rule(
    id="bg-dg-style",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A deployment group for ECS deploys blue/green with traffic control.",
    why="CodeDeploy releases ECS services in no other way, and its defaults are IN_PLACE and "
    "WITHOUT_TRAFFIC_CONTROL: AWS refuses the group.",
    fix="""\
application = aws.codedeploy.Application("app", compute_platform="ECS")
deployment_style={
    "deployment_type": "BLUE_GREEN",
    "deployment_option": "WITH_TRAFFIC_CONTROL",
}""",
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
ecs_service={"cluster_name": cluster.name, "service_name": service.name}""",
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


auto_rollback = Rule(
    id="bg-auto-rollback",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="CodeDeploy rolls a failed release back by itself.",
    why="Without it a failed release stays where it stopped, perhaps with users on the new "
    "version, until somebody notices.",
    fix="""\
auto_rollback_configuration={
    "enabled": True,
    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
}""",
    url="https://docs.aws.amazon.com/config/latest/developerguide/"
    "codedeploy-deployment-group-auto-rollback-enabled.html",
    knobs={
        "events": {
            "type": "array",
            "items": {
                "type": "string",
                "enum": [
                    "DEPLOYMENT_FAILURE",
                    "DEPLOYMENT_STOP_ON_ALARM",
                    "DEPLOYMENT_STOP_ON_REQUEST",
                ],
            },
            "default": ["DEPLOYMENT_FAILURE"],
            "description": "Events that must cause a rollback; DEPLOYMENT_STOP_ON_ALARM is always "
            "one where alarms are set.",
        }
    },
)


@auto_rollback.resource(DEPLOYMENT_GROUP)
def _rolls_back(group: Resource, judge: Judge) -> None:
    if not is_ecs(group):
        return
    rollback = group["autoRollbackConfiguration"]
    with judge.separately:
        if not rollback["enabled"].flag:
            judge.fail(rollback["enabled"], "is not true.")
            return
    given = rollback["events"].items
    for event in judge.knob("events"):
        if not any_true(*(partial(_says, each, event) for each in given)):
            judge.fail(rollback["events"], f"lacks {event}.")
    event = "DEPLOYMENT_STOP_ON_ALARM"
    if event not in judge.knob("events") and all_true(
        lambda: not any_true(*(partial(_says, each, event) for each in given)),
        partial(_has_alarms, group),
    ):
        judge.fail(rollback["events"], f"lacks {event}, although alarms are set.")


def _says(value: Value, word: str) -> bool:
    return value.text == word


def _has_alarms(group: Resource) -> bool:
    alarms = group["alarmConfiguration"]
    return all_true(lambda: alarms["enabled"].flag, lambda: bool(alarms["alarms"].items))


PREDEFINED = "CodeDeployDefault."
ALL_AT_ONCE = PREDEFINED + "ECSAllAtOnce"

not_all_at_once = Rule(
    id="bg-not-all-at-once",
    level=Level.PRODUCTION,
    severity=Severity.HIGH,
    description="In production, traffic moves to a new version in steps.",
    why="All at once, a fault that tests missed meets every user in the same second; a canary or "
    "linear shift lets an alarm stop it at the first tenth.",
    fix="""\
deployment_config_name="CodeDeployDefault.ECSCanary10Percent5Minutes",""",
    url="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
    knobs={
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of configurations that are accepted although they shift all at once.",
        }
    },
)


@not_all_at_once.resource(DEPLOYMENT_GROUP)
def _shifts_in_steps(group: Resource, judge: Judge) -> None:
    name = group["deploymentConfigName"]
    if is_ecs(group) and _told_balancer(group) == "app" and not name.is_unknown:
        problem = _problem(name, judge)
        if problem:
            judge.fail(name, problem)


@not_all_at_once.stack(DEPLOYMENT_GROUP)
def _joined_configuration_shifts_in_steps(group: Resource, stack: Stack, judge: Judge) -> None:
    if not is_ecs(group):
        return
    name = group["deploymentConfigName"]
    own = stack.one(name, DEPLOYMENT_CONFIG)
    if own is not None:
        kind = own["trafficRoutingConfig"]["type"]
        if _is_allowed(name, judge) or kind.text not in ("", "AllAtOnce") or _is_behind_nlb(group, stack):
            return
        judge.fail(kind, f"makes deployment group {group.name} shift all at once.")
    elif name.is_unknown or _told_balancer(group) != "app":  # else the resource check has judged it
        problem = _problem(name, judge)
        if problem and not _is_behind_nlb(group, stack):
            judge.fail(name, problem)


def _problem(name: Value, judge: Judge) -> str:
    """What is wrong with a predefined configuration; empty if nothing is, or it is no such one."""
    if _is_allowed(name, judge):
        return ""
    if name.text == ALL_AT_ONCE:
        return f"is {ALL_AT_ONCE}."
    if not name.text:
        return "is not set, and the provider's default is none of ECS's configurations."
    if name.text.startswith(PREDEFINED) and not name.text.startswith(PREDEFINED + "ECS"):
        return "is a predefined configuration, but none of ECS's."
    return ""


def _is_allowed(name: Value, judge: Judge) -> bool:
    return not name.is_unknown and name.text in judge.knob("allowed")


def _told_balancer(group: Resource) -> str:
    """`app` or `net` if the listener's ARN tells, else empty."""
    listeners = target_pair(group)["prodTrafficRoute"]["listenerArns"]
    first = listeners[0].raw
    parts = first.split("/") if isinstance(first, str) else []
    return parts[1] if len(parts) > 1 and parts[0].endswith(":listener") else ""


def _is_behind_nlb(group: Resource, stack: Stack) -> bool:
    told = _told_balancer(group)
    if told:
        return told == "net"
    for listener in route(group, "prodTrafficRoute"):
        for each in stack.some(listener, LISTENER):
            balancer = stack.one(each["loadBalancerArn"], LOAD_BALANCER)
            if balancer is not None:
                return balancer["loadBalancerType"].text == "network"
    return False
