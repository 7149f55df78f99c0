"""Which alarms a release watches."""

from __future__ import annotations

from aws import DEPLOYMENT_GROUP, SERVICE
from judge import Judge
from monitoring import watched
from release import balancers_of, is_ecs, is_native, native_pair, pair, pair_names
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value

MIN_ALARMS = {
    "minAlarms": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "How many alarms there must be at least.",
    }
}

rollback_alarms = Rule(
    id="bg-rollback-alarms",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.HIGH,
    description="CodeDeploy watches alarms while it releases.",
    why="Health checks only tell that the new version answers. That it answers with errors, or late, only an alarm "
    "notices, and without one CodeDeploy goes on to move all users to it.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
-     alarm_configuration={"enabled": False},
+     alarm_configuration={"enabled": True, "alarms": [blue_alarm.name, green_alarm.name]},
  )""",
    url="https://docs.aws.amazon.com/config/latest/developerguide/codedeploy-auto-rollback-monitor-enabled.html",
    knobs=MIN_ALARMS,
)


@rollback_alarms.resource(DEPLOYMENT_GROUP)
def _watches_alarms(group: Resource, judge: Judge) -> None:
    if not is_ecs(group):
        return
    alarms = group["alarmConfiguration"]
    with judge.separately:
        if not alarms["enabled"].flag:
            judge.fail(alarms["enabled"], "is not true.")
            return
    with judge.separately:
        _check_number(alarms["alarms"], judge)
    ignored = alarms["ignorePollAlarmFailure"]
    if ignored.flag:
        judge.fail(ignored, "is true: a release goes on while CloudWatch does not tell how the alarms stand.")


native_rollback_alarms = Rule(
    id="native-rollback-alarms",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.HIGH,
    description="ECS watches alarms while it releases, and rolls back when one goes off.",
    why="Health checks only tell that the new version answers. That it answers with errors, or late, only an alarm "
    "notices, and without one the bake time passes unused.",
    fix="""\
  aws.ecs.Service("app", ...,
-     alarms={"enable": True, "rollback": False, "alarm_names": [blue_alarm.name, green_alarm.name]},
+     alarms={"enable": True, "rollback": True, "alarm_names": [blue_alarm.name, green_alarm.name]},
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html",
    knobs=MIN_ALARMS,
)


@native_rollback_alarms.resource(SERVICE)
def _service_watches_alarms(service: Resource, judge: Judge) -> None:
    if not is_native(service):
        return
    alarms = service["alarms"]
    with judge.separately:
        if not alarms["enable"].flag:
            judge.fail(alarms["enable"], "is not true.")
            return
    with judge.separately:
        if not alarms["rollback"].flag:
            judge.fail(alarms["rollback"], "is not true.")
    _check_number(alarms["alarmNames"], judge)


def _check_number(alarms: Value, judge: Judge) -> None:
    count, minimum = len(alarms.items), judge.knob("minAlarms")
    if count < minimum:
        judge.fail(alarms, f"has {count} alarms; there must be {minimum:g} or more.")


cover_both_groups = Rule(
    id="bg-alarms-cover-both-groups",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="The alarms of a release watch both of its target groups.",
    why="The groups change places at each release. An alarm on one of them watches the new version only every second "
    "time, and in between rolls back for nothing, or not at all.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
-     alarm_configuration={"enabled": True, "alarms": [blue_alarm.name]},
+     alarm_configuration={"enabled": True, "alarms": [blue_alarm.name, green_alarm.name]},
  )""",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
    knobs={
        "metrics": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Metrics of which one must watch both groups, as `HTTPCode_Target_5XX_Count`; any if none "
            "are given.",
        }
    },
)


@cover_both_groups.stack(DEPLOYMENT_GROUP)
def _deployment_group_watches_both(group: Resource, stack: Stack, judge: Judge) -> None:
    alarms = group["alarmConfiguration"]
    if is_ecs(group) and alarms["enabled"].flag:
        _check_coverage(alarms["alarms"], pair_names(group), stack, judge)


@cover_both_groups.stack(SERVICE)
def _service_watches_both(service: Resource, stack: Stack, judge: Judge) -> None:
    alarms = service["alarms"]
    if is_native(service) and alarms["enable"].flag:
        for block in service["loadBalancers"].items:
            with judge.separately:
                _check_coverage(alarms["alarmNames"], native_pair(block), stack, judge)


def _check_coverage(alarms: Value, references: list[Value], stack: Stack, judge: Judge) -> None:
    groups = pair(references, stack)
    if groups is None or not (alarms.is_unknown or alarms.items):
        return
    found = watched(alarms, judge.knob("metrics"), stack)
    unwatched = [group.name for group in groups if group.urn not in found.targets]
    if not unwatched or _is_watched_as_a_whole(references, found.balancers, stack):
        return
    for doubt in found.doubts:
        raise doubt
    if found.elsewhere:
        return
    if len(unwatched) == 1:
        judge.fail(alarms, f"do not watch {unwatched[0]}, which has the new version at every second release.")
    else:
        judge.fail(alarms, f"watch neither {unwatched[0]} nor {unwatched[1]}, nor their load balancer.")


def _is_watched_as_a_whole(references: list[Value], watched_balancers: set[str], stack: Stack) -> bool:
    if not watched_balancers:
        return False
    own = {balancer.urn for reference in references for balancer in balancers_of(reference, stack)}
    return not own or bool(own & watched_balancers)
