"""What a `NativeReleasePipeline` declares. Mocks prove what is sent, not what AWS accepts."""

import pytest

from components.buildspec import deploy_step, image_build, image_choice
from components.native_release_pipeline import NativeReleasePipeline
from tests.components.pipelines import (
    DEPLOY_STEP,
    NATIVE_PIPELINE,
    NATIVE_PIPELINE_OF_PUSHES,
    PROJECT,
    ROLES,
    SOURCES,
    approval,
    build,
    choice,
    only_pipeline,
    stages,
    statements,
)


@pytest.fixture
def pipeline(declare):
    """Preview a pipeline of a service that ECS releases, with other values for some of its arguments."""
    return lambda **changes: declare(lambda: NativeReleasePipeline("shop", NATIVE_PIPELINE | changes))


@pytest.fixture
def of_pushes(declare):
    """The same without a source: somebody else pushes images."""
    return lambda **changes: declare(lambda: NativeReleasePipeline("shop", NATIVE_PIPELINE_OF_PUSHES | changes))


def test_stages(pipeline):
    """It makes an image of each commit, and a build releases it with the files."""
    deployment = pipeline()
    assert stages(deployment) == {
        "Source": [SOURCES["App"], SOURCES["Files"]],
        "Build": [build("Build", "shop-release-build", ["App"], ["Image"])],
        "Deploy": [choice("release"), DEPLOY_STEP],
    }
    component = deployment.find("ecs-blue-green:index:NativeReleasePipeline", "shop")
    assert component.outputs == {"pipeline_name": "shop-release-pipeline"}


def test_stages_without_a_source(of_pushes):
    """It begins with the push of an image, and builds none."""
    deployment = of_pushes()
    assert stages(deployment) == {
        "Source": [SOURCES["Files"], SOURCES["Image"]],
        "Deploy": [choice("release"), DEPLOY_STEP],
    }
    assert sorted(each.inputs["name"] for each in deployment.of_type(PROJECT)) == [
        "shop-release-choose-image",
        "shop-release-deploy",
    ]


def test_approval(pipeline, of_pushes):
    """A person lets a release pass once its image is there."""
    assert list(stages(pipeline(approval_minutes=5))) == ["Source", "Build", "Approve", "Deploy"]
    found = stages(of_pushes(approval_minutes=5))
    assert list(found) == ["Source", "Approve", "Deploy"]
    assert found["Approve"] == [approval(5)]


@pytest.mark.parametrize("asked", [True, False])
def test_rollback(pipeline, asked):
    """A failed release starts that of the one before only where that is asked for."""
    *others, deploy = only_pipeline(pipeline(rollback_on_failure=asked)).inputs["stages"]
    assert deploy.get("onFailure") == ({"result": "ROLLBACK"} if asked else None)
    assert not any("onFailure" in stage for stage in others)


def test_which_image_runs(pipeline):
    """ECS keeps it in the service, without task sets."""
    choice = pipeline().find(PROJECT, "shop-release-choose-image").inputs
    assert choice["source"]["buildspec"] == image_choice("shop-release-pipeline", "web", "ECS")


def test_build(pipeline):
    """How images are built is a choice."""
    what = {"dockerfile": "web/Dockerfile"}
    deployment = pipeline(build=what | {"timeout_minutes": 60})
    found = deployment.find(PROJECT, "shop-release-build").inputs
    assert found["source"]["buildspec"] == image_build("team/shop", what, None, None)
    assert found["buildTimeout"] == 60


def test_deploy_step(pipeline):
    """It waits for the whole release and a little longer, so that it hears how it ended, without Docker (G61, G63)."""
    found = pipeline().find(PROJECT, "shop-release-deploy").inputs
    assert found["name"] == "shop-release-deploy"
    assert found["source"] == {"type": "CODEPIPELINE", "buildspec": deploy_step("web", "ChosenImage", 45)}
    assert found["buildTimeout"] == 60
    assert found["environment"]["privilegedMode"] is False
    assert found["environment"]["environmentVariables"] == [
        {"name": "CLUSTER", "value": "prod", "type": "PLAINTEXT"},
        {"name": "SERVICE", "value": "shop", "type": "PLAINTEXT"},
    ]


def test_permissions(pipeline):
    """The deploy step may release its own service, register its own family, and hand on two roles to tasks (G59)."""
    deployment = pipeline()
    own = "arn:aws:ecs:eu-west-1:123456789012"
    assert statements(deployment, "shop-release-deploy")[1:] == [
        {
            "Effect": "Allow",
            "Action": [
                "ecs:DescribeServiceDeployments",
                "ecs:DescribeServiceRevisions",
                "ecs:DescribeServices",
                "ecs:ListServiceDeployments",
                "ecs:UpdateService",
            ],
            "Resource": f"{own}:service/prod/shop",
        },
        {
            "Effect": "Allow",
            "Action": ["ecs:DescribeServiceDeployments"],
            "Resource": f"{own}:service-deployment/prod/shop/*",
        },
        {
            "Effect": "Allow",
            "Action": ["ecs:DescribeServiceRevisions"],
            "Resource": f"{own}:service-revision/prod/shop/*",
        },
        {"Effect": "Allow", "Action": ["ecs:DescribeTaskDefinition"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["ecs:RegisterTaskDefinition"], "Resource": f"{own}:task-definition/shop:*"},
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": ROLES,
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    ]


def test_the_pipeline_itself_deploys_nothing(pipeline):
    """Its own role only reads sources and runs builds."""
    names = {each.name for each in pipeline().of_type("aws:iam/rolePolicy:RolePolicy")}
    assert {name for name in names if name.startswith("shop-release-pipeline")} == {
        "shop-release-pipeline-artifacts",
        "shop-release-pipeline-builds",
        "shop-release-pipeline-sources",
    }


def test_it_takes_over(pipeline):
    """A service that changes its controller keeps its pipeline: AWS takes one of a name only."""
    component = pipeline().find("ecs-blue-green:index:NativeReleasePipeline", "shop")
    assert component.aliases == ["urn:pulumi:test::ecs-blue-green::ecs-blue-green:index:ReleasePipeline::shop"]
