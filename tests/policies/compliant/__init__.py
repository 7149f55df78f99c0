"""A stack that keeps every rule in production: what fixes may name, and what an Ellipsis stands for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.policies.compliant import delivery, network, release, role
from tests.policies.compliant.arguments import ARGUMENTS

if TYPE_CHECKING:
    from tests.policies.scene import Scene

__all__ = ["ARGUMENTS", "COMPANIONS", "NAMES", "make", "stands_for", "surround"]

COMPANIONS = {**network.COMPANIONS, **role.COMPANIONS, **delivery.COMPANIONS}
"""What resources of a class come with, unless the fix is about that."""

NAMES = {
    "vpc": ("ec2.Vpc", "main"),
    "load_balancer_group": ("ec2.SecurityGroup", "load-balancer"),
    "task_group": ("ec2.SecurityGroup", "task"),
    "load_balancer": ("lb.LoadBalancer", "main"),
    "listener": ("lb.Listener", "production"),
    "test_listener": ("lb.Listener", "test"),
    "blue": ("lb.TargetGroup", "blue"),
    "green": ("lb.TargetGroup", "green"),
    "production_rule": ("lb.ListenerRule", "production"),
    "test_rule": ("lb.ListenerRule", "test"),
    "cluster": ("ecs.Cluster", "main"),
    "namespace": ("servicediscovery.HttpNamespace", "mesh"),
    "log_group": ("cloudwatch.LogGroup", "app"),
    "key": ("kms.Key", "main"),
    "execution_role": ("iam.Role", "execution"),
    "task_role": ("iam.Role", "task"),
    "codedeploy_role": ("iam.Role", "codedeploy"),
    "infrastructure_role": ("iam.Role", "infrastructure"),
    "build_role": ("iam.Role", "build"),
    "pipeline_role": ("iam.Role", "pipeline"),
    "hook_role": ("iam.Role", "hook"),
    "hook": ("lambda_.Function", "smoke-test"),
    "task": ("ecs.TaskDefinition", "app"),
    "service": ("ecs.Service", "app"),
    "native_service": ("ecs.Service", "native"),
    "application": ("codedeploy.Application", "app"),
    "deployment_group": ("codedeploy.DeploymentGroup", "app"),
    "blue_alarm": ("cloudwatch.MetricAlarm", "blue"),
    "green_alarm": ("cloudwatch.MetricAlarm", "green"),
    "repository": ("ecr.Repository", "app"),
    "bucket": ("s3.Bucket", "artifacts"),
    "project": ("codebuild.Project", "app"),
}
"""Resources that fixes may name: class and logical name."""


def make(scene: Scene, name: str) -> Any:
    """What a name of a fix stands for, with all it needs. Raises KeyError if it isn't one of theirs."""
    if name == "containers":
        _ = scene["log_group"]
        return json.loads(json.dumps(release.CONTAINERS))
    if name in ("subnets", "public_subnets"):
        return network.subnets(scene, "public" if name.startswith("public") else "private")
    path, logical_name = NAMES[name]
    own = {"deployment_configuration": release.STRATEGY} if name == "native_service" else {}
    return scene.new(path, logical_name, ..., **own)


def stands_for(path: str, logical_name: str, given: dict[str, Any]) -> Iterator[str]:
    """The names that a resource of the fix takes from the stack's own."""
    of_class = {own: logical for own, (class_, logical) in NAMES.items() if class_ == path}
    exact = [own for own, logical in of_class.items() if logical_name in (logical, own, own.replace("_", "-"))]
    if path == "ecs.Service":
        yield release.kind(given)
    elif exact or len(of_class) == 1:
        yield from exact or of_class
    elif path == "lb.Listener":
        yield "listener"


def surround(scene: Scene) -> None:
    """Puts a whole stack around the resources of a fix."""
    if not scene.keys() & {"native_service", "rolling_service", "deployment_group"}:
        _ = scene["deployment_group"]
    for resource, path in list(scene.declared):
        for companion in COMPANIONS.get(path, ()):
            if not scene.shows(companion.path):
                companion.add(scene, resource)
