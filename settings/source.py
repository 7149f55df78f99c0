"""Settings of where pipelines take what they release from."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from components.limits import Refused
from components.pipeline_source import MOVING_TAG, PROVIDERS, SourceArgs
from settings.mistake import Model, refused_at, shown
from settings.types import matching

Branch = matching(r"[^\s\x00-\x1f~^:?*\[\\]{1,255}", "1 to 255 characters without blanks, as Git has branches")
ImageTag = matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "a tag: 1 to 128 letters, digits, _ . and -")

_NO_POLLING = "no source is polled: an event or a trigger starts the pipeline (G60)"


class Source(Model):
    """Where a pipeline takes what it releases from."""

    refused_keys: ClassVar[Mapping[str, str]] = {"pollForSourceChanges": _NO_POLLING, "detectChanges": _NO_POLLING}

    def source(self) -> SourceArgs:
        """The source, as a pipeline takes it."""
        return self.args(SourceArgs)


class CodeCommitSource(Source):
    """A repository of CodeCommit (G64)."""

    provider: Literal["CodeCommit"]
    """CodeCommit."""

    repository: Annotated[str, matching(r"[\w.-]{1,100}", "1 to 100 letters, digits, _ . and -")]
    """Name of the repository."""

    branch: Annotated[str, Branch]
    """Branch whose commits are released."""

    create: bool = False
    """Whether the stack makes the repository; it exists already unless set."""

    force_destroy: bool = False
    """Whether destroying the stack deletes the repository that it made, with all commits; it stays unless set."""

    @property
    def place(self) -> tuple[str, str]:
        """Repository and branch."""
        return self.repository, self.branch


class CodeConnectionsSource(Source):
    """A repository of GitHub, GitLab or Bitbucket, by a connection."""

    provider: Literal["CodeConnections"]
    """CodeConnections."""

    connection_arn: Annotated[
        str,
        matching(
            r"arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}",
            "the ARN of a connection: arn:aws:codeconnections:REGION:ACCOUNT:connection/ID",
        ),
    ]
    """The connection, which a person has authorised before the pipeline is made (G65)."""

    repository: Annotated[str, matching(r"(?=.{3,255}$)[\w.-]+(/[\w.-]+)+", "owner/name")]
    """The repository, with its owner."""

    branch: Annotated[str, Branch]
    """Branch whose commits are released."""

    file_paths: Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(max_length=8)] = []
    """Patterns of paths, such as services/shop/**, whose changes start the pipeline; any unless set."""


class S3Source(Source):
    """A zip file in a bucket that is versioned and tells EventBridge of its objects."""

    provider: Literal["S3"]
    """S3."""

    bucket: Annotated[str, matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "3 to 63 lower-case letters, digits, . and -")]
    """The bucket."""

    key: Annotated[str, matching(r"[\w!.'()/=+@-]{1,1000}", "a key without blanks, wildcards and variables")]
    """Key of the zip file."""


class EcrSource(Source):
    """The service's own imageRepository: somebody else pushes images, and each push of a tag is released."""

    refused_keys = {**Source.refused_keys, "repository": "it is the service's imageRepository"}

    provider: Literal["ECR"]
    """ECR."""

    tag: Annotated[str, ImageTag] = MOVING_TAG
    """Tag that moves with each push, one of mutableTags (G60); latest unless set."""


def _of_its_provider(sources: Mapping[str, type[Source]], why: str) -> WrapValidator:
    """A validator that reads a source by the model of its provider; a union would report the errors of all of them."""

    def read(value: Any, _: ValidatorFunctionWrapHandler) -> Source:
        if not isinstance(value, Mapping):
            raise Refused(shown(value), "a mapping of keys", "")
        provider = value.get("provider")
        if not isinstance(provider, str) or provider not in sources:
            given = shown(provider) if "provider" in value else "nothing"
            raise refused_at("provider", Refused(given, ", ".join(sources), why))
        return sources[provider].model_validate(value)

    return WrapValidator(read)


_KINDS = (CodeCommitSource, CodeConnectionsSource, S3Source, EcrSource)
_SOURCES: dict[str, type[Source]] = dict(zip(PROVIDERS, _KINDS, strict=True))

AnySource = Annotated[
    CodeCommitSource | CodeConnectionsSource | S3Source | EcrSource,
    _of_its_provider(_SOURCES, "a pipeline has no other sources"),
]
"""A source of any provider."""

FilesSource = Annotated[
    CodeCommitSource,
    _of_its_provider({"CodeCommit": CodeCommitSource}, "unless they have a repository, the stack keeps them in S3"),
]
"""A source of files that describe a deployment."""
