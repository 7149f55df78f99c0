"""What the files that a release is made from must agree with."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from pathlib import Path

from aws import BUCKET_OBJECT, DEPLOYMENT_GROUP, PIPELINE, SERVICE, TASK_DEFINITION
from delivery import CODE_DEPLOY_ACTION, actions
from judge import Judge
from markup import scalars
from release import is_code_deploy, is_ecs
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, any_true

appspec_names = Rule(
    id="bg-appspec-names",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="AppSpec and task definition files name what the service runs, and leave the rest to the release.",
    why="CodePipeline writes the new image and the new revision where the files have placeholders. Without them each "
    "release repeats what the files say, and a rollback may run the newer image; with the name of another container or "
    "port it fails.",
    fix="""\
  aws.s3.BucketObjectv2("taskdef", bucket=bucket.bucket, key="taskdef.json", content=json.dumps({
      "family": "app",
      "containerDefinitions": [{
          "name": "app",
-         "image": "app:latest",
+         "image": "<IMAGE1_NAME>",  # Image1ContainerName of the pipeline's action
          "portMappings": [{"containerPort": 80}],
      }],
  }))
  aws.ecs.TaskDefinition("app", ..., family="app")""",
    url="https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html",
    knobs={
        "files": {
            "type": "array",
            "items": {"type": "string", "pattern": r"(appspec\.(ya?ml|json)|taskdef\.json)$"},
            "default": [],
            "description": "Files to judge besides uploaded objects: paths that end in appspec.yaml, appspec.yml, "
            "appspec.json or taskdef.json, absolute or from the pack's folder.",
        }
    },
)
FOLDER = Path(__file__).parents[1]
REVISION = "<TASK_DEFINITION>"


@appspec_names.stack(BUCKET_OBJECT)
def _object_agrees(uploaded: Resource, stack: Stack, judge: Judge) -> None:
    if not stack.derived(_released) or not _is_release_file(uploaded["key"].text):
        return
    content, encoded = uploaded["content"], uploaded["contentBase64"]
    if not content.text:
        content = Value(uploaded, _decoded(encoded.text), encoded.path)
    if content.known:
        _check(uploaded["key"].text, content, stack, judge)
    else:
        judge.not_applicable("is uploaded from a file, which the knob `files` may name")


@appspec_names.stack(DEPLOYMENT_GROUP)
def _files_agree(group: Resource, stack: Stack, judge: Judge) -> None:
    files = judge.knob("files")
    if files and group is next(filter(is_ecs, stack.of(DEPLOYMENT_GROUP)), None):  # once: files tell no group
        for name in files:
            with judge.separately:
                _check(name, _read(FOLDER / name, group), stack, judge)


def _is_release_file(name: str) -> bool:
    return re.search(r"(appspec\.(ya?ml|json)|taskdef\.json)$", name) is not None


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode()
    except ValueError:
        return ""


def _read(path: Path, group: Resource) -> Value:
    try:
        return Value(group, path.read_text(encoding="utf-8"), path.name)
    except (OSError, ValueError):
        raise Undecided(Value(group, None, path.name), "cannot be read") from None


def _check(name: str, content: Value, stack: Stack, judge: Judge) -> None:
    services = stack.derived(_released)
    if not services:
        return
    if name.endswith("taskdef.json"):
        _check_task_definition(content.document, services, stack, judge)
    elif "AWS::ECS::Service" in content.text:
        _check_appspec(content, services, stack, judge)


def _check_appspec(content: Value, services: list[Resource], stack: Stack, judge: Judge) -> None:
    released_by_pipeline = stack.derived(_placeholders) is not None
    for revision in scalars(content.text, "TaskDefinition") or [""]:
        if revision != REVISION and (released_by_pipeline or not revision.startswith("arn:")):
            judge.fail(_at(content, "TaskDefinition"), f"is not {REVISION}, which becomes the new revision.")
    names, ports = scalars(content.text, "ContainerName"), scalars(content.text, "ContainerPort")
    for name, port in zip_longest(names or [""], ports):
        with judge.separately:
            blocks = [block for service in services for block in service["loadBalancers"].items]
            named = [block for block in blocks if block["containerName"].text == name]
            if blocks and not named:
                judge.fail(_at(content, "ContainerName"), f"is no container that {_names(services)} registers.")
            elif blocks and not any(str(block["containerPort"].number) == port for block in named):
                judge.fail(_at(content, "ContainerPort"), f"is no port that {_names(services)} registers.")


def _check_task_definition(task: Value, services: list[Resource], stack: Stack, judge: Judge) -> None:
    family = stack.keys(task["family"], TASK_DEFINITION)
    table = stack.derived(_running)
    running = [service for key in sorted(family) for service in table.get(key, ())]
    if not running:
        judge.fail(task["family"], f"is not the family that {_names(services)} runs.")
    for block in (block for service in running for block in service["loadBalancers"].items):
        with judge.separately:
            _check_container(task, block, stack, judge)


def _check_container(task: Value, block: Value, stack: Stack, judge: Judge) -> None:
    service = block.resource.name
    containers = [
        each for each in task["containerDefinitions"].items if each["name"].text == block["containerName"].text
    ]
    if not containers:
        judge.fail(task["containerDefinitions"], f"lacks the container that {service} registers.")
    for container in containers[:1]:
        mappings = container["portMappings"]
        if not any(each["containerPort"].number == block["containerPort"].number for each in mappings.items):
            judge.fail(mappings, f"lacks the port that {service} registers.")
        found = re.findall(r"^<([^<>\s]+)>$", container["image"].text.strip())
        filled_in = stack.derived(_placeholders)
        if not found:
            judge.fail(container["image"], "is no placeholder such as <IMAGE1_NAME>, so each release runs this image.")
        elif filled_in is not None and not any_true(*(partial(_says, each, found[0]) for each in filled_in)):
            judge.fail(container["image"], "is a placeholder that no pipeline of the stack fills in.")


def _released(stack: Stack) -> list[Resource]:
    """The services that CodeDeploy releases."""
    found: list[Resource] = []
    for service in stack.of(SERVICE):
        with suppress(Undecided):
            found += [service] if is_code_deploy(service) else []
    return found


def _running(stack: Stack) -> dict[str, list[Resource]]:
    """The services that CodeDeploy releases, by what they run, as `Stack.keys`."""
    table: dict[str, list[Resource]] = {}
    for service in stack.derived(_released):
        for key in stack.keys(service["taskDefinition"], TASK_DEFINITION):
            table.setdefault(key, []).append(service)
    return table


def _placeholders(stack: Stack) -> list[Value] | None:
    """What the stack's pipelines replace by images; None if none of them releases by CodeDeploy to ECS."""
    releasing: list[Value] = []
    for pipeline in stack.of(PIPELINE):
        with suppress(Undecided):
            releasing += [action for action in actions(pipeline) if action["provider"].text == CODE_DEPLOY_ACTION]
    names = (action["configuration"][f"Image{number}ContainerName"] for action in releasing for number in range(1, 5))
    return [name for name in names if name.is_unknown or name.text] if releasing else None


def _at(content: Value, key: str) -> Value:
    """The place of a key in a text."""
    return Value(content.resource, None, key, content)


def _says(value: Value, text: str) -> bool:
    return value.text == text


def _names(services: list[Resource]) -> str:
    return " or ".join(service.name for service in services)
