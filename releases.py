"""How releases of one service are judged and made: its hooks' functions, its release files, its pipelines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pulumi

from components.artifact_bucket import ArtifactBucket, ArtifactBucketArgs
from components.codedeploy_service import CodeDeployService
from components.deploy_pipeline import DeployPipeline, DeployPipelineArgs
from components.fargate_task import FargateTask
from components.hook_function import HookFunction, HookFunctionArgs
from components.image_pipeline import ImagePipeline, ImagePipelineArgs
from components.image_repository import ImageRepository
from components.native_release_pipeline import NativeReleasePipeline, NativeReleasePipelineArgs
from components.native_service import NativeService
from components.pipeline_args import DeployArgs, DeploymentGroupArgs, ImageArgs, PipelineArgs, ReleasedServiceArgs
from components.pipeline_source import SourceArgs
from components.release_documents import appspec_yaml, taskdef_json
from components.release_files import KEY, ReleaseFiles, ReleaseFilesArgs
from components.release_pipeline import ReleasePipeline, ReleasePipelineArgs
from components.release_topic import ReleaseTopic, ReleaseTopicArgs
from components.source_repository import SourceRepository, SourceRepositoryArgs
from components.strategy import longest_minutes
from settings import AnySource, CodeCommitSource, CodeDeploy, Pipeline, Service, judges
from settings.hook import Admission, EventHook, LambdaEvent, Smoke
from shared import Shared

_RUNTIME = Path(__file__).parent / "runtime"


def hook_functions(
    name: str,
    settings: Service,
    repository: ImageRepository | None,
    shared: Shared,
    opts: pulumi.ResourceOptions,
) -> dict[str, HookFunction]:
    """The functions of the service's own hooks, by their names in `judges`."""
    functions = {}
    for judge, hook in judges(settings.deployment.judging).items():
        args = HookFunctionArgs(
            location=shared.location,
            function_name=f"{shared.name}-{name}-{judge}",
            kind=hook.type.lower(),
            configuration={},
            controller=settings.deployment.controller,
            cluster_name=shared.cluster.name,
            service=name,
            log_retention_days=settings.log_retention_days,
            key_arn=shared.key_arn,
            tags=shared.tags,
        )
        if isinstance(hook, Smoke):
            assert shared.load_balancer, "the settings refuse a smoke test without one"
            test = shared.smoke_tests[name][judge]
            balancer = shared.load_balancer
            url = pulumi.Output.concat(balancer.url(test.port), test.path.removeprefix("/"))
            args["configuration"] = {"url": url, "loadBalancer": balancer.arn_suffix, **test.configuration}
            args["network"] = {"vpc_id": shared.vpc_id, "subnet_ids": shared.subnet_ids}
        elif isinstance(hook, Admission):
            own = [repository.url] if repository else []
            named = [container.image for container in settings.containers.values()]
            args["configuration"] = {"images": hook.images or [*own, *named]}
        else:
            args["parameters"] = f"/ecs-blue-green/{shared.name}/{name}/approvals"
            args["configuration"] = {"parameters": args["parameters"]}
        functions[judge] = HookFunction(f"{name}-{judge}", args, opts)
    return functions


def appspec_hooks(hooks: Sequence[EventHook], functions: Mapping[str, HookFunction]) -> dict[str, pulumi.Input[str]]:
    """ARNs of the functions that judge a deployment of CodeDeploy, by the event at which they are called."""
    own = {id(hook): functions[name].function_arn for name, hook in judges(hooks).items()}
    return {
        event: hook.function_arn if isinstance(hook, LambdaEvent) else own[id(hook)]
        for hook in hooks
        for event in hook.events
    }


@dataclass(frozen=True)
class Releasable:
    """What a pipeline has to know of a service that is there.

    Attributes:
        container: name and port of the container that takes the load balancer's traffic.
        hooks: functions that judge a deployment of CodeDeploy, by event.
    """

    task: FargateTask
    repository: ImageRepository
    service: CodeDeployService | NativeService
    container: tuple[str, int]
    security_group_ids: Sequence[pulumi.Input[str]]
    hooks: Mapping[str, pulumi.Input[str]]


def deliver(
    name: str, settings: Service, found: Releasable, shared: Shared, opts: pulumi.ResourceOptions
) -> dict[str, pulumi.Output[str]]:
    """The pipelines of a service, with all that they take and leave; what a person needs to know of them, by name."""
    pipeline = settings.pipeline
    assert pipeline
    assert shared.artifact_key_arn
    assert settings.image_repository
    base = pipeline.base_name(shared.name, name)
    classic = isinstance(settings.deployment, CodeDeploy)
    last = "deploy" if classic and pipeline.pushed_tag else "release"
    kinds = ["image", last] if pipeline.separate else [last]
    bucket = ArtifactBucket(
        name,
        ArtifactBucketArgs(
            location=shared.location,
            key_arn=shared.artifact_key_arn,
            pipeline_names=[f"{base}-{kind}-pipeline" for kind in kinds],
            retention_days=pipeline.artifact_retention_days,
            tags=shared.tags,
        ),
        opts,
    )
    outputs: dict[str, pulumi.Output[str]] = {}
    source = _source(name, "app", pipeline.source, shared, opts, outputs)
    files = _files(name, settings, found, bucket, shared, opts, outputs)
    common = PipelineArgs(
        location=shared.location,
        pipeline_name=base,
        artifacts={"bucket_name": bucket.bucket_name, "key_arn": shared.artifact_key_arn},
        execution_mode=pipeline.execution_mode,
        topic_arn=_topic(name, pipeline, shared, opts),
        log_retention_days=pipeline.log_retention_days,
        log_key_arn=shared.key_arn,
        tags=shared.tags,
    )
    image = ImageArgs(
        repository_name=settings.image_repository.name,
        repository_url=found.repository.url,
        architecture=settings.architecture,
        moving_tag=pipeline.pushed_tag,
    )
    released = ReleasedServiceArgs(
        cluster_name=shared.cluster.name,
        service_name=found.service.service_name,
        family=settings.family or name,
        controller=settings.deployment.controller,
        container_name=settings.released_container,
        task_role_arn=found.task.task_role_arn,
        execution_role_arn=found.task.execution_role_arn,
        tagged=bool(shared.tags),
    )
    build = pipeline.build.build()
    deploy: Any = {**common, "files": files, "image": image, "service": released, **pipeline.args(DeployArgs)}
    if pipeline.separate:
        image_pipeline = ImagePipeline(name, ImagePipelineArgs(**common, source=source, image=image, build=build), opts)
        outputs["imagePipeline"] = image_pipeline.pipeline_name
    whole = {} if pipeline.pushed_tag else {"source": source, "build": build}
    outputs[f"{last}Pipeline"] = _released_by(name, settings, found.service, {**deploy, **whole}, opts)
    return outputs


