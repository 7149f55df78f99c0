"""Where pipelines take what they release from, and what starts them."""

import json

import pulumi
import pytest

from components.limits import Refused
from components.pipeline_source import check_source, event_pattern, permissions, source_action, trigger

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/5f3d9c1e-7a42-4b0c-9e68-2d1f0a7c4b35"
CODE_COMMIT = {"provider": "CodeCommit", "repository": "shop-app", "branch": "main"}
CONNECTED = {"provider": "CodeConnections", "connection_arn": CONNECTION, "repository": "team/shop", "branch": "main"}
S3 = {"provider": "S3", "bucket": "shop-source", "key": "app/source.zip"}
ECR = {"provider": "ECR", "repository": "team/shop"}
SOURCES = {source["provider"]: source for source in (CODE_COMMIT, CONNECTED, S3, ECR)}

CONFIGURATIONS = {
    "CodeCommit": ("CodeCommit", {"RepositoryName": "shop-app", "BranchName": "main", "PollForSourceChanges": "false"}),
    "CodeConnections": (
        "CodeStarSourceConnection",
        {
            "ConnectionArn": CONNECTION,
            "FullRepositoryId": "team/shop",
            "BranchName": "main",
            "DetectChanges": "false",
        },
    ),
    "S3": ("S3", {"S3Bucket": "shop-source", "S3ObjectKey": "app/source.zip", "PollForSourceChanges": "false"}),
    "ECR": ("ECR", {"RepositoryName": "team/shop", "ImageTag": "latest"}),
}


@pytest.fixture
def known(declare):
    """What comes of a value with outputs in it: `known(lambda: value)`."""

    def run(value):
        deployment = declare(lambda: pulumi.export("value", pulumi.Output.json_dumps(value())))
        return json.loads(deployment.outputs["value"])

    return run


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_action(source):
    """It makes an artifact of its own name, variables under that name, and asks nobody for changes (G60)."""
    provider, configuration = CONFIGURATIONS[source["provider"]]
    assert source_action("App", source) == {
        "name": "App",
        "category": "Source",
        "owner": "AWS",
        "provider": provider,
        "version": "1",
        "configuration": configuration,
        "output_artifacts": ["App"],
        "namespace": "App",
    }


def test_a_tag_of_its_own():
    """An image may move another tag than latest, which then starts the pipeline."""
    source = ECR | {"tag": "release"}
    assert source_action("Image", source)["configuration"]["ImageTag"] == "release"


def test_trigger():
    """A push to the branch of a connection's repository starts the pipeline."""
    assert trigger("App", CONNECTED) == {
        "provider_type": "CodeStarSourceConnection",
        "git_configuration": {"source_action_name": "App", "pushes": [{"branches": {"includes": ["main"]}}]},
    }


def test_trigger_of_paths():
    """Where several services share a repository, only changes of its own paths do."""
    found = trigger("App", CONNECTED | {"file_paths": ["shop/**", "common/**"]})
    push = {"branches": {"includes": ["main"]}, "file_paths": {"includes": ["shop/**", "common/**"]}}
    assert found["git_configuration"]["pushes"] == [push]


@pytest.mark.parametrize("source", [CODE_COMMIT, S3, ECR])
def test_no_trigger(source):
    """Other sources have events."""
    assert trigger("App", source) is None


PATTERNS = {
    "CodeCommit": {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": ["arn:aws:codecommit:eu-west-1:123456789012:shop-app"],
        "detail": {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": ["main"],
        },
    },
    "S3": {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["shop-source"]}, "object": {"key": ["app/source.zip"]}},
    },
    "ECR": {
        "source": ["aws.ecr"],
        "detail-type": ["ECR Image Action"],
        "detail": {
            "action-type": ["PUSH"],
            "image-tag": ["latest"],
            "repository-name": ["team/shop"],
            "result": ["SUCCESS"],
        },
    },
    "CodeConnections": None,
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_event_pattern(known, location, source):
    """CodeCommit, S3 and ECR tell EventBridge of changes; a connection doesn't."""
    assert known(lambda: event_pattern(source, location)) == PATTERNS[source["provider"]]


def matches(pattern, event):
    """Whether EventBridge takes an event for one of a pattern."""
    if isinstance(pattern, dict):
        return isinstance(event, dict) and all(matches(value, event.get(key)) for key, value in pattern.items())
    return bool(set(pattern) & set(event if isinstance(event, list) else [event]))


