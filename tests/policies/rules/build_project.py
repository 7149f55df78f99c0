"""Changes to a build project, and to the task definition whose images it makes."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, drop, fail, not_applicable, nothing, put, several, undecided
from tests.policies.graph import Change, Document, Graph, Ref
from tests.policies.stacks import delivered, two_services
from tests.policies.stacks.delivery import REPOSITORY
from value import UNKNOWN

ARCHITECTURE = "runtimePlatform.cpuArchitecture"
ARM = several(
    put("task", ARCHITECTURE, "ARM64"),
    put("build", "environment.type", "ARM_CONTAINER"),
    put("build", "environment.image", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
)
MISMATCH = [fail("bg-cpu-arch-join", "task", ARCHITECTURE)]


def _buildspec(*commands: str) -> Change:
    """A buildspec of these commands."""
    lines = "".join(f"      - {command}\n" for command in commands)
    return put("build", "source.buildspec", f"version: 0.2\nphases:\n  build:\n    commands:\n{lines}")


def _without(*names: str) -> Change:
    return several(*(lambda graph, name=name: graph.resources.pop(name) for name in names))


def _variables(**values: Any) -> Change:
    given = [{"name": name, "type": "PLAINTEXT", "value": value} for name, value in values.items()]
    return put("build", "environment.environmentVariables", given)


def _task_image(image: Any) -> Change:
    """An image of the task's only container, perhaps known only after the update."""
    return put("task", "containerDefinitions", Document([{"name": "app", "image": image}]))


def _project(graph: Graph) -> None:
    """A project that makes images which nothing tells where they go."""
    environment = {"type": "LINUX_CONTAINER", "image": "docker:27-dind", "computeType": "BUILD_GENERAL1_SMALL"}
    inputs = {"environment": environment, "source": {"type": "GITHUB"}, "encryptionKey": "alias/build"}
    graph.add("tools", "aws:codebuild/project:Project", inputs)


PLATFORM_CASES = [
    Case("a compliant build at first preview", nothing, [], delivered, preview=True),
    Case("ARM on both sides", ARM, [], delivered),
    Case(
        "tasks on ARM",
        put("task", ARCHITECTURE, "ARM64"),
        MISMATCH,
        delivered,
        says=f"task: {ARCHITECTURE} is ARM64, for which build makes no images.",
    ),
    *(
        Case(
            f"a build on {kind}",
            several(put("build", "environment.type", kind), drop("task", "runtimePlatform")),
            MISMATCH,
            delivered,
            says=f"task: {ARCHITECTURE} is X86_64, for which build makes no images.",
        )
        for kind in ("ARM_CONTAINER", "ARM_EC2", "ARM_LAMBDA_CONTAINER")
    ),
    *(
        Case(f"ARM, with {command}", several(put("task", ARCHITECTURE, "ARM64"), _buildspec(command)), [], delivered)
        for command in (
            "docker buildx build --platform linux/arm64 --push -t app .",
            "docker build --platform=linux/amd64,linux/arm64/v8 -t app .",
            'docker build --platform "linux/$ARCHITECTURE" -t app .',
            "docker buildx bake --push",
            "DOCKER_DEFAULT_PLATFORM=linux/arm64 docker build -t app .",
            "/kaniko/executor --custom-platform=linux/arm64 --destination app",
            "buildah build --arch arm64 -t app .",
        )
    ),
    *(
        Case(
            f"ARM, but {command}",
            several(put("task", ARCHITECTURE, "ARM64"), _buildspec(command)),
            MISMATCH,
            delivered,
        )
        for command in (
            "docker build -t app .  # --platform linux/arm64",
            "docker build --platform linux/amd64 -t app .",
            "docker run --platform linux/arm64 app && podman build -t app .",
            "make docker-image",
        )
    ),
    Case(
        "a platform against the build's own",
        _buildspec("docker build --platform linux/arm64 -t app ."),
        MISMATCH,
        delivered,
    ),
    Case(
        "a platform that may not be named",
        several(put("task", ARCHITECTURE, "ARM64"), _buildspec("docker build --platform linux/arm64 -t app .")),
        MISMATCH,
        delivered,
        config={"bg-cpu-arch-join": {"allowBuildx": False}},
    ),
    Case(
        "a platform that the environment names",
        several(put("task", ARCHITECTURE, "ARM64"), _variables(DOCKER_DEFAULT_PLATFORM="linux/arm64")),
        [],
        delivered,
    ),
    Case(
        "a build that makes no images",
        several(put("task", ARCHITECTURE, "ARM64"), _buildspec("docker login", "docker run app", "npm test")),
        [],
        delivered,
    ),
    Case(
        "a buildspec in the source",
        several(put("task", ARCHITECTURE, "ARM64"), put("build", "source.buildspec", "ci/buildspec.yml")),
        [not_applicable("sec-cb-privileged", "build")],
        delivered,
    ),
    Case(
        "a buildspec in the source, run beside a Docker server",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            drop("build", "source.buildspec"),
            put("build", "environment.dockerServer", {"computeType": "BUILD_GENERAL1_SMALL"}),
        ),
        [*MISMATCH, not_applicable("sec-cb-privileged", "build")],
        delivered,
    ),
    Case(
        "a buildspec in the source, run in Docker's own image",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            drop("build", "source.buildspec"),
            put("build", "environment.image", "public.ecr.aws/docker/library/docker:27-dind"),
        ),
        [*MISMATCH, not_applicable("sec-cb-privileged", "build")],
        delivered,
    ),
]

