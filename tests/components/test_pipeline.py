"""What pipelines declare besides their stages. Mocks prove what is sent, not what AWS accepts."""

import json

import pytest

from components.image_pipeline import ImagePipeline
from components.native_release_pipeline import NativeReleasePipeline
from components.release_pipeline import ReleasePipeline
from tests.components.pipelines import (
    CONNECTED,
    IMAGE_PIPELINE,
    KEY,
    NATIVE_PIPELINE,
    RELEASE_PIPELINE,
    ROLE_POLICY,
    RULE,
    TOPIC,
    only_pipeline,
    statements,
)
from tests.graph import needs, only

TARGET = "aws:cloudwatch/eventTarget:EventTarget"
NOTIFICATION = "aws:codestarnotifications/notificationRule:NotificationRule"
ROLE = "aws:iam/role:Role"
ARN = "arn:aws:codepipeline:eu-west-1:123456789012:shop-release-pipeline"


@pytest.fixture
def declared(declare):
    """Preview a component with other values for some of its arguments."""
    return lambda component, args, **changes: declare(lambda: component("shop", args | changes))


def test_pipeline(declared):
    """It takes one release after the other, and keeps its artifacts under a key of one's own."""
    deployment = declared(ImagePipeline, IMAGE_PIPELINE)
    inputs = dict(only_pipeline(deployment).inputs)
    del inputs["stages"]
    assert inputs == {
        "name": "shop-image-pipeline",
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "roleArn": deployment.find(ROLE, "shop-image-pipeline").outputs["arn"],
        "artifactStores": [
            {"type": "S3", "location": "shop-artifacts", "encryptionKey": {"type": "KMS", "id": KEY}},
        ],
    }
    found = declared(ImagePipeline, IMAGE_PIPELINE, execution_mode="SUPERSEDED")
    assert only_pipeline(found).inputs["executionMode"] == "SUPERSEDED"


def test_role(declared):
    """CodePipeline may read and write the artifacts, read the sources, and run these builds (G59)."""
    deployment = declared(ReleasePipeline, RELEASE_PIPELINE)
    role = deployment.find(ROLE, "shop-release-pipeline")
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codepipeline.amazonaws.com"}}
    ]
    projects = "arn:aws:codebuild:eu-west-1:123456789012:project"
    run = {"Effect": "Allow", "Action": ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]}
    assert statements(deployment, "shop-release-pipeline-builds") == [
        run | {"Resource": f"{projects}/shop-release-build"},
        run | {"Resource": f"{projects}/shop-release-choose-image"},
    ]
    assert statements(deployment, "shop-release-pipeline-artifacts") == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
            "Resource": "arn:aws:s3:::shop-artifacts",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            "Resource": "arn:aws:s3:::shop-artifacts/*",
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Resource": KEY,
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketVersioning", "s3:ListBucket"],
            "Resource": "arn:aws:s3:::shop-artifacts",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging"],
            "Resource": "arn:aws:s3:::shop-artifacts/*",
        },
    ]
    (source,) = statements(deployment, "shop-release-pipeline-sources")
    assert source["Resource"] == "arn:aws:codecommit:eu-west-1:123456789012:shop-app"
    parts = {each.name for each in deployment.of_type(ROLE_POLICY) if each.inputs["role"] == role.id}
    expected = {"artifacts", "sources", "builds", "deployment", "tasks"}
    assert parts == {f"shop-release-pipeline-{part}" for part in expected}


def test_events(declared):
    """A rule of each source that tells EventBridge starts it, by one role that may do nothing else."""
    deployment = declared(ReleasePipeline, RELEASE_PIPELINE)
    patterns = {each.name: json.loads(each.inputs["eventPattern"])["source"] for each in deployment.of_type(RULE)}
    assert patterns == {"shop-release-app": ["aws.codecommit"], "shop-release-files": ["aws.s3"]}
    role = deployment.find(ROLE, "shop-release-events")
    targets = {each.name: each for each in deployment.of_type(TARGET)}
    assert targets.keys() == patterns.keys()
    for name, target in targets.items():
        rule = deployment.find(RULE, name)
        assert (target.inputs["rule"], target.inputs["arn"]) == (rule.inputs["name"], ARN)
        assert target.inputs["roleArn"] == role.outputs["arn"]
        assert deployment.find(ROLE_POLICY, "shop-release-events").urn in needs(deployment, target)
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ]
    assert statements(deployment, "shop-release-events") == [
        {
            "Effect": "Allow",
            "Action": ["codepipeline:StartPipelineExecution"],
            "Resource": ARN,
        }
    ]


def test_a_connection_needs_no_events(declared):
    """Its trigger starts the pipeline, so that there is no rule, and no role for one."""
    deployment = declared(ImagePipeline, IMAGE_PIPELINE, source=CONNECTED | {"file_paths": ["shop/**"]})
    assert only_pipeline(deployment).inputs["triggers"] == [
        {
            "providerType": "CodeStarSourceConnection",
            "gitConfiguration": {
                "sourceActionName": "App",
                "pushes": [{"branches": {"includes": ["main"]}, "filePaths": {"includes": ["shop/**"]}}],
            },
        }
    ]
    assert deployment.of_type(RULE) == deployment.of_type(TARGET) == []
    assert {role.name for role in deployment.of_type(ROLE)} == {"shop-image-build", "shop-image-pipeline"}


@pytest.mark.parametrize(
    ("changes", "events"),
    [
        ({}, ["codepipeline-pipeline-pipeline-execution-failed"]),
        (
            {"approval_minutes": 60},
            ["codepipeline-pipeline-pipeline-execution-failed", "codepipeline-pipeline-manual-approval-needed"],
        ),
    ],
)
def test_notifications(declared, changes, events):
    """A topic is told of failures with their reason, and of releases that wait, where one does."""
    deployment = declared(ReleasePipeline, RELEASE_PIPELINE, topic_arn=TOPIC, **changes)
    inputs = dict(only(deployment, NOTIFICATION).inputs)
    del inputs["name"]
    assert inputs == {
        "resource": ARN,
        "detailType": "FULL",
        "eventTypeIds": events,
        "targets": [{"address": TOPIC}],
    }


def test_parts(declared):
    """All that it consists of is part of the component, and has its tags; its logs are kept as long as asked."""
    changes = {"topic_arn": TOPIC, "tags": {"team": "shop"}, "log_retention_days": 7, "log_key_arn": KEY}
    deployment = declared(NativeReleasePipeline, NATIVE_PIPELINE, **changes)
    component = deployment.find("ecs-blue-green:index:NativeReleasePipeline", "shop")
    projects = deployment.of_type("ecs-blue-green:index:BuildProject")
    assert {each.parent for each in projects} == {component.urn}
    own = {component.urn, *(each.urn for each in projects)}
    parts = [each for each in deployment if each.custom and not each.type.startswith("pulumi:")]
    assert {each.parent for each in parts} <= own
    untagged = {each.type for each in parts if each.inputs.get("tags") != {"team": "shop"}}
    assert untagged == {ROLE_POLICY, TARGET}
    logs = deployment.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert {(each.inputs["retentionInDays"], each.inputs["kmsKeyId"]) for each in logs} == {(7, KEY)}
    assert len(logs) == 3
