"""When a release goes back by itself."""

from __future__ import annotations

from functools import partial

from aws import DEPLOYMENT_GROUP, SERVICE
from judge import Judge
from release import is_ecs, is_native
from remedy import Remedy
from resources import Resource
from rule import Level, Rule, Severity
from value import Value, all_true, any_true

auto_rollback = Rule(
    id="bg-auto-rollback",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="CodeDeploy rolls a failed release back by itself.",
    why="Without it a failed release stays where it stopped, perhaps with users on the new "
    "version, until somebody notices.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
-     auto_rollback_configuration={"enabled": False},
+     auto_rollback_configuration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
  )""",
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


@auto_rollback.remediation(DEPLOYMENT_GROUP)
def _turn_rollback_on(group: Resource, remedy: Remedy) -> None:
    if not is_ecs(group):
        return
    rollback = group["autoRollbackConfiguration"]
    events = [each.text for each in rollback["events"].items]
    wanted = {*remedy.knob("events"), *(["DEPLOYMENT_STOP_ON_ALARM"] if _has_alarms(group) else [])}
    missing = sorted(wanted - set(events))
    if not rollback["enabled"].flag:
        remedy.put(rollback["enabled"], True)
    if missing:
        remedy.put(rollback["events"], [*events, *missing])


def _says(value: Value, word: str) -> bool:
    return value.text == word


def _has_alarms(group: Resource) -> bool:
    alarms = group["alarmConfiguration"]
    return all_true(lambda: alarms["enabled"].flag, lambda: bool(alarms["alarms"].items))


circuit_breaker_only = Rule(
    id="native-circuit-breaker-only",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A service that ECS releases blue/green does not rely on the circuit breaker alone.",
    why="The circuit breaker counts tasks that do not start, and AWS's pages disagree on whether it acts in blue/green "
    "deployments at all. A version that starts and then fails its users needs an alarm or a hook.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_circuit_breaker={"enable": True, "rollback": True},
-     alarms={"enable": False, "rollback": False, "alarm_names": []},
+     alarms={"enable": True, "rollback": True, "alarm_names": [blue_alarm.name, green_alarm.name]},
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html",
)


@circuit_breaker_only.resource(SERVICE)
def _has_more_than_the_circuit_breaker(service: Resource, judge: Judge) -> None:
    breaker, alarms = service["deploymentCircuitBreaker"], service["alarms"]
    if all_true(
        lambda: is_native(service),
        lambda: breaker["enable"].flag,
        lambda: not service["deploymentConfiguration"]["lifecycleHooks"].items,
        lambda: not all_true(lambda: alarms["enable"].flag, lambda: bool(alarms["alarmNames"].items)),
    ):
        judge.fail(breaker, "is all that can stop a bad release: there is no alarm and no lifecycle hook.")
