"""What pipelines are given, and what CodePipeline and CodeBuild refuse of it."""

import re
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from components.artifacts import ArtifactsArgs
from components.build_project import BUILD_MINUTES, LONGEST_BUILD, check_build_minutes
from components.buildspec import BuildArgs
from components.limits import Refused, check_range
from components.location import Location
from components.pipeline_source import MOVING_TAG, SourceArgs, check_source

PIPELINE_NAME = 100 - len("-release-pipeline")
"""Longest base of a pipeline's name.
https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

EXECUTION_MODES = ("QUEUED", "SUPERSEDED")
"""How releases follow each other. PARALLEL is none of them: a service takes one release at a time."""

LONGEST_APPROVAL = 86_400
"""Minutes, 60 days."""

LONGEST_CODEDEPLOY_ACTION = 5 * 24 * 60
"""Minutes that CodePipeline waits for a deployment of CodeDeploy (G63)."""

STEP_MINUTES = 15
"""Time to install and to register before a release, and to say how it ended."""


class PipelineArgs(TypedDict):
    """What pipelines have in common."""

    location: Location
    """Where the stack lives."""

    pipeline_name: str
    """Name of the pipeline, without what kind it is."""

    artifacts: ArtifactsArgs
    """Where it keeps what it passes on from stage to stage."""

    execution_mode: NotRequired[str]
    """QUEUED: one release after the other; SUPERSEDED: a newer one overtakes those that wait; QUEUED unless given."""

    topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic that is told of failures and of releases that wait for approval; none unless given."""

    log_retention_days: NotRequired[int]
    """Days that the logs of its builds are kept; 30 unless given."""

    log_key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of these logs; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class ImageArgs(TypedDict):
    """The ECR repository of a service's images."""

    repository_name: str
    """Name of the repository."""

    repository_url: pulumi.Input[str]
    """Where images are pushed to and pulled from, without a tag."""

    architecture: str
    """Processor that the tasks run on: X86_64 or ARM64."""

    moving_tag: NotRequired[str | None]
    """Tag that is moved to every new image, so that its push starts a pipeline; none unless given."""


class BuildHostArgs(BuildArgs):
    """How an image is built, and on what."""

    host_architecture: NotRequired[str]
    """Processor of the build host; that of the tasks unless given."""

    compute_type: NotRequired[str]
    """Size of the build host; BUILD_GENERAL1_SMALL unless given."""

    timeout_minutes: NotRequired[int]
    """Minutes that a build may take; 30 unless given."""


class ReleasedServiceArgs(TypedDict):
    """The ECS service that a pipeline releases."""

    cluster_name: pulumi.Input[str]
    """Its cluster."""

    service_name: pulumi.Input[str]
    """Its name."""

    family: str
    """Family of its task definitions."""

    controller: str
    """Who replaces its tasks: CODE_DEPLOY or ECS."""

    container_name: str
    """Container whose image is released."""

    task_role_arn: pulumi.Input[str]
    """Role of the application, which new tasks get."""

    execution_role_arn: pulumi.Input[str]
    """Role of ECS, which new tasks get."""

    tagged: bool
    """Whether its task definitions have tags."""


class DeploymentGroupArgs(TypedDict):
    """What CodeDeploy releases a service by."""

    application_name: pulumi.Input[str]
    """CodeDeploy application."""

    deployment_group_name: pulumi.Input[str]
    """Its deployment group for the service."""

    configuration_name: pulumi.Input[str]
    """Deployment configuration of the group."""


class DeployArgs(TypedDict):
    """How a pipeline comes to the deployment."""

    approval_minutes: NotRequired[int | None]
    """Minutes that a release waits for a person before it is deployed, 5 to 86,400; nobody is asked unless given."""

    rollback_on_failure: NotRequired[bool]
    """Whether a failed deployment starts that of the release before; not unless given, as CodeDeploy and ECS go back by
    themselves."""


_SOURCES = {
    "source": (("CodeCommit", "CodeConnections", "S3"), "an image that has been pushed is not built"),
    "files": (("CodeCommit", "S3"), "only the rule of an event tells that nothing but the files changed"),
}
"""What an application's source and a deployment's files may be kept in."""


def pushed(image: ImageArgs) -> SourceArgs:
    """The push of an image as a source."""
    return SourceArgs(
        provider="ECR",
        repository=image["repository_name"],
        tag=image.get("moving_tag") or MOVING_TAG,
    )


def check_pipeline(args: Mapping[str, Any]) -> None:
    """Refuse arguments of a pipeline's component that CodePipeline and CodeBuild do not accept (G60, G63)."""
    check_pipeline_name(args["pipeline_name"])
    if (mode := args.get("execution_mode", "QUEUED")) not in EXECUTION_MODES:
        raise Refused(repr(mode), ", ".join(EXECUTION_MODES), "a service takes one release at a time")
    for key, (providers, why) in _SOURCES.items():
        if (source := args.get(key)) is not None:
            check_source(source)
            if source["provider"] not in providers:
                raise Refused(f"{source['provider']} for {key}", ", ".join(providers), why)
    check_build_minutes(args.get("build", {}).get("timeout_minutes", BUILD_MINUTES))
    if (minutes := args.get("approval_minutes")) is not None:
        check_approval_minutes(minutes)
    check_deploy_minutes(args.get("release_minutes", 0))


def check_approval_minutes(minutes: int) -> None:
    """Refuse a wait for approval that CodePipeline does not accept (G63)."""
    check_range(minutes, 5, LONGEST_APPROVAL, "minutes", "CodePipeline waits for a person for 60 days at most (G63)")


def check_pipeline_name(name: str) -> None:
    """Refuse a base of names that a pipeline, or a project of CodeBuild, does not accept."""
    if not re.fullmatch(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{PIPELINE_NAME - 1}}}", name):
        raise Refused(
            repr(name),
            f"1 to {PIPELINE_NAME} letters, digits, - and _, the first a letter or a digit",
            "the names of its pipelines and builds begin with it",
        )


def check_deploy_minutes(minutes: int) -> None:
    """Refuse a release by ECS that lasts longer than the build that follows it may (G37, G63)."""
    longest = LONGEST_BUILD - STEP_MINUTES
    if minutes > longest:
        raise Refused(
            f"a release of up to {minutes} minutes",
            f"at most {longest} minutes",
            "the build that follows it ends after 36 hours, before the release does (G63)",
        )


def check_codedeploy_minutes(minutes: int) -> None:
    """Refuse a deployment of CodeDeploy that lasts longer than CodePipeline waits for it (G63)."""
    if minutes > LONGEST_CODEDEPLOY_ACTION:
        raise Refused(
            f"waits and steps of {minutes} minutes",
            f"at most {LONGEST_CODEDEPLOY_ACTION} minutes",
            "CodePipeline gives up on a deployment after 5 days (G63)",
        )
