"""When a release goes back by itself."""

from __future__ import annotations

from functools import partial

from aws import DEPLOYMENT_GROUP
from judge import Judge
from release import is_ecs
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
