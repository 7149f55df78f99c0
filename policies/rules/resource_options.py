"""Which Pulumi resource options a release needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain

from aws import DEPLOYMENT_GROUP, LISTENER, LISTENER_RULE, LOAD_BALANCER, SERVICE
from judge import Judge
from properties import PROPERTIES
from release import (
    actions_property,
    balancer_keys,
    balancers_of,
    controller,
    is_blue_green,
    is_code_deploy,
    is_ecs,
    pair_keys,
    routes,
    traffic,
)
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, all_true

ignore_changes_service = Rule(
    id="bg-ignore-changes-service",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Pulumi leaves to CodeDeploy what CodeDeploy changes on a service.",
    why="CodeDeploy sets the task definition and the target group at each release. The next update "
    "would set them back, which AWS refuses: Unable to update task definition on services with a "
    "CODE_DEPLOY deployment controller.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_controller={"type": "CODE_DEPLOY"},
-     opts=pulumi.ResourceOptions(ignore_changes=["desired_count"]),
+     opts=pulumi.ResourceOptions(ignore_changes=["task_definition", "load_balancers", "desired_count"]),
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html",
    knobs={
        "extra": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Further properties, in camelCase, that something else owns here.",
        }
    },
)


@ignore_changes_service.resource(SERVICE)
def _ignores_what_code_deploy_owns(service: Resource, judge: Judge) -> None:
    wanted = ["taskDefinition", "loadBalancers", *judge.knob("extra")]
    missing = [prop for prop in wanted if not service.ignores(prop)]
    if missing and is_code_deploy(service):
        hint = ""
        if service.parent_type.startswith("awsx:"):
            hint = " An awsx component does not pass the option on to its service."
        judge.fail(service, f"does not ignore changes of {', '.join(missing)}.{hint}")


ignore_changes_listener = Rule(
    id="bg-ignore-changes-listener",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Pulumi leaves to the release where listeners and rules forward to.",
    why="Each release changes the weights of the pair. The next update would set them back, and "
    "move live traffic to the version that is being taken down.",
    fix="""\
  aws.lb.ListenerRule("production-rule", ...,
      listener_arn=listener.arn,
+     opts=pulumi.ResourceOptions(ignore_changes=["actions"]),  # of a Listener: ["default_actions"]
  )""",
    url="https://github.com/terraform-aws-modules/terraform-aws-alb/issues/409",
)


@ignore_changes_listener.stack(DEPLOYMENT_GROUP)
def _routes_of_code_deploy_are_ignored(group: Resource, stack: Stack, judge: Judge) -> None:
    if not is_ecs(group):
        return
    table = stack.derived(traffic)
    listeners: set[str] = set()
    for listener in routes(group):
        with judge.separately:
            listeners |= stack.keys(listener, LISTENER)
    forwarding = {holder.urn for holder in table.to(pair_keys(group, stack))}
    for holder in stack.at(table.on(frozenset(listeners))):
        with judge.separately:
            if holder.ignores(actions_property(holder)):
                continue
            if holder.urn in forwarding:
                _check_ignored(holder, f"CodeDeploy moves it for {group.name}", judge)
            elif holder.urn in table.doubts:
                raise table.doubts[holder.urn]


@ignore_changes_listener.stack(SERVICE)
def _routes_that_ecs_moves_are_ignored(service: Resource, stack: Stack, judge: Judge) -> None:
    if controller(service) != "ECS":
        return
    # With strategy ROLLING as well: releases by another one, before or to come, leave traffic on either group.
    for block in service["loadBalancers"].items:
        for name in ("productionListenerRule", "testListenerRule"):
            with judge.separately:
                for holder in stack.some(block["advancedConfiguration"][name], LISTENER_RULE, LISTENER):
                    _check_ignored(holder, f"ECS moves it for {service.name}", judge)


def _check_ignored(holder: Resource, who: str, judge: Judge) -> None:
    prop = actions_property(holder)
    if not holder.ignores(prop):
        judge.fail(holder, f"does not ignore changes of {prop}, although {who}.")


ignore_changes_ineffective = Rule(
    id="bg-ignore-changes-ineffective",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="What ignoreChanges names are properties of the resource.",
    why="A path that leads nowhere is ignored without a word. Pulumi's Python SDK turns a whole name such as "
    "load_balancers into loadBalancers, but passes on a path such as load_balancers[0] as it is, which fits nothing: "
    "the next update then resets what the release has changed.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_controller={"type": "CODE_DEPLOY"},
-     opts=pulumi.ResourceOptions(ignore_changes=["task_definition", "load_balancers[0].target_group_arn"]),
+     opts=pulumi.ResourceOptions(ignore_changes=["task_definition", "load_balancers"]),
  )""",
    url="https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/",
)


