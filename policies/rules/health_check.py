"""How the health of new tasks is checked."""

from __future__ import annotations

from functools import partial
from typing import Any

from aws import DEPLOYMENT_GROUP, SERVICE
from finding import contrast, shown
from judge import Judge
from release import is_blue_green, is_ecs, native_blocks, native_pair, pair, pair_names
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value, all_true

health_check_grace = Rule(
    id="bg-health-check-grace",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="A service behind a load balancer gives new tasks time to start.",
    why="ECS stops a task whose health checks fail, and without a grace period it starts counting at once: a "
    "release of a version that is merely slow to start replaces its tasks over and over.",
    fix="""\
  aws.ecs.Service("app", ...,
-     health_check_grace_period_seconds=0,
+     health_check_grace_period_seconds=60,  # the slowest start
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
    knobs={
        "min": {
            "type": "integer",
            "minimum": 1,
            "default": 1,
            "description": "The shortest grace period, in seconds.",
        },
        "max": {
            "type": "integer",
            "minimum": 1,
            "default": 2147483647,
            "description": "The longest grace period, in seconds; by default the longest that ECS takes.",
        },
    },
)


@health_check_grace.resource(SERVICE)
def _new_tasks_have_time_to_start(service: Resource, judge: Judge) -> None:
    place = service["healthCheckGracePeriodSeconds"]
    low, high = judge.knob("min"), judge.knob("max")
    if all_true(
        lambda: not low <= (place.number or 0) <= high,
        lambda: bool(service["loadBalancers"].items),
        partial(is_blue_green, service),
    ):
        bound = f"at most {high:.0f}" if (place.number or 0) > high else f"at least {low:.0f}"
        judge.fail(place, f"is {shown(place.number)}; it should be {bound}.")


health_check_parity = Rule(
    id="bg-health-check-parity",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="The two target groups of a release check health alike, and as the program says.",
    why="The groups take turns. Where their checks differ, a version that is healthy in one release is unhealthy "
    "in the next; and AWS's default check asks / for a 200, which may say nothing about the application.",
    fix="""\
  check = {"path": "/health", "matcher": "200", "interval": 15}
  aws.lb.TargetGroup("blue", ..., health_check=check)
- aws.lb.TargetGroup("green", ..., health_check={**check, "path": "/"})
+ aws.lb.TargetGroup("green", ..., health_check=check)""",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    knobs={
        "fields": {
            "type": "array",
            "items": {
                "type": "string",
                "enum": [
                    *("path", "matcher", "port", "interval"),
                    *("protocol", "timeout", "healthyThreshold", "unhealthyThreshold"),
                ],
            },
            "default": ["path", "matcher", "port", "interval"],
            "description": "What of the health checks must be equal.",
        }
    },
)
HEALTH_DEFAULTS: dict[str, Any] = {
    "path": "/",
    "matcher": 200,
    "interval": 30,
    "protocol": "HTTP",
    "healthyThreshold": 3,
    "unhealthyThreshold": 3,
}


@health_check_parity.stack(DEPLOYMENT_GROUP)
def _deployment_group_pair_is_checked_alike(group: Resource, stack: Stack, judge: Judge) -> None:
    if is_ecs(group):
        _check_health(pair_names(group), stack, judge)


@health_check_parity.stack(SERVICE)
def _native_pair_is_checked_alike(service: Resource, stack: Stack, judge: Judge) -> None:
    for block in native_blocks(service):
        with judge.separately:
            _check_health(native_pair(block), stack, judge)


def _check_health(references: list[Value], stack: Stack, judge: Judge) -> None:
    found = pair(references, stack)
    if found is None:
        return
    bare = [target for target in found if target.is_given("healthCheck") is False]
    for target in bare:
        judge.fail(target["healthCheck"], "is not set: AWS's default check knows nothing of the application.")
    if bare:
        return
    first, second = found
    for name in judge.knob("fields"):
        with judge.separately:
            here, there = second["healthCheck"][name], first["healthCheck"][name]
            if not _is_same_unknown(here, there) and _health(name, here) != _health(name, there):
                judge.fail(here, contrast(here.known, there.known, first.name))


def _is_same_unknown(one: Value, other: Value) -> bool:
    """True if the provider will fill in both, or the same resources will tell both."""
    sources, others = (set(value.resource.property_dependencies.get(value.root, ())) for value in (one, other))
    return one.is_unknown and other.is_unknown and sources == others


def _health(name: str, value: Value) -> Any:
    """A field of a health check, `traffic-port` also where the port is the group's own."""
    if name == "port":
        own = value.resource["port"].number
        return "traffic-port" if value.absent or value.number in (None, own) else value.number
    return value.number if value.number is not None else value.known or HEALTH_DEFAULTS.get(name)
