"""A pipeline for services that ECS itself releases."""

from typing import NotRequired

import pulumi

from components import transition
from components.pipeline import Pipeline
from components.pipeline_args import (
    BuildHostArgs,
    DeployArgs,
    ImageArgs,
    PipelineArgs,
    ReleasedServiceArgs,
    check_pipeline,
    pushed,
)
from components.pipeline_source import SourceArgs


class NativeReleasePipelineArgs(PipelineArgs, DeployArgs):
    """Arguments of a `NativeReleasePipeline`."""

    source: NotRequired[SourceArgs]
    """Source with a Dockerfile; images are pushed by somebody else unless given."""

    files: SourceArgs
    """Source with `taskdef.json`, `deploy.py` and `requirements.txt`."""

    image: ImageArgs
    """Where images are pushed to; without a source, a push of its moving tag starts a release."""

    build: NotRequired[BuildHostArgs]
    """How images are built; from the Dockerfile at the root unless given."""

    service: ReleasedServiceArgs
    """What is released."""

    release_minutes: int
    """How long a release may take: all steps, hooks and the bake time (G37)."""


class NativeReleasePipeline(pulumi.ComponentResource):
    """A pipeline that releases a service under the ECS controller, for which CodePipeline has no action of its own.

    A build registers the revision, updates the service and follows the release to its end, so that the pipeline fails
    with AWS's reason when a release is rolled back (G38).

    Raises:
        Refused: for sources, names and times that CodePipeline and CodeBuild do not accept (G60, G63).
    """

    pipeline_name: pulumi.Output[str]
    """Name of the pipeline."""

    def __init__(self, name: str, args: NativeReleasePipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_pipeline(args)
        opts = transition.formerly(opts, "ReleasePipeline")
        super().__init__("ecs-blue-green:index:NativeReleasePipeline", name, None, opts)

        pipeline = Pipeline(self, name, "release", args)
        source = args.get("source")
        if source is not None:
            pipeline.add_sources(App=source, Files=args["files"])
            pipeline.add_build("App", args.get("build", {}), args["image"])
        else:
            pipeline.add_sources(Files=args["files"], Image=pushed(args["image"]))
        pipeline.add_approval(args.get("approval_minutes"))
        pipeline.add_deploy_step(
            args["service"],
            args["image"],
            minutes=args["release_minutes"],
            rollback=args.get("rollback_on_failure", False),
        )

        self.pipeline_name = pipeline.create().name
        self.register_outputs({"pipeline_name": self.pipeline_name})
