"""What CodeBuild runs in a pipeline."""

import json
from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.artifacts import ArtifactsArgs, use_artifacts
from components.iam import Statement, allow, policy, trust
from components.limits import check_range
from components.location import Location, arn

LONGEST_BUILD = 2160
"""Minutes, 36 hours: what CodeBuild and CodePipeline give a build; older pages say 8 hours (G63).
https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html"""

BUILD_MINUTES = 30
"""Minutes that the build of an image may take unless more are asked for."""

ComputeType = Literal["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE"]

_HOSTS = {
    "ARM64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
    "X86_64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
}
"""Environment and image by processor (G62).
https://docs.aws.amazon.com/codebuild/latest/userguide/ec2-compute-images.html"""


def check_build_minutes(minutes: int) -> None:
    """Refuse a time for a build that CodeBuild does not accept (G63)."""
    check_range(minutes, 5, LONGEST_BUILD, "minutes", "CodeBuild ends a build after 36 hours (G63)")


class BuildProjectArgs(TypedDict):
    """Arguments of a `BuildProject`."""

    location: Location
    """Where the stack lives."""

    project_name: str
    """Name of the project."""

    description: str
    """What it does, in a sentence."""

    buildspec: str
    """What it runs."""

    artifacts: ArtifactsArgs
    """Where it finds and leaves artifacts."""

    variables: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables; none unless given."""

    statements: NotRequired[Sequence[Statement]]
    """What it may do beside reading and writing its artifacts and its log; nothing unless given."""

    architecture: NotRequired[str]
    """Processor of its host, X86_64 or ARM64; X86_64 unless given."""

    builds_images: NotRequired[bool]
    """Whether it runs Docker, for which it is privileged (G61); not unless given."""

    compute_type: NotRequired[str]
    """Size of its host; BUILD_GENERAL1_SMALL unless given."""

    timeout_minutes: NotRequired[int]
    """Minutes that it may take, 5 to 2,160; 30 unless given."""

    log_retention_days: NotRequired[int]
    """Days that its log is kept; 30 unless given."""

    log_key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of its log; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class BuildProject(pulumi.ComponentResource):
    """A CodeBuild project of a pipeline, its role and its log.

    Raises:
        Refused: for a time that CodeBuild does not give (G63).
    """

    project_name: pulumi.Output[str]
    """Name of the project, once it may do what it has to."""

    def __init__(self, name: str, args: BuildProjectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        minutes = args.get("timeout_minutes", BUILD_MINUTES)
        check_build_minutes(minutes)
        super().__init__("ecs-blue-green:index:BuildProject", name, None, opts)

        location, tags, artifacts = args["location"], args.get("tags"), args["artifacts"]
        own = pulumi.ResourceOptions(parent=self)
        project_arn = arn(location, "codebuild", f"project/{args['project_name']}")
        log = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/codebuild/{args['project_name']}",
            retention_in_days=args.get("log_retention_days", 30),
            kms_key_id=args.get("log_key_arn"),
            tags=tags,
            opts=own,
        )
        role = aws.iam.Role(
            name,
            description=args["description"],
            assume_role_policy=json.dumps(
                trust("codebuild.amazonaws.com", {"StringEquals": {"aws:SourceArn": project_arn}})
            ),
            tags=tags,
            opts=own,
        )
        streams = log.name.apply(lambda group: arn(location, "logs", f"log-group:{group}:*"))
        statements = [allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams), *args.get("statements", [])]
        # Two documents, because one unknown ARN would hide the rest of its document in the first preview.
        permissions = [
            aws.iam.RolePolicy(resource, role=role.id, policy=pulumi.Output.json_dumps(policy(allowed)), opts=own)
            for resource, allowed in ((name, statements), (f"{name}-artifacts", use_artifacts(artifacts, location)))
        ]
        kind, image = _HOSTS[args.get("architecture", "X86_64")]
        project = aws.codebuild.Project(
            name,
            name=args["project_name"],
            description=args["description"],
            service_role=role.arn,
            artifacts={"type": "CODEPIPELINE"},
            source={"type": "CODEPIPELINE", "buildspec": args["buildspec"]},
            environment={
                "type": kind,
                "image": image,
                "compute_type": args.get("compute_type", "BUILD_GENERAL1_SMALL"),
                "privileged_mode": args.get("builds_images", False),
                "environment_variables": [
                    {"name": variable, "value": value, "type": "PLAINTEXT"}
                    for variable, value in sorted(args.get("variables", {}).items())
                ],
            },
            encryption_key=artifacts["key_arn"],
            logs_config={"cloudwatch_logs": {"status": "ENABLED", "group_name": log.name}},
            build_timeout=minutes,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=permissions),
        )

        self.project_name = project.name
        self.register_outputs({"project_name": self.project_name})
