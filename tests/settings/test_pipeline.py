"""Pipelines: what each means where it says little, and what follows for the service that it releases."""

from __future__ import annotations

from typing import Any

import pytest

import settings
from components.fargate_task import FargateTaskArgs
from settings import Pipeline
from tests.settings.stack_files import delivered, dumped, mesh, native, service, stack

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/5f3d9c1e-7a42-4b0c-9e68-2d1f0a7c4b35"
CODECOMMIT = {"provider": "CodeCommit", "repository": "app", "branch": "main"}
FILES = {"provider": "CodeCommit", "repository": "files", "branch": "main"}
CONNECTED = {"provider": "CodeConnections", "connectionArn": CONNECTION, "repository": "shop/app", "branch": "main"}
ZIPPED = {"provider": "S3", "bucket": "sources", "key": "shop/app.zip"}


def pipeline(given: dict[str, Any] | None = None, **changes: Any) -> Pipeline:
    """The smallest pipeline of a service, with other values for some of its keys."""
    found = settings.parse(stack(shop=delivered(given or service(), **changes))).services["shop"].pipeline
    assert found
    return found


def test_the_smallest_pipeline_has_these_settings():
    """A source is enough: one pipeline builds what is committed there and releases it, asking and telling nobody."""
    assert dumped(stack(shop=delivered(service(), source=CODECOMMIT)), "services", "shop", "pipeline") == {
        "source": {**CODECOMMIT, "create": False, "forceDestroy": False},
        "build": {
            "dockerfile": "Dockerfile",
            "context": ".",
            "arguments": {},
            "architecture": None,
            "buildx": False,
            "computeType": "BUILD_GENERAL1_SMALL",
            "timeoutMinutes": 30,
        },
        "separate": False,
        "movingTag": "latest",
        "files": None,
        "container": None,
        "name": None,
        "approvalMinutes": None,
        "rollbackOnFailure": False,
        "executionMode": "QUEUED",
        "notifications": None,
        "artifactRetentionDays": 30,
        "logRetentionDays": 30,
    }


@pytest.mark.parametrize(
    ("source", "args"),
    [
        (CODECOMMIT, {"provider": "CodeCommit", "repository": "app", "branch": "main"}),
        (
            {**CODECOMMIT, "create": True, "forceDestroy": True},
            {"provider": "CodeCommit", "repository": "app", "branch": "main"},
        ),
        (
            {**CONNECTED, "filePaths": ["web/**"]},
            {
                "provider": "CodeConnections",
                "connection_arn": CONNECTION,
                "repository": "shop/app",
                "branch": "main",
                "file_paths": ["web/**"],
            },
        ),
        (ZIPPED, {"provider": "S3", "bucket": "sources", "key": "shop/app.zip"}),
        ({"provider": "ECR"}, {"provider": "ECR", "tag": "latest"}),
    ],
    ids=["CodeCommit", "CodeCommit, made by the stack", "CodeConnections", "S3", "ECR"],
)
def test_a_source_is_what_its_provider_knows_it_by(source, args):
    """Who makes a repository is no business of the pipeline's."""
    assert pipeline(source=source).source.source() == args


@pytest.mark.parametrize(
    "source",
    [
        {**CONNECTED, "connectionArn": CONNECTION.replace("codeconnections", "codestar-connections")},
        {**CONNECTED, "connectionArn": CONNECTION.replace("arn:aws:", "arn:aws-us-gov:"), "repository": "a/b/c"},
        {**CODECOMMIT, "branch": "feature/a-1"},
        {**ZIPPED, "key": "releases/app-1.0_(2).zip"},
    ],
    ids=["the older prefix", "a partition and a group", "a branch with a slash", "a long key"],
)
def test_a_source_that_is_only_unusual_is_accepted(source):
    """As AWS would."""
    assert pipeline(source=source)


