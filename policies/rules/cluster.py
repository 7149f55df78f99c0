"""What a cluster must be."""

from __future__ import annotations

from functools import partial

from aws import CLUSTER, SERVICE, TASK_DEFINITION
from judge import Judge
from release import containers
from remedy import Remedy
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, all_true, any_true

insights = Rule(
    id="sec-cluster-insights",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="Container Insights watches the cluster.",
    why="ECS by itself reports the CPU and memory of a whole service. Container Insights adds network, storage and how "
    "many tasks run, and if enhanced each task by itself: there a bad version shows beside the old one.",
    fix="""\
  aws.ecs.Cluster("cluster", ...,
-     settings=[{"name": "containerInsights", "value": "disabled"}],
+     settings=[{"name": "containerInsights", "value": "enhanced"}],
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-12",
)


@insights.resource(CLUSTER)
def _insights_are_on(cluster: Resource, judge: Judge) -> None:
    settings = cluster["settings"]
    if not any_true(*(partial(_turns_insights_on, each) for each in settings.items)):
        judge.fail(settings, "sets containerInsights neither to enabled nor to enhanced.")


def _turns_insights_on(setting: Value) -> bool:
    return all_true(
        lambda: setting["name"].text == "containerInsights",
        lambda: setting["value"].text in ("enabled", "enhanced"),
    )


@insights.remediation(CLUSTER)
def _turn_insights_on(cluster: Resource, remedy: Remedy) -> None:
    settings = cluster["settings"]
    if not any(map(_turns_insights_on, settings.items)):
        others = [each.known for each in settings.items if each["name"].text != "containerInsights"]
        remedy.put(settings, [*others, {"name": "containerInsights", "value": "enhanced"}])


exec_audit = Rule(
    id="sec-exec-audit",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.MEDIUM,
    description="ECS Exec is off, or its sessions are logged and encrypted by a key of one's own.",
    why="A shell in a running task can do what no release and no review has seen. CloudTrail tells who opened it; only "
    "a session log tells what was done.",
    fix="""\
  aws.ecs.Cluster("cluster", ...,
      configuration={"execute_command_configuration": {
-         "logging": "NONE",
+         "kms_key_id": key.arn,
+         "logging": "OVERRIDE",
+         "log_configuration": {"cloud_watch_log_group_name": log_group.name},
      }},
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
)


@exec_audit.resource(CLUSTER)
def _sessions_are_audited(cluster: Resource, judge: Judge) -> None:
    sessions = _sessions(cluster)
    if sessions.absent:
        return
    with judge.separately:
        logging, destination = sessions["logging"], sessions["logConfiguration"]
        if logging.text == "NONE":
            judge.fail(logging, "is NONE.")
        elif logging.text == "OVERRIDE" and not any_true(
            lambda: destination["cloudWatchLogGroupName"].is_set,
            lambda: destination["s3BucketName"].is_set,
        ):
            judge.fail(destination, "names neither a log group nor a bucket.")
    if not sessions["kmsKeyId"].is_set:
        judge.fail(sessions["kmsKeyId"], "is not set.")


@exec_audit.stack(CLUSTER)
def _key_is_some_resource(cluster: Resource, _stack: Stack, _judge: Judge) -> None:
    sessions = _sessions(cluster)
    if not sessions.is_unknown and sessions["kmsKeyId"].is_computed:
        raise Undecided(sessions["kmsKeyId"])


@exec_audit.stack(SERVICE)
def _cluster_audits_sessions(service: Resource, stack: Stack, judge: Judge) -> None:
    enabled = service["enableExecuteCommand"]
    cluster = stack.one(service["cluster"], CLUSTER) if enabled.flag else None
    if cluster is None:
        return
    sessions = _sessions(cluster)
    if sessions.absent:
        judge.fail(enabled, f"is true, but cluster {cluster.name} has no executeCommandConfiguration.")
    elif sessions["logging"].text in ("", "DEFAULT"):
        task = stack.one(service["taskDefinition"], TASK_DEFINITION)
        if task is not None and not all_true(*(partial(_logs, each) for each in containers(task))):
            judge.fail(
                enabled,
                f"is true, and cluster {cluster.name} logs sessions where the container's awslogs driver does, "
                f"which not every container of task definition {task.name} has.",
            )


def _sessions(cluster: Resource) -> Value:
    return cluster["configuration"]["executeCommandConfiguration"]


def _logs(container: Value) -> bool:
    return container["logConfiguration"]["logDriver"].text == "awslogs"
