"""What IAM answers: the policies of a recorded graph, evaluated as AWS does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

A policy that goes beyond what is evaluated here raises ValueError: nothing is taken for allowed, or for refused,
that was not understood.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from offline.deployment import Deployment, Resource

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

Context = Mapping[str, str | Sequence[str]]
"""Condition keys of a request; only a key with several values is given a list."""

_KNOWN = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"}


@dataclass(frozen=True)
class Statement:
    """One statement of a policy document, and where it stands: in which policy, at which place."""

    policy: str
    index: int
    document: Mapping[str, Any]

    def __post_init__(self) -> None:
        given = self.document.keys()
        effect = self.document.get("Effect")
        if given - _KNOWN or {"Action", "NotAction"} <= given or {"Resource", "NotResource"} <= given:
            raise ValueError(f"{self.policy}[{self.index}]: {sorted(given)}")
        if effect not in ("Allow", "Deny"):
            raise ValueError(f"{self.policy}[{self.index}]: Effect is {effect!r}")

    @property
    def denies(self) -> bool:
        """True if it refuses what it covers."""
        return self.document["Effect"] == "Deny"

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """True if it speaks of this request."""
        return (
            self._names("Action", action, re.IGNORECASE)
            and (self._is_trust or self._names("Resource", resource))
            and _all_hold(self.document.get("Condition", {}), context)
        )

    def admits(self, service: str) -> bool:
        """True if it speaks of an AWS service, in the policy of a role or another resource."""
        principal = self.document["Principal"]
        return principal == "*" or service in _several(principal.get("Service", ()))

    @property
    def _is_trust(self) -> bool:
        """A role's trust policy names no resource: it is about the role itself."""
        return "Principal" in self.document and not self.document.keys() & {"Resource", "NotResource"}

    def _names(self, element: str, value: str, flags: int = 0) -> bool:
        excepted = f"Not{element}" in self.document
        patterns = _several(self.document[f"Not{element}" if excepted else element])
        return any(_like(value, each, flags) for each in patterns) is not excepted


def statements(policy: str, text: str) -> list[Statement]:
    """The statements of a policy document."""
    return [Statement(policy, index, each) for index, each in enumerate(_several(json.loads(text)["Statement"]))]


def statements_of(deployment: Deployment, name: str) -> list[Statement]:
    """The statements of a role's own policies; the role is given by its logical name."""
    role = deployment.find(ROLE, name)
    texts = [(each["name"], each["policy"]) for each in role.inputs.get("inlinePolicies", ())]
    texts += [(each.name, each.inputs["policy"]) for each in _held(deployment, ROLE_POLICY, role)]
    return [statement for policy, text in texts for statement in statements(policy, text)]


def managed_of(deployment: Deployment, name: str) -> list[str]:
    """ARNs of a role's managed policies, which are not evaluated."""
    role = deployment.find(ROLE, name)
    attached = [each.inputs["policyArn"] for each in _held(deployment, ATTACHMENT, role)]
    return [*role.inputs.get("managedPolicyArns", ()), *attached]


def deciding(
    statements: Iterable[Statement], action: str, resource: str, context: Context | None = None
) -> list[Statement]:
    """The statements that allow a request; none if it is denied."""
    covering = [each for each in statements if each.covers(action, resource, context or {})]
    return [] if any(each.denies for each in covering) else covering


def allows(statements: Iterable[Statement], action: str, resource: str, context: Context | None = None) -> bool:
    """True if a request is allowed: at least one statement allows it, and none denies it."""
    return bool(deciding(statements, action, resource, context))


def admits(
    statements: Iterable[Statement], service: str, action: str, resource: str, context: Context | None = None
) -> bool:
    """True if the policy of a topic, a key or a bucket allows a request of an AWS service."""
    return allows([each for each in statements if each.admits(service)], action, resource, context)


def may_assume(role: Resource, service: str, context: Context | None = None) -> bool:
    """True if an AWS service may assume a role."""
    trust = statements(role.name, role.inputs["assumeRolePolicy"])
    return admits(trust, service, "sts:AssumeRole", role.outputs["arn"], context)


def _held(deployment: Deployment, type_: str, role: Resource) -> list[Resource]:
    if not role.id:
        raise ValueError(f"{role.name}: the role's id is not known, nor which policies are its own")
    return [each for each in deployment.of_type(type_) if each.inputs["role"] == role.id]


def _several(value: Any) -> list[Any]:
    """IAM takes one value for a list of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _like(value: str, pattern: str, flags: int = 0) -> bool:
    """`*` stands for any characters, colons and slashes too, `?` for one; no other character is special."""
    return bool(_compiled(pattern, flags).fullmatch(value))


@cache
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    if "${" in pattern:
        raise ValueError(f"policy variable: {pattern}")
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(each, re.escape(each)) for each in pattern), flags)


def _arn_like(value: str, pattern: str) -> bool:
    """The six parts of an ARN are compared one by one: a star stays within its part."""
    parts, given = pattern.split(":", 5), value.split(":", 5)
    if len(parts) < 6:
        raise ValueError(f"no ARN: {pattern}")
    return len(given) == 6 and all(map(_like, given, parts))


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": operator.eq,
    "StringEqualsIgnoreCase": lambda value, expected: value.lower() == expected.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda value, expected: value.lower() == expected.lower(),
}
_QUANTIFIERS: Mapping[str, Callable[[Iterable[bool]], bool]] = {"": all, "ForAllValues": all, "ForAnyValue": any}


def _all_hold(condition: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Every operator and every key must hold; IAM compares the names of keys without case.

    All are evaluated, so that none escapes that is not understood.
    """
    given = {key.lower(): _several(value) for key, value in context.items()}
    results = [
        _holds(name, [_text(each) for each in _several(expected)], given.get(key.lower()))
        for name, keys in condition.items()
        for key, expected in keys.items()
    ]
    return all(results)


def _holds(name: str, expected: list[str], given: list[str] | None) -> bool:
    """True if one of the expected values matches; for a negated operator, if none does.

    A key that the request does not have matches nothing, so that a negated operator holds.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if name == "Null":
        return str(given is None).lower() in [each.lower() for each in expected]
    quantifier, _, comparison = name.rpartition(":")
    base = comparison.removesuffix("IfExists")
    positive = base.replace("Not", "", 1)
    if positive not in _COMPARISONS or quantifier not in _QUANTIFIERS:
        raise ValueError(f"condition operator {name}")
    negated, optional = base != positive, comparison != base
    results = [any(_COMPARISONS[positive](value, each) for each in expected) is not negated for value in given or ()]
    if given is None:
        return optional or quantifier == "ForAllValues" or (negated and not quantifier)
    if not quantifier and len(results) != 1:
        raise ValueError(f"{name} compares one value, not {len(results)}: ForAllValues or ForAnyValue compare several")
    return _QUANTIFIERS[quantifier](results)


def _text(value: Any) -> str:
    """JSON's true is IAM's "true"."""
    text = str(value).lower() if isinstance(value, bool) else value
    if not isinstance(text, str) or "${" in text:
        raise ValueError(f"condition value {value!r}")
    return text
