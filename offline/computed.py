"""What AWS computes for a resource, said as templates over its inputs.

A template is text with `{places}`: an input's name, `{region}`, `{account}`, `{partition}`, `{dns}`,
`{arn}`, or hex digits made from the URN: `{hex8}`, `{hex16}`, `{hex17}`, `{hex32}`, `{uuid}`. Whatever is
made from something unknown, secret or absent is unknown itself.
"""

from __future__ import annotations

import hashlib
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.value import UNKNOWN, Secret, Value


@dataclass(frozen=True, slots=True)
class Computed:
    """What AWS computes for a type.

    Attributes:
        id, arn: templates.
        outputs: by name, templates, functions of the facts, or plain values; made in this order.
        defaults: inputs the provider adds where the program gives none.
    """

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    arn: str = ""
    defaults: Mapping[str, Value] = field(default_factory=dict)


def digest(urn: str) -> str:
    """64 hex digits that stand for what is random in AWS, always the same for a URN."""
    return hashlib.sha256(urn.encode()).hexdigest()


class _Unknown(Exception):
    """A template touches a value that isn't known, is secret, or isn't there."""


class Facts(dict[str, Any]):
    """What templates are made from; looking up what isn't known raises."""

    def __missing__(self, key: str) -> Any:
        make = _DERIVED.get(key)
        if make is None:
            raise _Unknown(key)
        self[key] = value = make(self)
        return value

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if value == UNKNOWN or value is None or isinstance(value, (Secret, dict, list)):
            raise _Unknown(key)
        return value


def _cluster_name(facts: Facts) -> str:
    # Not `facts.get`: a cluster that isn't known must stay so.
    return facts["cluster"].rpartition("/")[2] if "cluster" in facts else "default"


def _bus(facts: Facts) -> str:
    # As above; a bus may be given by its ARN.
    bus = facts["eventBusName"].rpartition("/")[2] if "eventBusName" in facts else "default"
    return "" if bus == "default" else f"{bus}/"


_DERIVED: Mapping[str, Callable[[Facts], str]] = {
    "hex8": lambda facts: facts["digest"][:8],
    "hex16": lambda facts: facts["digest"][:16],
    "hex17": lambda facts: facts["digest"][:17],
    "hex32": lambda facts: facts["digest"][:32],
    "uuid": lambda facts: str(uuid.UUID(facts["hex32"])),
    "number": lambda facts: str(int(facts["digest"][:8], 16)).zfill(10),
    # TEST-NET-3, addresses that belong to nobody: RFC 5737
    "public_ip": lambda facts: f"203.0.113.{int(facts['digest'][:2], 16)}",
    "kind": lambda facts: {"network": "net", "gateway": "gwy"}.get(facts.get("loadBalancerType", "application"), "app"),
    "scheme": lambda facts: "internal-" if facts.get("internal") is True else "",
    "clusterName": _cluster_name,
    "bus": _bus,
    "path": lambda _: "/",
}


def fill(template: Any, facts: Facts) -> Value:
    """What a template, or a function of the facts, comes to; `UNKNOWN` if it needs what isn't known."""
    try:
        if callable(template):
            return template(facts)
        return _formatter.vformat(template, (), facts) if isinstance(template, str) else template
    except _Unknown:
        return UNKNOWN


_formatter = string.Formatter()
