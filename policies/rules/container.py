"""What each container of a task definition must be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import partial

from aws import LOG_GROUP, TASK_DEFINITION
from credentials import PATTERNS_KNOB, exposes
from judge import Judge
from release import containers
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, all_true

image_pinned = Rule(
    id="sec-image-pinned",
    level=Level.PRODUCTION,
    severity=Severity.HIGH,
    description="An image is named by a version or a digest, not by a tag that moves.",
    why="A moving tag may mean another image by the next deployment of the same revision. A rollback to that "
    "revision then starts the very version that it was to leave.",
    fix="""\
  aws.ecs.TaskDefinition("task", ...,
      container_definitions=json.dumps([{
          **containers[0],
-         "image": "shop/app:latest",
+         "image": "shop/app:1.4.2",  # or by digest, shop/app@sha256:...
      }]),
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html"
    "#deployment-container-image-stability",
    knobs={
        "allowBootstrap": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Globs over images that need no pin, such as the one with which a service starts "
            "before its first release.",
        },
        "requireDigest": {
            "type": "boolean",
            "default": False,
            "description": "Whether only a digest is a pin.",
        },
    },
)


@image_pinned.resource(TASK_DEFINITION)
def _image_is_pinned(task: Resource, judge: Judge) -> None:
    for container in containers(task):
        with judge.separately:
            image = container["image"]
            if not image.text or not _is_none_of(image, judge.knob("allowBootstrap")):
                continue
            name, _, digest = image.text.partition("@")
            tag = name.rpartition("/")[2].partition(":")[2]
            if not digest and judge.knob("requireDigest"):
                judge.fail(image, "names no digest.")
            elif not digest and not tag:
                judge.fail(image, "names no tag, which means latest.")
            elif not digest and not _is_version(tag):
                judge.fail(image, "names a tag that moves from image to image.")


def _is_version(tag: str) -> bool:
    """True for a tag with a digit, unless it is a major version alone (`1`, `v1`)."""
    return re.search(r"\d", tag) is not None and re.fullmatch(r"v?\d{1,3}", tag) is None


no_plaintext_secrets = Rule(
    id="sec-td-no-plaintext-secrets",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="No environment variable of a container holds a credential in plain text.",
    why="Whoever may describe a task definition reads its environment, in every revision that was ever registered. "
    "ECS takes what `secrets` names from Secrets Manager or Parameter Store when a task starts.",
    fix="""\
  aws.ecs.TaskDefinition("task", ...,
      container_definitions=json.dumps([{
          **containers[0],
-         "environment": [{"name": "DATABASE_PASSWORD", "value": "correct-horse-battery"}],
+         "secrets": [{"name": "DATABASE_PASSWORD", "valueFrom": "/shop/database-password"}],  # or an ARN
      }]),
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8",
    knobs=PATTERNS_KNOB,
)


@no_plaintext_secrets.resource(TASK_DEFINITION)
def _environment_is_public(task: Resource, judge: Judge) -> None:
    for container in containers(task):
        with judge.separately:
            for variable in container["environment"].items:
                with judge.separately:
                    if exposes(variable["name"], variable["value"], judge.knob("patterns")):
                        judge.fail(variable["value"], "looks like a credential.")


readonly_root = Rule(
    id="sec-td-readonly-root",
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    description="A container cannot write to its root filesystem.",
    why="Whoever breaks in can otherwise change the application's own files, and bring tools along.",
    fix="""\
  aws.ecs.TaskDefinition("task", ...,
      container_definitions=json.dumps([{
          **containers[0],
-         "readonlyRootFilesystem": False,
+         "readonlyRootFilesystem": True,
+         "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/tmp"}],  # what it does write
      }]),
+     volumes=[{"name": "scratch"}],
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5",
    knobs={
        "allowFor": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Globs over the names of containers that may write there, as ECS Exec must.",
        }
    },
)


@readonly_root.resource(TASK_DEFINITION)
def _root_is_readonly(task: Resource, judge: Judge) -> None:
    if _is_windows(task):
        judge.not_applicable("runs Windows containers")
        return
    for container in containers(task):
        with judge.separately:
            readonly, allowed = container["readonlyRootFilesystem"], judge.knob("allowFor")
            if all_true(lambda value=readonly: not value.flag, partial(_is_none_of, container["name"], allowed)):
                judge.fail(readonly, "is not true.")


