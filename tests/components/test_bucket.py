"""What is declared for a private bucket. Mocks prove what is sent, not what AWS accepts."""

import json

import pulumi
import pulumi_aws as aws
import pytest

from components.bucket import bucket_arns, private_bucket

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.fixture
def build(declare, location):
    """Declare a bucket, and an object that is put into it."""

    def run(first_preview=False, **args):
        def program():
            parent = pulumi.ComponentResource("test:index:Parent", "parent")
            usual = {"location": location, "expire": {}, "noncurrent_days": 7}
            name = private_bucket("shop-files", {**usual, **args}, parent)
            aws.s3.BucketObjectv2("object", bucket=name, key="object", content="")

        return declare(program, first_preview=first_preview)

    return run


def of(deployment, kind):
    return deployment.find(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", "shop-files")


def rules(deployment):
    return of(deployment, "BucketLifecycleConfiguration").inputs["rules"]


def statements(deployment):
    return json.loads(of(deployment, "BucketPolicy").inputs["policy"])["Statement"]


TIDY = {
    "id": "tidy",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "noncurrentVersionExpiration": {"noncurrentDays": 7},
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
}


def test_bucket(build):
    """It is private, versioned and encrypted, has one owner, forgets old versions, and keeps all else."""
    deployment = build()
    bucket = of(deployment, "Bucket")
    name = bucket.inputs["bucket"]
    assert bucket.inputs == {"bucket": name, "forceDestroy": False}
    own = {"bucket": name}
    others = {r.type.rpartition(":")[2]: r.inputs for r in deployment if r.name == "shop-files" and r is not bucket}
    assert json.loads(others["BucketPolicy"].pop("policy"))["Version"] == "2012-10-17"
    assert others == {
        "BucketPublicAccessBlock": own
        | dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True),
        "BucketOwnershipControls": own | {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "BucketServerSideEncryptionConfiguration": own
        | {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        "BucketVersioning": own | {"versioningConfiguration": {"status": "Enabled"}},
        "BucketLifecycleConfiguration": own | {"rules": [TIDY]},
        "BucketPolicy": own,
    }


def test_nobody_comes_in_without_tls(build):
    """And nobody is let in that has no permission of their own."""
    deployment = build()
    name = of(deployment, "Bucket").inputs["bucket"]
    assert statements(deployment) == [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_statements(build):
    """What the bucket's policy allows is told the bucket's name, and stands before what it denies."""

    def reader(bucket):
        return [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/a"}]

    deployment = build(statements=reader)
    name = of(deployment, "Bucket").inputs["bucket"]
    assert statements(deployment)[:-1] == reader(name)
    assert statements(deployment)[-1]["Effect"] == "Deny"


def test_a_key(build):
    """It takes the place of S3's own, and is asked for once for many objects."""
    assert of(build(key_arn=KEY), "BucketServerSideEncryptionConfiguration").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
            "bucketKeyEnabled": True,
        }
    ]


def test_what_expires(build):
    """Objects go by their prefix, and one rule covers all where the prefix is empty."""
    assert rules(build(expire={"builds": 30, "": 365})) == [
        {"id": "expire-builds", "status": "Enabled", "filter": {"prefix": "builds"}, "expiration": {"days": 30}},
        {"id": "expire", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 365}},
        TIDY,
    ]


def test_choices(build):
    """Objects may go with their bucket, and the bucket may have tags."""
    deployment = build(force_destroy=True, tags={"team": "web"})
    bucket = of(deployment, "Bucket")
    assert bucket.inputs["forceDestroy"] is True
    assert [r.name for r in deployment if r.inputs.get("tags") == {"team": "web"}] == ["shop-files"]
    assert bucket.inputs["tags"] == {"team": "web"}


def test_its_name_is_known_once_it_is_safe(build):
    """Whatever is put into it waits until it is private, encrypted and versioned, and has its policy."""
    deployment = build()
    waits = deployment.find("aws:s3/bucketObjectv2:BucketObjectv2", "object")
    assert waits.inputs["bucket"] == of(deployment, "Bucket").inputs["bucket"]
    safe = (
        "Bucket",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
    )
    assert set(waits.dependencies) == {of(deployment, kind).urn for kind in safe}
    assert of(deployment, "BucketPublicAccessBlock").urn in of(deployment, "BucketPolicy").dependencies


def test_one_change_after_the_other(build):
    """S3 answers that versioning is changing while there is a lifecycle to be set."""
    deployment = build()
    assert of(deployment, "BucketVersioning").urn in of(deployment, "BucketLifecycleConfiguration").dependencies


def test_its_policy_is_known_before_anything_exists(build):
    """A first preview shows who may do what."""
    deployment = build(first_preview=True)
    assert statements(deployment)[-1]["Resource"] == [
        f"arn:aws:s3:::{of(deployment, 'Bucket').inputs['bucket']}{below}" for below in ("", "/*")
    ]


def test_parent(build):
    """All of it belongs to whoever asked for it."""
    deployment = build()
    parent = deployment.find("test:index:Parent", "parent")
    assert len(deployment.children(parent.urn)) == 7
    assert {r.name for r in deployment.children(parent.urn)} == {"shop-files"}


def test_bucket_arns(location):
    """The bucket's own, and that of all objects, in the partition of the stack."""
    assert bucket_arns("b", location) == ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
    assert bucket_arns("b", {**location, "partition": "aws-cn"}) == ["arn:aws-cn:s3:::b", "arn:aws-cn:s3:::b/*"]
