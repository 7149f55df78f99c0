"""URNs: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`."""

from __future__ import annotations

from typing import NamedTuple


class Urn(NamedTuple):
    """The parts of a URN."""

    stack: str
    project: str
    type: str
    name: str


_PREFIX = "urn:pulumi:"


def parse(urn: str) -> Urn:
    """The parts of a URN. Raises ValueError if it isn't one."""
    parts = urn.removeprefix(_PREFIX).split("::", 3)
    if not urn.startswith(_PREFIX) or len(parts) != 4:
        raise ValueError(f"{urn!r} is not a URN")
    stack, project, types, name = parts
    return Urn(stack, project, types.rpartition("$")[2], name)


def short_type(type_: str) -> str:
    """`aws:lb/targetGroup:TargetGroup` as the CLI shows it: `aws:lb:TargetGroup`."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.partition(":")
    return f"{package}:{module.partition('/')[0]}:{name}"


def place(urn: str) -> tuple[str, str]:
    """The name and the short type that a URN ends with; of any other text the text and ""."""
    try:
        parsed = parse(urn)
    except ValueError:
        return urn, ""
    return parsed.name, short_type(parsed.type)
