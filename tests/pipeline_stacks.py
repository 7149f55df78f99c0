"""Services with pipelines of every kind, and what tests ask of their stacks."""

from __future__ import annotations

import json
from typing import Any

import yaml

from offline.deployment import Deployment, Resource
from tests.native_stacks import CONTAINERS

PIPELINE = "aws:codepipeline/pipeline:Pipeline"
PROJECT = "aws:codebuild/project:Project"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
REPOSITORY = "aws:codecommit/repository:Repository"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SERVICE = "aws:ecs/service:Service"
CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/5f3d9c1e-7a42-4b0c-9e68-2d1f0a7c4b35"

SOURCES: dict[str, dict[str, Any]] = {
    "CodeCommit": {"provider": "CodeCommit", "repository": "app", "branch": "main"},
    "CodeConnections": {
        "provider": "CodeConnections",
        "connectionArn": CONNECTION,
        "repository": "shop/app",
        "branch": "main",
    },
    "S3": {"provider": "S3", "bucket": "shop-sources", "key": "app.zip"},
    "ECR": {"provider": "ECR"},
}
CONTROLLERS: dict[str, dict[str, Any]] = {
    "CODE_DEPLOY": {"controller": "CODE_DEPLOY"},
    "ECS": {"controller": "ECS", "taskDefinitionOwner": "pipeline"},
}
"""The deployment of a service with a pipeline, by who replaces its tasks."""


def service(name: str = "app", source: str = "CodeConnections", **settings: Any) -> dict[str, Any]:
    """A service with a pipeline that takes its application from there."""
    pipeline = {"source": SOURCES[source], **settings.pop("pipeline", {})}
    repository = {"name": f"shop/{name}", "mutableTags": ["latest"]}
    return {
        "containers": CONTAINERS,
        "loadBalancer": {"testPort": 8080},
        "imageRepository": repository,
        "pipeline": pipeline,
        **settings,
    }


def actions(deployment: Deployment, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The actions of the pipeline of this name, by stage and action, in their order."""
    (pipeline,) = (r for r in deployment.of_type(PIPELINE) if r.inputs["name"] == name)
    return {
        (stage["name"], action["name"]): action for stage in pipeline.inputs["stages"] for action in stage["actions"]
    }


def shape(deployment: Deployment) -> dict[str, list[str]]:
    """Stage, action and provider of what each pipeline does, in order."""
    return {
        r.inputs["name"]: [
            f"{stage['name']}/{action['name']} {action['provider']}"
            for stage in r.inputs["stages"]
            for action in stage["actions"]
        ]
        for r in deployment.of_type(PIPELINE)
    }


def of_service(deployment: Deployment, name: str) -> list[Resource]:
    """What belongs to a service, wherever below it in the tree."""
    by_urn = deployment.by_urn()
    top = deployment.find("ecs-blue-green:index:BlueGreenService", name).urn

    def above(resource: Resource) -> list[str]:
        return [resource.parent, *above(by_urn[resource.parent])] if resource.parent else []

    return [resource for resource in deployment if resource.custom and top in above(resource)]


def script(deployment: Deployment, project: str) -> list[str]:
    """The lines that a project runs."""
    buildspec = yaml.safe_load(deployment.find(PROJECT, project).inputs["source"]["buildspec"])
    (command,) = buildspec["phases"]["build"]["commands"]
    return command.splitlines()


def started_by(deployment: Deployment) -> dict[str, list[dict[str, Any]]]:
    """The events that start each pipeline."""
    rules = {r.inputs["name"]: json.loads(r.inputs["eventPattern"]) for r in deployment.of_type(RULE)}
    names = {r.outputs["arn"]: r.inputs["name"] for r in deployment.of_type(PIPELINE)}
    found: dict[str, list[dict[str, Any]]] = {}
    for target in sorted(deployment.of_type(TARGET), key=lambda r: r.name):
        found.setdefault(names[target.inputs["arn"]], []).append(rules.pop(target.inputs["rule"]))
    assert rules == {}
    return found


def files(deployment: Deployment, name: str = "app") -> dict[str, str]:
    """The files by which a service is released."""
    return deployment.find("ecs-blue-green:index:ReleaseFiles", name).outputs["files"]


def everything() -> dict[str, Any]:
    """Services with pipelines of each kind, under both controllers, judged by hooks."""
    two = {"separate": True, "approvalMinutes": 60, "notifications": {"emails": ["web@example.com"]}}
    made = {"provider": "CodeCommit", "repository": "shop-web", "branch": "main", "create": True}
    kept = {"provider": "CodeCommit", "repository": "shop-web-files", "branch": "main", "create": True}
    return {
        "web": service(
            "web",
            pipeline={**two, "source": made, "files": kept},
            deployment={"controller": "CODE_DEPLOY", "hooks": [{"type": "ADMISSION"}, {"type": "SMOKE"}]},
        ),
        "api": service(
            "api",
            deployment={**CONTROLLERS["ECS"], "hooks": [{"type": "SMOKE"}, {"type": "APPROVAL"}]},
            loadBalancer={"port": 81, "testPort": 8081},
            pipeline={"notifications": {"emails": ["api@example.com"]}},
        ),
        "jobs": service("jobs", "ECR", deployment={**CONTROLLERS["ECS"], "strategy": "ROLLING"}, loadBalancer=None),
        "docs": service("docs", "S3", loadBalancer={"port": 82, "testPort": 8082}),
    }
