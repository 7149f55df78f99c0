"""What docs/pipelines.md and docs/release.md say of pipelines and hooks is what the program makes."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

import settings
from settings import hook
from tests.pages import blocks

PIPELINE = "aws:codepipeline/pipeline:Pipeline"
SOURCES: dict[str, dict[str, Any]] = {
    "a repository, or S3": {"provider": "CodeCommit", "repository": "shop", "branch": "main"},
    "ECR": {"provider": "ECR"},
}
"""A source for what the table calls it."""


@pytest.fixture(scope="module")
def page(root) -> str:
    """The text of docs/pipelines.md."""
    return (root / "docs" / "pipelines.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def walk_through(root) -> str:
    """The text of docs/release.md."""
    return (root / "docs" / "release.md").read_text(encoding="utf-8")


def service(controller: str, source: Mapping[str, Any], priority: int = 10, **pipeline: Any) -> dict[str, Any]:
    """A service with a pipeline, as a stack file has it."""
    owner = {"taskDefinitionOwner": "pipeline"} if controller == "ECS" else {}
    return {
        "containers": {"web": {"image": "public.ecr.aws/nginx/nginx:1.29.1", "port": 8080, "appProtocol": "http"}},
        "loadBalancer": {"rule": {"priority": priority, "pathPatterns": [f"/{priority}/*"]}, "testPort": 8443},
        "imageRepository": {"name": f"images/{priority}", "mutableTags": ["latest"]},
        "deployment": {"controller": controller, **owner},
        "pipeline": {"source": dict(source), **pipeline},
    }


def test_settings_are_accepted(page):
    """What is shown of a stack file fits into a service of either controller."""
    found = [yaml.safe_load(text) for text in blocks(page, "yaml")]
    assert [each["pipeline"]["source"]["provider"] for each in found] == ["CodeConnections", "CodeCommit", "S3", "ECR"]
    for given in found:
        for controller in ("CODE_DEPLOY", "ECS"):
            settings.parse({"services": {"shop": service(controller, {}) | given}})


def test_each_choice_has_the_pipelines_of_its_row(page, preview):
    """Controller, source and `separate` give the pipelines that the table names, with these stages."""
    rows = re.findall(r"^\| (CODE_DEPLOY|ECS) \| (.+?) \|(?: (`true`))? \| (`NAME-.+) \|$", page, re.MULTILINE)
    assert len(rows) == 6
    stack = preview(
        services={
            f"service-{number}": service(
                controller, SOURCES[source], 10 * number, name=f"NAME-{number}", separate=bool(separate)
            )
            for number, (controller, source, separate, _) in enumerate(rows, 1)
        }
    )
    made = {r.inputs["name"]: [stage["name"] for stage in r.inputs["stages"]] for r in stack.of_type(PIPELINE)}
    assert made == {
        f"NAME-{number}-{kind}-pipeline": stages.split(", ")
        for number, (*_, pipelines) in enumerate(rows, 1)
        for kind, stages in re.findall(r"`NAME-(\w+)-pipeline`: ([\w, ]+)", pipelines)
    }


def test_approval_is_a_stage_before_the_deployment(page, preview):
    """With `approvalMinutes` a stage Approve stands before Deploy, its action has the name that the command takes."""
    stack = preview(services={"shop": service("ECS", SOURCES["ECR"], approvalMinutes=60)})
    (pipeline,) = stack.of_type(PIPELINE)
    *_, approve, last = pipeline.inputs["stages"]
    (action,) = approve["actions"]
    assert (approve["name"], action["name"], last["name"]) == ("Approve", "Approve", "Deploy")
    assert f"--stage-name {approve['name']} --action-name {action['name']}" in page


def test_logs_are_where_the_commands_look(page, walk_through, dev):
    """The log of a build that a command follows is one of the dev stack's."""
    named = set(re.findall(r"/aws/codebuild/\S+", page + walk_through))
    assert named
    assert named <= {r.inputs.get("name") for r in dev.of_type("aws:cloudwatch/logGroup:LogGroup")}


def test_messages_of_the_deploy_step_are_its_own(page, root):
    """What the table quotes of the deploy step stands in its code."""
    code = (root / "runtime" / "deploy.py").read_text(encoding="utf-8")
    for text in ("another release is under way", "not over after"):
        assert text in page
        assert text in code


def test_hooks_stand_where_the_table_says(walk_through):
    """Each hook of the project's own has the stages and events by default that the table names."""
    rows = re.findall(r"^\| ([A-Z]+) \| [^|]+ \| (\w+) \| (\w+)[^|]*\|$", walk_through, re.MULTILINE)
    models = {
        "SMOKE": (hook.SmokeHook, hook.SmokeEvent),
        "ADMISSION": (hook.AdmissionHook, hook.AdmissionEvent),
        "APPROVAL": (hook.ApprovalHook, None),
    }
    assert {name: (stage, event) for name, stage, event in rows} == {
        name: (of_ecs(type=name).stages[0], of_codedeploy(type=name).events[0] if of_codedeploy else "none")
        for name, (of_ecs, of_codedeploy) in models.items()
    }


def test_an_approval_is_looked_for_where_the_command_writes_it(walk_through, preview):
    """The command names the SSM parameter that the function reads, and the page the log that the function writes."""
    app = service("ECS", SOURCES["ECR"])
    app["deployment"]["hooks"] = [{"type": "APPROVAL"}]
    stack = preview(services={"app": app})
    (function,) = stack.of_type("aws:lambda/function:Function")
    parameters = json.loads(function.inputs["environment"]["variables"]["HOOK"])["parameters"]
    assert f'--name "{parameters}/${{release##*/}}" --value approve' in walk_through
    assert f"`{function.inputs['loggingConfig']['logGroup']}`" in walk_through
