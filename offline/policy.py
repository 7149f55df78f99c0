"""What a policy pack says: of its policies, and of the resources it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of a pack. A pack may have two of one name: one per resource, one per stack.

    Attributes:
        level: mandatory, advisory, remediate or disabled, as configured.
        severity: low, medium, high, critical or "".
        schema: what may be configured, as `properties` and `required` of a JSON schema.
        fix: how to mend a violation, "" unless the pack says so.
        url: the page behind it, or "".
    """

    name: str
    description: str
    level: str
    severity: str
    schema: Mapping[str, Any]
    fix: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """What a pack says of one resource.

    Attributes:
        level: mandatory or advisory.
        severity: low, medium, high, critical or "".
        description: the policy's; most messages start with it.
    """

    pack: str
    policy: str
    level: str
    severity: str
    urn: str
    description: str
    message: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Why a policy has nothing to say of a resource."""

    pack: str
    policy: str
    reason: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that a pack says of a deployment: violations by URN and policy, the rest by policy and reason."""

    violations: list[Violation]
    not_applicable: list[NotApplicable]


def to_dict(struct: Any) -> dict[str, Any]:
    """A protobuf `Struct` as plain data."""
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(struct)


def from_info(message: Any) -> Policy:
    """The policy in a PolicyInfo."""
    schema = {
        "properties": to_dict(message.configSchema.properties),
        "required": list(message.configSchema.required),
    }
    return Policy(
        message.name,
        message.description,
        level_name(message.enforcementLevel),
        severity_name(message.severity),
        schema,
        message.remediation_steps,
        message.url,
        tuple(message.tags),
    )


def level_name(value: int) -> str:
    """An EnforcementLevel as it is written in configuration files."""
    from pulumi.runtime.proto import analyzer_pb2

    return analyzer_pb2.EnforcementLevel.Name(value).lower()  # type: ignore[arg-type]


def severity_name(value: int) -> str:
    """A PolicySeverity as the CLI writes it, "" if unspecified."""
    from pulumi.runtime.proto import analyzer_pb2

    name = analyzer_pb2.PolicySeverity.Name(value)  # type: ignore[arg-type]
    severity = name.removeprefix("POLICY_SEVERITY_").lower()
    return "" if severity == "unspecified" else severity