non_root = Rule(
    id="sec-td-non-root",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="A container runs as a user of its own, not as root.",
    why="Where none is set, the image decides, and most images run as root. Root in a container can change "
    "whatever is mounted into it, and is a step closer to the host.",
    fix="""\
  aws.ecs.TaskDefinition("task", ...,
      container_definitions=json.dumps([{
          **containers[0],
-         "user": "root",
+         "user": "1000:1000",  # who must be able to read the image's files
      }]),
  )""",
    url="https://docs.aws.amazon.com/config/latest/developerguide/ecs-task-definition-linux-user-non-root.html",
)


@non_root.resource(TASK_DEFINITION)
def _user_is_not_root(task: Resource, judge: Judge) -> None:
    if _is_windows(task):
        judge.not_applicable("runs Windows containers")
        return
    for container in containers(task):
        with judge.separately:
            user = container["user"]
            name = user.text.partition(":")[0].strip()
            if not name:
                judge.fail(user, "is not set.")
            elif name == "root" or not name.strip("0"):
                judge.fail(user, "is root.")


logged = Rule(
    id="sec-td-logging",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="What a container writes to its output is kept, in a log group that exists.",
    why="Without logs nobody can tell why a new version failed once its tasks are gone. And if the log group is "
    "missing, no task starts: ResourceNotFoundException: The specified log group does not exist.",
    fix="""\
  aws.ecs.TaskDefinition("task", ...,
      container_definitions=pulumi.Output.json_dumps([{
          **containers[0],
-         "logConfiguration": None,
+         "logConfiguration": {
+             "logDriver": "awslogs",
+             "options": {
+                 "awslogs-group": log_group.name,  # the whole name, with the suffix that Pulumi may add
+                 "awslogs-region": "eu-west-1",
+                 "awslogs-stream-prefix": "app",
+             },
+         },
      }]),
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-9",
    knobs={
        "drivers": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["awslogs", "awsfirelens", "splunk"],
            "description": "Log drivers that keep what they are given.",
        }
    },
)


@logged.resource(TASK_DEFINITION)
def _output_is_kept(task: Resource, judge: Judge) -> None:
    for container in containers(task):
        with judge.separately:
            logs = container["logConfiguration"]
            driver, group = logs["logDriver"], logs["options"]["awslogs-group"]
            if logs.absent:
                judge.fail(logs, "is not set.")
            elif driver.text not in judge.knob("drivers"):
                judge.fail(driver, f"is none of {', '.join(judge.knob('drivers'))}.")
            elif driver.text == "awslogs" and not group.is_unknown:
                if not group.text:
                    judge.fail(group, "is not set.")
                elif group.text.startswith("arn:"):
                    judge.fail(group, "is an ARN; the driver takes the group's name.")


@logged.stack(TASK_DEFINITION)
def _log_group_exists(task: Resource, stack: Stack, judge: Judge) -> None:
    if not stack.of(LOG_GROUP):
        return
    with suppress(Undecided):  # unknown to the resource check too, which says so
        for container in containers(task):
            with suppress(Undecided):
                options = container["logConfiguration"]["options"]
                if not options["awslogs-create-group"].flag:
                    with judge.separately:
                        _check_group(options["awslogs-group"], stack, judge)


def _check_group(group: Value, stack: Stack, judge: Judge) -> None:
    if stack.some(group, LOG_GROUP):
        return
    meant = stack.derived(_meant_groups).get(_letters(group.text))
    if meant is not None:
        judge.fail(group, f"is not the name of {meant.name}, which differs in its suffix, case or punctuation.")


def _meant_groups(stack: Stack) -> dict[str, Resource]:
    """Log groups by what one may take their names for."""
    table: dict[str, Resource] = {}
    for group in stack.of(LOG_GROUP):
        with suppress(Undecided):
            name = group["name"].text
            table |= {_letters(name): group, _letters(re.sub(r"-[0-9a-f]{7}$", "", name)): group}
    return table


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_windows(task: Resource) -> bool:
    return task["runtimePlatform"]["operatingSystemFamily"].text.startswith("WINDOWS")


def _is_none_of(value: Value, globs: Iterable[str]) -> bool:
    return not any(fnmatchcase(value.text, glob) for glob in globs)
