"""A build host of CodeBuild: runs what a buildspec says, with stand-ins for the programs that reach out."""

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.components import stand_in

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
TAG = "0123456"
OLD = "sha256:" + "a" * 64

LOOK = ["aws", "ecr", "batch-get-image", "--repository-name", "team/shop", "--image-ids"]
DIGEST = ["--query", "images[0].imageId.imageDigest", "--output", "text"]
PUSHED = [*LOOK, f"imageTag={TAG}", *DIGEST]
LOGIN = [
    ["aws", "ecr", "get-login-password"],
    ["docker", "login", "--username", "AWS", "--password-stdin", "123456789012.dkr.ecr.eu-west-1.amazonaws.com"],
]
BUILD = ["docker", "build", "--file", "Dockerfile", "--tag", f"{REPOSITORY}:{TAG}", "."]
PUSH = ["docker", "push", f"{REPOSITORY}:{TAG}"]
"""What the build of a commit calls."""


@dataclass
class World:
    """What the programs find.

    Attributes:
        images: digests in the ECR repository, by tag.
        replies: what AWS replies, by service and operation.
        fails: how the calls begin that fail.
    """

    images: dict[str, str] = field(default_factory=dict)
    replies: dict[str, object] = field(default_factory=dict)
    fails: list[str] = field(default_factory=list)


@dataclass
class Build:
    """How a build ended.

    Attributes:
        status: exit status of its commands.
        calls: what it called.
        image: what it says is released; None if it says nothing.
        images: digests in the ECR repository, by tag.
    """

    status: int
    calls: list[list[str]]
    image: str | None
    images: dict[str, str]
    output: str


class BuildHost:
    """A host with a folder for the primary source, and an environment."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.source, programs = folder, folder / "source", folder / "bin"
        self.source.mkdir()
        programs.mkdir()
        for name in ("aws", "docker", "python3"):
            command = shlex.join([sys.executable, stand_in.__file__, str(folder), name])
            (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            (programs / name).chmod(0o755)
        self.environment = {"PATH": f"{programs}:/usr/bin:/bin", **environment}

    def run(self, buildspec: str, world: World | None = None, **environment: str) -> Build:
        """Run all commands of the build phase in one shell, as version 0.2 does."""
        (self.folder / "world.json").write_text(json.dumps(vars(world or World())))
        (self.folder / "calls.jsonl").write_text("")
        document = yaml.safe_load(buildspec)
        ended = subprocess.run(
            [document["env"]["shell"], "-c", "\n".join(document["phases"]["build"]["commands"])],
            cwd=self.source,
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )
        detail = self.source / "imageDetail.json"
        return Build(
            status=ended.returncode,
            calls=[json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()],
            image=json.loads(detail.read_text())["ImageURI"] if detail.exists() else None,
            images=json.loads((self.folder / "world.json").read_text())["images"],
            output=ended.stdout + ended.stderr,
        )
