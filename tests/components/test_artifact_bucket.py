"""What an `ArtifactBucket` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pulumi_aws as aws
import pytest

from components.artifact_bucket import ArtifactBucket

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.fixture
def build(declare, location):
    """Declare a bucket for two pipelines, with these arguments besides, and an object that is put into it."""

    def run(**args):
        usual = {
            "location": location,
            "key_arn": KEY,
            "pipeline_names": ["shop-image-pipeline", "shop-deploy-pipeline"],
        }

        def program():
            bucket = ArtifactBucket("shop", {**usual, **args})
            aws.s3.BucketObjectv2("object", bucket=bucket.bucket_name, key="object", content="")

        return declare(program)

    return run


def of(deployment, kind):
    return deployment.find(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", "shop-artifacts")


def lifecycle(deployment):
    """Days by prefix, and those of old versions."""
    *expire, tidy = of(deployment, "BucketLifecycleConfiguration").inputs["rules"]
    days = {rule["filter"]["prefix"]: rule["expiration"]["days"] for rule in expire}
    return days, tidy["noncurrentVersionExpiration"]["noncurrentDays"]


def test_bucket(build):
    """Artifacts are encrypted by a key that roles can be kept from, kept in versions, and go with their bucket."""
    deployment = build()
    name = of(deployment, "Bucket").inputs["bucket"]
    assert of(deployment, "Bucket").inputs == {"bucket": name, "forceDestroy": True}
    assert of(deployment, "BucketServerSideEncryptionConfiguration").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
            "bucketKeyEnabled": True,
        }
    ]
    assert of(deployment, "BucketVersioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    (statement,) = json.loads(of(deployment, "BucketPolicy").inputs["policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    children = deployment.children(deployment.find("ecs-blue-green:index:ArtifactBucket", "shop").urn)
    assert sorted(child.type.rpartition(":")[2] for child in children) == [
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketNotification",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
    ]


def test_it_tells_eventbridge(build):
    """A rule starts pipelines when their files change, so that nobody has to poll."""
    deployment = build()
    assert of(deployment, "BucketNotification").inputs == {
        "bucket": of(deployment, "Bucket").inputs["bucket"],
        "eventbridge": True,
    }


def test_only_artifacts_expire(build):
    """Each pipeline's go after a month, by as much of its name as its folder is sure to have; all else stays."""
    assert lifecycle(build()) == ({"shop-image-pipeline": 30, "shop-deploy-pipeline": 30}, 30)
    names = ["a-name-that-goes-on-image-pipeline", "a-name-that-goes-on-deploy-pipeline"]
    assert lifecycle(build(pipeline_names=names)) == ({"a-name-that-goes-on-": 30}, 30)
    assert lifecycle(build(pipeline_names=["shop-release-pipeline"], retention_days=7)) == (
        {"shop-release-pipelin": 7},
        7,
    )


def test_tags(build):
    """Whatever takes tags has them."""
    assert [r.type for r in build(tags={"team": "web"}) if r.inputs.get("tags") == {"team": "web"}] == [
        "aws:s3/bucket:Bucket"
    ]


def test_its_name_is_known_once_it_can_be_used(build):
    """Nothing is put into it, and no pipeline is made, before it is safe and tells of its objects."""
    deployment = build()
    waits = deployment.find("aws:s3/bucketObjectv2:BucketObjectv2", "object")
    assert deployment.find("ecs-blue-green:index:ArtifactBucket", "shop").outputs == {
        "bucket_name": waits.inputs["bucket"]
    }
    assert waits.inputs["bucket"] == of(deployment, "Bucket").inputs["bucket"]
    before = ("BucketNotification", "BucketPolicy", "BucketServerSideEncryptionConfiguration", "BucketVersioning")
    assert {of(deployment, kind).urn for kind in before} < set(waits.dependencies)
