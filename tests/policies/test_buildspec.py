"""What is read out of a buildspec without a YAML library."""

from __future__ import annotations

import json

import pytest

from buildspec import (
    ANY_ARCHITECTURE,
    architectures,
    images_in_ecr,
    is_inline,
    is_tool,
    latest_pushed,
    makes_images,
    uses_images,
    variables_in,
)
from markup import scalars


@pytest.mark.parametrize("text", ["", "buildspec.yml", "arn:aws:s3:::shop/buildspec.yml", "ci/build.yml\n"])
def test_the_place_of_a_buildspec_is_not_the_buildspec(text: str) -> None:
    """A path or an ARN tells no commands."""
    assert not is_inline(text)


@pytest.mark.parametrize("text", ["version: 0.2\nphases: {}", '{"version": 0.2}', ' {"version": 0.2}'])
def test_an_inline_buildspec_is_one(text: str) -> None:
    """YAML has more than one line, JSON braces."""
    assert is_inline(text)


@pytest.mark.parametrize(
    ("command", "uses", "makes"),
    [
        ("npm test", False, False),
        ("docker build .", True, True),
        ("docker-compose build", True, True),
        ("make docker-image", True, True),
        ("/kaniko/executor --context .", True, True),
        ("sudo buildah bud .", True, True),
        ("docker login --username AWS", True, False),
        ("docker compose -f compose.yml --profile test up -d", True, False),
        ("docker -D run app", True, False),
        ("podman pull app || podman build .", True, True),
        ("# docker build .", False, False),
        ("echo docker.io/library/node", False, False),
        ("curl https://hub.docker.com", False, False),
        ("cat Dockerfile dockerhub.txt", False, False),
    ],
)
def test_tools_for_images_are_told_by_their_names(command: str, uses: bool, makes: bool) -> None:
    """Who only logs in or runs an image uses a tool, but makes no image."""
    assert (uses_images(command), makes_images(command)) == (uses, makes)
    as_json = json.dumps({"phases": {"build": {"commands": [command]}}})
    if "#" not in command:
        assert (uses_images(as_json), makes_images(as_json)) == (uses, makes)


@pytest.mark.parametrize(
    ("script", "made_for"),
    [
        ("docker build .", set()),
        ("docker build --platform linux/arm64 .", {"ARM64"}),
        ("docker build --platform=linux/amd64,linux/arm64 .", {"ARM64", "X86_64"}),
        ("docker build \\\n  --platform 'linux/arm64/v8' .", {"ARM64"}),
        ("- >-\n  docker buildx build\n  --platform linux/arm64\n  .", {"ARM64"}),
        ("docker build --platform $PLATFORM .", {ANY_ARCHITECTURE}),
        ("docker buildx bake", {ANY_ARCHITECTURE}),
        ("DOCKER_DEFAULT_PLATFORM: linux/arm64", {"ARM64"}),
        ("export DOCKER_DEFAULT_PLATFORM=linux/x86_64", {"X86_64"}),
        ("podman build --arch aarch64 .", {"ARM64"}),
        ("docker pull --platform linux/arm64 node", set()),
        ("npm ci --platform=linux/arm64 && docker build .", set()),
    ],
)
def test_platforms_are_those_that_images_are_made_for(script: str, made_for: set[str]) -> None:
    """Not those of other commands, nor of images that are only pulled."""
    assert architectures(script) == made_for


def test_the_environment_may_name_the_platform() -> None:
    """By the variable that Docker reads."""
    assert architectures("docker build .", "linux/arm64") == {"ARM64"}


@pytest.mark.parametrize(
    ("script", "pushed"),
    [
        ("docker push $URL:latest", {"$URL"}),
        ('docker push "${URL}:latest"', {"${URL}"}),
        ("docker push $HOST/$NAME:$TAG", {"$HOST/app"}),
        ("docker push ${HOST}/${NAME}:${TAG}", {"${HOST}/app"}),
        ("docker buildx build --push -t a/b:latest -t a/b:1 .", {"a/b"}),
        ("/kaniko/executor --destination=a/b:latest", {"a/b"}),
        ("docker push a/b:1; docker push a/b:latest-1", set()),
        ("docker build -t a/b:latest . && docker push a/b:1", set()),
        ("docker pull a/b:latest | docker push a/b:1", set()),
    ],
)
def test_latest_is_what_is_pushed_under_that_tag(script: str, pushed: set[str]) -> None:
    """Known variables are filled in, unknown ones left."""
    assert latest_pushed(script, {"NAME": "app", "TAG": "latest"}) == pushed


def test_variables_are_told_with_and_without_braces() -> None:
    """As the shell takes them."""
    assert variables_in("${HOST}/$NAME:latest") == {"HOST", "NAME"}


def test_images_in_ecr_are_found_anywhere() -> None:
    """Without their tags."""
    script = "docker build -t $ID.dkr.ecr.eu-west-1.amazonaws.com/$NAME:1 .\ndocker push docker.io/app:1"
    assert images_in_ecr(script, {"NAME": "shop/app"}) == ["$ID.dkr.ecr.eu-west-1.amazonaws.com/shop/app"]


@pytest.mark.parametrize(
    ("image", "tool"),
    [
        ("docker:27-dind", True),
        ("public.ecr.aws/docker/library/docker:27", True),
        ("gcr.io/kaniko-project/executor:debug", True),
        ("quay.io/buildah/stable", True),
        ("aws/codebuild/docker:18.09.0", True),
        ("public.ecr.aws/docker/library/node:22", False),
        ("docker.io/library/node:22", False),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/node", False),
        ("aws/codebuild/amazonlinux-x86_64-standard:5.0", False),
        ("", False),
    ],
)
def test_the_images_of_tools_are_told_from_those_of_mirrors(image: str, tool: bool) -> None:
    """The registry that an image comes from says nothing."""
    assert is_tool(image) == tool


@pytest.mark.parametrize(
    "text",
    [
        "Port: 80",
        "  - Port: 80  # Port: 81",
        "Port : '80'",
        '{"Port":"80","Other":1}',
        "{Port: 80, Other: 1}",
        "[Port: 80]",
    ],
)
def test_scalars_are_read_in_every_style(text: str) -> None:
    """In block style, in flow style, in JSON; quoted or not; without comments."""
    assert scalars(text, "Port") == ["80"]


def test_scalars_are_read_wherever_the_key_stands() -> None:
    """In order; other keys that end alike are not it, nor is a key that holds a mapping or a list."""
    text = "Port: 80\nContainerPort: 81\n#Port: 82\nPort:\n  - 83\nPort: [84]\nPort: {a: 1}\nPort: 85"
    assert scalars(text, "Port") == ["80", "85"]
