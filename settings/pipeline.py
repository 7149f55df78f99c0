"""Settings of the pipelines that release a service."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from components.build_project import BUILD_MINUTES, ComputeType, check_build_minutes
from components.limits import Refused
from components.pipeline_args import (
    BuildHostArgs,
    check_approval_minutes,
    check_codedeploy_minutes,
    check_deploy_minutes,
    check_pipeline_name,
)
from components.pipeline_source import MOVING_TAG
from components.strategy import longest_minutes
from settings.deployment import CodeDeploy, Native
from settings.mistake import Model, refused_at
from settings.source import AnySource, CodeCommitSource, EcrSource, FilesSource, ImageTag
from settings.types import RetentionDays, arn, checked, matching

PathBelow = matching(r"(?![/-])(?!(.*/)?\.\.(/|$))[^\x00-\x1f]{1,255}", "a path below the root of the source")


class Build(Model):
    """How an image is built from a Dockerfile."""

    dockerfile: Annotated[str, PathBelow] = "Dockerfile"
    """Path of the Dockerfile; Dockerfile unless set."""

    context: Annotated[str, PathBelow] = "."
    """Folder whose files it may copy; the root of the source unless set."""

    arguments: dict[
        Annotated[str, matching(r"[A-Za-z_]\w*", "a name of letters, digits and _")],
        Annotated[str, matching(r"[^\x00]*", "text without NUL, which no command can be given")],
    ] = {}
    """Build arguments, readable by everyone who may see the project or the image; none unless set."""

    architecture: Literal["X86_64", "ARM64"] | None = None
    """Processor of the build host; the service's unless set."""

    buildx: bool = False
    """Whether a host of the other architecture may make the image by emulation, which is slow; not unless set (G62)."""

    compute_type: ComputeType = "BUILD_GENERAL1_SMALL"
    """Size of the build host; BUILD_GENERAL1_SMALL unless set."""

    timeout_minutes: Annotated[int, checked(check_build_minutes)] = BUILD_MINUTES
    """Minutes that a build may take, 5 to 2,160; 30 unless set."""

    def build(self) -> BuildHostArgs:
        """How an image is built, as a pipeline takes it."""
        args = self.args(BuildHostArgs)
        return args | ({"host_architecture": self.architecture} if self.architecture else {})


