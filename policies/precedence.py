"""Which rule of a listener is asked for a request before another could be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial

from aws import LISTENER_RULE
from condition import Condition, conditions, covers, starts, starts_taken
from release import listener_keys
from resources import Resource
from stack import Stack
from value import Undecided, all_true


@dataclass
class Precedence:
    """The rules of all listeners.

    Attributes:
        conditions: what each rule takes, or why that cannot be told, by URN.
        takers: rules by listener key, and by how those requests start that they take.
    """

    conditions: dict[str, list[Condition] | Undecided] = field(default_factory=dict)
    takers: dict[tuple[str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))

    def of(self, rule: Resource) -> list[Condition]:
        """The conditions of a rule."""
        known = self.conditions[rule.urn]
        if isinstance(known, Undecided):
            raise known
        return known


def precedence(stack: Stack) -> Precedence:
    """The table, for `Stack.derived`."""
    table = Precedence()
    for rule in stack.of(LISTENER_RULE):
        try:
            listeners = listener_keys(rule, stack)
        except Undecided:
            listeners = frozenset[str]()  # another listener's, as far as anybody can tell
        try:
            table.conditions[rule.urn] = conditions(rule)
            taken = starts_taken(table.of(rule))
        except Undecided as doubt:
            table.conditions[rule.urn] = doubt
            taken = starts_taken([])
        for listener in listeners:
            for start in taken:
                table.takers[listener, start].append(rule)
    return table


def hiding(rule: Resource, stack: Stack) -> Resource | None:
    """The rule of the same listener that is asked before this one and takes all that it would take."""
    table, doubt = stack.derived(precedence), None
    own = table.of(rule)
    for listener in listener_keys(rule, stack):
        for other in (other for start in starts(own) for other in table.takers.get((listener, start), ())):
            try:
                if other is not rule and all_true(
                    partial(_comes_first, other, rule), lambda other=other: covers(table.of(other), own)
                ):
                    return other
            except Undecided as error:
                doubt = doubt or error
    if doubt:
        raise doubt
    return None


def _comes_first(one: Resource, other: Resource) -> bool:
    first, second = one["priority"].number, other["priority"].number
    return first is not None and (second is None or first < second)