@ignore_changes_ineffective.resource(*PROPERTIES)
def _ignored_paths_lead_somewhere(resource: Resource, judge: Judge) -> None:
    known = PROPERTIES[resource.kind]
    wrong = {path: _first(path) for path in sorted(resource.ignored) if _first(path) not in {"*", *known}}
    if wrong:
        close = dict.fromkeys(match for name in wrong.values() for match in get_close_matches(name, known, 1))
        hint = f" Properties like these are {', '.join(close)}." if close else ""
        judge.fail(resource, f"ignores changes of {', '.join(wrong)}, which it does not have.{hint}")


def _first(path: str) -> str:
    """The property that a path starts at: `a` in `a.b`, `a[0]` and `["a"].b`."""
    return re.split(r'[."\[\]]+', path.lstrip('."['))[0]


protect_stateful = Rule(
    id="bg-protect-stateful",
    level=Level.PRODUCTION_ADVICE,
    severity=Severity.LOW,
    description="In production, what a release stands on is protected from deletion.",
    why="Replacing a service, its deployment group or its load balancer takes the running version down with what is "
    "being replaced: no release, but an outage. Protected, Pulumi refuses, and the preview says so.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
-     opts=pulumi.ResourceOptions(protect=False),
+     opts=pulumi.ResourceOptions(protect=True),
  )""",
    url="https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    knobs={
        "types": {
            "type": "array",
            "items": {"type": "string", "enum": ["service", "deploymentGroup", "loadBalancer"]},
            "default": ["service", "deploymentGroup", "loadBalancer"],
            "description": "What must be protected.",
        }
    },
)


@protect_stateful.resource(SERVICE)
def _service_is_protected(service: Resource, judge: Judge) -> None:
    if "service" in judge.knob("types") and not service.is_protected and is_blue_green(service):
        judge.fail(service, "is not protected.")


@protect_stateful.resource(DEPLOYMENT_GROUP)
def _deployment_group_is_protected(group: Resource, judge: Judge) -> None:
    if "deploymentGroup" in judge.knob("types") and not group.is_protected and is_ecs(group):
        judge.fail(group, "is not protected.")


@protect_stateful.stack(LOAD_BALANCER)
def _load_balancer_is_protected(balancer: Resource, stack: Stack, judge: Judge) -> None:
    if "loadBalancer" not in judge.knob("types") or balancer.is_protected:
        return
    table = stack.derived(_released)
    if balancer.urn in table.balancers:
        judge.fail(balancer, f"is not protected, and {table.balancers[balancer.urn]} is released behind it.")
        return
    for doubt in table.doubts:
        raise doubt


@dataclass
class _Released:
    """Which load balancers releases move traffic on.

    Attributes:
        balancers: the name of a service or deployment group, by the load balancer's URN.
        doubts: what cannot be told of others.
    """

    balancers: dict[str, str] = field(default_factory=dict)
    doubts: list[Undecided] = field(default_factory=list)


def _released(stack: Stack) -> _Released:
    """The table, for `Stack.derived`."""
    table = _Released()
    for holder in stack.of(SERVICE, DEPLOYMENT_GROUP):
        try:
            for balancer in _balancers(holder, stack):
                table.balancers.setdefault(balancer.urn, holder.name)
        except Undecided as doubt:
            table.doubts.append(doubt)
    return table


def _balancers(holder: Resource, stack: Stack) -> list[Resource]:
    """The load balancers on which a service is released, or a deployment group releases."""
    if holder.kind == DEPLOYMENT_GROUP:
        references = routes(holder) if is_ecs(holder) else []
        listeners = [listener for reference in references for listener in stack.some(reference, LISTENER)]
        return stack.at(chain.from_iterable(balancer_keys(listener, stack) for listener in listeners))
    blocks = holder["loadBalancers"]
    if not all_true(lambda: bool(blocks.items), lambda: is_blue_green(holder)):
        return []
    found = [balancer for block in blocks.items for balancer in balancers_of(block["targetGroupArn"], stack)]
    for doubt in () if found else stack.derived(traffic).doubts.values():
        raise doubt
    return found
