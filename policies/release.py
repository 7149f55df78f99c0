"""The parts of a blue/green release, and what joins them.

CODE_DEPLOY services are released by a CodeDeploy deployment group between a pair of target groups;
native services by ECS itself, between a target group and its alternate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from aws import (
    CLUSTER,
    DEPLOYMENT_GROUP,
    LISTENER,
    LISTENER_RULE,
    LOAD_BALANCER,
    SERVICE,
    TARGET_GROUP,
)
from resources import Resource
from stack import Stack
from value import Undecided, Value

NATIVE_STRATEGIES = frozenset({"BLUE_GREEN", "LINEAR", "CANARY"})


def controller(service: Resource) -> str:
    """The service's deployment controller; AWS's default is ECS."""
    return service["deploymentController"]["type"].text or "ECS"


def strategy(service: Resource) -> str:
    """The service's deployment strategy; AWS's default is ROLLING."""
    return service.given("deploymentConfiguration")["strategy"].text or "ROLLING"


def is_code_deploy(service: Resource) -> bool:
    """True if CodeDeploy releases the service."""
    return controller(service) == "CODE_DEPLOY"


def is_native(service: Resource) -> bool:
    """True if ECS itself releases the service blue/green."""
    return controller(service) == "ECS" and strategy(service) in NATIVE_STRATEGIES


def is_blue_green(service: Resource) -> bool:
    """True if the service is released blue/green, by whomever."""
    return is_code_deploy(service) or is_native(service)


def containers(task: Resource) -> list[Value]:
    """The containers that a task definition's document defines."""
    return task["containerDefinitions"].document.items


def is_ecs(group: Resource) -> bool:
    """True for a deployment group of an ECS service; others release to servers or Lambda."""
    clues = (group["ecsService"], target_pair(group))
    platform = group["computePlatform"]  # an output, often unknown at preview
    if any(not clue.is_unknown and not clue.absent for clue in clues):
        return True
    if not platform.is_unknown and platform.text == "ECS":
        return True
    return not all(clue.absent for clue in clues)


def target_pair(group: Resource) -> Value:
    """The deployment group's `targetGroupPairInfo`."""
    return group["loadBalancerInfo"]["targetGroupPairInfo"]


def pair_names(group: Resource) -> list[Value]:
    """The names by which a deployment group refers to its target groups."""
    return [entry["name"] for entry in target_pair(group)["targetGroups"].items]


def pair_keys(group: Resource, stack: Stack) -> frozenset[str]:
    """What the deployment group's pair consists of, as `Stack.keys`."""
    return target_keys(pair_names(group), stack)


def native_blocks(service: Resource) -> list[Value]:
    """The load balancer blocks of a native service; one that only serves through Service Connect has none."""
    return service["loadBalancers"].items if is_native(service) else []


def advanced(block: Value) -> Value:
    """The advanced configuration of a load balancer block, of which at least the shape is known."""
    configuration = block["advancedConfiguration"]
    if configuration.is_unknown:
        raise Undecided(configuration)  # dependencies would tell of the other blocks' references too
    return configuration


def native_pair(block: Value) -> list[Value]:
    """The two references of a native service's load balancer block that has both, else none."""
    alternate = block["advancedConfiguration"]["alternateTargetGroupArn"]
    return [] if not alternate.is_unknown and alternate.absent else [block["targetGroupArn"], alternate]


def target_keys(references: list[Value], stack: Stack) -> frozenset[str]:
    """The target groups that all of these references may point at, as `Stack.keys`."""
    return frozenset(chain.from_iterable(stack.keys(reference, TARGET_GROUP) for reference in references))


def is_same(one: Value, other: Value, stack: Stack, *kinds: str) -> bool:
    """True if two references of a load balancer block point at one resource.

    All blocks of a service hold two such references each: where dependencies leave as many
    resources as that, no two are the same. Raises `Undecided` if they leave fewer, but a choice.
    """
    if one.is_unknown != other.is_unknown:
        return False  # of one resource, both would be known or neither
    here, there = stack.keys(one, *kinds), stack.keys(other, *kinds)
    choice = here | there
    if not here & there or len(choice) >= 2 * len(other.resource["loadBalancers"].items):
        return False
    if len(choice) > 1:
        names = ", ".join(each.name for each in stack.at(choice))
        raise Undecided(other, f"may be any of {names} until the update")
    return True


def pair(references: list[Value], stack: Stack) -> tuple[Resource, Resource] | None:
    """The two target groups referred to, None unless both are in this stack.

    Raises `Undecided` if dependencies leave a choice of more than two.
    """
    if len(references) != 2:
        return None
    groups = stack.at(target_keys(references, stack))
    if len(groups) > 2:
        names = ", ".join(group.name for group in groups)
        raise Undecided(references[0], f"may be any of {names} until the update")
    return (groups[0], groups[1]) if len(groups) == 2 else None


def route(group: Resource, name: str) -> list[Value]:
    """The listeners of `prodTrafficRoute` or `testTrafficRoute`."""
    return target_pair(group)[name]["listenerArns"].items


