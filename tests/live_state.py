"""What AWS has of a stack while its services are released and scaled."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

from offline.deployment import Deployment, Resource

SERVICE = "aws:ecs/service:Service"
DEPLOYMENT_GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup"
HOLDERS = {"aws:lb/listener:Listener": "defaultActions", "aws:lb/listenerRule:ListenerRule": "actions"}
"""What forwards requests, and the property that says where to."""


class LiveState:
    """The properties of a stack's resources: as they were declared, and then as releases leave them."""

    def __init__(self, deployment: Deployment) -> None:
        self._declared = {resource.urn: resource for resource in deployment if resource.custom}
        self._now = {urn: copy.deepcopy(resource.inputs) for urn, resource in self._declared.items()}

    def changed(self) -> set[tuple[str, str, str]]:
        """Type, name and property of all that is not as declared: what a refresh finds."""
        return {
            (resource.type, resource.name, key)
            for urn, resource in self._declared.items()
            for key, value in self._now[urn].items()
            if value != resource.inputs[key]
        }

    def release(self, by_pipeline: bool) -> Iterator[None]:
        """Release every service once: yields after each step.

        Args:
            by_pipeline: the new revision comes from elsewhere; else it is the program's own, and nothing differs.
        """
        for service in self._of(SERVICE):
            if service.inputs["deploymentController"]["type"] == "CODE_DEPLOY":
                yield from self._by_code_deploy(service)
            else:
                yield from self._by_ecs(service, by_pipeline)

    def scale(self) -> None:
        """Autoscaling adds a task to every service."""
        for service in self._of(SERVICE):
            self._now[service.urn]["desiredCount"] += 1

    def _by_code_deploy(self, service: Resource) -> Iterator[None]:
        """CodeDeploy moves whatever forwards to the pair on its listeners, and gives the service what the AppSpec says:
        revision, group, and network settings, if it has any."""
        (pair,) = (
            group.inputs["loadBalancerInfo"]["targetGroupPairInfo"]
            for group in self._of(DEPLOYMENT_GROUP)
            if group.inputs["ecsService"]["serviceName"] == service.outputs["name"]
        )
        names = [group["name"] for group in pair["targetGroups"]]
        groups = {r.outputs["arn"] for r in self._of("aws:lb/targetGroup:TargetGroup") if r.outputs["name"] in names}
        now = self._now[service.urn]
        (green,) = groups - {now["loadBalancers"][0]["targetGroupArn"]}
        now["taskDefinition"] = self._registered(service)
        for route, shares in (("testTrafficRoute", [100]), ("prodTrafficRoute", [10, 100])):
            listeners = pair.get(route, {}).get("listenerArns", [])
            for share in shares:
                for holder in self._on(listeners):
                    self._move(holder, green, share, groups)
                yield
        now["loadBalancers"][0]["targetGroupArn"] = green
        now["networkConfiguration"]["subnets"] = now["networkConfiguration"]["subnets"][:1]
        yield

    def _by_ecs(self, service: Resource, by_pipeline: bool) -> Iterator[None]:
        """ECS moves its two rules, the test rule first, in the steps of the strategy; its load balancer entry stays."""
        now = self._now[service.urn]
        if by_pipeline:
            now["taskDefinition"] = self._registered(service)
        yield
        deployment = now["deploymentConfiguration"]
        for entry in now.get("loadBalancers", []) if deployment["strategy"] != "ROLLING" else []:
            advanced = entry["advancedConfiguration"]
            groups = {entry["targetGroupArn"], advanced["alternateTargetGroupArn"]}
            rules = {r.outputs["arn"]: r for r in self._of("aws:lb/listenerRule:ListenerRule")}
            production = rules[advanced["productionListenerRule"]]
            (green,) = groups - {self._serving(production)}
            if "testListenerRule" in advanced:
                self._move(rules[advanced["testListenerRule"]], green, 100, groups)
                yield
            for share in _shares(deployment):
                self._move(production, green, share, groups)
                yield

    def _registered(self, service: Resource) -> str:
        """A new revision of the family; what follows the latest one, instead of its own, sees it."""
        family, _, revision = self._now[service.urn]["taskDefinition"].rpartition(":")
        for task in self._of("aws:ecs/taskDefinition:TaskDefinition"):
            if task.inputs.get("trackLatest") and task.outputs["arn"] == service.inputs["taskDefinition"]:
                self._now[task.urn]["containerDefinitions"] = "another version's"
        return f"{family}:{int(revision) + 1}"

    def _on(self, listeners: list[str]) -> Iterator[Resource]:
        """Listeners, by ARN, and their rules."""
        for kind in HOLDERS:
            for holder in self._of(kind):
                if holder.inputs.get("listenerArn", holder.outputs["arn"]) in listeners:
                    yield holder

    def _serving(self, rule: Resource) -> str:
        (group,) = (each["arn"] for each in self._targets(rule) if each["weight"] == 100)
        return group

    def _move(self, holder: Resource, green: str, share: float, groups: set[str]) -> None:
        """Give green its share, if requests are forwarded to the pair here."""
        targets = self._targets(holder)
        if {each["arn"] for each in targets} == groups:
            for each in targets:
                each["weight"] = share if each["arn"] == green else 100 - share

    def _targets(self, holder: Resource) -> list[dict[str, Any]]:
        actions = self._now[holder.urn][HOLDERS[holder.type]]
        return [target for action in actions for target in action.get("forward", {}).get("targetGroups", [])]

    def _of(self, type_: str) -> list[Resource]:
        return [resource for resource in self._declared.values() if resource.type == type_]


def _shares(deployment: dict[str, Any]) -> list[float]:
    """Percent of production traffic that green has after each step."""
    if deployment["strategy"] == "LINEAR":
        step = deployment["linearConfiguration"]["stepPercent"]
        return [min(step * number, 100) for number in range(1, math.ceil(100 / step) + 1)]
    if deployment["strategy"] == "CANARY":
        return [deployment["canaryConfiguration"]["canaryPercent"], 100]
    return [100]
