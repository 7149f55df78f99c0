"""A pipeline from a commit to a deployment of CodeDeploy."""

import pulumi

from components import transition
from components.pipeline import Pipeline
from components.pipeline_args import (
    BuildHostArgs,
    DeployArgs,
    DeploymentGroupArgs,
    ImageArgs,
    PipelineArgs,
    ReleasedServiceArgs,
    check_pipeline,
)
from components.pipeline_source import SourceArgs


class ReleasePipelineArgs(PipelineArgs, DeployArgs):
    """Arguments of a `ReleasePipeline`."""

    source: SourceArgs
    """Source with a Dockerfile."""

    files: SourceArgs
    """Source with `taskdef.json` and `appspec.yaml`."""

    image: ImageArgs
    """Where images are pushed to."""

    build: BuildHostArgs
    """How they are built."""

    service: ReleasedServiceArgs
    """What is released."""

    deployment_group: DeploymentGroupArgs
    """What it is released by."""


class ReleasePipeline(pulumi.ComponentResource):
    """A pipeline that makes an image of each commit and hands it to CodeDeploy, as it does with a change of the task.

    Raises:
        Refused: for sources, names and times that CodePipeline and CodeBuild do not accept (G60, G63).
    """

    pipeline_name: pulumi.Output[str]
    """Name of the pipeline."""

    def __init__(self, name: str, args: ReleasePipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_pipeline(args)
        opts = transition.formerly(opts, "NativeReleasePipeline")
        super().__init__("ecs-blue-green:index:ReleasePipeline", name, None, opts)

        pipeline = Pipeline(self, name, "release", args)
        pipeline.add_sources(App=args["source"], Files=args["files"])
        pipeline.add_build("App", args["build"], args["image"])
        pipeline.add_approval(args.get("approval_minutes"))
        pipeline.add_codedeploy(
            args["service"],
            args["deployment_group"],
            args["image"],
            rollback=args.get("rollback_on_failure", False),
        )

        self.pipeline_name = pipeline.create().name
        self.register_outputs({"pipeline_name": self.pipeline_name})
