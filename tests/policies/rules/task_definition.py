"""Changes to a task definition."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Graph, Ref
from value import UNKNOWN


def _share_with_host(graph: Graph) -> None:
    graph["task"].update({"pidMode": "host", "ipcMode": "host", "networkMode": "host"})


def _known_in_part(graph: Graph) -> None:
    graph["task"].update({"pidMode": UNKNOWN, "containerDefinitions": [{"privileged": UNKNOWN}, {"privileged": True}]})


EXECUTION_UNKNOWN = put("task", "executionRoleArn", UNKNOWN)

CASES = [
    Case(
        "no execution role",
        drop("task", "executionRoleArn"),
        [fail("sec-td-roles", "task", "executionRoleArn")],
        says="task: executionRoleArn is not set.",
    ),
    Case(
        "one role for both",
        put("task", "taskRoleArn", Ref("execution-role", "arn")),
        [fail("sec-td-roles", "task", "taskRoleArn")],
        says="task: taskRoleArn is the execution role.",
    ),
    Case(
        "one role for both, at a first preview",
        put("task", "taskRoleArn", Ref("execution-role", "arn")),
        [fail("sec-td-roles", "task", "taskRoleArn")],
        preview=True,
        says="task: taskRoleArn is execution-role, the execution role.",
    ),
    Case(
        "a role that nothing tells",
        put("task", "taskRoleArn", UNKNOWN),
        [undecided("sec-td-roles", "task", "taskRoleArn")],
    ),
    Case("no task role", drop("task", "taskRoleArn"), [], preview=True),
    Case("no task role beside an unknown role", several(drop("task", "taskRoleArn"), EXECUTION_UNKNOWN), []),
    Case(
        "an unknown role beside one of another stack",
        several(put("task", "taskRoleArn", "arn:aws:iam::123456789012:role/far"), EXECUTION_UNKNOWN),
        [undecided("sec-td-roles", "task", "executionRoleArn")],
    ),
    Case(
        "an execution role of another stack, at a first preview",
        put("task", "executionRoleArn", "arn:aws:iam::123456789012:role/far"),
        [],
        preview=True,
    ),
    Case(
        "all namespaces of the host",
        _share_with_host,
        [
            fail("sec-td-isolation", "task", "pidMode"),
            fail("sec-td-isolation", "task", "ipcMode"),
            fail("sec-td-isolation", "task", "networkMode"),
        ],
    ),
    Case(
        "the processes of the host",
        put("task", "pidMode", "host"),
        [fail("sec-td-isolation", "task", "pidMode")],
        says="task: pidMode is host.",
    ),
    Case("namespaces of the task", put("task", "pidMode", "task"), []),
    Case(
        "a privileged container",
        put("task", "containerDefinitions", '[{"privileged": false}, {"privileged": true}]'),
        [fail("sec-td-isolation", "task", "containerDefinitions[1].privileged")],
        says="task: containerDefinitions[1].privileged is true.",
    ),
    Case(
        "what is unknown leaves the rest judged",
        _known_in_part,
        [
            undecided("sec-td-isolation", "task", "pidMode"),
            undecided("sec-td-isolation", "task", "containerDefinitions[0].privileged"),
            fail("sec-td-isolation", "task", "containerDefinitions[1].privileged"),
        ],
    ),
    Case(
        "unknown containers in a namespace of the host",
        lambda graph: graph["task"].update(ipcMode="host", containerDefinitions=UNKNOWN),
        [
            fail("sec-td-isolation", "task", "ipcMode"),
            undecided("sec-td-isolation", "task", "containerDefinitions"),
        ],
    ),
]
