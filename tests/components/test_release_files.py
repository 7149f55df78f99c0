"""What `ReleaseFiles` declares. Mocks prove what is sent, not what AWS accepts."""

import base64
import io
import zipfile

import pulumi
import pulumi_aws as aws
import pytest

from components.release_documents import LARGEST
from components.release_files import KEY, ReleaseFiles, zipped
from offline.errors import OfflineError

FILES = {"taskdef.json": '{"family": "ä"}\n', "appspec.yaml": "version: 0.0\n"}


def unzipped(archive):
    """The files in an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(archive))) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


def stored(deployment):
    return deployment.find("aws:s3/bucketObjectv2:BucketObjectv2", "shop-files")


@pytest.fixture
def build(declare):
    """Declare the files, and whatever they have to wait for."""

    def run(**args):
        def program():
            role = aws.iam.Role("role", assume_role_policy="{}")
            files = {**FILES, "taskdef.json": pulumi.Output.from_input(FILES["taskdef.json"])}
            ReleaseFiles("shop", {"files": files, **args}, pulumi.ResourceOptions(depends_on=[role]))

        return declare(program)

    return run


def test_files_in_a_bucket(build):
    """They are one archive, below a key that is in no pipeline's folder."""
    deployment = build(bucket_name="shop-artifacts")
    inputs = dict(stored(deployment).inputs)
    assert unzipped(inputs.pop("contentBase64")) == FILES
    assert inputs == {"bucket": "shop-artifacts", "key": "files/release.zip", "contentType": "application/zip"}
    assert stored(deployment).parent == deployment.find("ecs-blue-green:index:ReleaseFiles", "shop").urn
    assert KEY == "files/release.zip"


def test_a_release_finds_what_it_names(build):
    """A change of the archive starts one, so that it waits for all that the component waits for."""
    deployment = build(bucket_name="shop-artifacts")
    assert deployment.find("aws:iam/role:Role", "role").urn in stored(deployment).dependencies


def test_files_for_a_repository(build):
    """They are kept in the state for whoever commits them, and nothing is made."""
    deployment = build()
    assert deployment.find("ecs-blue-green:index:ReleaseFiles", "shop").outputs == {"files": FILES}
    assert deployment.of_type("aws:s3/bucketObjectv2:BucketObjectv2") == []


def test_outputs(build):
    """The texts as they are, and where they are."""
    deployment = build(bucket_name="shop-artifacts")
    component = deployment.find("ecs-blue-green:index:ReleaseFiles", "shop")
    assert component.outputs == {"files": FILES, "bucket_name": "shop-artifacts"}


def test_who_uses_the_bucket_waits(declare):
    """A pipeline that is told of the bucket finds the files in it."""

    def program():
        files = ReleaseFiles("shop", {"files": dict(FILES), "bucket_name": "shop-artifacts"})
        aws.s3.BucketNotification("later", bucket=files.bucket_name, eventbridge=True)

    deployment = declare(program)
    later = deployment.find("aws:s3/bucketNotification:BucketNotification", "later")
    assert later.inputs["bucket"] == "shop-artifacts"
    assert later.dependencies == [stored(deployment).urn]


def test_the_same_texts_make_the_same_archive():
    """On every machine, in any order, byte for byte: another archive would be another release."""
    archive = zipped({"b": "2", "a": "1"})
    assert archive == zipped({"a": "1", "b": "2"})
    assert archive != zipped({"a": "2", "b": "1"})
    assert unzipped(archive) == {"a": "1", "b": "2"}
    assert archive == (
        "UEsDBBQAAAAAAAAAIQC379yDAQAAAAEAAAABAAAAYTFQSwMEFAAAAAAAAAAhAA2+1RoBAAAAAQAAAAEAAABiMlBLAQIUAxQAAAAAAAAAIQC379yD"
        "AQAAAAEAAAABAAAAAAAAAAAAAACAAQAAAABhUEsBAhQDFAAAAAAAAAAhAA2+1RoBAAAAAQAAAAEAAAAAAAAAAAAAAIABIAAAAGJQSwUGAAAAAAIA"
        "AgBeAAAAQAAAAAAA"
    )


def test_files_that_no_pipeline_would_read(declare):
    """They are refused as soon as their texts are known, before they are stored or written out (G56)."""

    def files(rest):
        taskdef = pulumi.Output.from_input("-" * LARGEST)
        return ReleaseFiles("shop", {"files": {"taskdef.json": taskdef, "appspec.yaml": rest}})

    with pytest.raises(OfflineError, match=f"given files of {LARGEST + 1} bytes; allowed: at most {LARGEST} bytes"):
        declare(lambda: files("-"))
    assert declare(lambda: files("")).find("ecs-blue-green:index:ReleaseFiles", "shop").outputs
