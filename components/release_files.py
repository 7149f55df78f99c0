"""The files that a pipeline releases a service by."""

import base64
import io
import zipfile
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.release_documents import check_size

KEY = "files/release.zip"
"""Key of the files in a bucket: no pipeline's name has a slash, so that it is in none of their folders."""


class ReleaseFilesArgs(TypedDict):
    """Arguments of `ReleaseFiles`."""

    files: dict[str, pulumi.Input[str]]
    """Texts of the files, by name."""

    bucket_name: NotRequired[pulumi.Input[str]]
    """Bucket that the pipeline takes them from; none where they are kept in a repository."""


class ReleaseFiles(pulumi.ComponentResource):
    """The files that a pipeline releases a service by, made of the same values as the service.

    In a bucket, a change of them starts the pipeline, once all is there that `depends_on` names. For a repository
    `python -m offline files` writes them out.

    Raises:
        Refused: for files that a pipeline would not read, once their texts are known (G56).
    """

    files: pulumi.Output[dict[str, str]]
    """Texts of the files, by name."""

    bucket_name: pulumi.Output[str | None]
    """Bucket that the pipeline takes them from, once they are in it."""

    def __init__(self, name: str, args: ReleaseFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:ReleaseFiles", name, None, opts)

        files: Any = pulumi.Output.all(**args["files"]).apply(_checked)
        self.bucket_name = pulumi.Output.from_input(None)
        if bucket := args.get("bucket_name"):
            stored = aws.s3.BucketObjectv2(
                f"{name}-files",
                bucket=bucket,
                key=KEY,
                content_base64=files.apply(zipped),
                content_type="application/zip",
                # The change starts a release, which must find what it names.
                opts=pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None),
            )
            self.bucket_name = pulumi.Output.all(bucket, stored.id).apply(lambda known: known[0])

        self.files = files
        self.register_outputs({"files": self.files, "bucket_name": self.bucket_name})


def _checked(files: dict[str, str]) -> dict[str, str]:
    check_size(files)
    return files


def zipped(files: Mapping[str, str]) -> str:
    """A zip archive of texts by name, in base64: the same texts make the same archive on every machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            # As on Unix, and not compressed: zlib's versions differ, and another archive would be another release.
            entry.create_system = 3
            archive.writestr(entry, files[name])
    return base64.b64encode(buffer.getvalue()).decode()
