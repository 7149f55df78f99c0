"""A pipeline that releases images by CodeDeploy."""

import pulumi

from components.pipeline import Pipeline
from components.pipeline_args import (
    DeployArgs,
    DeploymentGroupArgs,
    ImageArgs,
    PipelineArgs,
    ReleasedServiceArgs,
    check_pipeline,
    pushed,
)
from components.pipeline_source import SourceArgs


class DeployPipelineArgs(PipelineArgs, DeployArgs):
    """Arguments of a `DeployPipeline`."""

    files: SourceArgs
    """Source with `taskdef.json` and `appspec.yaml`."""

    image: ImageArgs
    """Where images come from: a push of its moving tag starts a release."""

    service: ReleasedServiceArgs
    """What is released."""

    deployment_group: DeploymentGroupArgs
    """What it is released by."""


class DeployPipeline(pulumi.ComponentResource):
    """A pipeline that hands each pushed image, or a change of the task, to CodeDeploy.

    Raises:
        Refused: for sources, names and times that CodePipeline does not accept (G60, G63).
    """

    pipeline_name: pulumi.Output[str]
    """Name of the pipeline."""

    def __init__(self, name: str, args: DeployPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_pipeline(args)
        super().__init__("ecs-blue-green:index:DeployPipeline", name, None, opts)

        pipeline = Pipeline(self, name, "deploy", args)
        pipeline.add_sources(Files=args["files"], Image=pushed(args["image"]))
        pipeline.add_approval(args.get("approval_minutes"))
        pipeline.add_codedeploy(
            args["service"],
            args["deployment_group"],
            args["image"],
            rollback=args.get("rollback_on_failure", False),
        )

        self.pipeline_name = pipeline.create().name
        self.register_outputs({"pipeline_name": self.pipeline_name})
