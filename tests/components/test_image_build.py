"""How `image_build` makes one image of each commit: its script is run, with stand-ins for AWS and Docker."""

import re

import pytest

from components.buildspec import BINFMT, image_build
from tests.components.build_host import BUILD, COMMIT, DIGEST, LOGIN, LOOK, OLD, PUSH, PUSHED, REPOSITORY, TAG, World
from tests.components.stand_in import BUILT, manifest


def spec(moving_tag=None, platform=None, **build):
    return image_build("team/shop", build, platform, moving_tag)


def test_a_new_commit(host):
    """It is built and pushed by its first seven characters; what is released is the digest that ECR then tells."""
    build = host.run(spec())
    assert build.calls == [PUSHED, *LOGIN, BUILD, PUSH, PUSHED]
    assert (build.status, build.image) == (0, f"{REPOSITORY}@{BUILT}")
    assert build.images == {TAG: BUILT}


def test_the_password_is_on_no_command_line(host):
    """Docker reads it from its input."""
    build = host.run(spec())
    assert "docker login s3cret" in build.output
    assert not any("s3cret" in argument for call in build.calls for argument in call)


def test_a_commit_that_is_built_already(host):
    """Its tag can't be pushed twice, so that its image is taken as it is (G60)."""
    build = host.run(spec(), World(images={TAG: OLD}))
    assert build.calls == [PUSHED]
    assert (build.status, build.image) == (0, f"{REPOSITORY}@{OLD}")


@pytest.mark.parametrize("images", [{}, {"latest": OLD}])
def test_the_moving_tag_moves(host, images):
    """To the new image, whose manifest stays as it is; its push starts what waits for it."""
    build = host.run(spec(moving_tag="latest"), World(images=images))
    move = [*LOOK, f"imageDigest={BUILT}", "--query", "images[0].imageManifest", "--output", "text"]
    put = ["aws", "ecr", "put-image", "--repository-name", "team/shop", "--image-tag", "latest"]
    assert build.calls[6:] == [
        [*LOOK, "imageTag=latest", *DIGEST],
        move,
        [*put, "--image-manifest", manifest(BUILT)],
    ]
    assert build.images == {TAG: BUILT, "latest": BUILT}
    assert (build.status, build.image) == (0, f"{REPOSITORY}@{BUILT}")


def test_the_moving_tag_moves_back(host):
    """To the image of a commit that was built before."""
    build = host.run(spec(moving_tag="latest"), World(images={TAG: OLD, "latest": BUILT}))
    assert build.images == {TAG: OLD, "latest": OLD}
    assert (build.status, build.image) == (0, f"{REPOSITORY}@{OLD}")


def test_the_moving_tag_is_there(host):
    """A second build of the newest commit changes nothing: ECR would refuse to put the same image again."""
    build = host.run(spec(moving_tag="latest"), World(images={TAG: OLD, "latest": OLD}))
    assert build.calls == [PUSHED, [*LOOK, "imageTag=latest", *DIGEST]]
    assert (build.status, build.image) == (0, f"{REPOSITORY}@{OLD}")


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        (COMMIT, "0123456"),
        ("3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY", "3sL4kqt"),
        (".Ab-_9~x", "0Ab0090"),
        ("--------", "0000000"),
        ("a.b", "a0b"),
        ("null", "null"),
        ("$(id)`'\" ", "00id000"),
    ],
)
def test_version_of_an_object(host, version, tag):
    """An image may have no tag that begins with a dot, as versions in S3 do."""
    build = host.run(spec(), CODEBUILD_RESOLVED_SOURCE_VERSION=version)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", tag)
    assert build.images.keys() == {tag}


def test_dockerfile_context_and_arguments(host):
    """Where they are, and what they are told, are choices; arguments are sorted by name."""
    build = host.run(spec(dockerfile="ci/web.Dockerfile", context="web", arguments={"B": "", "A": "1=2"}))
    arguments = ["--build-arg", "A=1=2", "--build-arg", "B="]
    assert build.calls[3] == [
        *["docker", "build", "--file", "ci/web.Dockerfile", *arguments],
        *["--tag", f"{REPOSITORY}:{TAG}", "web"],
    ]


@pytest.mark.parametrize("architecture", ["arm64", "amd64"])
def test_a_host_of_another_processor(host, architecture):
    """It emulates the one that the tasks have, and keeps one manifest, not an index of several (G62)."""
    build = host.run(spec(platform=f"linux/{architecture}"))
    assert build.calls == [
        PUSHED,
        *LOGIN,
        ["docker", "run", "--privileged", "--rm", BINFMT, "--install", architecture],
        [
            *["docker", "buildx", "build", "--platform", f"linux/{architecture}", "--load", "--provenance=false"],
            *["--file", "Dockerfile", "--tag", f"{REPOSITORY}:{TAG}", "."],
        ],
        PUSH,
        PUSHED,
    ]
    assert (build.status, build.image) == (0, f"{REPOSITORY}@{BUILT}")


@pytest.mark.parametrize("name", ["CODEBUILD_RESOLVED_SOURCE_VERSION", "REPOSITORY_URI"])
def test_what_is_not_known(host, name):
    """Without a version, as objects in a bucket without versions have none, or a repository nothing is pushed."""
    del host.environment[name]
    build = host.run(spec(moving_tag="latest"))
    assert build.status != 0
    assert (build.image, build.images) == (None, {})


def test_an_empty_version(host):
    """It is none."""
    build = host.run(spec(), CODEBUILD_RESOLVED_SOURCE_VERSION="")
    assert build.status != 0
    assert build.calls == []


@pytest.mark.parametrize(
    ("fails", "images"),
    [
        ("aws ecr batch-get-image", {}),
        ("aws ecr get-login-password", {}),
        ("docker login", {}),
        ("docker run", {}),
        ("docker buildx", {}),
        ("docker push", {}),
        ("aws ecr put-image", {TAG: BUILT}),
    ],
)
def test_the_first_failure_is_the_last_call(host, fails, images):
    """What is not built is not pushed, and what is not pushed is not released."""
    build = host.run(spec(moving_tag="latest", platform="linux/arm64"), World(fails=[fails]))
    assert build.status != 0
    assert (build.image, build.images) == (None, images)
    # The other end of a pipe is called at the same time.
    last = build.calls[-2 if fails == "aws ecr get-login-password" else -1]
    assert " ".join(last).startswith(fails)
