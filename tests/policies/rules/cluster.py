"""Changes to a cluster, and to what runs on it."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Graph, Ref
from tests.policies.stacks import classic
from value import UNKNOWN

INSIGHTS, AUDIT = "sec-cluster-insights", "sec-exec-audit"
EXEC = "configuration.executeCommandConfiguration"
ON = put("service", "enableExecuteCommand", True)
LOGGED_BY_CONTAINERS = several(ON, put("cluster", f"{EXEC}.logging", "DEFAULT"))


def _insights(*values: Any) -> Any:
    return put("cluster", "settings", [{"name": "containerInsights", "value": value} for value in values])


def _sidecar_logs_elsewhere(graph: Graph) -> None:
    containers = [{"logConfiguration": {"logDriver": driver}} for driver in ("awslogs", "splunk")]
    graph["task"]["containerDefinitions"] = containers


CASES: list[Case] = [
    Case(
        "no settings",
        drop("cluster", "settings"),
        [fail(INSIGHTS, "cluster", "settings")],
        says="cluster: settings sets containerInsights neither to enabled nor to enhanced.",
    ),
    Case("insights off", _insights("disabled"), [fail(INSIGHTS, "cluster", "settings")]),
    Case("plain insights", _insights("enabled"), []),
    Case(
        "another setting",
        put("cluster", "settings", [{"name": "other", "value": "enabled"}]),
        [fail(INSIGHTS, "cluster", "settings")],
    ),
    Case("unknown insights", _insights(UNKNOWN), [undecided(INSIGHTS, "cluster", "settings[0].value")]),
    Case("unknown insights beside known ones", _insights(UNKNOWN, "enabled"), []),
    Case("sessions that are logged and encrypted", ON, []),
    Case("the same, at a first preview", ON, [], preview=True),
    Case("sessions with a log group of their own", several(ON, _sidecar_logs_elsewhere), []),
    Case("a cluster without sessions", drop("cluster", "configuration"), []),
    Case(
        "sessions that nothing is said of",
        several(ON, drop("cluster", "configuration")),
        [fail(AUDIT, "service", "enableExecuteCommand")],
        says="service: enableExecuteCommand is true, but cluster cluster has no executeCommandConfiguration.",
    ),
    Case(
        "sessions on a cluster of another stack",
        several(ON, drop("cluster", "configuration"), put("service", "cluster", "far")),
        [],
    ),
    Case(
        "sessions that are not logged",
        put("cluster", f"{EXEC}.logging", "NONE"),
        [fail(AUDIT, "cluster", f"{EXEC}.logging")],
        says=f"cluster: {EXEC}.logging is NONE.",
    ),
    Case(
        "the same outside of production, where it is advice",
        put("cluster", f"{EXEC}.logging", "NONE"),
        [fail(AUDIT, "cluster", f"{EXEC}.logging")],
        stack=lambda: classic("dev"),
    ),
    Case(
        "sessions that are logged nowhere",
        put("cluster", f"{EXEC}.logConfiguration", {}),
        [fail(AUDIT, "cluster", f"{EXEC}.logConfiguration")],
        says=f"cluster: {EXEC}.logConfiguration names neither a log group nor a bucket.",
    ),
    Case("sessions in a bucket", put("cluster", f"{EXEC}.logConfiguration", {"s3BucketName": "audit"}), []),
    Case(
        "sessions that are not encrypted",
        drop("cluster", f"{EXEC}.kmsKeyId"),
        [fail(AUDIT, "cluster", f"{EXEC}.kmsKeyId")],
        says=f"cluster: {EXEC}.kmsKeyId is not set.",
    ),
    Case("sessions logged as all containers are", LOGGED_BY_CONTAINERS, []),
    Case(
        "sessions logged as all containers are, by default",
        several(ON, drop("cluster", f"{EXEC}.logging")),
        [],
    ),
    Case(
        "sessions logged as one container isn't, by default",
        several(ON, drop("cluster", f"{EXEC}.logging"), _sidecar_logs_elsewhere),
        [fail(AUDIT, "service", "enableExecuteCommand")],
    ),
    Case(
        "sessions logged as one container isn't",
        several(LOGGED_BY_CONTAINERS, _sidecar_logs_elsewhere),
        [fail(AUDIT, "service", "enableExecuteCommand")],
        says="service: enableExecuteCommand is true, and cluster cluster logs sessions where the container's awslogs "
        "driver does, which not every container of task definition task has.",
    ),
    Case(
        "sessions of a task definition of another stack",
        several(LOGGED_BY_CONTAINERS, _sidecar_logs_elsewhere, put("service", "taskDefinition", "far:1")),
        [],
    ),
    Case(
        "sessions of unknown containers",
        several(LOGGED_BY_CONTAINERS, put("task", "containerDefinitions", UNKNOWN)),
        [undecided(AUDIT, "service", "containerDefinitions")],
    ),
    Case(
        "sessions that may be allowed",
        put("service", "enableExecuteCommand", UNKNOWN),
        [undecided(AUDIT, "service", "enableExecuteCommand")],
    ),
    Case(
        "unknown logging leaves the key judged",
        lambda graph: graph["cluster"].update(configuration={"executeCommandConfiguration": {"logging": UNKNOWN}}),
        [undecided(AUDIT, "cluster", f"{EXEC}.logging"), fail(AUDIT, "cluster", f"{EXEC}.kmsKeyId")],
    ),
    Case(
        "a key that nothing tells",
        lambda graph: graph["cluster"].update(configuration={"executeCommandConfiguration": {"kmsKeyId": UNKNOWN}}),
        [undecided(AUDIT, "cluster", f"{EXEC}.kmsKeyId")],
    ),
    Case(
        "an unknown configuration",
        put("cluster", "configuration", UNKNOWN),
        [undecided(AUDIT, "cluster", "configuration")],
    ),
    Case(
        "a key of the stack, at a first preview",
        put("cluster", f"{EXEC}.kmsKeyId", Ref("key", "arn")),
        [],
        preview=True,
    ),
]
