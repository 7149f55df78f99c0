"""How the way from a commit to a release can be broken."""

from __future__ import annotations

from typing import Any

from aws import (
    BUCKET,
    BUCKET_OBJECT,
    BUCKET_POLICY,
    BUCKET_PUBLIC_ACCESS_BLOCK,
    BUCKET_VERSIONING,
    BUILD_PROJECT,
    LIFECYCLE_POLICY,
    PIPELINE,
    REPOSITORY,
    REPOSITORY_POLICY,
    TASK_DEFINITION,
)
from tests.policies.graph import Graph
from tests.policies.mutants.places import Edit, Mutator, delivered, each, edit, has, inside, named, to, without

DEPLOY = "stages[2].actions[0]"
CONFIGURATION = f"{DEPLOY}.configuration"
BUILDSPEC = "source.buildspec"
PUSH = 'docker push "$REPOSITORY_URL:1.$CODEBUILD_BUILD_NUMBER"'
TESTS_ONLY = "version: 0.2\nphases:\n  build:\n    commands:\n      - make test\n"


def replaced(path: str, old: str, new: str, *also: str) -> Edit:
    """Text that says something else."""

    def do(graph: Graph, name: str) -> None:
        *steps, last = path.split(".")
        holder = graph[name]
        for step in steps:
            holder = holder[step]
        assert old in holder[last]
        holder[last] = holder[last].replace(old, new)

    return edit(f"{old} is {new} in {path}", do, *also)


def _gone(kind: str) -> Mutator:
    return each(kind, edit("is missing", lambda g, name: g.resources.pop(name)))


def _as_arm(graph: Graph, name: str) -> None:
    graph.put(name, "environment.type", "ARM_CONTAINER")
    graph.put(name, "environment.image", "aws/codebuild/amazonlinux-aarch64-standard:3.0")


def _image(document: Any) -> None:
    document["containerDefinitions"][0]["image"] = "app:1.2.3"


def _other_family(document: Any) -> None:
    document["family"] = "other"


def _other_container(document: Any) -> None:
    document["containerDefinitions"][0]["name"] = "web"


def _for_everyone(document: Any) -> None:
    document["Statement"][0]["Principal"] = "*"


def _for_every_account(document: Any) -> None:
    document["Statement"][0]["Principal"] = {"AWS": ["*"]}


def _without_tls(document: Any) -> None:
    del document["Statement"][0]["Condition"]


def plaintext(name: str, value: str) -> Edit:
    """The only variable of a build."""
    variables = [{"name": name, "type": "PLAINTEXT", "value": value}]
    return to("environment.environmentVariables", variables)


DELIVERY: dict[str, list[Mutator]] = {
    "bg-appspec-names": [
        each(
            BUCKET_OBJECT,
            replaced("content", "ContainerName: app", "ContainerName: web"),
            replaced("content", "ContainerPort: 80", "ContainerPort: 81"),
            replaced("content", "<TASK_DEFINITION>", "arn:aws:ecs:eu-west-1:123456789012:task-definition/app-family:7"),
            when=named("appspec"),
        ),
        each(
            BUCKET_OBJECT,
            inside("content", "no image placeholder", _image),
            inside("content", "another family", _other_family),
            inside("content", "another container", _other_container),
            when=named("taskdef"),
        ),
    ],
    "bg-pipeline-ecs-action": [
        each(
            PIPELINE,
            to(f"{CONFIGURATION}.ApplicationName", "other"),
            to(f"{CONFIGURATION}.DeploymentGroupName", "other"),
            to(f"{CONFIGURATION}.AppSpecTemplateArtifact", "source"),
            to(f"{CONFIGURATION}.Image1ArtifactName", "source"),
            without(f"{CONFIGURATION}.TaskDefinitionTemplateArtifact"),
            without(f"{CONFIGURATION}.AppSpecTemplateArtifact"),
        )
    ],
    "bg-cpu-arch-join": [
        each(TASK_DEFINITION, to("runtimePlatform.cpuArchitecture", "ARM64"), when=delivered),
        each(BUILD_PROJECT, edit("builds on ARM", _as_arm)),
    ],
    "sec-ecr-scan": [
        each(REPOSITORY, to("imageScanningConfiguration.scanOnPush", False), without("imageScanningConfiguration"))
    ],
    "sec-ecr-immutable": [
        each(REPOSITORY, to("imageTagMutability", "MUTABLE"), without("imageTagMutability")),
        each(
            BUILD_PROJECT,
            replaced(BUILDSPEC, PUSH, 'docker push "$REPOSITORY_URL:latest"'),
        ),
    ],
    "sec-ecr-lifecycle": [_gone(LIFECYCLE_POLICY)],
    "sec-ecr-kms": [
        each(
            REPOSITORY, without("encryptionConfigurations"), to("encryptionConfigurations[0].encryptionType", "AES256")
        )
    ],
    "sec-ecr-not-public": [
        each(
            REPOSITORY_POLICY,
            inside("policy", "for everyone", _for_everyone),
            inside("policy", "for every account", _for_every_account),
        )
    ],
    "sec-cb-privileged": [
        each(BUILD_PROJECT, to(BUILDSPEC, TESTS_ONLY)),
    ],
    "sec-cb-no-plaintext-creds": [
        each(
            BUILD_PROJECT,
            plaintext("GITHUB_TOKEN", "correct-horse-battery"),
            plaintext("ID", "AKIA" + "IOSFODNN7EXAMPLE"),
        )
    ],
    "sec-cb-logs-and-key": [
        each(BUILD_PROJECT, without("encryptionKey"), to("logsConfig.cloudwatchLogs.status", "DISABLED"))
    ],
    "sec-pipeline-artifact-kms": [each(PIPELINE, without("artifactStores[0].encryptionKey"))],
    "sec-artifact-bucket": [
        each(
            BUCKET,
            to("versioning.enabled", False),
            without("versioning"),
            inside("policy", "denies all", _without_tls),
            without("policy"),
            when=has("versioning"),
        ),
        _gone(BUCKET_PUBLIC_ACCESS_BLOCK),
        _gone(BUCKET_VERSIONING),
        _gone(BUCKET_POLICY),
        each(BUCKET_PUBLIC_ACCESS_BLOCK, to("blockPublicPolicy", False), without("restrictPublicBuckets")),
        each(BUCKET_VERSIONING, to("versioningConfiguration.status", "Suspended")),
        each(BUCKET_POLICY, inside("policy", "denies all", _without_tls)),
    ],
}