EVENTS = {
    "CodeCommit": {
        "source": "aws.codecommit",
        "detail-type": "CodeCommit Repository State Change",
        "resources": ["arn:aws:codecommit:eu-west-1:123456789012:shop-app"],
        "detail": {"event": "referenceUpdated", "referenceType": "branch", "referenceName": "main", "commitId": "0"},
    },
    "S3": {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "resources": ["arn:aws:s3:::shop-source"],
        "detail": {
            "bucket": {"name": "shop-source"},
            "object": {"key": "app/source.zip", "size": 1, "version-id": "1"},
            "reason": "CompleteMultipartUpload",
        },
    },
    "ECR": {
        "source": "aws.ecr",
        "detail-type": "ECR Image Action",
        "resources": [],
        "detail": {
            "result": "SUCCESS",
            "repository-name": "team/shop",
            "image-digest": "sha256:0",
            "action-type": "PUSH",
            "image-tag": "latest",
        },
    },
}
"""As AWS documents them.
https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
"""

STARTS = [
    ("CodeCommit", {}, True),
    ("CodeCommit", {"event": "referenceCreated"}, True),
    ("CodeCommit", {"event": "referenceDeleted"}, False),
    ("CodeCommit", {"referenceType": "tag"}, False),
    ("CodeCommit", {"referenceName": "next"}, False),
    ("S3", {}, True),
    ("S3", {"reason": "PutObject"}, True),
    ("S3", {"bucket": {"name": "another"}}, False),
    ("S3", {"object": {"key": "app/source.zip.bak"}}, False),
    ("ECR", {}, True),
    ("ECR", {"result": "FAILURE"}, False),
    ("ECR", {"action-type": "DELETE"}, False),
    ("ECR", {"image-tag": "0123456"}, False),
    ("ECR", {"repository-name": "team/shop-api"}, False),
]


@pytest.mark.parametrize(("provider", "detail", "starts"), STARTS)
def test_what_starts_a_pipeline(known, location, provider, detail, starts):
    """A change of its source does, and nothing else."""
    event = EVENTS[provider]
    pattern = known(lambda: event_pattern(SOURCES[provider], location))
    assert matches(pattern, event | {"detail": event["detail"] | detail}) is starts


def test_permissions(known, location):
    """A pipeline may read its own source, and nothing that lies beside it."""
    assert {name: known(lambda each=source: permissions(each, location)) for name, source in SOURCES.items()} == {
        "CodeCommit": [
            {
                "Effect": "Allow",
                "Action": [
                    "codecommit:CancelUploadArchive",
                    "codecommit:GetBranch",
                    "codecommit:GetCommit",
                    "codecommit:GetUploadArchiveStatus",
                    "codecommit:UploadArchive",
                ],
                "Resource": "arn:aws:codecommit:eu-west-1:123456789012:shop-app",
            }
        ],
        "CodeConnections": [
            {
                "Effect": "Allow",
                "Action": ["codeconnections:UseConnection", "codestar-connections:UseConnection"],
                "Resource": CONNECTION,
            }
        ],
        "S3": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"],
                "Resource": "arn:aws:s3:::shop-source",
            },
            {
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject",
                    "s3:GetObjectTagging",
                    "s3:GetObjectVersion",
                    "s3:GetObjectVersionTagging",
                ],
                "Resource": "arn:aws:s3:::shop-source/app/source.zip",
            },
        ],
        "ECR": [
            {
                "Effect": "Allow",
                "Action": ["ecr:DescribeImages"],
                "Resource": "arn:aws:ecr:eu-west-1:123456789012:repository/team/shop",
            }
        ],
    }


def test_its_own_bucket(known, location):
    """What lies among its artifacts a pipeline may read already."""
    assert known(lambda: permissions(S3 | {"own_bucket": True}, location)) == []


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_accepted(source):
    """A source that has all it needs is."""
    check_source(source)


@pytest.mark.parametrize("provider", ["GitHub", "codecommit", ""])
def test_unknown_provider(provider):
    """There are four."""
    with pytest.raises(Refused) as refused:
        check_source({"provider": provider})
    assert str(refused.value) == (
        f"given {provider!r}; allowed: CodeCommit, CodeConnections, S3, ECR; a pipeline has no other sources"
    )


@pytest.mark.parametrize(
    ("provider", "key", "needed"),
    [
        ("CodeCommit", "repository", "repository, branch"),
        ("CodeCommit", "branch", "repository, branch"),
        ("CodeConnections", "connection_arn", "connection_arn, repository, branch"),
        ("CodeConnections", "repository", "connection_arn, repository, branch"),
        ("CodeConnections", "branch", "connection_arn, repository, branch"),
        ("S3", "bucket", "bucket, key"),
        ("S3", "key", "bucket, key"),
        ("ECR", "repository", "repository"),
    ],
)
@pytest.mark.parametrize("empty", [True, False])
def test_what_is_missing(provider, key, needed, empty):
    """It is named; what is empty is missing."""
    source = SOURCES[provider] | {key: ""}
    if not empty:
        del source[key]
    with pytest.raises(Refused) as refused:
        check_source(source)
    assert str(refused.value) == f"given {provider} without {key}; allowed: {needed}; a source needs all of them"
