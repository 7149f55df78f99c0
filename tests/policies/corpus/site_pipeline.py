"""A pipeline that builds a static site and puts it into a bucket."""

from __future__ import annotations

import json

import pulumi_aws as aws

from tests.policies.corpus.documents import allow, arn, policy, trust

FOUND = [
    ("sec-artifact-bucket", "artifacts", ""),  # nothing demands TLS, or blocks public access
    ("sec-cb-no-plaintext-creds", "site", "environment.environmentVariables[0].value"),
    ("sec-cb-privileged", "site", "environment.privilegedMode"),  # no image is built
    ("sec-cb-logs-and-key", "site", "encryptionKey"),
    ("sec-pipeline-artifact-kms", "site", "artifactStores[0].encryptionKey"),
]

BUILDSPEC = json.dumps(
    {
        "version": "0.2",
        "phases": {"build": {"commands": ["npm ci", "npm run build"]}},
        "artifacts": {"base-directory": "dist", "files": ["**/*"]},
    }
)


def program() -> None:
    artifacts = aws.s3.Bucket("artifacts", bucket="site-artifacts-123456789012")
    aws.s3.BucketVersioning("artifacts", bucket=artifacts.id, versioning_configuration={"status": "Enabled"})
    build_role = aws.iam.Role("build", assume_role_policy=trust("codebuild"))
    logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    objects = ["s3:GetObject", "s3:PutObject"]
    aws.iam.RolePolicy(
        "build",
        role=build_role.name,
        policy=policy(
            allow(logs, arn("logs", "log-group:/aws/codebuild/site:*")),
            allow(objects, "arn:aws:s3:::site-artifacts-123456789012/*"),
        ),
    )
    build = aws.codebuild.Project(
        "site",
        name="site",
        service_role=build_role.arn,
        artifacts={"type": "CODEPIPELINE"},
        source={"type": "CODEPIPELINE", "buildspec": BUILDSPEC},
        environment={
            "type": "LINUX_CONTAINER",
            "compute_type": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "privileged_mode": True,
            "environment_variables": [{"name": "NPM_TOKEN", "value": "npm_Zk3Q9yT1vB7uX4cR8wL2sD6fG0hJ5mN1pQ3a"}],
        },
    )
    role = aws.iam.Role("pipeline", assume_role_policy=trust("codepipeline"))
    aws.iam.RolePolicy(
        "pipeline",
        role=role.name,
        policy=policy(
            allow(["codebuild:StartBuild", "codebuild:BatchGetBuilds"], arn("codebuild", "project/site")),
            allow("codeconnections:UseConnection", arn("codeconnections", "connection/0f4c2a1b")),
            allow(objects, ["arn:aws:s3:::site-artifacts-123456789012/*", "arn:aws:s3:::www-example-com/*"]),
        ),
    )
    action = {"owner": "AWS", "version": "1"}
    aws.codepipeline.Pipeline(
        "site",
        name="site",
        pipeline_type="V2",
        role_arn=role.arn,
        artifact_stores=[{"type": "S3", "location": artifacts.bucket}],
        stages=[
            {
                "name": "Source",
                "actions": [
                    {
                        **action,
                        "name": "Source",
                        "category": "Source",
                        "provider": "CodeStarSourceConnection",
                        "output_artifacts": ["source"],
                        "configuration": {
                            "ConnectionArn": arn("codeconnections", "connection/0f4c2a1b"),
                            "FullRepositoryId": "example/site",
                            "BranchName": "main",
                        },
                    }
                ],
            },
            {
                "name": "Build",
                "actions": [
                    {
                        **action,
                        "name": "Build",
                        "category": "Build",
                        "provider": "CodeBuild",
                        "input_artifacts": ["source"],
                        "output_artifacts": ["site"],
                        "configuration": {"ProjectName": build.name},
                    }
                ],
            },
            {
                "name": "Deploy",
                "actions": [
                    {
                        **action,
                        "name": "Deploy",
                        "category": "Deploy",
                        "provider": "S3",
                        "input_artifacts": ["site"],
                        "configuration": {"BucketName": "www-example-com", "Extract": "true"},
                    }
                ],
            },
        ],
    )
