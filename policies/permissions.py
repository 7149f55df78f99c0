"""Who may assume a role, and what the role may do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial

from aws import (
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    ROLE_POLICY_ATTACHMENTS_EXCLUSIVE,
)
from iam import Statement, is_service, statements
from resources import Resource
from stack import Stack
from value import Undecided, Value, all_true, any_true


def trusts(role: Resource, service: str) -> bool:
    """True if the role's trust policy lets an AWS service assume it."""
    return any_true(
        *(partial(_admits, statement, service) for statement in statements(role["assumeRolePolicy"])),
    )


def _admits(statement: Statement, service: str) -> bool:
    return all_true(
        lambda: statement.allows,
        lambda: statement.names("sts:AssumeRole"),
        lambda: any_true(*(partial(is_service, name, service) for name in statement.principals.get("Service", ()))),
    )


@dataclass
class Permissions:
    """Which policies each role carries, in every form of the provider.

    Attributes:
        managed: references to managed policies, AWS's or the stack's own, by the role's URN.
        documents: policy documents of the role alone, by the role's URN.
        doubts: attachments whose role cannot be told.
    """

    managed: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    documents: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    doubts: list[Undecided] = field(default_factory=list)

    def held(self, role: Resource, stack: Stack) -> tuple[list[Value], list[Value]]:
        """The policies of a role: ARNs of managed ones, AWS's or another stack's, and documents of this stack."""
        managed: list[Value] = []
        documents = [*self.documents.get(role.urn, ())]
        for reference in self.managed.get(role.urn, ()):
            declared = _declared(reference, stack)
            documents += [policy["policy"] for policy in declared]
            managed += [] if declared else [reference]
        return managed, documents


def _declared(reference: Value, stack: Stack) -> list[Resource]:
    try:
        return stack.some(reference, POLICY)
    except Undecided:
        return []  # whoever reads its ARN will find it unknown


def permissions(stack: Stack) -> Permissions:
    """The table, for `Stack.derived`."""
    table = Permissions()
    for role in stack.of(ROLE):
        table.managed[role.urn] += _elements(role["managedPolicyArns"])
        table.documents[role.urn] += [inline["policy"] for inline in _elements(role["inlinePolicies"])]
    for policy in stack.of(ROLE_POLICY):
        for role in _holders(policy["role"], stack, table):
            table.documents[role.urn].append(policy["policy"])
    for attachment in stack.of(ROLE_POLICY_ATTACHMENT):
        for role in _holders(attachment["role"], stack, table):
            table.managed[role.urn].append(attachment["policyArn"])
    for attachment in stack.of(ROLE_POLICY_ATTACHMENTS_EXCLUSIVE):
        for role in _holders(attachment["roleName"], stack, table):
            table.managed[role.urn] += _elements(attachment["policyArns"])
    for attachment in stack.of(POLICY_ATTACHMENT):
        for reference in _elements(attachment["roles"]):
            for role in _holders(reference, stack, table):
                table.managed[role.urn].append(attachment["policyArn"])
    return table


def _elements(value: Value) -> list[Value]:
    """The elements of a list; of one that is unknown, itself, unless the provider will fill it in."""
    if value.is_unknown:
        return [] if value.is_computed else [value]
    return value.items


def _holders(reference: Value, stack: Stack, table: Permissions) -> list[Resource]:
    try:
        return stack.some(reference, ROLE)
    except Undecided as doubt:
        table.doubts.append(doubt)
        return []
