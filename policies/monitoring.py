"""What CloudWatch alarms watch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aws import COMPOSITE_ALARM, LOAD_BALANCER, METRIC_ALARM, TARGET_GROUP
from resources import Resource
from stack import Stack
from value import Undecided, Value, each

_ALARM = re.compile(r"(?<!NOT )ALARM\(([^()]*)\)")
_QUERY = re.compile(r"\b(SEARCH|SELECT)\b")


@dataclass
class Watched:
    """What a list of alarms watches together.

    Attributes:
        targets: URNs of target groups.
        balancers: URNs of load balancers that are watched as a whole.
        elsewhere: whether an alarm is declared in another stack.
        doubts: alarms of which it cannot be told.
    """

    targets: set[str] = field(default_factory=set)
    balancers: set[str] = field(default_factory=set)
    elsewhere: bool = False
    doubts: list[Undecided] = field(default_factory=list)


def watched(names: Value, metrics: Sequence[str], stack: Stack) -> Watched:
    """What the alarms of a list watch, those in composite alarms too, by these metrics or, if none, by any."""
    found = Watched()
    seen: set[str] = set()
    pending = each(names)
    while pending:
        reference = pending.pop()
        try:
            alarms = stack.some(reference, METRIC_ALARM, COMPOSITE_ALARM)
            found.elsewhere |= not alarms
            for alarm in alarms:
                if alarm.urn in seen:
                    continue
                seen.add(alarm.urn)
                if alarm.kind == COMPOSITE_ALARM:
                    pending += _members(alarm)
                else:
                    _watch(alarm, metrics, stack, found)
        except Undecided as doubt:
            found.doubts.append(doubt)
    return found


def _members(composite: Resource) -> list[Value]:
    """The alarms by which a composite alarm goes off; one unknown value if its rule is unknown."""
    rule = composite["alarmRule"]
    if rule.is_unknown:
        return [rule]
    return [Value(composite, name.strip().strip("\"'"), "alarmRule") for name in _ALARM.findall(rule.text)]


def _watch(alarm: Resource, metrics: Sequence[str], stack: Stack, found: Watched) -> None:
    for metric in _metrics(alarm):
        if metrics and metric["metricName"].text not in metrics:
            continue
        target, balancer = (metric["dimensions"][name] for name in ("TargetGroup", "LoadBalancer"))
        if target.is_unknown or not target.absent:
            found.targets |= {group.urn for group in stack.some(target, TARGET_GROUP)}
        elif balancer.is_unknown or not balancer.absent:
            found.balancers |= {each.urn for each in stack.some(balancer, LOAD_BALANCER)}


def _metrics(alarm: Resource) -> Iterator[Resource | Value]:
    """Whatever has a `metricName` and `dimensions`: the alarm itself, or the queries of its metric math."""
    yield alarm
    for query in alarm["metricQueries"].items:
        if _QUERY.search(query["expression"].text):
            raise Undecided(query["expression"], "finds its metrics by a query")
        yield query["metric"]
