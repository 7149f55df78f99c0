"""How fast a release shifts traffic, and how long it waits."""

from __future__ import annotations

from aws import DEPLOYMENT_CONFIG, DEPLOYMENT_GROUP, LISTENER, LOAD_BALANCER
from judge import Judge
from release import is_ecs, route, target_pair
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value

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