JOIN_CASES = [
    Case(
        "the image's repository tells, without a pipeline",
        several(put("task", ARCHITECTURE, "ARM64"), _without("pipeline"), _task_image(f"{REPOSITORY}:1.2.3")),
        MISMATCH,
        delivered,
    ),
    Case(
        "the image's repository tells at first preview",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            _without("pipeline"),
            _task_image(Ref("repository", "repositoryUrl")),
            _variables(REPOSITORY_URL=Ref("repository", "repositoryUrl")),
        ),
        [
            *MISMATCH,
            undecided(
                "sec-cb-no-plaintext-creds",
                "build",
                "environment.environmentVariables[0].value",
            ),
        ],
        delivered,
        preview=True,
    ),
    Case(
        "the repository's name in the environment tells",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            _without("pipeline"),
            _task_image(f"{REPOSITORY}@sha256:0123"),
            _variables(IMAGE_REPO_NAME="app"),
            _project,
        ),
        MISMATCH,
        delivered,
        says=f"task: {ARCHITECTURE} is ARM64, for which build makes no images.",
    ),
    Case(
        "an image's name in the environment tells",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            _without("pipeline"),
            _task_image(f"{REPOSITORY}:1.2.3"),
            _variables(IMAGE=f"{REPOSITORY}:cache"),
            _project,
        ),
        MISMATCH,
        delivered,
        says=f"task: {ARCHITECTURE} is ARM64, for which build makes no images.",
    ),
    Case(
        "any build, where the images are not known yet",
        several(put("task", ARCHITECTURE, "ARM64"), _without("pipeline"), put("task", "containerDefinitions", UNKNOWN)),
        MISMATCH,
        delivered,
    ),
    Case(
        "the repository's URL in the buildspec tells",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            _without("pipeline"),
            _task_image(f"{REPOSITORY}:1"),
            _variables(),
            _buildspec(f"docker build -t {REPOSITORY}:1 ."),
            _project,
        ),
        MISMATCH,
        delivered,
        says=f"task: {ARCHITECTURE} is ARM64, for which build makes no images.",
    ),
    Case(
        "two builds for one repository, one of them for ARM",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            lambda graph: graph.resources.update(arm=graph.copy().resources["build"]),
            put("arm", "environment.type", "ARM_CONTAINER"),
            _task_image(f"{REPOSITORY}:1.2.3"),
        ),
        [],
        delivered,
    ),
    Case(
        "another repository's image, without a pipeline",
        several(put("task", ARCHITECTURE, "ARM64"), _without("pipeline"), _task_image("nginx:1.27.1")),
        [],
        delivered,
    ),
    Case(
        "the pipeline tells, whatever the first image",
        several(put("task", ARCHITECTURE, "ARM64"), _task_image("nginx:1.27.1"), _project),
        MISMATCH,
        delivered,
        says=f"task: {ARCHITECTURE} is ARM64, for which build makes no images.",
    ),
    Case(
        "the pipeline tells by its ECS action",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            put("pipeline", "stages[2].actions[0].provider", "ECS"),
            put(
                "pipeline",
                "stages[2].actions[0].configuration",
                {"ClusterName": Ref("cluster", "name"), "ServiceName": Ref("service", "name")},
            ),
            _project,
        ),
        MISMATCH,
        delivered,
        says=f"task: {ARCHITECTURE} is ARM64, for which build makes no images.",
    ),
    Case(
        "any build, where nothing tells",
        several(_project, put("api-task", ARCHITECTURE, "ARM64")),
        [fail("bg-cpu-arch-join", "api-task", ARCHITECTURE)],
        two_services,
        says=f"api-task: {ARCHITECTURE} is ARM64, for which tools makes no images.",
    ),
    Case(
        "an unknown buildspec",
        put("build", "source.buildspec", UNKNOWN),
        [
            undecided("bg-cpu-arch-join", "task", "source.buildspec"),
            undecided("sec-cb-privileged", "build", "source.buildspec"),
        ],
        delivered,
    ),
    Case(
        "perhaps a Docker server",
        several(
            put("task", ARCHITECTURE, "ARM64"),
            drop("build", "source.buildspec"),
            put("build", "environment.dockerServer", UNKNOWN),
        ),
        [
            undecided("bg-cpu-arch-join", "task", "environment.dockerServer"),
            not_applicable("sec-cb-privileged", "build"),
        ],
        delivered,
    ),
    Case(
        "an unknown type of build",
        put("build", "environment.type", UNKNOWN),
        [undecided("bg-cpu-arch-join", "task", "environment.type")],
        delivered,
    ),
]

