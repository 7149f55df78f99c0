"""Pipelines to test: the arguments that make them, and what their actions look like in a recorded graph."""

import json

from components.deploy_pipeline import DeployPipeline
from components.image_pipeline import ImagePipeline
from components.native_release_pipeline import NativeReleasePipeline
from components.release_pipeline import ReleasePipeline

PIPELINE = "aws:codepipeline/pipeline:Pipeline"
PROJECT = "aws:codebuild/project:Project"
RULE = "aws:cloudwatch/eventRule:EventRule"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:releases"
URL = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop"
ROLES = ["arn:aws:iam::123456789012:role/task", "arn:aws:iam::123456789012:role/execution"]

CODE_COMMIT = {"provider": "CodeCommit", "repository": "shop-app", "branch": "main"}
CONNECTED = {
    "provider": "CodeConnections",
    "connection_arn": "arn:aws:codeconnections:eu-west-1:123456789012:connection/5f3d9c1e-7a42-4b0c-9e68-2d1f0a7c4b35",
    "repository": "team/shop",
    "branch": "main",
}
UPLOADED = {"provider": "S3", "bucket": "shop-source", "key": "app.zip"}
KEPT_FILES = {"provider": "CodeCommit", "repository": "shop-files", "branch": "main"}
FILES = {"provider": "S3", "bucket": "shop-artifacts", "key": "files/release.zip", "own_bucket": True}

COMMON = {
    "location": {"partition": "aws", "region": "eu-west-1", "account_id": "123456789012"},
    "pipeline_name": "shop",
    "artifacts": {"bucket_name": "shop-artifacts", "key_arn": KEY},
}
SERVICE = {
    "cluster_name": "prod",
    "service_name": "shop",
    "family": "shop",
    "controller": "CODE_DEPLOY",
    "container_name": "web",
    "task_role_arn": ROLES[0],
    "execution_role_arn": ROLES[1],
    "tagged": False,
}
GROUP = {"application_name": "shop-app", "deployment_group_name": "shop", "configuration_name": "CodeDeployDefault.X"}
IMAGE = {"repository_name": "team/shop", "repository_url": URL, "architecture": "ARM64"}
PUSHED = IMAGE | {"moving_tag": "latest"}

IMAGE_PIPELINE = COMMON | {"source": CODE_COMMIT, "image": PUSHED, "build": {}}
DEPLOY_PIPELINE = COMMON | {"files": FILES, "image": PUSHED, "service": SERVICE, "deployment_group": GROUP}
RELEASE_PIPELINE = DEPLOY_PIPELINE | {"source": CODE_COMMIT, "image": IMAGE, "build": {}}
NATIVE_PIPELINE = COMMON | {
    "source": CODE_COMMIT,
    "files": FILES,
    "image": IMAGE,
    "service": SERVICE | {"controller": "ECS"},
    "release_minutes": 45,
}
NATIVE_PIPELINE_OF_PUSHES = {key: value for key, value in NATIVE_PIPELINE.items() if key != "source"} | {
    "image": PUSHED
}

SMALLEST = {
    "image": (ImagePipeline, IMAGE_PIPELINE),
    "deploy": (DeployPipeline, DEPLOY_PIPELINE),
    "release": (ReleasePipeline, RELEASE_PIPELINE),
    "native release": (NativeReleasePipeline, NATIVE_PIPELINE),
    "native release of pushes": (NativeReleasePipeline, NATIVE_PIPELINE_OF_PUSHES),
}
"""Every kind of pipeline, with no more than it needs."""


def only_pipeline(deployment):
    """The one pipeline of a graph."""
    (pipeline,) = deployment.of_type(PIPELINE)
    return pipeline


def stages(deployment):
    """The actions of each stage of the pipeline, without what every action has."""
    return {
        stage["name"]: [
            {key: value for key, value in action.items() if key not in ("owner", "version")}
            for action in stage["actions"]
        ]
        for stage in only_pipeline(deployment).inputs["stages"]
    }


def statements(deployment, name):
    """The statements of a role's policy."""
    return json.loads(deployment.find(ROLE_POLICY, name).inputs["policy"])["Statement"]


def source(name, provider, **configuration):
    """A source action."""
    return {
        "name": name,
        "category": "Source",
        "provider": provider,
        "configuration": configuration,
        "outputArtifacts": [name],
        "namespace": name,
    }


SOURCES = {
    "App": source("App", "CodeCommit", RepositoryName="shop-app", BranchName="main", PollForSourceChanges="false"),
    "Files": source(
        "Files", "S3", S3Bucket="shop-artifacts", S3ObjectKey="files/release.zip", PollForSourceChanges="false"
    ),
    "Image": source("Image", "ECR", RepositoryName="team/shop", ImageTag="latest"),
}


def build(name, project, inputs, outputs, asks=False, **more):
    """An action that runs a project of CodeBuild, which may ask what started the pipeline."""
    variable = {
        "name": "PIPELINE_EXECUTION_ID",
        "value": "#{codepipeline.PipelineExecutionId}",
        "type": "PLAINTEXT",
    }
    return {
        "name": name,
        "category": "Build",
        "provider": "CodeBuild",
        "configuration": {
            "ProjectName": project,
            **({"PrimarySource": inputs[0]} if len(inputs) > 1 else {}),
            **({"EnvironmentVariables": json.dumps([variable])} if asks else {}),
        },
        "inputArtifacts": inputs,
        "outputArtifacts": outputs,
        **more,
    }


def choice(kind):
    """The action of a pipeline of this kind that keeps the image that runs, or lets another one pass."""
    return build("Image", f"shop-{kind}-choose-image", ["Image"], ["ChosenImage"], asks=True)


CODE_DEPLOY = {
    "name": "Deploy",
    "category": "Deploy",
    "provider": "CodeDeployToECS",
    "configuration": {
        "ApplicationName": "shop-app",
        "DeploymentGroupName": "shop",
        "TaskDefinitionTemplateArtifact": "Files",
        "TaskDefinitionTemplatePath": "taskdef.json",
        "AppSpecTemplateArtifact": "Files",
        "AppSpecTemplatePath": "appspec.yaml",
        "Image1ArtifactName": "ChosenImage",
        "Image1ContainerName": "IMAGE1_NAME",
    },
    "inputArtifacts": ["Files", "ChosenImage"],
    "runOrder": 2,
}
DEPLOY_STEP = build("Deploy", "shop-release-deploy", ["Files", "ChosenImage"], [], runOrder=2)


def approval(minutes):
    """A stage's action in which a person lets a release pass."""
    return {"name": "Approve", "category": "Approval", "provider": "Manual", "timeoutInMinutes": minutes}