@pytest.mark.parametrize(
    ("source", "key", "longest"),
    [
        (CODECOMMIT, "repository", "r" * 100),
        (CODECOMMIT, "branch", "b" * 255),
        (CONNECTED, "repository", f"shop/{'r' * 250}"),
        (ZIPPED, "bucket", "b" * 63),
        (ZIPPED, "key", "k" * 1000),
        ({"provider": "ECR"}, "tag", "latest" + "t" * 122),
    ],
    ids=["repository", "branch", "owner and repository", "bucket", "key", "tag"],
)
def test_names_are_as_long_as_aws_has_room_for(source, key, longest):
    """And not a character longer."""
    tags = {"imageRepository": {"name": "shop", "mutableTags": ["latest*"]}}
    assert settings.parse(stack(shop=delivered(service(), source=source | {key: longest}) | tags))
    with pytest.raises(settings.SettingsError) as caught:
        settings.parse(stack(shop=delivered(service(), source=source | {key: f"{longest}x"}) | tags))
    assert [mistake.path for mistake in caught.value.mistakes] == [f"services.shop.pipeline.source.{key}"]


@pytest.mark.parametrize(
    ("changes", "tag"),
    [
        ({}, None),
        ({"separate": True}, "latest"),
        ({"separate": True, "movingTag": "edge"}, "edge"),
        ({"source": {"provider": "ECR"}}, "latest"),
        ({"source": {"provider": "ECR"}, "build": {}, "separate": False}, "latest"),
        ({"source": {"provider": "ECR", "tag": "edge-2"}}, "edge-2"),
    ],
    ids=["none", "separate", "separate by another tag", "ECR", "ECR, nothing said of builds", "ECR by another tag"],
)
def test_a_push_starts_a_deployment_where_images_come_from_elsewhere(changes, tag):
    """By a tag that the repository lets move, for which a pattern will do."""
    given = delivered(service(), **changes) | {"imageRepository": {"name": "shop", "mutableTags": ["latest", "edge*"]}}
    found = settings.parse(stack(shop=given)).services["shop"].pipeline
    assert found
    assert found.pushed_tag == tag


def test_a_repository_whose_tags_never_move_will_do_where_no_push_starts_anything():
    """Images go from the build to the deployment by their digests."""
    given = delivered(service()) | {"imageRepository": {"name": "shop"}}
    assert settings.parse(stack(shop=given))


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"source": CODECOMMIT}, ["app"]),
        ({"source": CODECOMMIT, "files": FILES}, ["app", "files"]),
        ({"source": ZIPPED, "files": FILES}, ["files"]),
        ({"source": ZIPPED}, []),
    ],
)
def test_its_repositories_are_those_of_codecommit(changes, names):
    """Of the application, and of the files that describe a deployment."""
    assert [each.repository for each in pipeline(**changes).repositories] == names


@pytest.mark.parametrize(("changes", "name"), [({}, "stack-shop"), ({"name": "store"}, "store")])
def test_names_begin_with_the_stacks_and_the_services(changes, name):
    """Unless the pipeline has one of its own."""
    assert pipeline(**changes).base_name("stack", "shop") == name


def test_a_build_is_what_codebuild_is_told():
    """The processor of its host is left out where it is that of the tasks."""
    assert pipeline().build.build() == {
        "dockerfile": "Dockerfile",
        "context": ".",
        "arguments": {},
        "compute_type": "BUILD_GENERAL1_SMALL",
        "timeout_minutes": 30,
    }
    assert pipeline(build={"architecture": "ARM64", "buildx": True}).build.build()["host_architecture"] == "ARM64"


@pytest.mark.parametrize(
    ("architecture", "build"),
    [
        ("ARM64", {}),
        ("ARM64", {"architecture": "ARM64"}),
        ("ARM64", {"architecture": "X86_64", "buildx": True}),
        ("X86_64", {"architecture": "ARM64", "buildx": True}),
        ("X86_64", {"buildx": True}),
    ],
)
def test_a_host_of_the_other_architecture_needs_emulation(architecture, build):
    """Which does no harm where the two are the same."""
    assert pipeline(service(architecture=architecture), build=build)


