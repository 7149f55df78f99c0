"""Pipelines of one stack that get in each other's way."""

from __future__ import annotations

from typing import Any

import pytest

import settings
from tests.settings.stack_files import delivered, message, refusal, service, stack


def released(port: int, repository: str, /, **pipeline: Any) -> dict[str, Any]:
    """A service with a pipeline, behind a listener and with a repository of its own."""
    own = delivered(service(loadBalancer={"port": port}), **pipeline)
    return own | {"imageRepository": {"name": repository, "mutableTags": ["latest"]}}


def codecommit(repository: str, branch: str = "main", **changes: Any) -> dict[str, Any]:
    """A repository of CodeCommit."""
    return {"provider": "CodeCommit", "repository": repository, "branch": branch, **changes}


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "one name of two pipelines": (
        stack(one=released(81, "one", name="store"), two=released(82, "two", name="store")),
        [
            "services.two.pipeline.name: given 'store'; allowed: another name; names of pipelines of services.one "
            "begin with it, and each name is taken once"
        ],
    ),
    "the name that another pipeline has of itself": (
        stack(one=released(81, "one", name="store-two"), two=released(82, "two")) | {"name": "store"},
        [
            "services.two.pipeline.name: given 'store-two'; allowed: another name; names of pipelines of services.one "
            "begin with it, and each name is taken once"
        ],
    ),
    "the files of two services in one place": (
        stack(
            one=released(81, "one", files=codecommit("files", create=True)),
            two=released(82, "two", files=codecommit("files", create=True)),
        ),
        [
            "services.two.pipeline.files.repository: given 'files', branch main; allowed: a repository or a branch of "
            "its own; the files of services.one are there, under the same names"
        ],
    ),
    "a repository of files that is made twice": (
        stack(
            one=released(81, "one", files=codecommit("files", create=True)),
            two=released(82, "two", files=codecommit("files", "two", create=True)),
        ),
        [
            "services.two.pipeline.files.create: given true; allowed: leaving it out; services.one makes repository "
            "files"
        ],
    ),
    "a source that is made twice": (
        stack(
            one=released(81, "one", source=codecommit("shop", create=True)),
            two=released(82, "two", source=codecommit("shop", create=True)),
            three=released(83, "three", source=codecommit("three"), files=codecommit("shop", "files", create=True)),
        ),
        [
            "services.three.pipeline.files.create: given true; allowed: leaving it out; services.one makes repository "
            "shop",
            "services.two.pipeline.source.create: given true; allowed: leaving it out; services.one makes repository "
            "shop",
        ],
    ),
}


@pytest.mark.parametrize(("file", "lines"), REFUSED.values(), ids=REFUSED)
def test_what_gets_in_the_way_is_refused(file, lines):
    """The line stands at the setting to change, and names the service on the other side."""
    assert refusal(file) == message(*lines)


def test_names_are_compared_as_the_stack_has_them_even_if_it_cannot_be_used():
    """The stack's own name is part of those that pipelines have of themselves."""
    file = stack(one=released(81, "one", name="store-two"), two=released(82, "two"), three=service(cpu=1))
    assert refusal(file | {"name": "store"}) == message(
        "services.three.cpu: given cpu 1; allowed: 256, 512, 1024, 2048, 4096, 8192, 16384; AWS would answer: 'No "
        "Fargate configuration exists for given values'",
        "services.two.pipeline.name: given 'store-two'; allowed: another name; names of pipelines of services.one "
        "begin with it, and each name is taken once",
    )


ACCEPTED: dict[str, dict[str, Any]] = {
    "pipelines of one source": stack(
        one=released(81, "one", source=codecommit("shop", create=True)),
        two=released(82, "two", source=codecommit("shop")),
    ),
    "a source that only the second pipeline makes": stack(
        one=released(81, "one", source=codecommit("shop")),
        two=released(82, "two", source=codecommit("shop", create=True)),
    ),
    "the files of two services on two branches": stack(
        one=released(81, "one", files=codecommit("files", "one", create=True)),
        two=released(82, "two", files=codecommit("files", "two")),
    ),
    "a pipeline with the name of another service": stack(one=released(81, "one", name="two"), two=released(82, "two")),
}


@pytest.mark.parametrize("file", ACCEPTED.values(), ids=ACCEPTED)
def test_what_only_looks_alike_is_accepted(file):
    """Pipelines that AWS would take side by side are not refused."""
    assert settings.parse(file).services.keys() == file["services"].keys()
