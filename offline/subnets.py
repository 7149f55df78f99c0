"""How awsx divides a VPC's address range among its subnets.

The layouts of `awsx.ec2.Vpc`: `subnetStrategy` Auto, Exact and (the default) Legacy without specs.
https://www.pulumi.com/docs/iac/clouds/aws/guides/vpc/
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Any

TYPES = ("Public", "Private", "Isolated")
"""In the order in which awsx creates them in a zone."""

Spec = Mapping[str, Any]
"""One of awsx's `subnetSpecs`, in camelCase."""

DEFAULT_SPECS: Sequence[Spec] = ({"type": "Private"}, {"type": "Public"})


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet to create: its resource name, type, zone and address range."""

    name: str
    type: str
    zone: str
    cidr: str
    tags: Mapping[str, Any]


def layout(
    vpc: str,
    cidr: str,
    zones: Sequence[str],
    specs: Sequence[Spec] | None = None,
    strategy: str = "Legacy",
    zone_mask: int | None = None,
) -> list[Subnet]:
    """The subnets of VPC `vpc`, zone by zone, public ones first.

    Raises ValueError, in awsx's words where it has some, for a layout that doesn't fit.
    """
    network = ip_network(cidr)
    if not isinstance(network, IPv4Network):
        raise ValueError(f"cidrBlock {cidr} is not an IPv4 network")
    if strategy not in ("Auto", "Exact", "Legacy"):
        raise ValueError(f"subnetStrategy '{strategy}' has no offline layout; allowed: Auto, Exact, Legacy")
    if specs is not None and not specs:
        raise ValueError("No subnets specified")
    explicit = specs is not None and any(spec.get("cidrBlocks") for spec in specs)
    if specs is not None and strategy == "Legacy" and not explicit:
        raise ValueError('subnetSpecs need subnetStrategy "Auto" or "Exact" offline')
    if strategy == "Legacy" and specs is None:
        blocks = _halves(network, len(zones))
    elif explicit:
        blocks = _explicit(specs or (), len(zones))
    else:
        blocks = _packed(network, len(zones), specs, zone_mask)
    chosen = DEFAULT_SPECS if specs is None else specs
    subnets = [
        Subnet(
            f"{vpc}-{spec.get('name') or spec['type'].lower()}-{index + 1}",
            spec["type"],
            zone,
            str(blocks[index][position]),
            spec.get("tags") or {},
        )
        for index, zone in enumerate(zones)
        for position, spec in sorted(enumerate(chosen), key=lambda item: _rank(item[1]["type"]))
        if spec["type"] != "Unused"
    ]
    _refuse_overlaps(subnets)
    return subnets


def _rank(type_: str) -> int:
    return TYPES.index(type_) if type_ in TYPES else len(TYPES)


def _new_bits(count: int) -> int:
    return math.ceil(math.log2(count)) if count else 0


def _zone_networks(network: IPv4Network, mask: int, count: int) -> list[IPv4Network]:
    size = 2 ** (32 - mask)
    start = int(network.network_address)
    return [IPv4Network((start + index * size, mask)) for index in range(count)]


def _halves(network: IPv4Network, zones: int) -> list[list[IPv4Network]]:
    """Legacy: half of each zone is private, a quarter public."""
    blocks = []
    for zone in _zone_networks(network, network.prefixlen + _new_bits(zones), zones):
        private, rest = zone.subnets(1)
        blocks.append([private, next(rest.subnets(1))])
    return blocks


def _explicit(specs: Sequence[Spec], zones: int) -> list[list[IPv4Network]]:
    for index, spec in enumerate(specs):
        if not spec.get("cidrBlocks"):
            raise ValueError("If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks.")
        if len(spec["cidrBlocks"]) != zones:
            raise ValueError(
                f"The number of CIDR blocks in subnetSpecs[{index}] must match the number of "
                f"availability zones ({zones})."
            )
    return [[IPv4Network(spec["cidrBlocks"][zone]) for spec in specs] for zone in range(zones)]


def _packed(
    network: IPv4Network, zones: int, specs: Sequence[Spec] | None, zone_mask: int | None
) -> list[list[IPv4Network]]:
    """Auto: each zone's share is filled in the order of the specs."""
    zone_mask = zone_mask or network.prefixlen + _new_bits(zones)
    if specs is None:
        if zone_mask > 26:
            raise ValueError(
                "Automatic subnet creation requires a VPC with at least /26 available per AZ, but only "
                f"/{zone_mask} is available."
            )
        masks = [max(zone_mask, 16) + index + 1 for index in range(len(DEFAULT_SPECS))]
    else:
        common = zone_mask + _new_bits(len(specs))
        masks = [_mask(spec) or common for spec in specs]
    room, needed = 2 ** (32 - zone_mask), sum(2 ** (32 - mask) for mask in masks)
    if needed > room:
        raise ValueError(
            f"Subnets are too large for VPC. VPC has {room} addresses, but subnets require {needed} addresses."
        )
    blocks = []
    for zone in _zone_networks(network, zone_mask, zones):
        row, free = [], int(zone.network_address)
        for mask in masks:
            size = 2 ** (32 - mask)
            free = -(-free // size) * size  # a block starts at a multiple of its size
            row.append(IPv4Network((free, mask)))
            free += size
        blocks.append(row)
    return blocks


def _mask(spec: Spec) -> int | None:
    if spec.get("cidrMask"):
        return int(spec["cidrMask"])
    return 32 - int(math.log2(spec["size"])) if spec.get("size") else None


def _refuse_overlaps(subnets: Sequence[Subnet]) -> None:
    placed = sorted(((IPv4Network(subnet.cidr), subnet) for subnet in subnets), key=lambda item: item[0])
    for (one, first), (other, second) in itertools.pairwise(placed):
        if one.overlaps(other):
            raise ValueError(
                "The following subnets overlap with at least one other subnet. Make the CIDR for the "
                "VPC larger, reduce the size of the subnets per AZ, or use less Availability Zones: "
                f"{first.name}: {first.cidr}, {second.name}: {second.cidr}"
            )