MODE = "environment.privilegedMode"

PRIVILEGE_CASES = [
    Case(
        "privileges for nothing",
        _buildspec("npm ci", "npm test"),
        [fail("sec-cb-privileged", "build", MODE)],
        delivered,
        says=f"build: {MODE} is true, but the buildspec makes no images.",
    ),
    Case("privileges to run images", _buildspec("docker compose up -d", "npm test"), [], delivered),
    Case(
        "a buildspec in JSON",
        put("build", "source.buildspec", json.dumps({"phases": {"build": {"commands": ["npm test"]}}})),
        [fail("sec-cb-privileged", "build", MODE)],
        delivered,
    ),
    Case(
        "a registry that is named like the tool",
        _buildspec("curl https://hub.docker.com/v2", "echo docker.io/library/node"),
        [fail("sec-cb-privileged", "build", MODE)],
        delivered,
    ),
    Case(
        "privileges in Docker's own image",
        several(_buildspec("make image"), put("build", "environment.image", "docker:27-dind")),
        [],
        delivered,
    ),
    Case(
        "privileges in Docker's own image, for whatever buildspec",
        several(
            put("build", "source.buildspec", UNKNOWN),
            put("build", "environment.image", "docker:27-dind"),
        ),
        [undecided("bg-cpu-arch-join", "task", "source.buildspec")],
        delivered,
    ),
    Case("no privileges", several(_buildspec("npm test"), put("build", MODE, False)), [], delivered),
    Case("no mention of privileges", several(_buildspec("npm test"), drop("build", MODE)), [], delivered),
    Case(
        "a project that may",
        _buildspec("npm test"),
        [],
        delivered,
        config={"sec-cb-privileged": {"allowFor": ["bui*"]}},
    ),
    Case("perhaps privileges, to make images", put("build", MODE, UNKNOWN), [], delivered),
    Case(
        "perhaps privileges",
        several(_buildspec("npm test"), put("build", MODE, UNKNOWN)),
        [undecided("sec-cb-privileged", "build", MODE)],
        delivered,
    ),
]

