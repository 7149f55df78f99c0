"""What CodePipeline and CodeBuild refuse of pipelines' arguments."""

import pytest

from components.deploy_pipeline import DeployPipeline
from components.image_pipeline import ImagePipeline
from components.limits import Refused
from components.native_release_pipeline import NativeReleasePipeline
from components.pipeline_args import check_codedeploy_minutes
from components.release_pipeline import ReleasePipeline
from tests.components.pipelines import (
    CODE_COMMIT,
    CONNECTED,
    DEPLOY_PIPELINE,
    IMAGE_PIPELINE,
    NATIVE_PIPELINE,
    PROJECT,
    RELEASE_PIPELINE,
    UPLOADED,
)

REFUSED = [
    (ImagePipeline, {"pipeline_name": "p" * 84}, f"'{'p' * 84}'"),
    (ImagePipeline, {"pipeline_name": "-shop"}, "'-shop'"),
    (ImagePipeline, {"pipeline_name": "a.b"}, "'a.b'"),
    (ImagePipeline, {"pipeline_name": ""}, "''"),
    (ImagePipeline, {"execution_mode": "PARALLEL"}, "'PARALLEL'"),
    (ImagePipeline, {"source": CODE_COMMIT | {"branch": ""}}, "CodeCommit without branch"),
    (ReleasePipeline, {"files": UPLOADED | {"key": ""}}, "S3 without key"),
    (ReleasePipeline, {"files": {"provider": "ECR", "repository": "team/shop"}}, "ECR for files"),
    (ImagePipeline, {"build": {"timeout_minutes": 4}}, "4 minutes"),
    (ImagePipeline, {"build": {"timeout_minutes": 2161}}, "2161 minutes"),
    (DeployPipeline, {"approval_minutes": 4}, "4 minutes"),
    (ReleasePipeline, {"approval_minutes": 86_401}, "86401 minutes"),
    (NativeReleasePipeline, {"release_minutes": 2146}, "a release of up to 2146 minutes"),
]
ARGS = {
    DeployPipeline: DEPLOY_PIPELINE,
    ImagePipeline: IMAGE_PIPELINE,
    ReleasePipeline: RELEASE_PIPELINE,
    NativeReleasePipeline: NATIVE_PIPELINE,
}


@pytest.mark.parametrize(("component", "changes", "given"), REFUSED)
def test_refusals(component, changes, given):
    """What CodePipeline and CodeBuild would refuse is refused in the first line."""
    with pytest.raises(Refused) as refused:
        component("shop", ARGS[component] | changes)
    assert refused.value.given == given


def test_what_files_are_kept_in():
    """Only the rule of an event tells that nothing but they changed, which a connection has none of."""
    with pytest.raises(Refused) as refused:
        DeployPipeline("shop", DEPLOY_PIPELINE | {"files": CONNECTED})
    assert str(refused.value) == (
        "given CodeConnections for files; allowed: CodeCommit, S3; "
        "only the rule of an event tells that nothing but the files changed"
    )


def test_what_an_image_is_built_of():
    """Of code: an image that has been pushed is there."""
    with pytest.raises(Refused) as refused:
        ImagePipeline("shop", IMAGE_PIPELINE | {"source": {"provider": "ECR", "repository": "team/shop"}})
    assert str(refused.value) == (
        "given ECR for source; allowed: CodeCommit, CodeConnections, S3; an image that has been pushed is not built"
    )


def test_the_longest_release(declare):
    """It is followed as long as CodeBuild lets a build run (G63)."""
    deployment = declare(lambda: NativeReleasePipeline("shop", NATIVE_PIPELINE | {"release_minutes": 2145}))
    assert deployment.find(PROJECT, "shop-release-deploy").inputs["buildTimeout"] == 2160


def test_a_deployment_of_codedeploy():
    """CodePipeline waits for it for five days (G63)."""
    check_codedeploy_minutes(7200)
    with pytest.raises(Refused) as refused:
        check_codedeploy_minutes(7201)
    assert refused.value.given == "waits and steps of 7201 minutes"