class Notifications(Model):
    """Who is told of failures, and of releases that wait for approval."""

    emails: list[Annotated[str, matching(r"[^\s@]+@[^\s@]+", "an email address")]] = []
    """Addresses, which have to confirm; none unless set."""

    topic_arn: Annotated[str, arn("sns", "[A-Za-z0-9_-]+", "an SNS topic")] | None = None
    """A topic that lets codestar-notifications.amazonaws.com publish, in place of one of the stack's own."""

    @field_validator("topic_arn")
    @classmethod
    def _one_of_both(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "emails" in info.data and bool(info.data["emails"]) == (value is not None):
            if value:
                raise Refused("this key beside emails", "one of them", "a topic of your own has its own subscribers")
            raise Refused("neither emails nor topicArn", "one of them", "nobody would be told")
        return value

    model_config = ConfigDict(validate_default=True)


class Pipeline(Model):
    """The pipelines that make images of a service and release them."""

    source: AnySource
    """Where the application comes from, or its images."""

    build: Build = Build()
    """How images are built."""

    separate: bool = False
    """Whether image and deployment have a pipeline each, joined by the push of movingTag; one does both unless set."""

    moving_tag: Annotated[str, ImageTag] = MOVING_TAG
    """With separate: tag that moves to each new image and so starts the deployment, one of mutableTags (G60); latest
    unless set."""

    files: FilesSource | None = None
    """Repository of the files that a deployment is described by, written by `python -m offline files`; the stack keeps
    them itself, in S3, unless set."""

    container: str | None = None
    """Container whose image is released; the one that takes the traffic unless set."""

    name: Annotated[str, checked(check_pipeline_name)] | None = None
    """What the names of its pipelines and builds begin with; the stack's name and the service's unless set."""

    approval_minutes: Annotated[int, checked(check_approval_minutes)] | None = None
    """Minutes that a release waits for a person to let it pass, 5 to 86,400; nobody is asked unless set."""

    rollback_on_failure: bool = False
    """Whether a failed deployment starts that of the release before; not unless set, as CodeDeploy and ECS go back by
    themselves."""

    execution_mode: Literal["QUEUED", "SUPERSEDED"] = "QUEUED"
    """QUEUED: one release after the other; SUPERSEDED: a newer one overtakes those that wait; QUEUED unless set."""

    notifications: Notifications | None = None
    """Who is told; nobody unless set."""

    artifact_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days that artifacts are kept; 30 unless set."""

    log_retention_days: RetentionDays = 30
    """Days that the logs of builds are kept; 30 unless set."""

    @field_validator("build")
    @classmethod
    def _something_to_build(cls, value: Build, info: ValidationInfo) -> Build:
        if isinstance(info.data.get("source"), EcrSource) and value.model_fields_set:
            raise Refused("this key with source ECR", "leaving it out", "somebody else builds what is pushed there")
        return value

    @field_validator("separate")
    @classmethod
    def _two_to_separate(cls, value: bool, info: ValidationInfo) -> bool:
        if value and isinstance(info.data.get("source"), EcrSource):
            raise Refused("true with source ECR", "leaving it out", "there is one pipeline, which begins at the push")
        return value

    @field_validator("files")
    @classmethod
    def _not_the_source(cls, value: CodeCommitSource | None, info: ValidationInfo) -> CodeCommitSource | None:
        source = info.data.get("source")
        if value and isinstance(source, CodeCommitSource) and source.repository == value.repository:
            raise Refused(
                f"repository {value.repository}, which is the source",
                "a repository of its own",
                "a change of the files keeps the image that runs, a commit of the source makes another",
            )
        return value

    @field_validator("moving_tag")
    @classmethod
    def _a_push_to_start(cls, value: str, info: ValidationInfo) -> str:
        if not info.data.get("separate", True):
            tag = "source.tag" if isinstance(info.data.get("source"), EcrSource) else "separate: true"
            raise Refused("this key without separate", tag, "no other pipeline waits for the push")
        return value

    def base_name(self, stack: str, service: str) -> str:
        """What the names of its pipelines and builds begin with.

        Args:
            stack: the stack's name.
            service: the service's name.
        """
        return self.name or f"{stack}-{service}"

    @property
    def repositories(self) -> list[CodeCommitSource]:
        """The repositories of CodeCommit that it takes something from."""
        return [each for each in (self.source, self.files) if isinstance(each, CodeCommitSource)]

    @property
    def pushed_tag(self) -> str | None:
        """Tag whose push starts a deployment, where one does."""
        if isinstance(self.source, EcrSource):
            return self.source.tag
        return self.moving_tag if self.separate else None


def check_fit(pipeline: Pipeline, service: Mapping[str, Any]) -> None:
    """Refuse a pipeline that could not release its service.

    Args:
        pipeline: the pipeline.
        service: those settings of the service that are in order, by name.

    Raises:
        Refused: at its own path.
        ValidationError: at a key below it.
    """
    repository, deployment = service.get("image_repository", pipeline), service.get("deployment")
    if repository is None:
        raise Refused("a pipeline without imageRepository", "imageRepository beside it", "images need a repository")
    tag = pipeline.pushed_tag if repository is not pipeline else None
    if tag and not any(fnmatchcase(tag, pattern) for pattern in repository.mutable_tags):
        refused = Refused(
            f"tag {tag}, which imageRepository never lets move",
            f"{tag} in imageRepository.mutableTags",
            "the push that starts a release moves the tag (G60)",
        )
        raise refused_at("movingTag" if pipeline.separate else "source.tag", refused)
    architecture, host = service.get("architecture"), pipeline.build.architecture
    if host and architecture and host != architecture and not pipeline.build.buildx:
        refused = Refused(
            f"{host} for tasks on {architecture}",
            f"{architecture}, or buildx: true",
            "the tasks would stop with 'exec format error' (G62)",
        )
        raise refused_at("build.architecture", refused)
    if isinstance(deployment, CodeDeploy):
        check_codedeploy_minutes(deployment.longest_minutes)
    elif isinstance(deployment, Native):
        if deployment.task_definition_owner == "pulumi":
            raise Refused(
                "a pipeline with taskDefinitionOwner pulumi",
                "deployment.taskDefinitionOwner: pipeline",
                "`pulumi up` would take every release back",
            )
        check_deploy_minutes(longest_minutes(deployment.deployment()))
