"""A CodePipeline pipeline, put together from sources, builds and deployments."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components import pipeline_source
from components.artifacts import carry_tags, look_into, use_artifacts
from components.build_project import BUILD_MINUTES, BuildProject, BuildProjectArgs
from components.buildspec import deploy_step, image_build, image_choice
from components.iam import Statement, allow, pass_role, policy, trust
from components.location import arn
from components.pipeline_args import (
    STEP_MINUTES,
    BuildHostArgs,
    DeploymentGroupArgs,
    ImageArgs,
    PipelineArgs,
    ReleasedServiceArgs,
)
from components.pipeline_source import SourceArgs
from components.release_documents import PLACEHOLDER

FILES = "Files"
"""Artifact with the task definition, and the AppSpec or the deploy step."""

IMAGE = "Image"
"""Artifact that says in `imageDetail.json` which image is released."""


class Pipeline:
    """A pipeline that a component puts together: sources and stages in their order, then `create`.

    It has a role of its own, and a rule with another one for each source that tells EventBridge of changes. Builds are
    projects with roles of their own. A pipeline starts as soon as it exists, so its permissions come first (G66).

    Args:
        component: what the pipeline is a part of.
        name: logical name of its resources.
        kind: what it does: image, deploy or release.
        args: what pipelines have in common.
    """

    def __init__(self, component: pulumi.Resource, name: str, kind: str, args: PipelineArgs) -> None:
        self.name = f"{args['pipeline_name']}-{kind}-pipeline"
        self._resource = f"{name}-{kind}"
        self._own = pulumi.ResourceOptions(parent=component)
        self._args = args
        self._arn = arn(args["location"], "codepipeline", self.name)
        self._sources: dict[str, SourceArgs] = {}
        self._stages: list[Any] = []
        artifacts, location = args["artifacts"], args["location"]
        self._allowed: dict[str, list[Statement]] = {
            "artifacts": [*use_artifacts(artifacts, location), *look_into(artifacts, location)]
        }
        self._rules: dict[str, aws.cloudwatch.EventRule] = {}
        self._approved = False

    def add_sources(self, **sources: SourceArgs) -> None:
        """The first stage: a source of each name, which is its artifact's, too."""
        location = self._args["location"]
        for name, source in sources.items():
            pattern = pipeline_source.event_pattern(source, location)
            if pattern is not None:
                self._rules[name] = self._rule(name, pattern)
            if needed := pipeline_source.permissions(source, location):
                self._allow("sources", needed)
        if any(source["provider"] == "S3" for source in sources.values()):
            self._allow("artifacts", carry_tags(self._args["artifacts"], location))
        self._sources = sources
        self._add_stage("Source", *(pipeline_source.source_action(*each) for each in sources.items()))

    def add_build(self, source: str, build: BuildHostArgs, image: ImageArgs) -> None:
        """A stage that makes an image of a source and says which it is.

        Args:
            source: the source of the image.
            build: how it is built.
            image: where it is pushed to.
        """
        wanted = image["architecture"]
        host = build.get("host_architecture", wanted)
        repository = self._repository_arn(image)
        project = self._project(
            "build",
            f"Builds images of {image['repository_name']}",
            buildspec=image_build(
                image["repository_name"],
                build,
                platform=None if host == wanted else _PLATFORMS[wanted],
                moving_tag=image.get("moving_tag"),
            ),
            variables={"REPOSITORY_URI": image["repository_url"]},
            statements=[
                allow(["ecr:GetAuthorizationToken"], "*"),
                allow([f"ecr:{call}" for call in _PUSH], repository),
            ],
            architecture=host,
            builds_images=True,
            compute_type=build.get("compute_type", "BUILD_GENERAL1_SMALL"),
            timeout_minutes=build.get("timeout_minutes", BUILD_MINUTES),
        )
        self._add_stage("Build", self._build_action("Build", project, [source], [IMAGE]))

    def add_approval(self, minutes: int | None) -> None:
        """A stage in which a person lets a release pass, where somebody is asked at all."""
        if minutes is None:
            return
        self._approved = True
        approve = {"name": "Approve", "category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}
        self._add_stage("Approve", approve | {"timeout_in_minutes": minutes})

    def add_codedeploy(
        self, service: ReleasedServiceArgs, group: DeploymentGroupArgs, image: ImageArgs, rollback: bool
    ) -> None:
        """The last stage: a deployment of CodeDeploy (G56, G57).

        Args:
            service: what is released.
            group: what it is released by.
            image: where the images come from.
            rollback: whether a failure starts the deployment of the release before.
        """
        location = self._args["location"]
        choice = self._choice(service, image)
        deploy = {
            "name": "Deploy",
            "category": "Deploy",
            "owner": "AWS",
            "provider": "CodeDeployToECS",
            "version": "1",
            "run_order": 2,
            "configuration": {
                "ApplicationName": group["application_name"],
                "DeploymentGroupName": group["deployment_group_name"],
                "TaskDefinitionTemplateArtifact": FILES,
                "TaskDefinitionTemplatePath": "taskdef.json",
                "AppSpecTemplateArtifact": FILES,
                "AppSpecTemplatePath": "appspec.yaml",
                "Image1ArtifactName": _CHOSEN,
                "Image1ContainerName": PLACEHOLDER,
            },
            "input_artifacts": [FILES, _CHOSEN],
        }
        names: Any = pulumi.Output.all(**group)
        own = names.apply(
            lambda known: {
                "application": arn(location, "codedeploy", f"application:{known['application_name']}"),
                "group": arn(
                    location,
                    "codedeploy",
                    f"deploymentgroup:{known['application_name']}/{known['deployment_group_name']}",
                ),
                "configuration": arn(location, "codedeploy", f"deploymentconfig:{known['configuration_name']}"),
            }
        )
        self._allow(
            "deployment",
            [
                allow(["codedeploy:CreateDeployment", "codedeploy:GetDeployment"], own["group"]),
                allow([f"codedeploy:{call}" for call in _APPLICATION], own["application"]),
                allow(["codedeploy:GetDeploymentConfig"], own["configuration"]),
            ],
        )
        self._allow("tasks", self._register(service))
        self._add_stage("Deploy", choice, deploy, rollback=rollback)

    def add_deploy_step(self, service: ReleasedServiceArgs, image: ImageArgs, minutes: int, rollback: bool) -> None:
        """The last stage: a release by ECS itself, which a build starts and follows to its end.

        Args:
            service: what is released.
            image: where the images come from.
            minutes: how long a release may take (G37).
            rollback: whether a failure starts the deployment of the release before.
        """
        choice = self._choice(service, image)
        own = self._service_arns(service)
        project = self._project(
            "deploy",
            f"Releases {self._resource} and follows the release",
            buildspec=deploy_step(service["container_name"], _CHOSEN, minutes),
            variables=_variables(service),
            statements=[
                allow([f"ecs:{call}" for call in _FOLLOW], own["service"]),
                allow(["ecs:DescribeServiceDeployments"], own["deployments"]),
                allow(["ecs:DescribeServiceRevisions"], own["revisions"]),
                allow(["ecs:DescribeTaskDefinition"], "*"),
                *self._register(service),
            ],
            timeout_minutes=minutes + STEP_MINUTES,
        )
        deploy = self._build_action("Deploy", project, [FILES, _CHOSEN], []) | {"run_order": 2}
        self._add_stage("Deploy", choice, deploy, rollback=rollback)

    def create(self) -> aws.codepipeline.Pipeline:
        """The pipeline, with all that it consists of."""
        args = self._args
        role = self._role(
            f"{self._resource}-pipeline",
            f"Runs pipeline {self.name}",
            trust("codepipeline.amazonaws.com"),
        )
        permissions = [
            self._grant(f"{self._resource}-pipeline-{part}", role, statements)
            for part, statements in self._allowed.items()
        ]
        triggers: list[Any] = [pipeline_source.trigger(*each) for each in self._sources.items()]
        pipeline = aws.codepipeline.Pipeline(
            f"{self._resource}-pipeline",
            name=self.name,
            pipeline_type="V2",
            execution_mode=args.get("execution_mode", "QUEUED"),
            role_arn=role.arn,
            artifact_stores=[
                {
                    "type": "S3",
                    "location": args["artifacts"]["bucket_name"],
                    "encryption_key": {"type": "KMS", "id": args["artifacts"]["key_arn"]},
                }
            ],
            stages=self._stages,
            triggers=[each for each in triggers if each] or None,
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions.merge(self._own, pulumi.ResourceOptions(depends_on=permissions)),
        )
        self._start_by_events(pipeline)
        if (topic := args.get("topic_arn")) is not None:
            aws.codestarnotifications.NotificationRule(
                f"{self._resource}-pipeline",
                detail_type="FULL",
                event_type_ids=[*_FAILED, *(_APPROVAL_NEEDED if self._approved else [])],
                resource=pipeline.arn,
                targets=[{"address": topic}],
                tags=args.get("tags"),
                opts=self._own,
            )
        return pipeline

    def _rule(self, source: str, pattern: Any) -> aws.cloudwatch.EventRule:
        return aws.cloudwatch.EventRule(
            f"{self._resource}-{source.lower()}",
            description=f"Changes that start {self.name}",
            event_pattern=pulumi.Output.json_dumps(pattern),
            tags=self._args.get("tags"),
            opts=self._own,
        )

    def _start_by_events(self, pipeline: aws.codepipeline.Pipeline) -> None:
        if not self._rules:
            return
        name = f"{self._resource}-events"
        role = self._role(
            name,
            f"Starts pipeline {self.name}",
            trust(
                "events.amazonaws.com",
                {"StringEquals": {"aws:SourceAccount": self._args["location"]["account_id"]}},
            ),
        )
        allowed = self._grant(name, role, [allow(["codepipeline:StartPipelineExecution"], self._arn)])
        for source, rule in self._rules.items():
            aws.cloudwatch.EventTarget(
                f"{self._resource}-{source.lower()}",
                rule=rule.name,
                arn=pipeline.arn,
                role_arn=role.arn,
                opts=pulumi.ResourceOptions.merge(self._own, pulumi.ResourceOptions(depends_on=[allowed])),
            )

    def _role(self, name: str, description: str, trusted: Any) -> aws.iam.Role:
        return aws.iam.Role(
            name,
            description=description,
            assume_role_policy=json.dumps(trusted),
            tags=self._args.get("tags"),
            opts=self._own,
        )

    def _grant(self, name: str, role: aws.iam.Role, statements: Sequence[Statement]) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            name, role=role.id, policy=pulumi.Output.json_dumps(policy(statements)), opts=self._own
        )

    def _allow(self, part: str, statements: Sequence[Statement]) -> None:
        # A document for each part, because one unknown ARN would hide the rest of its document in the first preview.
        self._allowed.setdefault(part, []).extend(statements)

    def _add_stage(self, name: str, *actions: dict[str, Any], rollback: bool = False) -> None:
        stage: dict[str, Any] = {"name": name, "actions": list(actions)}
        self._stages.append(stage | ({"on_failure": {"result": "ROLLBACK"}} if rollback else {}))

    def _project(self, suffix: str, description: str, **args: Any) -> pulumi.Output[str]:
        """A project of CodeBuild that the pipeline may run; its name."""
        location = self._args["location"]
        # Names differ by kind: where one pipeline takes the place of another, its builds come before those go.
        name = f"{self.name.removesuffix('-pipeline')}-{suffix}"
        self._allow(
            "builds",
            [
                allow(
                    ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
                    arn(location, "codebuild", f"project/{name}"),
                )
            ],
        )
        common: Any = {key: value for key, value in self._args.items() if key in _OF_BUILDS}
        project = BuildProject(
            f"{self._resource}-{suffix}",
            BuildProjectArgs(project_name=name, description=description, **common, **args),
            self._own,
        )
        return project.project_name

    def _build_action(
        self, name: str, project: pulumi.Output[str], inputs: list[str], outputs: list[str], **configuration: str
    ) -> dict[str, Any]:
        primary = {"PrimarySource": inputs[0]} if len(inputs) > 1 else {}
        return {
            "name": name,
            "category": "Build",
            "owner": "AWS",
            "provider": "CodeBuild",
            "version": "1",
            "configuration": {"ProjectName": project, **primary, **configuration},
            "input_artifacts": inputs,
            "output_artifacts": outputs,
        }

    def _choice(self, service: ReleasedServiceArgs, image: ImageArgs) -> dict[str, Any]:
        """The action that leaves a new image, or puts the one that runs in its place where only files changed.

        It belongs to the last stage, which takes one release at a time: any earlier, the image that another one is
        just bringing would not run yet.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
        """
        location, rule = self._args["location"], self._rules[FILES]
        project = self._project(
            "choose-image",
            f"Keeps the image that runs where only the files of {self._resource} changed",
            buildspec=image_choice(self.name, service["container_name"], service["controller"]),
            variables={
                "REPOSITORY_URI": image["repository_url"],
                # Made of the name, so that the project can be judged in the first preview.
                "FILES_RULE_ARN": rule.name.apply(lambda name: arn(location, "events", f"rule/{name}")),
                **_variables(service),
            },
            statements=[
                allow(["codepipeline:GetPipelineExecution"], self._arn),
                allow(["ecs:DescribeServices"], self._service_arns(service)["service"]),
                # ECS can't limit it to a task definition.
                allow(["ecs:DescribeTaskDefinition"], "*"),
            ],
        )
        return self._build_action("Image", project, [IMAGE], [_CHOSEN], EnvironmentVariables=_EXECUTION)

    def _service_arns(self, service: ReleasedServiceArgs) -> Any:
        location = self._args["location"]
        names: Any = pulumi.Output.all(service["cluster_name"], service["service_name"])
        return names.apply(
            lambda known: {
                "service": arn(location, "ecs", f"service/{known[0]}/{known[1]}"),
                "deployments": arn(location, "ecs", f"service-deployment/{known[0]}/{known[1]}/*"),
                "revisions": arn(location, "ecs", f"service-revision/{known[0]}/{known[1]}/*"),
            }
        )

    def _register(self, service: ReleasedServiceArgs) -> list[Statement]:
        """What it takes to register a revision: the family's own name, and both roles for its tasks (G59)."""
        revisions = arn(self._args["location"], "ecs", f"task-definition/{service['family']}:*")
        tag = allow(["ecs:TagResource"], revisions, {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}})
        return [
            allow(["ecs:RegisterTaskDefinition"], revisions),
            *([tag] if service["tagged"] else []),
            pass_role([service["task_role_arn"], service["execution_role_arn"]], "ecs-tasks.amazonaws.com"),
        ]

    def _repository_arn(self, image: ImageArgs) -> str:
        return arn(self._args["location"], "ecr", f"repository/{image['repository_name']}")


