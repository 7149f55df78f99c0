"""Changes to the containers of a task definition."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Found, Graph
from tests.policies.stacks import classic
from value import UNKNOWN

PINNED, SECRETS, READONLY, USER, LOGGING = (
    "sec-image-pinned",
    "sec-td-no-plaintext-secrets",
    "sec-td-readonly-root",
    "sec-td-non-root",
    "sec-td-logging",
)
LOGS = "logConfiguration"
GROUP = f"{LOGS}.options.awslogs-group"


def _app(**fields: Any) -> Change:
    """Changes fields of the first container; None takes one away."""

    def change(graph: Graph) -> None:
        containers = json.loads(graph["task"]["containerDefinitions"])
        containers[0] = {name: value for name, value in {**containers[0], **fields}.items() if value is not None}
        graph["task"]["containerDefinitions"] = json.dumps(containers)

    return change


def _as_object(**fields: Any) -> Change:
    """The same in containers that are no text, of which one field can be unknown."""

    def change(graph: Graph) -> None:
        containers = json.loads(graph["task"]["containerDefinitions"])
        graph["task"]["containerDefinitions"] = [{**containers[0], **fields}, *containers[1:]]

    return change


def _at(path: str) -> str:
    return f"containerDefinitions[0].{path}"


def _image(image: str, *, pinned: bool, config: dict[str, Any] | None = None, says: str = "") -> Case:
    expected = [] if pinned else [fail(PINNED, "task", _at("image"))]
    return Case(f"image {image}", _app(image=image), expected, config={PINNED: config or {}}, says=says)


def _logs(driver: str = "awslogs", **options: str) -> Change:
    return _app(logConfiguration={"logDriver": driver, "options": options})


def _writes_to(name: str, **options: str) -> Change:
    return _logs(**{"awslogs-group": name, **options})


def _no_log_groups(graph: Graph) -> None:
    del graph.resources["logs"], graph.resources["exec-logs"]
    graph["cluster"].pop("configuration")


UNKNOWN_GROUP = _as_object(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-group": UNKNOWN}})
WINDOWS = put("task", "runtimePlatform.operatingSystemFamily", "WINDOWS_SERVER_2022_CORE")
EVERY: list[Found] = [undecided(rule, "task", "containerDefinitions") for rule in (PINNED, SECRETS, LOGGING)]
LINUX: list[Found] = [undecided(rule, "task", "containerDefinitions") for rule in (READONLY, USER)]

CASES: list[Case] = [
    Case("unknown containers", put("task", "containerDefinitions", UNKNOWN), EVERY + LINUX),
    Case("containers that are no JSON", put("task", "containerDefinitions", "[{"), EVERY + LINUX),
    Case("containers that are no containers", put("task", "containerDefinitions", '{"image": "app"}'), []),
    _image("app", pinned=False, says=f"task: {_at('image')} names no tag, which means latest."),
    _image("registry:5000/shop/app", pinned=False),
    _image("app:latest", pinned=False, says=f"task: {_at('image')} names a tag that moves from image to image."),
    _image("nginx:alpine", pinned=False),
    _image("node:20", pinned=False),
    _image("app:v1", pinned=False),
    _image("node:20.11", pinned=True),
    _image("node:20-alpine", pinned=True),
    _image("app:20240115093000", pinned=True),
    _image("registry:5000/shop/app:3f9c2ab", pinned=True),
    _image("app@sha256:" + "0f" * 32, pinned=True),
    _image("app:latest@sha256:" + "0f" * 32, pinned=True),
    _image("app:latest", pinned=True, config={"allowBootstrap": ["app:*"]}),
    _image("app:latest", pinned=False, config={"allowBootstrap": ["other:*"]}),
    Case(
        "tags where digests are required",
        _app(image="app:1.2.3@sha256:" + "0f" * 32),
        [fail(PINNED, "task", "containerDefinitions[1].image")],
        config={PINNED: {"requireDigest": True}},
        says="task: containerDefinitions[1].image names no digest.",
    ),
    Case("latest outside of production", _app(image="app:latest"), [], stack=lambda: classic("dev")),
    Case("no image at all", _app(image=None), []),
    Case(
        "an unknown image leaves the next one judged",
        several(_app(image="app:latest"), _as_object(image=UNKNOWN)),
        [undecided(PINNED, "task", _at("image"))],
    ),
    Case(
        "a credential by its name, and one by its form",
        _app(
            environment=[
                {"name": "LOG_LEVEL", "value": "debug"},
                {"name": "DATABASE_PASSWORD", "value": "correct-horse-battery"},
                {"name": "DATABASE_URL", "value": "postgres://app:correct-horse@db/app"},
                {"name": "DATABASE_PASSWORD_LENGTH", "value": "16"},
            ]
        ),
        [
            fail(SECRETS, "task", _at("environment[1].value")),
            fail(SECRETS, "task", _at("environment[2].value")),
        ],
    ),
    Case(
        "a credential by a name of one's own",
        _app(environment=[{"name": "LICENCE", "value": "correct-horse"}, {"name": "API_KEY", "value": "battery"}]),
        [fail(SECRETS, "task", _at("environment[0].value"))],
        config={SECRETS: {"patterns": ["^licence$"]}},
        says=f"task: {_at('environment[0].value')} looks like a credential.",
    ),
    Case("an environment that is none", _app(environment="DATABASE_PASSWORD=correct-horse"), []),
    Case(
        "an unknown variable leaves the next one judged",
        _as_object(
            environment=[{"name": "PASSWORD", "value": UNKNOWN}, {"name": "PASSWORD", "value": "correct-horse"}]
        ),
        [
            undecided(SECRETS, "task", _at("environment[0].value")),
            fail(SECRETS, "task", _at("environment[1].value")),
        ],
    ),
    Case(
        "a writable root",
        _app(readonlyRootFilesystem=None),
        [fail(READONLY, "task", _at("readonlyRootFilesystem"))],
        says=f"task: {_at('readonlyRootFilesystem')} is not true.",
    ),
    Case(
        "a writable root, allowed",
        _app(readonlyRootFilesystem=False),
        [],
        config={READONLY: {"allowFor": ["ap*"]}},
    ),
    Case(
        "a root that may be writable",
        _as_object(readonlyRootFilesystem=UNKNOWN),
        [undecided(READONLY, "task", _at("readonlyRootFilesystem"))],
    ),
    Case("a readonly root of an unknown container", _as_object(name=UNKNOWN), []),
    Case(
        "no user",
        _app(user=None),
        [fail(USER, "task", _at("user"))],
        says=f"task: {_at('user')} is not set.",
    ),
    *(
        Case(
            f"user {user}",
            _app(user=user),
            [fail(USER, "task", _at("user"))],
            says=f"task: {_at('user')} is root.",
        )
        for user in ("root", "root:app", "0", "0:1000", "00")
    ),
    *(Case(f"user {user}", _app(user=user), []) for user in ("app", "app:root", "10", "1000:0")),
    Case("an unknown user", _as_object(user=UNKNOWN), [undecided(USER, "task", _at("user"))]),
    Case(
        "Windows containers have neither",
        several(_app(user=None, readonlyRootFilesystem=None), WINDOWS),
        [("sec-td-readonly-root", "task", "", "not applicable"), ("sec-td-non-root", "task", "", "not applicable")],
    ),
    Case(
        "no logs",
        _app(logConfiguration=None),
        [fail(LOGGING, "task", _at(LOGS))],
        says=f"task: {_at(LOGS)} is not set.",
    ),
    Case(
        "logs that stay on the host",
        _logs("json-file"),
        [fail(LOGGING, "task", _at(f"{LOGS}.logDriver"))],
        says=f"task: {_at(LOGS)}.logDriver is none of awslogs, awsfirelens, splunk.",
    ),
    Case("logs by another driver", _logs("json-file"), [], config={LOGGING: {"drivers": ["json-file", "awslogs"]}}),
    Case(
        "a driver that is not allowed",
        nothing,
        [fail(LOGGING, "task", f"containerDefinitions[{n}].{LOGS}.logDriver") for n in (0, 1)],
        config={LOGGING: {"drivers": ["awsfirelens"]}},
    ),
    Case("logs by FireLens", _logs("awsfirelens", Name="cloudwatch"), []),
    Case(
        "no log group",
        _logs(),
        [fail(LOGGING, "task", _at(GROUP))],
        says=f"task: {_at(GROUP)} is not set.",
    ),
    Case(
        "the log group's ARN",
        _writes_to("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app"),
        [fail(LOGGING, "task", _at(GROUP))],
        says=f"task: {_at(GROUP)} is an ARN; the driver takes the group's name.",
    ),
    Case("a log group of another stack", _writes_to("/shared/app"), []),
    Case("the stack's log group, misspelt, where it has none", several(_writes_to("ecs/app"), _no_log_groups), []),
    Case(
        "the stack's log group, misspelt",
        _writes_to("ecs/App"),
        [fail(LOGGING, "task", _at(GROUP))],
        says=f"task: {_at(GROUP)} is not the name of logs, which differs in its suffix, case or punctuation.",
    ),
    Case(
        "the name without the suffix that Pulumi adds",
        several(put("logs", "name", "app-1a2b3c4"), _writes_to("app")),
        [fail(LOGGING, "task", _at(GROUP))],
    ),
    Case(
        "the same, where the driver makes the group",
        _writes_to("ecs/App", **{"awslogs-create-group": "true"}),
        [],
    ),
    Case("a log group whose name nothing tells", UNKNOWN_GROUP, [undecided(LOGGING, "task", _at(GROUP))]),
    Case("the same where the stack has no log groups", several(UNKNOWN_GROUP, _no_log_groups), []),
    Case(
        "an unknown driver",
        _as_object(logConfiguration={"logDriver": UNKNOWN}),
        [undecided(LOGGING, "task", _at(f"{LOGS}.logDriver"))],
    ),
    Case("unknown names of other log groups", put("exec-logs", "name", UNKNOWN), []),
]
