"""A rule: its metadata, and the functions that judge resources by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from judge import Judge
    from remedy import Remedy
    from resources import Resource
    from stack import Stack

    ResourceCheck = Callable[[Resource, Judge], None]
    StackCheck = Callable[[Resource, Stack, Judge], None]
    Remediation = Callable[[Resource, Remedy], None]

F = TypeVar("F", bound=Callable[..., None])


class Strength(StrEnum):
    """What a violation does: stop the deployment, be shown, or nothing at all."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    SILENT = "silent"


class Level(Enum):
    """How strong a rule is by default: in production, and elsewhere."""

    MANDATORY = (Strength.MANDATORY, Strength.MANDATORY)
    ADVISORY = (Strength.ADVISORY, Strength.ADVISORY)
    PRODUCTION = (Strength.MANDATORY, Strength.SILENT)
    STRICTER_IN_PRODUCTION = (Strength.MANDATORY, Strength.ADVISORY)
    PRODUCTION_ADVICE = (Strength.ADVISORY, Strength.SILENT)

    @property
    def production(self) -> Strength:
        """The strength in stacks that `prodPattern` matches."""
        return self.value[0]

    @property
    def elsewhere(self) -> Strength:
        """The strength in all other stacks."""
        return self.value[1]

    @property
    def varies(self) -> bool:
        """True if the stack decides."""
        return self.production is not self.elsewhere


class Severity(StrEnum):
    """How much harm a violation does, in Pulumi's terms."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


SHARED_KNOBS: dict[str, dict[str, Any]] = {
    "includeFor": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Globs over names and URNs; if any are given, only these are judged.",
    },
    "excludeFor": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Globs over names and URNs that are not judged.",
    },
    "exemptions": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "urn": {"type": "string", "description": "A glob over names and URNs."},
                "reason": {"type": "string", "description": "Why that is all right; shown in reports."},
                "expires": {
                    "type": "string",
                    "description": "The last day on which it is, as 2027-01-31.",
                },
            },
        },
        "default": [],
        "description": "Findings that are accepted, each with its reason.",
    },
    "failOnUndecided": {
        "type": "boolean",
        "default": False,
        "description": "Whether what cannot be decided at preview counts as a violation.",
    },
}
"""Configuration that every rule takes, and that `pack-settings` takes for all of them, by JSON schema."""

PROD_PATTERN_KNOB: dict[str, dict[str, Any]] = {
    "prodPattern": {
        "type": "string",
        "default": r"(^|[-_])(prod|production|prd|live)([-_]|$)",
        "description": "Stacks whose name this regular expression matches are production.",
    },
}
"""What rules take besides whose strength depends on the stack, and `pack-settings` for them."""

ENABLED_KNOB: dict[str, dict[str, Any]] = {
    "enabled": {
        "type": "boolean",
        "default": True,
        "description": "Whether the rule is evaluated at all.",
    },
}


@dataclass(eq=False)
class Rule:
    """One rule of the catalogue, registered as a native Pulumi policy of the same id.

    Attributes:
        id: the policy's name; a contract with configuration files.
        level: how strong it is by default.
        severity: the harm of a violation.
        description: the rule as one assertion.
        why: how a violation breaks a release, or what it exposes.
        fix: a diff of Python lines that a test runs: what breaks the rule, and what keeps it.
        url: the page behind it.
        knobs: own configuration, a JSON schema with a default each.
        resource_checks: what judges a resource by itself, by kind.
        stack_checks: what judges a resource beside the rest of the stack, by kind.
        remediations: what mends a resource before it is created, by kind.
    """

    id: str
    level: Level
    severity: Severity
    description: str
    why: str
    fix: str
    url: str
    knobs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    resource_checks: dict[str, ResourceCheck] = field(default_factory=dict)
    stack_checks: dict[str, StackCheck] = field(default_factory=dict)
    remediations: dict[str, Remediation] = field(default_factory=dict)

    @property
    def schema(self) -> dict[str, Mapping[str, Any]]:
        """All the configuration the rule takes: JSON schema by knob."""
        varying = PROD_PATTERN_KNOB if self.level.varies else {}
        return {**ENABLED_KNOB, **SHARED_KNOBS, **varying, **self.knobs}

    @property
    def kinds(self) -> list[str]:
        """The kinds of resources that the rule judges, alone or in the stack."""
        return sorted({*self.resource_checks, *self.stack_checks})

    def resource(self, *kinds: str) -> Callable[[F], F]:
        """Makes a function `(resource, judge)` judge each resource of these kinds by itself.

        It sees inputs, before the resource is created, so it can stop an update in time.
        """

        def register(check: F) -> F:
            self.resource_checks.update(dict.fromkeys(kinds, check))
            return check

        return register

    def stack(self, *kinds: str) -> Callable[[F], F]:
        """Makes a function `(resource, stack, judge)` judge them beside the rest of the stack.

        Where a rule has both, each judges what the other cannot, so nothing is reported twice.
        """

        def register(check: F) -> F:
            self.stack_checks.update(dict.fromkeys(kinds, check))
            return check

        return register

    def remediation(self, *kinds: str) -> Callable[[F], F]:
        """Makes a function `(resource, remedy)` mend resources of these kinds, where the user opts in.

        It reads inputs as a check does, so an unknown one ends it, and writes by `remedy.put`.
        """

        def register(remediate: F) -> F:
            self.remediations.update(dict.fromkeys(kinds, remediate))
            return remediate

        return register
