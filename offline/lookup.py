"""Answers to the provider's lookups: `aws.get_region()` and the like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from offline.place import Place
from offline.value import Value


def look_up(token: str, args: Mapping[str, Value], place: Place) -> dict[str, Value]:
    """The answer to a lookup. Raises ValueError for one that has no stand-in."""
    answer = _LOOKUPS.get(token)
    if answer is None:
        known = ", ".join(sorted(key.rpartition(":")[2] for key in _LOOKUPS))
        raise ValueError(f"{token} has no offline answer; lookups that have one: {known}")
    region = args.get("region")
    return answer(Place(region, place.account) if isinstance(region, str) else place)


def zones(place: Place) -> list[str]:
    """The names of a region's Availability Zones: three, as most regions have at least."""
    return [f"{place.region}{letter}" for letter in "abc"]


def _caller(place: Place) -> dict[str, Value]:
    return {
        "accountId": place.account,
        "arn": f"arn:{place.partition}:iam::{place.account}:user/offline",
        "id": place.account,
        "userId": "AIDAOFFLINEEXAMPLE00",
    }


def _region(place: Place) -> dict[str, Value]:
    return {
        "id": place.region,
        "name": place.region,
        "region": place.region,
        "description": place.region,
        "endpoint": f"ec2.{place.region}.{place.dns}",
    }


def _partition(place: Place) -> dict[str, Value]:
    return {
        "id": place.partition,
        "partition": place.partition,
        "dnsSuffix": place.dns,
        "reverseDnsPrefix": place.reverse_dns,
    }


def _availability_zones(place: Place) -> dict[str, Value]:
    # A zone id is a short form of the region, and a number: eu-west-1 has euw1-az1, euw1-az2, ...
    short = re.sub(r"(?<=-)(north|south)(east|west)", lambda match: match[1][0] + match[2][0], place.region)
    short = re.sub(r"(?<=-)(gov|north|south|east|west|central)", lambda match: match[1][0], short).replace("-", "")
    return {
        "id": place.region,
        "region": place.region,
        "state": "available",
        "names": zones(place),
        "zoneIds": [f"{short}-az{number}" for number in (1, 2, 3)],
        "groupNames": [place.region],
    }


_LOOKUPS: Mapping[str, Callable[[Place], dict[str, Value]]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
}
