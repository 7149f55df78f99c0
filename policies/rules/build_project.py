"""What a CodeBuild project that makes images must be."""

from __future__ import annotations

from functools import partial

from aws import BUILD_PROJECT, TASK_DEFINITION
from buildspec import ANY_ARCHITECTURE, architectures, uses_images
from credentials import PATTERNS_KNOB, exposes
from delivery import builders, buildspec, has_tool, is_image_build, variables
from globs import Globs
from judge import Judge
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value, all_true, any_true

cpu_architecture = Rule(
    id="bg-cpu-arch-join",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Images are made for the CPU architecture that their tasks run on.",
    why="An image of another architecture stops with `exec format error` as soon as its tasks start: every release "
    "fails, though the build has passed. Tasks run on X86_64 unless the task definition says otherwise.",
    fix="""\
  aws.codebuild.Project("app", ..., environment={
-     "type": "LINUX_CONTAINER", "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
+     "type": "ARM_CONTAINER", "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
      "compute_type": "BUILD_GENERAL1_SMALL", "privileged_mode": True,
  })
  aws.ecs.TaskDefinition("app", ..., runtime_platform={
      "cpu_architecture": "ARM64", "operating_system_family": "LINUX",
  })""",
    url="https://repost.aws/knowledge-center/ecs-task-exec-format-error",
    knobs={
        "allowBuildx": {
            "type": "boolean",
            "default": True,
            "description": "Whether a build may make images for another architecture, if its buildspec names it.",
        }
    },
)


@cpu_architecture.stack(TASK_DEFINITION)
def _images_run(task: Resource, stack: Stack, judge: Judge) -> None:
    projects = builders(task, stack)
    if not projects:
        return
    given = task["runtimePlatform"]["cpuArchitecture"]
    wanted = "ARM64" if given.text == "ARM64" else "X86_64"
    fitting = (partial(_builds_for, project, wanted, judge) for project in projects)
    if not any_true(*fitting):
        names = " and ".join(sorted(project.name for project in projects))
        judge.fail(given, f"is {wanted}, for which {names} makes no images.")


def _builds_for(project: Resource, architecture: str, judge: Judge) -> bool:
    if not is_image_build(project):
        return True
    default = variables(project).get("DOCKER_DEFAULT_PLATFORM")
    named = architectures(buildspec(project), default.text if default else "")
    if named and judge.knob("allowBuildx"):
        return bool(named & {architecture, ANY_ARCHITECTURE})
    kind = project["environment"]["type"].text
    return architecture == ("ARM64" if "ARM" in kind.split("_") else "X86_64")


privileged = Rule(
    id="sec-cb-privileged",
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    description="A build runs privileged only if it makes images.",
    why="Privileged mode gives the build's container access to all devices of its host. A build that needs no Docker "
    "daemon gives this to every dependency that it runs.",
    fix="""\
  aws.codebuild.Project("tests", ...,
      environment={
          "type": "LINUX_CONTAINER", "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
          "compute_type": "BUILD_GENERAL1_SMALL",
-         "privileged_mode": True,
+         "privileged_mode": False,  # True only where the buildspec runs docker
      },
      source={"type": "NO_SOURCE", "buildspec": json.dumps({
          "version": 0.2, "phases": {"build": {"commands": ["npm ci", "npm test"]}},
      })},
  )""",
    url="https://docs.aws.amazon.com/config/latest/developerguide/codebuild-project-environment-privileged-check.html",
    knobs={
        "allowFor": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Globs over names and URNs of projects that may run privileged.",
        }
    },
)


@privileged.resource(BUILD_PROJECT)
def _needs_its_privileges(project: Resource, judge: Judge) -> None:
    mode = project["environment"]["privilegedMode"]
    if (not mode.is_unknown and not mode.flag) or Globs(judge.knob("allowFor")).match(project.urn):
        return
    if not project["source"]["buildspec"].is_unknown and not buildspec(project):
        judge.not_applicable("keeps its buildspec in its source")
    elif all_true(lambda: not uses_images(buildspec(project)), lambda: not has_tool(project), lambda: mode.flag):
        judge.fail(mode, "is true, but the buildspec makes no images.")


plaintext_credentials = Rule(
    id="sec-cb-no-plaintext-creds",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="A build's environment holds no credentials in plain text.",
    why="Whoever may look at the project or at one of its builds reads them there, and so does everybody who reads "
    "Pulumi's state.",
    fix="""\
  aws.codebuild.Project("app", ..., environment={
      "type": "LINUX_CONTAINER", "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
      "compute_type": "BUILD_GENERAL1_SMALL", "privileged_mode": True,
      "environment_variables": [
-         {"name": "REGISTRY_PASSWORD", "type": "PLAINTEXT", "value": "correct-horse"},
+         {"name": "REGISTRY_PASSWORD", "type": "SECRETS_MANAGER", "value": "shop/registry:password"},
      ],
  })""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/codebuild-controls.html#codebuild-2",
    knobs=PATTERNS_KNOB,
)


@plaintext_credentials.resource(BUILD_PROJECT)
def _holds_no_credentials(project: Resource, judge: Judge) -> None:
    for variable in project["environment"]["environmentVariables"].items:
        with judge.separately:
            exposed = partial(exposes, variable["name"], variable["value"], judge.knob("patterns"))
            if all_true(partial(_is_plaintext, variable["type"]), exposed):
                judge.fail(variable["value"], "looks like a credential in plain text.")


def _is_plaintext(kind: Value) -> bool:
    return kind.text in ("", "PLAINTEXT")


logs_and_key = Rule(
    id="sec-cb-logs-and-key",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="A build is logged, and encrypts what it puts out with a key of one's own.",
    why="Without logs nobody can tell what went into an image. Without a key CodeBuild takes the AWS managed key of "
    "S3, whose policy nobody can change.",
    fix="""\
  aws.codebuild.Project("app", ...,
-     logs_config={"cloudwatch_logs": {"status": "DISABLED"}},
+     logs_config={"cloudwatch_logs": {"status": "ENABLED", "group_name": log_group.name}},
+     encryption_key=key.arn,
  )""",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/security-encryption.html",
)


@logs_and_key.resource(BUILD_PROJECT)
def _is_logged_and_encrypted(project: Resource, judge: Judge) -> None:
    watched, stored = project["logsConfig"]["cloudwatchLogs"]["status"], project["logsConfig"]["s3Logs"]
    with judge.separately:
        if all_true(lambda: watched.text == "DISABLED", lambda: stored["status"].text != "ENABLED"):
            judge.fail(watched, "is DISABLED, and logs don't go to S3 either.")
    with judge.separately:
        if all_true(lambda: stored["status"].text == "ENABLED", lambda: stored["encryptionDisabled"].flag):
            judge.fail(stored["encryptionDisabled"], "is true.")
    key = project["encryptionKey"]
    if not key.is_unknown and not key.text:
        judge.fail(key, "is not set.")