def routes(group: Resource) -> list[Value]:
    """The listeners of both routes."""
    return [*route(group, "prodTrafficRoute"), *route(group, "testTrafficRoute")]


def actions_property(holder: Resource) -> str:
    """The property in which a listener or a listener rule keeps its actions."""
    return "defaultActions" if holder.kind == LISTENER else "actions"


def forwards(holder: Resource) -> Iterator[Value]:
    """The target groups that a listener's default action, or a listener rule, forwards to."""
    actions = holder[actions_property(holder)]
    if actions.is_unknown:
        yield actions  # its dependencies may tell
        return
    for action in actions.items:
        if not action["type"].is_unknown and action["type"].text != "forward":
            continue
        weighted = action["forward"]["targetGroups"].items
        if weighted:
            yield from (target["arn"] for target in weighted)
        elif action["targetGroupArn"].known == "":
            raise Undecided(
                action["targetGroupArn"],
                "is empty, as the provider leaves it once AWS holds a weighted pair: "
                "declare forward.target_groups with both groups",
            )
        else:
            yield action["targetGroupArn"]


def listener_keys(holder: Resource, stack: Stack) -> frozenset[str]:
    """The listener that a listener or a listener rule belongs to, as `Stack.keys`."""
    if holder.kind == LISTENER:
        return frozenset({holder.urn})
    return stack.keys(holder["listenerArn"], LISTENER)


def balancer_keys(listener: Resource, stack: Stack) -> frozenset[str]:
    """The load balancer of a listener, as `Stack.keys`."""
    return stack.keys(listener["loadBalancerArn"], LOAD_BALANCER)


@dataclass
class Traffic:
    """Which listeners and rules forward to which target group.

    Attributes:
        holders: listeners and rules by target group key.
        doubts: listeners and rules whose targets cannot be told.
        rules: the rules of a listener, by listener key.
    """

    holders: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    doubts: dict[str, Undecided] = field(default_factory=dict)
    rules: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))

    def to(self, keys: frozenset[str]) -> list[Resource]:
        """The listeners and rules that forward to any of these target groups."""
        found = {holder.urn: holder for key in sorted(keys) for holder in self.holders.get(key, ())}
        return list(found.values())

    def reached(self, holder: Resource, keys: frozenset[str]) -> frozenset[str]:
        """Those of these target groups that a listener or rule forwards to."""
        return frozenset(key for key in keys if any(other is holder for other in self.holders.get(key, ())))

    def on(self, listeners: frozenset[str]) -> Iterator[str]:
        """The URNs of these listeners and their rules."""
        own = (rule.urn for key in listeners for rule in self.rules.get(key, ()))
        return chain(listeners, own)


def traffic(stack: Stack) -> Traffic:
    """The table, for `Stack.derived`."""
    table = Traffic()
    for holder in stack.of(LISTENER, LISTENER_RULE):
        try:
            for reference in forwards(holder):
                for key in stack.keys(reference, TARGET_GROUP):
                    table.holders[key].append(holder)
        except Undecided as doubt:
            table.doubts[holder.urn] = doubt
        if holder.kind == LISTENER_RULE:
            try:
                for key in listener_keys(holder, stack):
                    table.rules[key].append(holder)
            except Undecided as doubt:
                table.doubts[holder.urn] = doubt
    return table


@dataclass
class Releases:
    """Which deployment group releases which service.

    Attributes:
        services: the services a deployment group may release, by its URN.
        groups: the deployment groups of a service, by its URN.
        doubts: deployment groups whose service cannot be told, by URN.
    """

    services: dict[str, list[Resource]] = field(default_factory=dict)
    groups: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    doubts: dict[str, Undecided] = field(default_factory=dict)


def releases(stack: Stack) -> Releases:
    """The table, for `Stack.derived`."""
    table = Releases()
    for group in stack.of(DEPLOYMENT_GROUP):
        try:
            if is_ecs(group):
                named = group["ecsService"]
                found = services(named["clusterName"], named["serviceName"], stack)
                table.services[group.urn] = found
                for service in found:
                    table.groups[service.urn].append(group)
        except Undecided as doubt:
            table.doubts[group.urn] = doubt
    return table


def services(cluster: Value, name: Value, stack: Stack) -> list[Resource]:
    """The services of this stack that a cluster and a service name point at.

    Raises `Undecided` if dependencies leave a choice.
    """
    clusters = stack.keys(cluster, CLUSTER)
    found = [
        candidate
        for candidate in stack.some(name, SERVICE)
        if clusters & (stack.keys(candidate["cluster"], CLUSTER) or {"default"})
    ]
    if name.is_unknown and len(found) > 1:
        names = ", ".join(sorted(candidate.name for candidate in found))
        raise Undecided(name, f"may be any of {names} until the update")
    return found


def balancers_of(target: Value, stack: Stack) -> list[Resource]:
    """The load balancers of this stack with a listener or rule that forwards to a target group."""
    keys: set[str] = set()
    for holder in stack.derived(traffic).to(stack.keys(target, TARGET_GROUP)):
        for listener in stack.at(listener_keys(holder, stack)):
            keys |= balancer_keys(listener, stack)
    return stack.at(keys)
