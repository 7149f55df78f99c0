"""Which task definitions are the same to ECS, so that the deploy step neither registers nor releases them again."""

import json

import pytest

from runtime.deploy import same

WEB = {"name": "web", "image": "shop"}


def task(container=None, **more):
    """A task definition with one container."""
    return {"family": "shop", "containerDefinitions": [WEB | (container or {})], **more}


def variables(*names):
    return [{"name": name, "value": ""} for name in names]


def secrets(*names):
    return [{"name": name, "valueFrom": "/shop"} for name in names]


COMMAND = ["CMD-SHELL", "true"]


@pytest.mark.parametrize(
    ("given", "described"),
    [
        (task(), task()),
        (
            task(),
            task(
                {
                    "cpu": 0,
                    "essential": True,
                    "versionConsistency": "enabled",
                    "readonlyRootFilesystem": False,
                    "portMappings": [],
                    "environment": [],
                    "mountPoints": [],
                    "volumesFrom": [],
                    "systemControls": [],
                },
                volumes=[],
                placementConstraints=[],
                enableFaultInjection=False,
            ),
        ),
        (
            task({"portMappings": [{"containerPort": 80}]}),
            task({"portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]}),
        ),
        (
            task({"healthCheck": {"command": COMMAND}}),
            task({"healthCheck": {"command": COMMAND, "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}}),
        ),
        (
            task(runtimePlatform={"cpuArchitecture": "ARM64"}),
            task(runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}),
        ),
        (task(volumes=[{"name": "tmp"}]), task(volumes=[{"name": "tmp", "host": {}}])),
        (task({"environment": variables("A", "B")}), task({"environment": variables("B", "A")})),
        (task({"secrets": secrets("A", "B")}), task({"secrets": secrets("B", "A")})),
        (
            {"containerDefinitions": [WEB, {"name": "api", "environment": variables("A", "B")}]},
            {"containerDefinitions": [{"name": "api", "environment": variables("B", "A")}, WEB]},
        ),
        (
            task(tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]),
            task(tags=[{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]),
        ),
    ],
    ids=json.dumps,
)
def test_what_ecs_adds_makes_no_difference(given, described):
    assert same(given, described)
    assert same(described, given)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (task(), task(family="shop-2")),
        (task(), task(cpu="256")),
        (task(), task(taskRoleArn="arn:aws:iam::123456789012:role/shop")),
        (task(), task(tags=[{"key": "team", "value": "shop"}])),
        (task(), task({"image": "other"})),
        (task(), task({"essential": False})),
        (task(), task({"cpu": 10})),
        (task(), task({"readonlyRootFilesystem": True})),
        (task(), task({"versionConsistency": "disabled"})),
        (task(), task({"environment": variables("A")})),
        (task(), task({"linuxParameters": {"swappiness": 0}})),
        (task(), task({"dockerLabels": {"protocol": "tcp"}})),
        (task(), task(volumes=[{"name": "tmp"}])),
        (
            task({"environment": [{"name": "A", "value": "1"}]}),
            task({"environment": [{"name": "A", "value": "2"}]}),
        ),
        (task({"command": ["a", "b"]}), task({"command": ["b", "a"]})),
        (
            task({"portMappings": [{"containerPort": 80}]}),
            task({"portMappings": [{"containerPort": 80, "protocol": "udp"}]}),
        ),
        (
            task({"portMappings": [{"containerPort": 80}]}),
            task({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}),
        ),
        (
            task({"healthCheck": {"command": COMMAND}}),
            task({"healthCheck": {"command": COMMAND, "interval": 10}}),
        ),
        (
            task({"environmentFiles": [{"value": "a", "type": "s3"}, {"value": "b", "type": "s3"}]}),
            task({"environmentFiles": [{"value": "b", "type": "s3"}, {"value": "a", "type": "s3"}]}),
        ),
        (
            task(runtimePlatform={"cpuArchitecture": "ARM64"}),
            task(runtimePlatform={"cpuArchitecture": "X86_64"}),
        ),
    ],
    ids=json.dumps,
)
def test_what_changes_the_task_makes_one(one, other):
    assert not same(one, other)
    assert not same(other, one)
