"""How a release shifts traffic, and in what bounds."""

from __future__ import annotations

from typing import NamedTuple

from aws import DEPLOYMENT_CONFIG, DEPLOYMENT_GROUP, LISTENER, LOAD_BALANCER, SERVICE
from finding import shown
from judge import Judge
from release import is_ecs, is_native, route, strategy, target_pair
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value

PREDEFINED = "CodeDeployDefault."
ALL_AT_ONCE = PREDEFINED + "ECSAllAtOnce"
BEHIND_NLB = "is behind a Network Load Balancer, where CodeDeploy shifts in no other way"
LONGEST_BAKE = 1440

not_all_at_once = Rule(
    id="bg-not-all-at-once",
    level=Level.PRODUCTION,
    severity=Severity.HIGH,
    description="In production, traffic moves to a new version in steps.",
    why="All at once, a fault that tests missed meets every user in the same second; a canary or "
    "linear shift lets an alarm stop it at the first tenth.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
-     deployment_config_name="CodeDeployDefault.ECSAllAtOnce",
+     deployment_config_name="CodeDeployDefault.ECSCanary10Percent5Minutes",
  )""",
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
        if _is_allowed(name, judge) or kind.text not in ("", "AllAtOnce"):
            return
        if _is_behind_nlb(group, stack):
            judge.not_applicable(BEHIND_NLB)
        else:
            judge.fail(kind, f"makes deployment group {group.name} shift all at once.")
    elif name.is_unknown or _told_balancer(group) != "app":  # else the resource check has judged it
        problem = _problem(name, judge)
        if problem and _is_behind_nlb(group, stack):
            judge.not_applicable(BEHIND_NLB)
        elif problem:
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


bake_time = Rule(
    id="native-bake-time",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A BLUE_GREEN release keeps both versions running for a while after the shift.",
    why="During the bake time ECS goes back at once when an alarm sounds; without it the old version is gone as "
    "soon as users meet the new one. AWS requires it with BLUE_GREEN, and takes at most 1,440 minutes.",
    fix="""\
  aws.ecs.Service("app", ...,
-     deployment_configuration={"strategy": "BLUE_GREEN"},
+     deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html",
    knobs={
        "min": {
            "type": "integer",
            "minimum": 1,
            "maximum": LONGEST_BAKE,
            "default": 1,
            "description": "The shortest bake time of a BLUE_GREEN release, in minutes.",
        }
    },
)


@bake_time.resource(SERVICE)
def _bakes(service: Resource, judge: Judge) -> None:
    if not is_native(service):
        return
    bake = service["deploymentConfiguration"]["bakeTimeInMinutes"]
    needed = strategy(service) == "BLUE_GREEN"
    low = int(judge.knob("min")) if needed else 0
    if (needed or not bake.absent) and not _is_minutes(bake, low):
        judge.fail(bake, f"is {_shown(bake)}; it must be {low} to {LONGEST_BAKE} minutes.")


def _is_minutes(value: Value, low: int) -> bool:
    return isinstance(value.number, int) and low <= value.number <= LONGEST_BAKE


def _shown(value: Value) -> str:
    return shown(value.known if value.number is None else value.number)


class Steps(NamedTuple):
    """Where a strategy keeps how it shifts traffic, and the smallest step that AWS takes."""

    block: str
    percent: str
    pause: str
    smallest: float


STEPS = {
    "LINEAR": Steps("linearConfiguration", "stepPercent", "stepBakeTimeInMinutes", 3),
    "CANARY": Steps("canaryConfiguration", "canaryPercent", "canaryBakeTimeInMinutes", 0.1),
}

shift = Rule(
    id="native-shift-config",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A LINEAR or CANARY release says its step and its pause, and no release those of another strategy.",
    why="The provider sends 0 for what is left out: AWS refuses a step of 0 percent, and without a pause all steps "
    "follow at once, before any alarm can stop them.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_configuration={
          "strategy": "LINEAR",
-         "linear_configuration": {"step_percent": 10},
+         "linear_configuration": {"step_percent": 10, "step_bake_time_in_minutes": "5"},
      },
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html",
    knobs={
        "maxStep": {
            "type": "number",
            "minimum": 0.1,
            "maximum": 100,
            "default": 100,
            "description": "The largest part of the traffic that may move in one step, in percent.",
        }
    },
)


@shift.resource(SERVICE)
def _shifts_as_its_strategy_says(service: Resource, judge: Judge) -> None:
    if not is_native(service):
        return
    for name, steps in STEPS.items():
        block = service["deploymentConfiguration"][steps.block]
        with judge.separately:
            if name == strategy(service):
                _check_steps(block, steps, judge)
            elif not block.absent:
                judge.fail(block, f"belongs to strategy {name}, not to {strategy(service)}.")


def _check_steps(block: Value, steps: Steps, judge: Judge) -> None:
    if block.absent:
        judge.fail(block, "is not set.")
        return
    percent, pause, highest = block[steps.percent], block[steps.pause], float(judge.knob("maxStep"))
    with judge.separately:
        given = percent.number
        if given is None or not steps.smallest <= given <= highest:
            judge.fail(percent, f"is {_shown(percent)}; {steps.smallest:g} to {highest:g} percent are allowed.")
        elif round(given * 10, 6) % 1:
            judge.fail(percent, "is no multiple of 0.1 percent.")
    with judge.separately:
        if not _is_minutes(pause, 1):
            judge.fail(pause, f"is {_shown(pause)}; it must be 1 to {LONGEST_BAKE} minutes.")


min_max_percent = Rule(
    id="native-min-max-percent",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A native service keeps all of its tasks, and has room for as many again.",
    why="A release runs both versions in full, 200 percent. Within the same bounds ECS replaces unhealthy tasks: "
    "with less than 100 percent healthy it may stop them before others have started.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
-     deployment_minimum_healthy_percent=50,
+     deployment_minimum_healthy_percent=100,
      deployment_maximum_percent=200,
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html",
)


@min_max_percent.resource(SERVICE)
def _has_room_for_both_versions(service: Resource, judge: Judge) -> None:
    if not is_native(service):
        return
    for name, least in (("deploymentMinimumHealthyPercent", 100), ("deploymentMaximumPercent", 200)):
        with judge.separately:
            percent = service[name]
            if percent.number is not None and percent.number < least:
                judge.fail(percent, f"is {_shown(percent)} instead of {least}.")
