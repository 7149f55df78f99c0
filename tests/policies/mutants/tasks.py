"""How tasks, and what they run on, can be broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from aws import CLUSTER, LOG_GROUP, SERVICE, TASK_DEFINITION
from tests.policies.graph import Graph
from tests.policies.mutants.places import (
    Break,
    Mutator,
    apps,
    behind_balancer,
    both,
    delivered,
    each,
    edit,
    inside,
    lacks,
    to,
    without,
)

Container = dict[str, Any]


def in_each_container(what: str, change: Callable[[Container], object], *also: str) -> Mutator:
    """A change to every container of every task definition, one at a time."""

    def mutator(graph: Graph) -> Iterator[Break]:
        for app in apps(graph):
            task = f"{app}task"
            for index in range(len(json.loads(graph[task]["containerDefinitions"]))):
                one = inside("containerDefinitions", what, lambda containers, i=index: change(containers[i]))
                yield Break(
                    f"{task}: container {index} {what}",
                    lambda g, one=one, task=task: one.do(g, task),
                    frozenset(also),
                )

    return mutator


def set_to(key: str, value: Any) -> Callable[[Container], object]:
    """A change to a container."""
    return lambda container: container.update({key: value})


def _leave_out(key: str) -> Callable[[Container], object]:
    return lambda container: container.pop(key)


def _port(containers: list[Container]) -> None:
    containers[0]["portMappings"][0]["containerPort"] = 9


def _name(containers: list[Container]) -> None:
    containers[0]["name"] = "web"


def _elsewhere(container: Container) -> None:
    container["logConfiguration"] = {"logDriver": "none"}


def _same_role(graph: Graph, name: str) -> None:
    graph.put(name, "taskRoleArn", graph[name]["executionRoleArn"])


def _containers(what: str, change: Callable[[list[Container]], None], *also: str) -> Mutator:
    def mutator(graph: Graph) -> Iterator[Break]:
        for app in apps(graph):
            if behind_balancer(graph, f"{app}service"):
                one = inside("containerDefinitions", what, change)
                yield Break(f"{app}task: {what}", lambda g, one=one, app=app: one.do(g, f"{app}task"), frozenset(also))

    return mutator


def _unlogged_sessions(graph: Graph) -> Iterator[Break]:
    executing = "configuration.executeCommandConfiguration"
    for name in (f"{app}service" for app in apps(graph)):
        for path, value in ((f"{executing}.logging", "NONE"), (f"{executing}.kmsKeyId", None)):
            yield Break(
                f"{name}: execute command, and {path} is {value}",
                lambda g, name=name, path=path, value=value: g.put(name, "enableExecuteCommand", True).put(
                    "cluster", path, value
                ),
            )


TASKS: dict[str, list[Mutator]] = {
    "bg-container-port-join": [
        each(SERVICE, to("loadBalancers[0].containerName", "web"), when=both(behind_balancer, lacks(delivered))),
        each(SERVICE, to("loadBalancers[0].containerName", "web", "bg-appspec-names"), when=delivered),
        _containers("maps another port", _port),
        _containers("has another name", _name),
    ],
    "bg-fargate-shape": [
        each(
            TASK_DEFINITION,
            to("networkMode", "bridge"),
            to("requiresCompatibilities", ["EC2"]),
            to("cpu", "300"),
            to("memory", "9000"),
            without("cpu"),
            without("memory"),
        ),
        each(SERVICE, without("networkConfiguration"), when=behind_balancer),
        each(SERVICE, without("networkConfiguration", "sec-task-sg-from-lb"), when=lacks(behind_balancer)),
    ],
    "sec-service-no-public-ip": [each(SERVICE, to("networkConfiguration.assignPublicIp", True))],
    "sec-image-pinned": [
        in_each_container("runs latest", set_to("image", "app:latest")),
        in_each_container("runs no tag", set_to("image", "app")),
        in_each_container("runs alpine", set_to("image", "nginx:alpine")),
    ],
    "sec-td-no-plaintext-secrets": [
        in_each_container("has a password", set_to("environment", [{"name": "DB_PASSWORD", "value": "correct-horse"}])),
        in_each_container("has a key", set_to("environment", [{"name": "ID", "value": "AKIA" + "IOSFODNN7EXAMPLE"}])),
    ],
    "sec-td-readonly-root": [
        in_each_container("may write", set_to("readonlyRootFilesystem", False)),
        in_each_container("does not say", _leave_out("readonlyRootFilesystem")),
    ],
    "sec-td-isolation": [
        in_each_container("is privileged", set_to("privileged", True)),
        each(
            TASK_DEFINITION,
            to("pidMode", "host"),
            to("ipcMode", "host"),
            to("networkMode", "host", "bg-fargate-shape"),
        ),
    ],
    "sec-td-non-root": [
        in_each_container("is root", set_to("user", "root")),
        in_each_container("is 0", set_to("user", "0:1000")),
        in_each_container("does not say who it is", _leave_out("user")),
    ],
    "sec-td-logging": [
        in_each_container("logs nowhere", _leave_out("logConfiguration")),
    ],
    "sec-td-roles": [
        each(TASK_DEFINITION, without("executionRoleArn"), edit("one role", _same_role)),
    ],
    "sec-fargate-platform": [each(SERVICE, to("platformVersion", "1.3.0"))],
    "sec-cluster-insights": [
        each(CLUSTER, to("settings[0].value", "disabled"), without("settings")),
    ],
    "sec-exec-audit": [_unlogged_sessions],
    "sec-log-retention": [each(LOG_GROUP, without("retentionInDays"), to("retentionInDays", 1.0))],
    "sec-log-kms": [each(LOG_GROUP, without("kmsKeyId"))],
}
