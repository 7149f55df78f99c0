"""How images get into the compliant stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.policies.compliant.arguments import ACCOUNT, REGISTRY, companion, fills

if TYPE_CHECKING:
    from tests.policies.scene import Scene


BUILDSPEC = json.dumps(
    {
        "version": "0.2",
        "phases": {
            "build": {
                "commands": [
                    "docker build --tag $REPOSITORY_URI:$CODEBUILD_BUILD_NUMBER .",
                    "docker push $REPOSITORY_URI:$CODEBUILD_BUILD_NUMBER",
                ]
            }
        },
    }
)


@fills("ecr.Repository")
def _repository(scene: Scene, *_: Any) -> dict[str, Any]:
    return {
        "name": "app",
        "image_tag_mutability": "IMMUTABLE",
        "image_scanning_configuration": {"scan_on_push": True},
        "encryption_configurations": [{"encryption_type": "KMS", "kms_key": scene["key"].arn}],
    }


@fills("ecr.RepositoryPolicy")
def _repository_policy(scene: Scene, *_: Any) -> dict[str, Any]:
    pull = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [pull]})
    return {"repository": scene["repository"].name, "policy": policy}


@fills("ecr.LifecyclePolicy")
def _lifecycle_policy(scene: Scene, *_: Any) -> dict[str, Any]:
    return {"repository": scene["repository"].name, "policy": LIFECYCLE}


LIFECYCLE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
                "action": {"type": "expire"},
            }
        ]
    }
)


@fills("codebuild.Project")
def _project(scene: Scene, *_: Any) -> dict[str, Any]:
    _ = scene["repository"]
    return {
        "service_role": scene["build_role"].arn,
        "encryption_key": scene["key"].arn,
        "artifacts": {"type": "CODEPIPELINE"},
        "source": {"type": "CODEPIPELINE", "buildspec": BUILDSPEC},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "compute_type": "BUILD_GENERAL1_SMALL",
            "privileged_mode": True,
            "environment_variables": [{"name": "REPOSITORY_URI", "value": f"{REGISTRY}/app"}],
        },
    }


@fills("codepipeline.Pipeline")
def _pipeline(scene: Scene, *_: Any) -> dict[str, Any]:
    return {
        "role_arn": scene["pipeline_role"].arn,
        "pipeline_type": "V2",
        "artifact_stores": [
            {
                "type": "S3",
                "location": scene["bucket"].bucket,
                "encryption_key": {"type": "KMS", "id": scene["key"].arn},
            }
        ],
        "stages": [
            {"name": "Source", "actions": [_source()]},
            {"name": "Build", "actions": [_build(scene)]},
            {"name": "Deploy", "actions": [_deploy(scene)]},
        ],
    }


def _action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "category": category, "owner": "AWS", "provider": provider, "version": "1", **more}


def _source() -> dict[str, Any]:
    connection = f"arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/0f4c2a1b-6a55-4c3e-8a7e-3d2b1c0f9e8d"
    where = {"ConnectionArn": connection, "FullRepositoryId": "shop/app", "BranchName": "main"}
    return _action("Source", "Source", "CodeStarSourceConnection", output_artifacts=["source"], configuration=where)


def _build(scene: Scene) -> dict[str, Any]:
    artifacts = {"input_artifacts": ["source"], "output_artifacts": ["image"]}
    return _action("Build", "Build", "CodeBuild", configuration={"ProjectName": scene["project"].name}, **artifacts)


def _deploy(scene: Scene) -> dict[str, Any]:
    configuration = {
        "ApplicationName": scene["application"].name,
        "DeploymentGroupName": scene["deployment_group"].deployment_group_name,
        "TaskDefinitionTemplateArtifact": "source",
        "AppSpecTemplateArtifact": "source",
        "Image1ArtifactName": "image",
        "Image1ContainerName": "IMAGE1_NAME",
    }
    return _action(
        "Deploy", "Deploy", "CodeDeployToECS", configuration=configuration, input_artifacts=["source", "image"]
    )


@fills("s3.Bucket")
def _bucket(*_: Any) -> dict[str, Any]:
    return {}


@fills("s3.BucketPublicAccessBlock")
def _public_access_block(scene: Scene, *_: Any) -> dict[str, Any]:
    blocked = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    return {"bucket": scene["bucket"].bucket, **dict.fromkeys(blocked, True)}


@fills("s3.BucketServerSideEncryptionConfiguration")
def _bucket_encryption(scene: Scene, *_: Any) -> dict[str, Any]:
    default = {"sse_algorithm": "aws:kms", "kms_master_key_id": scene["key"].arn}
    return {"bucket": scene["bucket"].bucket, "rules": [{"apply_server_side_encryption_by_default": default}]}


@fills("s3.BucketVersioning")
def _bucket_versioning(scene: Scene, *_: Any) -> dict[str, Any]:
    return {"bucket": scene["bucket"].bucket, "versioning_configuration": {"status": "Enabled"}}


@fills("s3.BucketPolicy")
def _bucket_policy(scene: Scene, *_: Any) -> dict[str, Any]:
    return {"bucket": scene["bucket"].bucket, "policy": scene["bucket"].bucket.apply(_tls_only)}


def _tls_only(bucket: str) -> str:
    arn = f"arn:aws:s3:::{bucket}"
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [deny]})


@fills("s3.BucketObject")
def _bucket_object(scene: Scene, *_: Any) -> dict[str, Any]:
    return {"bucket": scene["bucket"].bucket, "key": "notes.txt", "content": "What was released when"}


COMPANIONS = {
    "ecr.Repository": (companion("ecr.LifecyclePolicy"),),
    "s3.Bucket": (
        companion("s3.BucketPublicAccessBlock"),
        companion("s3.BucketServerSideEncryptionConfiguration"),
        companion("s3.BucketVersioning"),
        companion("s3.BucketPolicy"),
    ),
}