def _released_by(
    name: str,
    settings: Service,
    service: CodeDeployService | NativeService,
    args: Any,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Name of the pipeline that brings releases to the service."""
    if isinstance(service, NativeService):
        assert not isinstance(settings.deployment, CodeDeploy)
        minutes = longest_minutes(settings.deployment.deployment())
        return NativeReleasePipeline(
            name, NativeReleasePipelineArgs(**args, release_minutes=minutes), opts
        ).pipeline_name
    group = DeploymentGroupArgs(
        application_name=service.application_name,
        deployment_group_name=service.deployment_group_name,
        configuration_name=service.configuration_name,
    )
    if "source" in args:
        return ReleasePipeline(name, ReleasePipelineArgs(**args, deployment_group=group), opts).pipeline_name
    return DeployPipeline(name, DeployPipelineArgs(**args, deployment_group=group), opts).pipeline_name


def _source(
    name: str,
    what: str,
    source: AnySource,
    shared: Shared,
    opts: pulumi.ResourceOptions,
    outputs: dict[str, pulumi.Output[str]],
) -> SourceArgs:
    """A source, and its repository where the stack makes it."""
    args = source.source()
    if isinstance(source, CodeCommitSource) and source.create:
        repository = SourceRepository(
            f"{name}-{what}",
            SourceRepositoryArgs(
                name=source.repository,
                description=f"{_CONTENTS[what]} of {name}",
                key_arn=shared.key_arn,
                force_destroy=source.force_destroy,
                tags=shared.tags,
            ),
            opts,
        )
        args["repository"] = repository.name
        outputs[f"{what}Repository"] = repository.clone_url
    return args


_CONTENTS = {"app": "The application", "files": "What describes a deployment"}


def _files(
    name: str,
    settings: Service,
    found: Releasable,
    bucket: ArtifactBucket,
    shared: Shared,
    opts: pulumi.ResourceOptions,
    outputs: dict[str, pulumi.Output[str]],
) -> SourceArgs:
    """The files that describe a release, and where the pipeline takes them from."""
    assert settings.pipeline
    texts, kept = _texts(settings, found, shared), settings.pipeline.files
    args = ReleaseFilesArgs(files=texts) if kept else ReleaseFilesArgs(files=texts, bucket_name=bucket.bucket_name)
    # A release needs the permissions of all roles, which come with the service or before it.
    needed = pulumi.ResourceOptions(depends_on=[found.service])
    files = ReleaseFiles(name, args, pulumi.ResourceOptions.merge(opts, needed))
    if kept:
        return _source(name, "files", kept, shared, opts, outputs)
    stored: Any = files.bucket_name
    return SourceArgs(provider="S3", bucket=stored, key=KEY, own_bucket=True)


def _texts(settings: Service, found: Releasable, shared: Shared) -> dict[str, pulumi.Input[str]]:
    released = settings.released_container
    definition = found.task.definition(settings.released_containers())
    taskdef = definition.apply(lambda known: taskdef_json(known, released))
    if isinstance(found.service, NativeService):
        return {"taskdef.json": taskdef, **_deploy_step()}
    known: Any = pulumi.Output.all(
        subnets=shared.subnet_ids,
        groups=pulumi.Output.all(*found.security_group_ids),
        hooks=pulumi.Output.all(**found.hooks),
    )
    appspec = known.apply(
        lambda given: appspec_yaml(*found.container, given["subnets"], given["groups"], given["hooks"])
    )
    return {"taskdef.json": taskdef, "appspec.yaml": appspec}


@cache
def _deploy_step() -> dict[str, str]:
    """The deploy step, and what it needs: the same for every service."""
    return {name: (_RUNTIME / name).read_text() for name in ("deploy.py", "requirements.txt")}


def _topic(name: str, pipeline: Pipeline, shared: Shared, opts: pulumi.ResourceOptions) -> pulumi.Input[str] | None:
    notifications = pipeline.notifications
    if notifications is None or notifications.topic_arn:
        return notifications and notifications.topic_arn
    args = ReleaseTopicArgs(
        location=shared.location,
        emails=notifications.emails,
        key_arn=shared.artifact_key_arn,
        tags=shared.tags,
    )
    return ReleaseTopic(name, args, opts).topic_arn
