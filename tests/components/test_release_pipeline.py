"""What a `ReleasePipeline` declares. Mocks prove what is sent, not what AWS accepts."""

import pytest

from components.buildspec import image_build
from components.release_pipeline import ReleasePipeline
from tests.components.pipelines import (
    CODE_DEPLOY,
    PROJECT,
    RELEASE_PIPELINE,
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
    """Preview a release pipeline with other values for some of its arguments."""
    return lambda **changes: declare(lambda: ReleasePipeline("shop", RELEASE_PIPELINE | changes))


def test_stages(pipeline):
    """It makes an image of each commit and hands it to CodeDeploy with the files."""
    deployment = pipeline()
    assert stages(deployment) == {
        "Source": [SOURCES["App"], SOURCES["Files"]],
        "Build": [build("Build", "shop-release-build", ["App"], ["Image"])],
        "Deploy": [choice("release"), CODE_DEPLOY],
    }
    component = deployment.find("ecs-blue-green:index:ReleasePipeline", "shop")
    assert component.outputs == {"pipeline_name": "shop-release-pipeline"}
    assert only_pipeline(deployment).inputs["name"] == "shop-release-pipeline"


def test_the_image_is_chosen_in_the_last_stage(pipeline):
    """An execution that waits for another one sees what that one has released (QUEUED mode locks each stage)."""
    assert [action["name"] for action in stages(pipeline(approval_minutes=5))["Deploy"]] == ["Image", "Deploy"]


def test_approval(pipeline):
    """A person lets a release pass once its image is there."""
    found = stages(pipeline(approval_minutes=86_400))
    assert list(found) == ["Source", "Build", "Approve", "Deploy"]
    assert found["Approve"] == [approval(86_400)]


@pytest.mark.parametrize("asked", [True, False])
def test_rollback(pipeline, asked):
    """Only the last stage goes back, where that is asked for."""
    *others, deploy = only_pipeline(pipeline(rollback_on_failure=asked, approval_minutes=5)).inputs["stages"]
    assert deploy.get("onFailure") == ({"result": "ROLLBACK"} if asked else None)
    assert not any("onFailure" in stage for stage in others)


def test_build(pipeline):
    """The host, which is privileged, may push images, and knows nothing of the service."""
    deployment = pipeline()
    found = deployment.find(PROJECT, "shop-release-build").inputs
    assert found["source"]["buildspec"] == image_build("team/shop", {}, None, None)
    assert {each["name"]: each["value"] for each in found["environment"]["environmentVariables"]} == {
        "REPOSITORY_URI": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop",
    }
    actions = [each["Action"] for each in statements(deployment, "shop-release-build")]
    assert {action.partition(":")[0] for each in actions for action in each} == {"logs", "ecr"}


def test_it_takes_over(pipeline):
    """A service that changes its controller keeps its pipeline: AWS takes one of a name only."""
    component = pipeline().find("ecs-blue-green:index:ReleasePipeline", "shop")
    assert component.aliases == ["urn:pulumi:test::ecs-blue-green::ecs-blue-green:index:NativeReleasePipeline::shop"]
