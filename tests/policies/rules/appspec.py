"""Changes to the files that a release is made from."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.policies.cases import Case, drop, fail, not_applicable, nothing, put, several, undecided
from tests.policies.graph import Change, Graph
from tests.policies.stacks import delivered, native, two_services
from tests.policies.stacks.delivery import APPSPEC
from value import UNKNOWN

RULE = "bg-appspec-names"
NAMES = "content.ContainerName"


def _appspec(old: str, new: str) -> Change:
    assert old in APPSPEC
    return put("appspec", "content", APPSPEC.replace(old, new))


def _json(**properties: Any) -> str:
    target = {"Type": "AWS::ECS::Service", "Properties": properties}
    return json.dumps({"version": 0.0, "Resources": [{"TargetService": target}]}, separators=(",", ":"))


def _task(**changed: Any) -> Change:
    """Changes the first container of the uploaded task definition."""

    def change(graph: Graph) -> None:
        task = json.loads(graph["taskdef"]["content"])
        task["containerDefinitions"][0].update(changed)
        graph["taskdef"]["content"] = json.dumps(task)

    return change


def _family(family: str) -> Change:
    return put("taskdef", "content", json.dumps({"family": family, "containerDefinitions": []}))


def _encoded(graph: Graph) -> None:
    text = graph["appspec"].pop("content").replace("ContainerName: app", "ContainerName: web")
    graph["appspec"]["contentBase64"] = base64.b64encode(text.encode()).decode()


def _upload(key: Any, content: str) -> Change:
    return lambda graph: graph.add("uploaded", "aws:s3/bucketObject:BucketObject", {"key": key, "content": content})


APPSPEC_CASES = [
    Case("compliant files", nothing, [], delivered),
    Case("compliant files at first preview", nothing, [], delivered, preview=True),
    Case(
        "another container",
        _appspec("ContainerName: app", "ContainerName: web"),
        [fail(RULE, "appspec", NAMES)],
        delivered,
        says=f"appspec: {NAMES} is no container that service registers.",
    ),
    Case(
        "another port",
        _appspec("ContainerPort: 80", "ContainerPort: 8080"),
        [fail(RULE, "appspec", "content.ContainerPort")],
        delivered,
        says="appspec: content.ContainerPort is no port that service registers.",
    ),
    Case("no container", _appspec("ContainerName: app", ""), [fail(RULE, "appspec", NAMES)], delivered),
    Case(
        "no port",
        _appspec("ContainerPort: 80", ""),
        [fail(RULE, "appspec", "content.ContainerPort")],
        delivered,
    ),
    Case(
        "neither",
        several(_appspec("LoadBalancerInfo:", ""), _appspec("ContainerName: app\n          ContainerPort: 80", "")),
        [fail(RULE, "appspec", NAMES)],
        delivered,
    ),
    Case(
        "a service without a load balancer",
        several(_upload("appspec.yaml", APPSPEC), put("service", "loadBalancers", [])),
        [],
    ),
    Case(
        "a revision that stays, though a pipeline releases",
        _appspec("<TASK_DEFINITION>", "arn:aws:ecs:eu-west-1:123456789012:task-definition/app-family:7"),
        [fail(RULE, "appspec", "content.TaskDefinition")],
        delivered,
        says="appspec: content.TaskDefinition is not <TASK_DEFINITION>, which becomes the new revision.",
    ),
    Case(
        "a revision, for a release by hand",
        _upload("appspec.yaml", APPSPEC.replace("<TASK_DEFINITION>", "arn:aws:ecs:eu-west-1:1:task-definition/a:7")),
        [],
    ),
    Case(
        "a family in place of a revision",
        _upload("appspec.yml", APPSPEC.replace("<TASK_DEFINITION>", "app-family")),
        [fail(RULE, "uploaded", "content.TaskDefinition")],
    ),
    Case(
        "no revision",
        _upload("appspec.yml", APPSPEC.replace("TaskDefinition: <TASK_DEFINITION>", "")),
        [fail(RULE, "uploaded", "content.TaskDefinition")],
    ),
    Case(
        "quoted values and comments",
        _upload(
            "appspec.yaml",
            APPSPEC.replace(": app", ': "app"  # ContainerName: web')
            .replace(": 80", ": '80'")
            .replace(": <", ': "<')
            .replace("ON>", 'ON>"'),
        ),
        [],
    ),
    Case(
        "JSON on one line",
        _upload(
            "release/appspec.json",
            _json(TaskDefinition="<TASK_DEFINITION>", LoadBalancerInfo={"ContainerName": "app", "ContainerPort": 80}),
        ),
        [],
    ),
    Case(
        "JSON that names another container and port",
        _upload(
            "appspec.json",
            _json(LoadBalancerInfo={"ContainerPort": 80, "ContainerName": "web"}, TaskDefinition="<TASK_DEFINITION>"),
        ),
        [fail(RULE, "uploaded", NAMES)],
    ),
    Case(
        "each of two services",
        several(
            put("api-service", "deploymentController.type", "CODE_DEPLOY"),
            put("api-service", "loadBalancers[0].containerName", "api"),
            _upload("appspec.yaml", APPSPEC.replace(": app", ": api").replace(": 80", ": 8080")),
        ),
        [],
        two_services,
    ),
    Case(
        "the container of one service with the port of another",
        several(
            put("api-service", "deploymentController.type", "CODE_DEPLOY"),
            put("api-service", "loadBalancers[0].containerName", "api"),
            _upload("appspec.yaml", APPSPEC.replace(": 80", ": 8080")),
        ),
        [fail(RULE, "uploaded", "content.ContainerPort")],
        two_services,
    ),
    Case("base64", _encoded, [fail(RULE, "appspec", "contentBase64.ContainerName")], delivered),
    Case(
        "a file that the pack is not shown",
        several(drop("appspec", "content"), put("appspec", "source", {})),
        [not_applicable(RULE, "appspec")],
        delivered,
    ),
    Case(
        "base64 that is none",
        several(drop("appspec", "content"), put("appspec", "contentBase64", "***")),
        [not_applicable(RULE, "appspec")],
        delivered,
    ),
    Case("an AppSpec of a Lambda function", _upload("appspec.yaml", "version: 0.0\nResources: []"), []),
    Case("another file", _upload("myappspec.txt", APPSPEC.replace(": app", ": web")), []),
    Case("a service that ECS releases", _upload("appspec.yaml", APPSPEC.replace(": app", ": web")), [], native),
    Case(
        "a service that ECS releases, and an unknown key",
        _upload(UNKNOWN, APPSPEC),
        [],
        native,
    ),
    Case(
        "unknown content",
        put("appspec", "content", UNKNOWN),
        [undecided(RULE, "appspec", "content")],
        delivered,
    ),
    Case("an unknown key", put("appspec", "key", UNKNOWN), [undecided(RULE, "appspec", "key")], delivered),
    Case(
        "an unknown container leaves the revision judged",
        several(_appspec("<TASK_DEFINITION>", "app:7"), put("service", "loadBalancers[0].containerName", UNKNOWN)),
        [
            fail(RULE, "appspec", "content.TaskDefinition"),
            undecided(RULE, "appspec", "loadBalancers[0].containerName"),
            undecided(RULE, "taskdef", "loadBalancers[0].containerName"),
        ],
        delivered,
    ),
]

FIRST = "content.containerDefinitions[0]"

TASK_CASES = [
    Case(
        "an image that stays",
        _task(image="app:latest"),
        [fail(RULE, "taskdef", f"{FIRST}.image")],
        delivered,
        says=f"taskdef: {FIRST}.image is no placeholder such as <IMAGE1_NAME>, so each release runs this image.",
    ),
    Case(
        "a placeholder that is not filled in",
        _task(image="<IMAGE>"),
        [fail(RULE, "taskdef", f"{FIRST}.image")],
        delivered,
        says=f"taskdef: {FIRST}.image is a placeholder that no pipeline of the stack fills in.",
    ),
    Case(
        "a placeholder that the second image fills in",
        several(
            _task(image="<IMAGE>"),
            put("pipeline", "stages[2].actions[0].configuration.Image2ContainerName", "IMAGE"),
        ),
        [],
        delivered,
    ),
    Case(
        "no image in the pipeline",
        drop("pipeline", "stages[2].actions[0].configuration.Image1ContainerName"),
        [fail(RULE, "taskdef", f"{FIRST}.image")],
        delivered,
    ),
    Case(
        "any placeholder where no pipeline is seen",
        several(_task(image="<IMAGE>"), lambda graph: graph.resources.pop("pipeline")),
        [],
        delivered,
    ),
    Case(
        "another family",
        _family("another"),
        [fail(RULE, "taskdef", "content.family")],
        delivered,
        says="taskdef: content.family is not the family that service runs.",
    ),
    Case(
        "no container",
        _family("app-family"),
        [fail(RULE, "taskdef", "content.containerDefinitions")],
        delivered,
        says="taskdef: content.containerDefinitions lacks the container that service registers.",
    ),
    Case(
        "another port",
        _task(portMappings=[{"containerPort": 8080}]),
        [fail(RULE, "taskdef", f"{FIRST}.portMappings")],
        delivered,
        says=f"taskdef: {FIRST}.portMappings lacks the port that service registers.",
    ),
    Case(
        "no JSON",
        put("taskdef", "content", "family: app"),
        [undecided(RULE, "taskdef", "content")],
        delivered,
    ),
    Case(
        "an unknown placeholder",
        put("pipeline", "stages[2].actions[0].configuration.Image1ContainerName", UNKNOWN),
        [undecided(RULE, "taskdef", "stages[2].actions[0].configuration.Image1ContainerName")],
        delivered,
    ),
]

FILES = "tests/policies/release"


def _second_group(graph: Graph) -> None:
    graph.resources["other-group"] = graph.copy().resources["group"]


FILE_CASES = [
    Case(
        "files of the source repository",
        nothing,
        [
            fail(RULE, "group", "appspec.yaml.ContainerName"),
            fail(RULE, "group", "taskdef.json.containerDefinitions[0].image"),
        ],
        config={RULE: {"files": [f"../{FILES}/appspec.yaml", f"../{FILES}/taskdef.json"]}},
    ),
    Case(
        "a file beside two deployment groups",
        _second_group,
        [fail(RULE, "group", "taskdef.json.containerDefinitions[0].image")],
        config={RULE: {"files": [f"../{FILES}/taskdef.json"]}},
    ),
    Case(
        "a file beside a service that ECS releases",
        put("service", "deploymentController.type", "ECS"),
        [],
        config={RULE: {"files": [f"../{FILES}/taskdef.json"]}},
    ),
    Case(
        "a file that is not there",
        nothing,
        [undecided(RULE, "group", "appspec.yml")],
        config={RULE: {"files": ["nowhere/appspec.yml"]}},
    ),
]


CASES = [*APPSPEC_CASES, *TASK_CASES, *FILE_CASES]
