"""Where a pipeline takes what it releases from, as plain values: its source actions, what starts it, what it needs.

No source is polled. CodeCommit, S3 and ECR tell EventBridge, which starts the pipeline by a rule; a connection has a
trigger of its own (G60).
https://docs.aws.amazon.com/codepipeline/latest/userguide/integrations-action-type.html
"""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from components.iam import Statement, allow
from components.limits import Refused
from components.location import Location, arn

PROVIDERS = ("CodeCommit", "CodeConnections", "S3", "ECR")
"""The kinds of sources."""

CONNECTIONS = "CodeStarSourceConnection"
"""What CodePipeline calls sources by CodeConnections."""

MOVING_TAG = "latest"
"""Tag by which a push of an image starts a pipeline, unless another is asked for."""


class SourceArgs(TypedDict):
    """A source of a pipeline."""

    provider: str
    """CodeCommit, CodeConnections, S3 or ECR."""

    repository: NotRequired[pulumi.Input[str]]
    """Repository: its name, with CodeConnections its owner and name."""

    branch: NotRequired[str]
    """Branch of CodeCommit or CodeConnections."""

    connection_arn: NotRequired[str]
    """Connection, which a person has authorised (G65)."""

    file_paths: NotRequired[list[str]]
    """With CodeConnections: paths whose changes start the pipeline; any unless given."""

    bucket: NotRequired[pulumi.Input[str]]
    """Bucket of S3: versioned, and telling EventBridge of its objects."""

    key: NotRequired[str]
    """Key of a zip file in it."""

    own_bucket: NotRequired[bool]
    """Whether the bucket is that of the pipeline's artifacts, which it may read already; not unless given."""

    tag: NotRequired[str]
    """Tag of an image in ECR that moves with each push; latest unless given."""


_REQUIRED = {
    "CodeCommit": ("repository", "branch"),
    "CodeConnections": ("connection_arn", "repository", "branch"),
    "S3": ("bucket", "key"),
    "ECR": ("repository",),
}


def check_source(source: SourceArgs) -> None:
    """Refuse a source that CodePipeline doesn't know, or one that lacks what tells it from others."""
    provider = source["provider"]
    if provider not in PROVIDERS:
        raise Refused(repr(provider), ", ".join(PROVIDERS), "a pipeline has no other sources")
    if missing := [key for key in _REQUIRED[provider] if not source.get(key)]:
        raise Refused(f"{provider} without {missing[0]}", ", ".join(_REQUIRED[provider]), "a source needs all of them")


def source_action(name: str, source: SourceArgs) -> dict[str, Any]:
    """A source action called `name`, as is the artifact that it makes."""
    configuration: dict[str, Any]
    match source["provider"]:
        case "CodeCommit":
            configuration = {
                "RepositoryName": source.get("repository"),
                "BranchName": source.get("branch"),
                "PollForSourceChanges": "false",
            }
        case "CodeConnections":
            configuration = {
                "ConnectionArn": source.get("connection_arn"),
                "FullRepositoryId": source.get("repository"),
                "BranchName": source.get("branch"),
                # The pipeline's trigger does.
                "DetectChanges": "false",
            }
        case "S3":
            configuration = {
                "S3Bucket": source.get("bucket"),
                "S3ObjectKey": source.get("key"),
                "PollForSourceChanges": "false",
            }
        case _:
            configuration = {"RepositoryName": source.get("repository"), "ImageTag": source.get("tag", MOVING_TAG)}
    provider = source["provider"]
    return {
        "name": name,
        "category": "Source",
        "owner": "AWS",
        "provider": CONNECTIONS if provider == "CodeConnections" else provider,
        "version": "1",
        "configuration": configuration,
        "output_artifacts": [name],
        "namespace": name,
    }


def trigger(name: str, source: SourceArgs) -> dict[str, Any] | None:
    """What starts a pipeline on a push to its source action `name`, where that is a connection.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html
    """
    if source["provider"] != "CodeConnections":
        return None
    push: dict[str, Any] = {"branches": {"includes": [source.get("branch")]}}
    if paths := source.get("file_paths"):
        push["file_paths"] = {"includes": paths}
    return {
        "provider_type": CONNECTIONS,
        "git_configuration": {"source_action_name": name, "pushes": [push]},
    }


def event_pattern(source: SourceArgs, location: Location) -> Mapping[str, Any] | None:
    """The events of EventBridge that start a pipeline, where its source tells EventBridge (G60)."""
    match source["provider"]:
        case "CodeCommit":
            repository: Any = pulumi.Output.from_input(source.get("repository"))
            return {
                "source": ["aws.codecommit"],
                "detail-type": ["CodeCommit Repository State Change"],
                "resources": [repository.apply(lambda name: arn(location, "codecommit", name))],
                "detail": {
                    "event": ["referenceCreated", "referenceUpdated"],
                    "referenceType": ["branch"],
                    "referenceName": [source.get("branch")],
                },
            }
        case "S3":
            return {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": [source.get("bucket")]}, "object": {"key": [source.get("key")]}},
            }
        case "ECR":
            return {
                "source": ["aws.ecr"],
                "detail-type": ["ECR Image Action"],
                "detail": {
                    "action-type": ["PUSH"],
                    "image-tag": [source.get("tag", MOVING_TAG)],
                    "repository-name": [source.get("repository")],
                    "result": ["SUCCESS"],
                },
            }
    return None


def permissions(source: SourceArgs, location: Location) -> list[Statement]:
    """What a pipeline's role needs to read a source.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    """
    repository: Any = pulumi.Output.from_input(source.get("repository"))
    match source["provider"]:
        case "CodeCommit":
            calls = ("CancelUploadArchive", "GetBranch", "GetCommit", "GetUploadArchiveStatus", "UploadArchive")
            return [
                allow(
                    [f"codecommit:{call}" for call in calls],
                    repository.apply(lambda name: arn(location, "codecommit", name)),
                )
            ]
        case "CodeConnections":
            # AWS asks for both, whichever of the two prefixes the connection's ARN has.
            uses = [f"{service}:UseConnection" for service in ("codeconnections", "codestar-connections")]
            return [allow(uses, source.get("connection_arn"))]
        case "S3" if source.get("own_bucket"):
            return []
        case "S3":
            bucket: Any = pulumi.Output.from_input(source.get("bucket"))
            own: Any = bucket.apply(lambda name: f"arn:{location['partition']}:s3:::{name}")
            return [
                allow(["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"], own),
                allow(
                    ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"],
                    own.apply(lambda known: f"{known}/{source.get('key')}"),
                ),
            ]
    return [allow(["ecr:DescribeImages"], repository.apply(lambda name: arn(location, "ecr", f"repository/{name}")))]