WEB, SIDE = {"image": "nginx:1.27", "port": 8080, "appProtocol": "http"}, {"image": "fluent-bit:3.1"}
API = {"image": "nginx:1.27", "port": 81, "appProtocol": "http"}
ROLLING = {"controller": "ECS", "strategy": "ROLLING"}


@pytest.mark.parametrize(
    ("given", "changes", "name"),
    [
        (service(containers={"side": SIDE, "web": WEB}), {}, "web"),
        (service(containers={"side": SIDE, "web": WEB}), {"container": "side"}, "side"),
        (service(containers={"api": API, "web": WEB}, loadBalancer={"containerPort": 81}), {}, "api"),
        (native(containers={"api": API, "web": WEB}, loadBalancer={"container": "web"}), {"container": "api"}, "api"),
        (mesh(containers={"api": API, "web": WEB}, serviceConnect={"port": 81}), {}, "api"),
        (native(containers={"job": SIDE}, loadBalancer=None, deployment=ROLLING), {}, "job"),
        (native(containers={"a": SIDE, "b": SIDE}, loadBalancer=None, deployment=ROLLING), {"container": "b"}, "b"),
    ],
    ids=["target", "named", "target by port", "named beside the target", "in the mesh", "alone", "named of two"],
)
def test_the_container_that_takes_the_traffic_is_released(given, changes, name):
    """In the mesh that is the one behind its port; without traffic, the only one; or the one that is named."""
    assert settings.parse(stack(shop=delivered(given, **changes))).services["shop"].released_container == name


def test_a_script_makes_way_for_the_image_that_a_pipeline_builds():
    """That knows its own command, unlike the image which serves until then; a command that is set stays."""
    containers = {name: each | {"script": "app/server.py"} for name, each in (("web", WEB), ("side", SIDE))}
    shop = settings.parse(stack(shop=delivered(service(containers=containers)))).services["shop"]
    first, released = shop.args(FargateTaskArgs)["containers"], shop.released_containers()
    assert first["web"].keys() - released["web"].keys() == {"command"}
    assert released == {"web": {key: first["web"][key] for key in released["web"]}, "side": first["side"]}
    kept = settings.parse(stack(shop=delivered(service(containers={"web": WEB | {"command": ["serve"]}}))))
    assert kept.services["shop"].released_containers()["web"]["command"] == ["serve"]


@pytest.mark.parametrize(("blog", "expected"), [(service(), False), (delivered(service()), True)])
def test_a_stack_has_pipelines_as_soon_as_a_service_does(blog, expected):
    """What they need in common is there only then."""
    assert settings.parse(stack(shop=service(loadBalancer={"port": 81}), blog=blog)).pipelines is expected


@pytest.mark.parametrize(
    "notifications", [{"emails": ["a@example.com"]}, {"topicArn": "arn:aws:sns:eu-west-1:123456789012:releases"}]
)
def test_people_are_told_by_mail_or_by_a_topic_that_is_there(notifications):
    """One of the two."""
    found = pipeline(notifications=notifications).notifications
    assert found
    assert bool(found.emails) != bool(found.topic_arn)


PAUSED = {"type": "PAUSE", "stages": ["POST_SCALE_UP"], "timeoutMinutes": 2075}
SLOW = {"type": "CANARY", "percentage": 10, "intervalMinutes": 1490}
LONGEST = {
    "ECS": native(deployment={"controller": "ECS", "hooks": [PAUSED]}),
    "CODE_DEPLOY": service(
        deployment={"approvalWaitMinutes": 2880, "terminationWaitMinutes": 2800, "configuration": SLOW}
    ),
}


@pytest.mark.parametrize("given", LONGEST.values(), ids=LONGEST)
def test_a_pipeline_waits_for_the_end_of_a_release(given):
    """A minute more is refused (G63); how long a person has for an approval before it doesn't count."""
    assert pipeline(given, approvalMinutes=86_400)
