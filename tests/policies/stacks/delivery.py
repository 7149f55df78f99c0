"""How a new version is built and handed to CodeDeploy."""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.policies.graph import Graph, Ref
from tests.policies.stacks.iam import allow, policy, role
from tests.policies.stacks.names import ACCOUNT, REGION, arn

BUCKET = "shop-artifacts-1"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app"
CONNECTION = arn("codeconnections", "connection/1a")
BUILDSPEC = """\
version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
  build:
    commands:
      - docker build --tag "$REPOSITORY_URL:1.$CODEBUILD_BUILD_NUMBER" .
      - docker push "$REPOSITORY_URL:1.$CODEBUILD_BUILD_NUMBER"
      - printf '{"ImageURI":"%s"}' "$REPOSITORY_URL:1.$CODEBUILD_BUILD_NUMBER" > imageDetail.json
artifacts:
  files: [imageDetail.json, appspec.yaml, taskdef.json]
"""
APPSPEC = """\
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: app
          ContainerPort: 80
"""


def deliver(g: Graph) -> None:
    """A repository of images, a build, a pipeline, and the bucket in which they hand over to each other."""
    repository(g)
    bucket(g)
    build(g)
    pipeline(g)


def repository(g: Graph) -> None:
    """A repository whose tags never move."""
    expire = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50},
        "action": {"type": "expire"},
    }
    pull = {"Sid": "pull", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    g.add(
        "repository",
        "aws:ecr/repository:Repository",
        {
            "name": "app",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": Ref("key", "arn")}],
        },
        arn=arn("ecr", "repository/app"),
        repositoryUrl=REPOSITORY,
        registryId=ACCOUNT,
    )
    g.add(
        "expiry",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        {"repository": Ref("repository", "name"), "policy": json.dumps({"rules": [expire]})},
    )
    g.add(
        "pull",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        {"repository": Ref("repository", "name"), "policy": policy({**pull, "Action": ["ecr:BatchGetImage"]})},
    )


ENCRYPTED = {
    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": Ref("key", "arn")},
    "bucketKeyEnabled": True,
}
TLS_ONLY = policy(
    {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn("s3", BUCKET), arn("s3", f"{BUCKET}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
)


def bucket(g: Graph) -> None:
    """A bucket in the provider's split resources, open to nobody, and to its readers by TLS only."""
    g.add("artifacts", "aws:s3/bucket:Bucket", {"bucket": BUCKET}, id=BUCKET, arn=arn("s3", BUCKET))
    doors: list[str] = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"]
    parts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("artifacts-access", "bucketPublicAccessBlock", dict.fromkeys(doors, True)),
        ("artifacts-encryption", "bucketServerSideEncryptionConfiguration", {"rules": [ENCRYPTED]}),
        ("artifacts-versions", "bucketVersioning", {"versioningConfiguration": {"status": "Enabled"}}),
        ("artifacts-policy", "bucketPolicy", {"policy": TLS_ONLY}),
        ("appspec", "bucketObjectv2", {"key": "release/appspec.yaml", "content": APPSPEC}),
        ("taskdef", "bucketObjectv2", {"key": "release/taskdef.json", "content": _task_definition(g)}),
    )
    for name, kind, props in parts:
        g.add(name, f"aws:s3/{kind}:{kind[0].upper()}{kind[1:]}", {"bucket": Ref("artifacts", "id"), **props})


def in_one_bucket(g: Graph) -> None:
    """Moves into the bucket itself what the provider takes there too."""
    for part in ("encryption", "versions", "policy"):
        del g.resources[f"artifacts-{part}"]
    g["artifacts"].update(
        versioning={"enabled": True, "mfaDelete": False},
        serverSideEncryptionConfiguration={"rule": copy.deepcopy(ENCRYPTED)},
        policy=TLS_ONLY,
    )


def build(g: Graph) -> None:
    """A build that makes images."""
    role(
        g,
        "build-role",
        "codebuild.amazonaws.com",
        allow("ecr:GetAuthorizationToken", "*"),
        allow(["ecr:PutImage", "ecr:UploadLayerPart"], arn("ecr", "repository/app")),
    )
    g.add(
        "build",
        "aws:codebuild/project:Project",
        {
            "name": "app-build-1",
            "serviceRole": Ref("build-role", "arn"),
            "encryptionKey": Ref("key", "arn"),
            "artifacts": {"type": "CODEPIPELINE"},
            "source": {"type": "CODEPIPELINE", "buildspec": BUILDSPEC},
            "environment": {
                "type": "LINUX_CONTAINER",
                "computeType": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                "privilegedMode": True,
                "environmentVariables": [
                    {"name": "REPOSITORY_URL", "type": "PLAINTEXT", "value": REPOSITORY},
                    {"name": "REGISTRY", "type": "PLAINTEXT", "value": REPOSITORY.removesuffix("/app")},
                ],
            },
            "logsConfig": {"cloudwatchLogs": {"status": "ENABLED", "groupName": "/codebuild/app"}},
        },
        arn=arn("codebuild", "project/app-build-1"),
    )
    g.add(
        "build-logs",
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/codebuild/app", "retentionInDays": 30.0, "kmsKeyId": Ref("key", "arn")},
        arn=arn("logs", "log-group:/codebuild/app"),
    )


def pipeline(g: Graph) -> None:
    """From a commit to a CodeDeploy deployment."""
    role(
        g,
        "pipeline-role",
        "codepipeline.amazonaws.com",
        allow(["codedeploy:CreateDeployment", "codedeploy:GetDeployment"], arn("codedeploy", "deploymentgroup:*")),
        allow("ecs:RegisterTaskDefinition", "*"),
        allow(
            "iam:PassRole",
            [arn("iam", "role/task-role-1"), arn("iam", "role/execution-role-1")],
            StringEquals={"iam:PassedToService": "ecs-tasks.amazonaws.com"},
        ),
    )
    common = {"version": "1", "runOrder": 1.0}
    source = {
        **common,
        "name": "Source",
        "category": "Source",
        "owner": "AWS",
        "provider": "CodeStarSourceConnection",
        "configuration": {"ConnectionArn": CONNECTION, "FullRepositoryId": "shop/app", "BranchName": "main"},
        "outputArtifacts": ["source"],
    }
    make = {
        **common,
        "name": "Build",
        "category": "Build",
        "owner": "AWS",
        "provider": "CodeBuild",
        "configuration": {"ProjectName": Ref("build", "name")},
        "inputArtifacts": ["source"],
        "outputArtifacts": ["build"],
    }
    deploy = {
        **common,
        "name": "Deploy",
        "category": "Deploy",
        "owner": "AWS",
        "provider": "CodeDeployToECS",
        "configuration": {
            "ApplicationName": Ref("application", "name"),
            "DeploymentGroupName": Ref("group", "deploymentGroupName"),
            "TaskDefinitionTemplateArtifact": "build",
            "TaskDefinitionTemplatePath": "taskdef.json",
            "AppSpecTemplateArtifact": "build",
            "AppSpecTemplatePath": "appspec.yaml",
            "Image1ArtifactName": "build",
            "Image1ContainerName": "IMAGE1_NAME",
        },
        "inputArtifacts": ["build"],
    }
    g.add(
        "pipeline",
        "aws:codepipeline/pipeline:Pipeline",
        {
            "name": "app-1",
            "pipelineType": "V2",
            "roleArn": Ref("pipeline-role", "arn"),
            "artifactStores": [
                {
                    "type": "S3",
                    "location": Ref("artifacts", "bucket"),
                    "encryptionKey": {"id": Ref("key", "arn"), "type": "KMS"},
                }
            ],
            "stages": [{"name": each["name"], "actions": [each]} for each in (source, make, deploy)],
        },
        arn=arn("codepipeline", "app-1"),
    )


def _task_definition(g: Graph) -> str:
    """The running task definition, its image left to the release."""
    first, *others = json.loads(g["task"]["containerDefinitions"])
    return json.dumps(
        {
            "family": g["task"]["family"],
            "containerDefinitions": [{**first, "image": "<IMAGE1_NAME>"}, *others],
            "executionRoleArn": arn("iam", "role/execution-role-1"),
            "taskRoleArn": arn("iam", "role/task-role-1"),
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "512",
            "memory": "1024",
        }
    )
