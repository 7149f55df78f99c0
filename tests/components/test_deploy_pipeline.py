"""What a `DeployPipeline` declares. Mocks prove what is sent, not what AWS accepts."""

import pytest

from components.buildspec import image_choice
from components.deploy_pipeline import DeployPipeline
from tests.components.pipelines import (
    CODE_DEPLOY,
    DEPLOY_PIPELINE,
    KEPT_FILES,
    PROJECT,
    PUSHED,
    ROLES,
    RULE,
    SERVICE,
    SOURCES,
    approval,
    choice,
    only_pipeline,
    source,
    stages,
    statements,
)


@pytest.fixture
def pipeline(declare):
    """Preview a deploy pipeline with other values for some of its arguments."""
    return lambda **changes: declare(lambda: DeployPipeline("shop", DEPLOY_PIPELINE | changes))


def test_stages(pipeline):
    """It takes what was pushed, or keeps what runs, and hands it to CodeDeploy with the files; it builds nothing."""
    deployment = pipeline()
    assert stages(deployment) == {
        "Source": [SOURCES["Files"], SOURCES["Image"]],
        "Deploy": [choice("deploy"), CODE_DEPLOY],
    }
    component = deployment.find("ecs-blue-green:index:DeployPipeline", "shop")
    assert component.outputs == {"pipeline_name": "shop-deploy-pipeline"}
    assert only_pipeline(deployment).inputs["name"] == "shop-deploy-pipeline"


def test_files_in_a_repository(pipeline):
    """The files may be kept under version control."""
    repository = source(
        "Files", "CodeCommit", RepositoryName="shop-files", BranchName="main", PollForSourceChanges="false"
    )
    assert stages(pipeline(files=KEPT_FILES))["Source"] == [repository, SOURCES["Image"]]


def test_another_tag(pipeline):
    """The push of the tag that moves starts it."""
    image = source("Image", "ECR", RepositoryName="team/shop", ImageTag="edge")
    assert stages(pipeline(image=PUSHED | {"moving_tag": "edge"}))["Source"][1] == image


def test_approval(pipeline):
    """A person may have to let a release pass, after it was built and before anything is chosen or deployed."""
    found = stages(pipeline(approval_minutes=60))
    assert list(found) == ["Source", "Approve", "Deploy"]
    assert found["Approve"] == [approval(60)]


@pytest.mark.parametrize("asked", [True, False])
def test_rollback(pipeline, asked):
    """A failed deployment starts that of the release before only where that is asked for."""
    *_, deploy = only_pipeline(pipeline(rollback_on_failure=asked)).inputs["stages"]
    assert deploy.get("onFailure") == ({"result": "ROLLBACK"} if asked else None)


def test_choice(pipeline):
    """What keeps the running image knows by which rule the files start the pipeline, and runs no Docker (G61)."""
    deployment = pipeline()
    found = deployment.find(PROJECT, "shop-deploy-choose-image").inputs
    rule = deployment.find(RULE, "shop-deploy-files").outputs["arn"]
    assert found["name"] == "shop-deploy-choose-image"
    assert found["environment"]["privilegedMode"] is False
    assert {each["name"]: each["value"] for each in found["environment"]["environmentVariables"]} == {
        "CLUSTER": "prod",
        "FILES_RULE_ARN": rule,
        "REPOSITORY_URI": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop",
        "SERVICE": "shop",
    }
    assert found["source"]["buildspec"] == image_choice("shop-deploy-pipeline", "web", "CODE_DEPLOY")
    assert statements(deployment, "shop-deploy-choose-image")[1:] == [
        {
            "Effect": "Allow",
            "Action": ["codepipeline:GetPipelineExecution"],
            "Resource": "arn:aws:codepipeline:eu-west-1:123456789012:shop-deploy-pipeline",
        },
        {
            "Effect": "Allow",
            "Action": ["ecs:DescribeServices"],
            "Resource": "arn:aws:ecs:eu-west-1:123456789012:service/prod/shop",
        },
        {"Effect": "Allow", "Action": ["ecs:DescribeTaskDefinition"], "Resource": "*"},
    ]


def test_permissions(pipeline):
    """It may deploy by its own group, register its own family, and hand on these two roles to tasks (G59)."""
    deployment = pipeline()
    own = "arn:aws:codedeploy:eu-west-1:123456789012"
    assert statements(deployment, "shop-deploy-pipeline-deployment") == [
        {
            "Effect": "Allow",
            "Action": ["codedeploy:CreateDeployment", "codedeploy:GetDeployment"],
            "Resource": f"{own}:deploymentgroup:shop-app/shop",
        },
        {
            "Effect": "Allow",
            "Action": [
                "codedeploy:GetApplication",
                "codedeploy:GetApplicationRevision",
                "codedeploy:RegisterApplicationRevision",
            ],
            "Resource": f"{own}:application:shop-app",
        },
        {
            "Effect": "Allow",
            "Action": ["codedeploy:GetDeploymentConfig"],
            "Resource": f"{own}:deploymentconfig:CodeDeployDefault.X",
        },
    ]
    assert statements(deployment, "shop-deploy-pipeline-tasks") == [REGISTER, PASS]


FAMILY = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:*"
REGISTER = {"Effect": "Allow", "Action": ["ecs:RegisterTaskDefinition"], "Resource": FAMILY}
PASS = {
    "Effect": "Allow",
    "Action": ["iam:PassRole"],
    "Resource": ROLES,
    "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
}


def test_tags(pipeline):
    """It may tag what it registers, and nothing that is there."""
    tag = {
        "Effect": "Allow",
        "Action": ["ecs:TagResource"],
        "Resource": FAMILY,
        "Condition": {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
    }
    deployment = pipeline(service=SERVICE | {"tagged": True})
    assert statements(deployment, "shop-deploy-pipeline-tasks") == [REGISTER, tag, PASS]
