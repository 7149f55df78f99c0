"""A pipeline that makes images."""

import pulumi

from components.pipeline import Pipeline
from components.pipeline_args import (
    BuildHostArgs,
    ImageArgs,
    PipelineArgs,
    check_pipeline,
)
from components.pipeline_source import SourceArgs


class ImagePipelineArgs(PipelineArgs):
    """Arguments of an `ImagePipeline`."""

    source: SourceArgs
    """Source with a Dockerfile."""

    image: ImageArgs
    """Where images are pushed to."""

    build: BuildHostArgs
    """How they are built."""


class ImagePipeline(pulumi.ComponentResource):
    """A pipeline that makes an image of each commit and pushes it to ECR; another one may release what it pushes.

    Raises:
        Refused: for sources, names and times that CodePipeline and CodeBuild do not accept (G60, G63).
    """

    pipeline_name: pulumi.Output[str]
    """Name of the pipeline."""

    def __init__(self, name: str, args: ImagePipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_pipeline(args)
        super().__init__("ecs-blue-green:index:ImagePipeline", name, None, opts)

        pipeline = Pipeline(self, name, "image", args)
        pipeline.add_sources(App=args["source"])
        pipeline.add_build("App", args["build"], args["image"])

        self.pipeline_name = pipeline.create().name
        self.register_outputs({"pipeline_name": self.pipeline_name})
