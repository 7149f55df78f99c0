"""Writes `policies/properties.py` from the installed `pulumi_aws`."""

from __future__ import annotations

import importlib
import inspect
import textwrap
from pathlib import Path

import aws

FILE = Path(__file__).parents[2] / "policies" / "properties.py"
HEADER = '''"""The properties of each resource type that the rules know, by their names on the wire.

Generated from pulumi_aws: `PYTHONPATH=policies python -m tests.policies.properties`.
"""

_NAMES = {
'''
FOOTER = """}

PROPERTIES: dict[str, frozenset[str]] = {kind: frozenset(names.split()) for kind, names in _NAMES.items()}
"""


def module() -> str:
    """The text of the module."""
    return HEADER + "".join(_entry(kind, names) for kind, names in properties().items()) + FOOTER


def properties() -> dict[str, list[str]]:
    """The properties of the types that `aws.py` names, with those that only a twin or an old name has."""
    kinds = {value for name, value in vars(aws).items() if name.isupper() and str(value).startswith("aws:")}
    return {kind: sorted({name for token in _tokens(kind) for name in _names(token)}) for kind in sorted(kinds)}


def _tokens(kind: str) -> list[str]:
    return [kind, *(token for token, canonical in aws._CANONICAL.items() if canonical == kind)]


def _names(token: str) -> list[str]:
    """The properties of a type, none if this release of `pulumi_aws` has no such type."""
    package, _, path = token.removeprefix("aws:").partition("/")
    try:
        declared = getattr(importlib.import_module(f"pulumi_aws.{package}"), path.partition(":")[2])
    except (ImportError, AttributeError):
        return []
    getters = [member.fget for _, member in inspect.getmembers(declared, lambda member: isinstance(member, property))]
    return [getter._pulumi_name for getter in getters if hasattr(getter, "_pulumi_name")]


def _entry(kind: str, names: list[str]) -> str:
    text = textwrap.indent(textwrap.fill(" ".join(names), 112), " " * 8)
    return f'    "{kind}": """\n{text}\n    """,\n'


if __name__ == "__main__":
    FILE.write_text(module(), encoding="utf-8")
