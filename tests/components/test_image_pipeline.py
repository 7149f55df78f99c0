"""What an `ImagePipeline` declares. Mocks prove what is sent, not what AWS accepts."""

import pytest

from components.buildspec import image_build
from components.image_pipeline import ImagePipeline
from tests.components.pipelines import (
    CONNECTED,
    IMAGE_PIPELINE,
    PROJECT,
    SOURCES,
    UPLOADED,
    build,
    only_pipeline,
    source,
    stages,
    statements,
)


@pytest.fixture
def pipeline(declare):
    """Preview an image pipeline with other values for some of its arguments."""
    return lambda **changes: declare(lambda: ImagePipeline("shop", IMAGE_PIPELINE | changes))


def project(deployment):
    return deployment.find(PROJECT, "shop-image-build").inputs


def test_stages(pipeline):
    """It makes an image of each commit, and deploys nothing."""
    deployment = pipeline()
    assert stages(deployment) == {
        "Source": [SOURCES["App"]],
        "Build": [build("Build", "shop-image-build", ["App"], ["Image"])],
    }
    component = deployment.find("ecs-blue-green:index:ImagePipeline", "shop")
    assert component.outputs == {"pipeline_name": "shop-image-pipeline"}
    assert only_pipeline(deployment).inputs["name"] == "shop-image-pipeline"


@pytest.mark.parametrize(
    ("given", "action"),
    [
        (
            CONNECTED,
            source(
                *("App", "CodeStarSourceConnection"),
                ConnectionArn=CONNECTED["connection_arn"],
                FullRepositoryId="team/shop",
                BranchName="main",
                DetectChanges="false",
            ),
        ),
        (
            UPLOADED,
            source("App", "S3", S3Bucket="shop-source", S3ObjectKey="app.zip", PollForSourceChanges="false"),
        ),
    ],
)
def test_sources(pipeline, given, action):
    """The application may come from a connection or a bucket as well."""
    assert stages(pipeline(source=given))["Source"] == [action]


def test_build(pipeline):
    """It is built on the processor of its tasks, privileged for Docker, and knows no service (G61, G62)."""
    deployment = pipeline()
    found = project(deployment)
    assert found["environment"] == {
        "type": "ARM_CONTAINER",
        "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "privilegedMode": True,
        "environmentVariables": [
            {
                "name": "REPOSITORY_URI",
                "value": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop",
                "type": "PLAINTEXT",
            }
        ],
    }
    assert found["source"] == {"type": "CODEPIPELINE", "buildspec": image_build("team/shop", {}, None, "latest")}
    assert found["buildTimeout"] == 30
    assert statements(deployment, "shop-image-build")[1:] == [
        {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            "Resource": "arn:aws:ecr:eu-west-1:123456789012:repository/team/shop",
        },
    ]


@pytest.mark.parametrize(
    ("architecture", "host", "kind", "platform"),
    [
        ("X86_64", "X86_64", "LINUX_CONTAINER", None),
        ("X86_64", "ARM64", "ARM_CONTAINER", "linux/amd64"),
        ("ARM64", "X86_64", "LINUX_CONTAINER", "linux/arm64"),
        ("ARM64", "ARM64", "ARM_CONTAINER", None),
    ],
)
def test_host(pipeline, architecture, host, kind, platform):
    """A host of another processor emulates that of the tasks (G62)."""
    image = IMAGE_PIPELINE["image"] | {"architecture": architecture}
    found = project(pipeline(image=image, build={"host_architecture": host}))
    assert found["environment"]["type"] == kind
    assert found["source"]["buildspec"] == image_build("team/shop", {}, platform, "latest")


def test_choices(pipeline):
    """What is built, on how large a host and how long, and whether a tag moves, are choices."""
    what = {"dockerfile": "web/Dockerfile", "context": "web", "arguments": {"A": "1"}}
    image = {key: value for key, value in IMAGE_PIPELINE["image"].items() if key != "moving_tag"}
    args = what | {"compute_type": "BUILD_GENERAL1_LARGE", "timeout_minutes": 60}
    found = project(pipeline(image=image, build=args))
    assert found["source"]["buildspec"] == image_build("team/shop", what, None, None)
    assert (found["environment"]["computeType"], found["buildTimeout"]) == ("BUILD_GENERAL1_LARGE", 60)