_PLATFORMS = {"ARM64": "linux/arm64", "X86_64": "linux/amd64"}

_PUSH = (
    "BatchCheckLayerAvailability",
    "BatchGetImage",
    "CompleteLayerUpload",
    "InitiateLayerUpload",
    "PutImage",
    "UploadLayerPart",
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""

_APPLICATION = ("GetApplication", "GetApplicationRevision", "RegisterApplicationRevision")
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""

_FOLLOW = (
    "DescribeServiceDeployments",
    "DescribeServiceRevisions",
    "DescribeServices",
    "ListServiceDeployments",
    "UpdateService",
)
"""What `runtime/deploy.py` does with a service. ECS asks for the service's ARN beside those of its deployments and
revisions.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecs.html"""

_CHOSEN = "ChosenImage"

_EXECUTION = json.dumps(
    [{"name": "PIPELINE_EXECUTION_ID", "value": "#{codepipeline.PipelineExecutionId}", "type": "PLAINTEXT"}]
)
"""Tells a build which execution of the pipeline it is for."""


def _variables(service: ReleasedServiceArgs) -> dict[str, pulumi.Input[str]]:
    return {"CLUSTER": service["cluster_name"], "SERVICE": service["service_name"]}


_OF_BUILDS = ("location", "artifacts", "log_retention_days", "log_key_arn", "tags")

_FAILED = ["codepipeline-pipeline-pipeline-execution-failed"]
_APPROVAL_NEEDED = ["codepipeline-pipeline-manual-approval-needed"]
"""https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html"""
