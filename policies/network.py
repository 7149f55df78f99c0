"""What security groups let in, whichever of the provider's three forms says it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network

from aws import (
    INGRESS_RULE,
    LISTENER,
    LOAD_BALANCER,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
)
from finding import shown
from release import balancer_keys
from resources import Resource
from stack import Stack
from value import Undecided, Value

ALL_PORTS = (0, 65535)
INGRESS_KINDS = (SECURITY_GROUP, SECURITY_GROUP_RULE, INGRESS_RULE)


@dataclass(frozen=True, slots=True)
class Ingress:
    """One thing that a security group lets in.

    Attributes:
        place: the resource that says so, or the block inside a security group.
        holder: that resource, or the security group.
    """

    place: Value | Resource
    holder: Resource

    @property
    def cidrs(self) -> list[Value]:
        """The address ranges let in; an unknown list of them as one unknown."""
        return self._each("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")

    @property
    def peers(self) -> list[Value]:
        """The security groups let in; an unknown list of them as one unknown."""
        return self._each("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId")

    @property
    def prefix_lists(self) -> list[Value]:
        """The prefix lists let in; an unknown list of them as one unknown."""
        return self._each("prefixListIds", "prefixListId")

    @property
    def ports(self) -> tuple[float, float] | None:
        """First and last port let in, None if the protocol has no ports."""
        protocol = self.place["ipProtocol" if self.holder.kind == INGRESS_RULE else "protocol"]
        name = str(protocol.known).lower()
        if name in ("-1", "-1.0", "all", "none"):
            return ALL_PORTS
        if name not in ("tcp", "udp", "6", "17"):
            return None
        first, last = self.place["fromPort"].number, self.place["toPort"].number
        return ALL_PORTS if first is None or last is None else (first, last)

    def within(self, allowed: frozenset[float]) -> bool:
        """True if it lets in no port but these."""
        if self.ports is None:
            return False
        first, last = self.ports
        count = last - first + 1
        return 1 <= count <= len(allowed) and all(first + step in allowed for step in range(int(count)))

    def admits(self, port: float) -> bool:
        """True if it lets in this port."""
        return self.ports is not None and self.ports[0] <= port <= self.ports[1]

    def _each(self, *names: str) -> list[Value]:
        found: list[Value] = []
        for value in (self.place[name] for name in names):
            if value.is_unknown or value.text:
                found.append(value)
            else:
                found.extend(value.items)
        return found


def opened(entry: Ingress) -> str:
    """The ports let in, as a message says them."""
    if entry.ports is None:
        return "a protocol without ports"
    first, last = entry.ports
    return f"port {shown(first)}" if first == last else f"ports {shown(first)}-{shown(last)}"


def is_world(cidr: Value) -> bool:
    """True for a range of all IPv4 or all IPv6 addresses."""
    try:
        return ip_network(cidr.text.strip(), strict=False).prefixlen == 0
    except ValueError:
        return False


def is_inside(cidr: Value, outer: str) -> bool:
    """True for a range of addresses inside another; False if either is none."""
    try:
        here, there = ip_network(cidr.text.strip(), strict=False), ip_network(outer, strict=False)
    except ValueError:
        return False
    return here.network_address in there and here.prefixlen >= there.prefixlen


def ingress_of(holder: Resource) -> Iterator[Ingress]:
    """What a security group says inline, or a rule resource says about its group."""
    if holder.kind == SECURITY_GROUP:
        yield from (Ingress(block, holder) for block in holder["ingress"].items)
    elif holder.kind == INGRESS_RULE or holder["type"].text == "ingress":
        yield Ingress(holder, holder)


@dataclass
class Groups:
    """What the security groups of a stack let in, and which load balancers wear them.

    Attributes:
        ingress: what a group lets in, by group key.
        balancers: the load balancers that wear a group, by group key.
        ports: the ports of a load balancer's listeners, by its URN.
        doubts: what cannot be told to which group it belongs.
        balancer_doubts: load balancers and listeners that cannot be told where they belong.
    """

    ingress: dict[str, list[Ingress]] = field(default_factory=lambda: defaultdict(list))
    balancers: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    ports: dict[str, set[float]] = field(default_factory=lambda: defaultdict(set))
    doubts: list[Undecided] = field(default_factory=list)
    balancer_doubts: list[Undecided] = field(default_factory=list)


def group_keys(entry: Ingress, stack: Stack) -> frozenset[str]:
    """The security group that an entry belongs to, as `Stack.keys`."""
    if entry.holder.kind == SECURITY_GROUP:
        return frozenset({entry.holder.urn})
    return stack.keys(entry.holder["securityGroupId"], SECURITY_GROUP)


def groups(stack: Stack) -> Groups:
    """The table, for `Stack.derived`."""
    table = Groups()
    for holder in stack.of(*INGRESS_KINDS):
        try:
            if holder.kind == SECURITY_GROUP and holder["ingress"].is_computed:
                continue
            for entry in ingress_of(holder):
                for key in group_keys(entry, stack):
                    table.ingress[key].append(entry)
        except Undecided as doubt:
            table.doubts.append(doubt)
    for balancer in stack.of(LOAD_BALANCER):
        try:
            if balancer["securityGroups"].is_computed:
                continue  # the network's default group
            for key in security_group_keys(balancer["securityGroups"], stack):
                table.balancers[key].append(balancer)
        except Undecided as doubt:
            table.balancer_doubts.append(doubt)
    for listener in stack.of(LISTENER):
        try:
            port = listener["port"].number
            for key in balancer_keys(listener, stack):
                table.ports[key].update(() if port is None else (port,))
        except Undecided as doubt:
            table.balancer_doubts.append(doubt)
    return table


def security_group_keys(references: Value, stack: Stack) -> frozenset[str]:
    """The security groups in a list, as `Stack.keys`; an unknown list is told by dependencies."""
    each = [references] if references.is_unknown else references.items
    return frozenset(key for value in each for key in stack.keys(value, SECURITY_GROUP))
