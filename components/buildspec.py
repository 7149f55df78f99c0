"""What CodeBuild runs for a pipeline, as the text of its buildspecs.

Each is one script under `set -eu`: CodeBuild runs the phase after a build even if the build has failed, and would push
what is not there. Names are quoted for the shell; what is known only later comes by environment variables.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from components.release_documents import IMAGE_DETAIL, dumped, image_detail_json


class BuildArgs(TypedDict):
    """How an image is built."""

    dockerfile: NotRequired[str]
    """Dockerfile, below the root of the source; Dockerfile unless given."""

    context: NotRequired[str]
    """Folder whose files the Dockerfile may copy; the root unless given."""

    arguments: NotRequired[dict[str, str]]
    """Build arguments, readable by everyone who may see the project; none unless given."""


def image_build(repository: str, build: BuildArgs, platform: str | None, moving_tag: str | None) -> str:
    """The buildspec that makes an image, pushes it and says in `imageDetail.json` which it is, by digest.

    A commit that has an image already is not built again: its tag can't be pushed twice (G60).

    Args:
        repository: name of the ECR repository, whose URI is the variable `REPOSITORY_URI`.
        build: what is built.
        platform: `linux/arm64` or `linux/amd64` where the build host is of another kind (G62).
        moving_tag: a tag that is moved to the image; none unless given.
    """
    name = shlex.quote(repository)
    command = ["docker", "buildx", "build", "--platform", platform, "--load"] if platform else ["docker", "build"]
    command += ["--provenance=false"] if platform else []
    command += ["--file", build.get("dockerfile", "Dockerfile")]
    for argument, value in sorted(build.get("arguments", {}).items()):
        command += ["--build-arg", f"{argument}={value}"]
    script = [
        'tag=$(printf %.7s "${CODEBUILD_RESOLVED_SOURCE_VERSION:?}" | tr -c A-Za-z0-9 0)',
        f'digest_of() {{ aws ecr batch-get-image --repository-name {name} --image-ids imageTag="$1" '
        "--query 'images[0].imageId.imageDigest' --output text; }",
        'digest=$(digest_of "$tag")',
        'if [ "$digest" = None ]; then',
        '  aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"',
        *([f"  docker run --privileged --rm {BINFMT} --install {platform.partition('/')[2]}"] if platform else []),
        f'  {shlex.join(command)} --tag "$REPOSITORY_URI:$tag" {shlex.quote(build.get("context", "."))}',
        '  docker push "$REPOSITORY_URI:$tag"',
        '  digest=$(digest_of "$tag")',
        "fi",
        *(_move(name, shlex.quote(moving_tag)) if moving_tag else []),
        _detail("$REPOSITORY_URI@$digest"),
    ]
    return _buildspec(script, [IMAGE_DETAIL])


BINFMT = "public.ecr.aws/eks-distro-build-tooling/binfmt-misc:qemu-v7.0.0"
"""Lets a build host run programs of other processors."""


def _detail(image: str) -> str:
    return f"""printf {shlex.quote(image_detail_json("%s"))} "{image}" > {IMAGE_DETAIL}"""


def _move(name: str, tag: str) -> list[str]:
    return [
        f'if [ "$(digest_of {tag})" != "$digest" ]; then',
        f'  manifest=$(aws ecr batch-get-image --repository-name {name} --image-ids imageDigest="$digest" '
        "--query 'images[0].imageManifest' --output text)",
        f'  aws ecr put-image --repository-name {name} --image-tag {tag} --image-manifest "$manifest" > /dev/null',
        "fi",
    ]


def image_choice(pipeline: str, container: str, controller: str) -> str:
    """The buildspec that leaves `imageDetail.json` as it is, or names the image that runs in it.

    It does the latter where the deployment's files started the pipeline, by the rule `FILES_RULE_ARN`: another size or
    another variable is no reason to release an image that nobody asked for, or one that was rolled back. The image that
    a service was made with doesn't come from `REPOSITORY_URI`, and makes way.
    """
    revision = "taskSets[?status=='PRIMARY'].taskDefinition | [0]" if controller == "CODE_DEPLOY" else "taskDefinition"
    image = f"taskDefinition.containerDefinitions[?name=='{container}'].image | [0]"
    return _buildspec(
        [
            f"started_by=$(aws codepipeline get-pipeline-execution --pipeline-name {shlex.quote(pipeline)} "
            '--pipeline-execution-id "$PIPELINE_EXECUTION_ID" '
            "--query pipelineExecution.trigger.triggerDetail --output text)",
            'if [ "$started_by" = "$FILES_RULE_ARN" ]; then',
            '  revision=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" '
            f'--query "services[0].{revision}" --output text)',
            '  running=$(aws ecs describe-task-definition --task-definition "$revision" '
            f'--query "{image}" --output text)',
            f'  case "$running" in "$REPOSITORY_URI"@sha256:*) {_detail("$running")} ;; esac',
            "fi",
            f"cat {IMAGE_DETAIL}",
        ],
        [IMAGE_DETAIL],
    )


def deploy_step(container: str, image_artifact: str, timeout_minutes: int) -> str:
    """The buildspec that releases a service by `runtime/deploy.py`, which lies beside the task definition."""
    command = ["--container", container, "--task-definition", "taskdef.json", "--timeout-minutes", str(timeout_minutes)]
    return _buildspec(
        [
            "python3 -m pip install --quiet --disable-pip-version-check -r requirements.txt",
            'python3 deploy.py --cluster "$CLUSTER" --service "$SERVICE" '
            f'--image-detail "$CODEBUILD_SRC_DIR_{image_artifact}/{IMAGE_DETAIL}" {shlex.join(command)}',
        ],
        runtimes={"python": "3.11"},
    )


def _buildspec(script: Sequence[str], files: Sequence[str] = (), runtimes: Mapping[str, str] | None = None) -> str:
    phases: dict[str, Any] = {"install": {"runtime-versions": dict(runtimes)}} if runtimes else {}
    document: dict[str, Any] = {
        "version": 0.2,
        "env": {"shell": "bash"},
        "phases": phases | {"build": {"commands": ["\n".join(["set -euo pipefail", *script]) + "\n"]}},
    }
    if files:
        document["artifacts"] = {"files": list(files)}
    return dumped(document)