VALUE = "environment.environmentVariables[0].value"
EXPOSED = [fail("sec-cb-no-plaintext-creds", "build", VALUE)]

CREDENTIAL_CASES = [
    Case(
        "a password",
        _variables(REGISTRY_PASSWORD="correct-horse"),
        EXPOSED,
        delivered,
        says=f"build: {VALUE} looks like a credential in plain text.",
    ),
    Case("a key by its form", _variables(WHATEVER="AKIAIOSFODNN7EXAMPLE"), EXPOSED, delivered),
    Case(
        "a password whose type is left to AWS",
        put("build", "environment.environmentVariables", [{"name": "DB_PASSWORD", "value": "correct-horse"}]),
        EXPOSED,
        delivered,
    ),
    *(
        Case(
            f"a password in {kind}",
            several(
                _variables(REGISTRY_PASSWORD="shop-registry"),
                put("build", "environment.environmentVariables[0].type", kind),
            ),
            [],
            delivered,
        )
        for kind in ("SECRETS_MANAGER", "PARAMETER_STORE")
    ),
    Case(
        "a name of one's own",
        _variables(LICENCE="correct-horse"),
        EXPOSED,
        delivered,
        config={"sec-cb-no-plaintext-creds": {"patterns": ["^licence$"]}},
    ),
    Case(
        "an unknown value leaves the others judged",
        _variables(FIRST=UNKNOWN, DB_PASSWORD="correct-horse"),
        [
            undecided("sec-cb-no-plaintext-creds", "build", VALUE),
            fail("sec-cb-no-plaintext-creds", "build", VALUE.replace("0", "1")),
        ],
        delivered,
    ),
    Case(
        "an unknown type",
        several(_variables(DB_PASSWORD="correct-horse"), put("build", VALUE.replace("value", "type"), UNKNOWN)),
        [undecided("sec-cb-no-plaintext-creds", "build", VALUE.replace("value", "type"))],
        delivered,
    ),
]

WATCHED, STORED = "logsConfig.cloudwatchLogs.status", "logsConfig.s3Logs"

LOG_CASES = [
    Case("logs by default", drop("build", "logsConfig"), [], delivered),
    Case(
        "no logs",
        put("build", WATCHED, "DISABLED"),
        [fail("sec-cb-logs-and-key", "build", WATCHED)],
        delivered,
        says=f"build: {WATCHED} is DISABLED, and logs don't go to S3 either.",
    ),
    Case(
        "logs in S3 only",
        several(put("build", WATCHED, "DISABLED"), put("build", STORED, {"status": "ENABLED", "location": "logs"})),
        [],
        delivered,
    ),
    Case(
        "logs in S3, but in plain text",
        put("build", STORED, {"status": "ENABLED", "location": "logs", "encryptionDisabled": True}),
        [fail("sec-cb-logs-and-key", "build", f"{STORED}.encryptionDisabled")],
        delivered,
        says=f"build: {STORED}.encryptionDisabled is true.",
    ),
    Case(
        "plain text that is not written to S3",
        put("build", STORED, {"status": "DISABLED", "encryptionDisabled": True}),
        [],
        delivered,
    ),
    Case(
        "no key",
        drop("build", "encryptionKey"),
        [fail("sec-cb-logs-and-key", "build", "encryptionKey")],
        delivered,
        says="build: encryptionKey is not set.",
    ),
    Case(
        "perhaps logs, and no key",
        several(put("build", WATCHED, UNKNOWN), drop("build", "encryptionKey")),
        [
            fail("sec-cb-logs-and-key", "build", "encryptionKey"),
            undecided("sec-cb-logs-and-key", "build", WATCHED),
        ],
        delivered,
    ),
]


CASES = [*PLATFORM_CASES, *JOIN_CASES, *PRIVILEGE_CASES, *CREDENTIAL_CASES, *LOG_CASES]
