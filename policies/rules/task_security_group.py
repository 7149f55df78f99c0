"""Who may reach the tasks of a service."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from aws import CLUSTER, HTTP_NAMESPACE, PRIVATE_NAMESPACE, SECURITY_GROUP, SERVICE, TARGET_GROUP
from finding import shown
from globs import Globs
from judge import Judge
from network import Ingress, groups, opened, security_group_keys
from release import balancers_of, traffic
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, any_true

task_from_balancer = Rule(
    id="sec-task-sg-from-lb",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Tasks are reached only from their load balancer and their mesh.",
    why="Whoever reaches a task directly also reaches the version that is not released yet, past "
    "the listener that decides who sees which version.",
    fix="""\
  aws.vpc.SecurityGroupIngressRule("app", ...,
      security_group_id=task_group.id,
-     cidr_ipv4="10.0.0.0/16",
+     referenced_security_group_id=load_balancer_group.id,
      ip_protocol="tcp", from_port=80, to_port=80,  # the container's port alone
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html",
    knobs={
        "peers": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Globs over names and URNs of further security groups that may reach tasks.",
        }
    },
)


@task_from_balancer.stack(SERVICE)
def _tasks_are_reached_from_balancer(service: Resource, stack: Stack, judge: Judge) -> None:
    if not _is_reached(service):
        return
    table = stack.derived(groups)
    for group in stack.at(_task_groups(service, stack)):
        with judge.separately:
            reach = stack.about(_reach, group)
            if reach is None:
                continue
            for entry in table.ingress.get(group.urn, ()):
                with judge.separately:
                    _check_entry(entry, group, reach, stack, judge)
    for doubt in table.doubts:
        raise doubt


@dataclass
class _Reach:
    """Who may reach the tasks that wear a security group: group keys, and ports."""

    balancers: set[str] = field(default_factory=set)
    peers: set[str] = field(default_factory=set)
    ports: set[float] = field(default_factory=set)


def _reach(group: Resource, stack: Stack) -> _Reach | None:
    """Over all services that wear the group; None if one's load balancer is elsewhere or bare."""
    reach = _Reach(peers={group.urn})
    for service in stack.derived(_wearers).get(group.urn, ()):
        blocks = service["loadBalancers"].items
        for block in blocks:
            balancers = balancers_of(block["targetGroupArn"], stack)
            if not balancers:
                _admit_doubts(stack)
            if not balancers or any(map(_is_bare, balancers)):
                return None
            for balancer in balancers:
                reach.balancers |= security_group_keys(balancer["securityGroups"], stack)
            reach.ports |= _ports(block, stack)
        if service["serviceConnectConfiguration"]["enabled"].flag:
            for key in _namespace_keys(service, stack):
                reach.peers |= stack.derived(_mesh).get(key, frozenset())
    return reach


def _check_entry(entry: Ingress, group: Resource, reach: _Reach, stack: Stack, judge: Judge) -> None:
    for source in (*entry.cidrs, *entry.prefix_lists):
        with judge.separately:
            if source.known is not None:
                judge.fail(source, f"lets addresses reach the tasks of {group.name}.")
    for source in entry.peers:
        with judge.separately:
            keys = stack.keys(source, SECURITY_GROUP)
            named = stack.at(keys)
            if keys & reach.balancers and not entry.within(frozenset(reach.ports)):
                ports = ", ".join(shown(port) for port in sorted(reach.ports))
                judge.fail(source, f"may reach {opened(entry)}; the tasks listen at {ports}.")
            elif not keys <= reach.balancers | reach.peers and named:
                _check_stranger(source, named, stack, judge)


def _check_stranger(source: Value, named: list[Resource], stack: Stack, judge: Judge) -> None:
    peers = Globs(judge.knob("peers"))
    if any(peers.match(each.urn) for each in named):
        return
    _admit_doubts(stack)
    names = " or ".join(each.name for each in named)
    if len(named) > 1:
        raise Undecided(source, f"may be any of {names} until the update")
    judge.fail(source, f"lets {names} reach the tasks, which is no load balancer's or peer's group.")


def _admit_doubts(stack: Stack) -> None:
    """Raises `Undecided` if a listener that cannot be told may lead to the tasks as well."""
    for doubt in stack.derived(traffic).doubts.values():
        raise doubt


def _is_reached(service: Resource) -> bool:
    return any_true(
        lambda: bool(service["loadBalancers"].items),
        lambda: service["serviceConnectConfiguration"]["enabled"].flag,
    )


def _is_bare(balancer: Resource) -> bool:
    """True for a network load balancer without a group: tasks see their clients' addresses."""
    worn = balancer["securityGroups"]
    is_network = balancer["loadBalancerType"].text == "network"
    return is_network and (worn.is_computed or not (worn.is_unknown or worn.items))


def _ports(block: Value, stack: Stack) -> set[float]:
    """The container's port, and the port of health checks if it is another."""
    found = {block["containerPort"].number}
    for target in stack.some(block["targetGroupArn"], TARGET_GROUP):
        port = target["healthCheck"]["port"]
        found.add(None if port.is_computed else port.number)
    return {port for port in found if port is not None}


def _task_groups(service: Resource, stack: Stack) -> frozenset[str]:
    return security_group_keys(service["networkConfiguration"]["securityGroups"], stack)


def _wearers(stack: Stack) -> dict[str, list[Resource]]:
    """The services that wear a security group, by group key."""
    table: dict[str, list[Resource]] = defaultdict(list)
    for service in stack.of(SERVICE):
        with suppress(Undecided):  # the service itself is left undecided
            for key in _task_groups(service, stack):
                table[key].append(service)
    return table


def _mesh(stack: Stack) -> dict[str, frozenset[str]]:
    """The security groups of the services in a Service Connect namespace, by namespace key."""
    table: dict[str, frozenset[str]] = defaultdict(frozenset)
    for service in stack.of(SERVICE):
        with suppress(Undecided):
            if service["serviceConnectConfiguration"]["enabled"].flag:
                for key in _namespace_keys(service, stack):
                    table[key] |= _task_groups(service, stack)
    return table


def _namespace_keys(service: Resource, stack: Stack) -> frozenset[str]:
    """The service's namespace, its cluster's default, or else the cluster itself."""
    namespace = service["serviceConnectConfiguration"]["namespace"]
    cluster = None if namespace.raw else stack.one(service["cluster"], CLUSTER)
    if cluster is not None:
        namespace = cluster["serviceConnectDefaults"]["namespace"]
    return stack.keys(namespace, HTTP_NAMESPACE, PRIVATE_NAMESPACE) or stack.keys(service["cluster"], CLUSTER)
