"""How many tasks a service runs, and who says so."""

from __future__ import annotations

from functools import partial

from aws import SCALABLE_TARGET, SERVICE
from finding import shown
from judge import Judge
from release import is_blue_green, services
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value, all_true

COUNT = "desiredCount"

desired_count = Rule(
    id="bg-desired-count",
    level=Level.PRODUCTION,
    severity=Severity.MEDIUM,
    description="In production, a service runs more than one task.",
    why="A release copies what runs: from no task it proves nothing, and where only one runs, every task that is "
    "lost is an outage, also in the middle of a release.",
    fix="""\
  aws.ecs.Service("app", ...,
-     desired_count=1,
+     desired_count=2,
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
    knobs={
        "min": {
            "type": "integer",
            "minimum": 0,
            "default": 2,
            "description": "The fewest tasks that a service may ask for.",
        }
    },
)


@desired_count.resource(SERVICE)
def _runs_enough_tasks(service: Resource, judge: Judge) -> None:
    count, least = service[COUNT], judge.knob("min")
    if all_true(
        lambda: not (count.absent and service.ignores(COUNT)),  # else somebody else sets it
        lambda: (count.number or 0) < least,
        lambda: service["schedulingStrategy"].text != "DAEMON",
        partial(is_blue_green, service),
    ):
        judge.fail(count, f"is {shown(count.number)}; it should be at least {least:.0f}.")


autoscaling_owns_count = Rule(
    id="bg-autoscaling-owns-count",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    description="Pulumi leaves to autoscaling how many tasks a service runs.",
    why="Autoscaling changes the count all day. The next update would set it back to what the program says, and "
    "take tasks away under load, perhaps in the middle of a release.",
    fix="""\
  app = aws.ecs.Service("app", ...,
-     opts=pulumi.ResourceOptions(ignore_changes=["task_definition", "load_balancers"]),
+     opts=pulumi.ResourceOptions(ignore_changes=["task_definition", "load_balancers", "desired_count"]),
  )
  aws.appautoscaling.Target("app", ...,
      resource_id=pulumi.Output.concat("service/", cluster.name, "/", app.name),
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html",
)


@autoscaling_owns_count.stack(SCALABLE_TARGET)
def _count_is_left_to_autoscaling(target: Resource, stack: Stack, judge: Judge) -> None:
    if not all_true(
        lambda: target["serviceNamespace"].text == "ecs",
        lambda: target["scalableDimension"].text == "ecs:service:DesiredCount",
    ):
        return
    for service in services(*_named(target["resourceId"]), stack):
        if not service.ignores(COUNT) and is_blue_green(service):
            judge.fail(service, f"does not ignore changes of {COUNT}, although {target.name} scales it.")


def _named(identity: Value) -> tuple[Value, Value]:
    """Cluster and service in `service/CLUSTER/SERVICE`; both unknown if that is."""
    if identity.is_unknown:
        return identity, identity
    _, cluster, service, *_ = [*identity.text.split("/"), "", "", ""]
    return Value(identity.resource, cluster, "resourceId"), Value(identity.resource, service, "resourceId")
