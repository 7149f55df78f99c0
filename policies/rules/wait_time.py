"""How long a release waits, and keeps the old tasks."""

from __future__ import annotations

from typing import Any

from aws import DEPLOYMENT_GROUP, SERVICE
from finding import shown
from judge import Judge
from release import is_ecs, native_blocks, native_pair, pair_names, target_keys
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value


def _minutes(name: str, default: int, highest: int, description: str) -> dict[str, dict[str, Any]]:
    schema = {"type": "integer", "minimum": 0, "maximum": highest, "default": default, "description": description}
    return {name: schema}


termination_wait = Rule(
    id="bg-termination-wait",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.MEDIUM,
    description="CodeDeploy keeps the old tasks for a while after the shift, then stops them.",
    why="As long as the old tasks run, a rollback is a matter of seconds. Without the wait they are gone when the "
    "first complaint arrives; without an end they are paid for, and hold up the next release.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
      blue_green_deployment_config={
          "deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"},
          "terminate_blue_instances_on_deployment_success": {
              "action": "TERMINATE",
-             "termination_wait_time_in_minutes": 0,
+             "termination_wait_time_in_minutes": 15,
          },
      },
  )""",
    url="https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BlueInstanceTerminationOption.html",
    knobs={
        **_minutes("min", 5, 2800, "The shortest wait, in minutes."),
        **_minutes("max", 1440, 2800, "The longest wait, in minutes; CodeDeploy's own limit is 2,800."),
    },
)


@termination_wait.resource(DEPLOYMENT_GROUP)
def _waits_before_termination(group: Resource, judge: Judge) -> None:
    if not is_ecs(group):
        return
    option = _termination(group)
    action, wait = option["action"], option["terminationWaitTimeInMinutes"]
    with judge.separately:
        if option.absent:
            judge.fail(option, "is not set.")
            return
        if action.text != "TERMINATE":
            judge.fail(action, f"is {shown(action.known)} instead of TERMINATE.")
    low, high = int(judge.knob("min")), int(judge.knob("max"))
    if wait.number is None or not low <= wait.number <= high:
        judge.fail(wait, f"is {shown(wait.known)}; {low} to {high} minutes are allowed here.")


ready_option = Rule(
    id="bg-ready-option",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A release that waits for a go-ahead says how long, and any other does not wait.",
    why="CodeDeploy refuses the group otherwise: Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' "
    "when timeout is specified; or: Deployment ready action cannot be set to STOP_DEPLOYMENT when timeout is set to 0 "
    "minutes.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
      blue_green_deployment_config={
-         "deployment_ready_option": {"action_on_timeout": "STOP_DEPLOYMENT"},
+         "deployment_ready_option": {"action_on_timeout": "STOP_DEPLOYMENT", "wait_time_in_minutes": 60},
          "terminate_blue_instances_on_deployment_success": {
              "action": "TERMINATE", "termination_wait_time_in_minutes": 15,
          },
      },
  )""",
    url="https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html",
)


@ready_option.resource(DEPLOYMENT_GROUP)
def _waits_only_for_a_go_ahead(group: Resource, judge: Judge) -> None:
    if not is_ecs(group):
        return
    option = group["blueGreenDeploymentConfig"]["deploymentReadyOption"]
    wait = option["waitTimeInMinutes"]
    waits = (wait.number or 0) > 0
    if option["actionOnTimeout"].text == "STOP_DEPLOYMENT":
        if not waits:
            judge.fail(wait, f"is {shown(wait.known)}, but STOP_DEPLOYMENT needs the time to wait for a go-ahead.")
    elif waits:
        judge.fail(wait, f"is {shown(wait.known)}, but only STOP_DEPLOYMENT waits for a go-ahead.")


drain = Rule(
    id="bg-drain-fits-wait",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="Target groups drain no longer than a release keeps the old tasks.",
    why="The deregistration delay says how long a request may take. If a release keeps the old tasks for less than "
    "that, the way back closes while requests to them are still in flight, and the release ends late.",
    fix="""\
- green = aws.lb.TargetGroup("green", ..., deregistration_delay=1200)
+ green = aws.lb.TargetGroup("green", ..., deregistration_delay=60)
  aws.codedeploy.DeploymentGroup("app", ...,
      blue_green_deployment_config={
          "deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"},
          "terminate_blue_instances_on_deployment_success": {
              "action": "TERMINATE", "termination_wait_time_in_minutes": 15,
          },
      },
  )""",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
)
DEFAULT_DELAY = 300


@drain.stack(DEPLOYMENT_GROUP)
def _drains_before_termination(group: Resource, stack: Stack, judge: Judge) -> None:
    if is_ecs(group):
        wait = _termination(group)["terminationWaitTimeInMinutes"]
        _check_drain(pair_names(group), wait, stack, judge)


@drain.stack(SERVICE)
def _drains_while_baking(service: Resource, stack: Stack, judge: Judge) -> None:
    references = [reference for block in native_blocks(service) for reference in native_pair(block)]
    if references:
        bake = service["deploymentConfiguration"]["bakeTimeInMinutes"]
        _check_drain(references, bake.given, stack, judge)


def _check_drain(references: list[Value], wait: Value, stack: Stack, judge: Judge) -> None:
    minutes = wait.number
    if minutes is None:
        return
    for target in stack.at(target_keys(references, stack)):
        with judge.separately:
            delay = target["deregistrationDelay"]
            seconds = DEFAULT_DELAY if delay.absent else delay.number
            if seconds is not None and seconds > minutes * 60:
                kept = f"{wait.resource.name} keeps old tasks for {shown(minutes)} minutes"
                judge.fail(delay, f"is {shown(seconds)} seconds, but {kept}.")


def _termination(group: Resource) -> Value:
    return group["blueGreenDeploymentConfig"]["terminateBlueInstancesOnDeploymentSuccess"]
