"""What a log group must be."""

from __future__ import annotations

from aws import LOG_GROUP
from finding import shown
from judge import Judge
from remedy import Remedy
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided

retention = Rule(
    id="sec-log-retention",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="Logs are kept for a set time, and long enough to look into a release.",
    why="By default CloudWatch keeps, and bills, logs for ever, with whatever personal data is in them. If they go too "
    "soon, nothing is left to tell a bad release by.",
    fix="""\
  aws.cloudwatch.LogGroup("app", ...,
-     retention_in_days=1,
+     retention_in_days=30,
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-16",
    knobs={
        "minDays": {
            "type": "integer",
            "minimum": 1,
            "default": 7,
            "description": "For how many days logs must be kept.",
        }
    },
)


@retention.resource(LOG_GROUP)
def _is_kept_long_enough(group: Resource, judge: Judge) -> None:
    if group["logGroupClass"].text == "DELIVERY":
        judge.not_applicable("is of class DELIVERY, which AWS keeps for two days")
        return
    days = group["retentionInDays"]
    if not days.number:
        judge.fail(days, "is not set: events are kept for ever.")
    elif days.number < judge.knob("minDays"):
        judge.fail(days, f"is {shown(days.number)}, less than {shown(judge.knob('minDays'))}.")


RETENTION_DAYS = (30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""What AWS offers, as far as a remedy may choose it."""


@retention.remediation(LOG_GROUP)
def _keep_long_enough(group: Resource, remedy: Remedy) -> None:
    days = group["retentionInDays"]
    if group["logGroupClass"].text != "DELIVERY" and not (days.number or 0) >= remedy.knob("minDays"):
        remedy.put(days, next(kept for kept in RETENTION_DAYS if kept >= remedy.knob("minDays")))


encryption = Rule(
    id="sec-log-kms",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="Logs are encrypted by a key of one's own.",
    why="CloudWatch's own key opens logs to whoever may read the group. A key of one's own is a second lock, which can "
    "be taken away again.",
    fix="""\
  aws.cloudwatch.LogGroup("app", ...,
-     kms_key_id=None,
+     kms_key_id=key.arn,  # its policy must let logs.<region>.amazonaws.com use it
  )""",
    url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)


@encryption.resource(LOG_GROUP)
def _has_a_key(group: Resource, judge: Judge) -> None:
    key = group["kmsKeyId"]
    if not key.is_unknown and not key.text:
        judge.fail(key, "is not set.")


@encryption.stack(LOG_GROUP)
def _key_is_some_resource(group: Resource, _stack: Stack, _judge: Judge) -> None:
    if group["kmsKeyId"].is_computed:
        raise Undecided(group["kmsKeyId"])
