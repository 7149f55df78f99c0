"""The arguments that an Ellipsis stands for, by class."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pulumi

if TYPE_CHECKING:
    from tests.policies.scene import Scene

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
ARGUMENTS: dict[str, Callable[..., dict[str, Any]]] = {}
"""Functions of the scene, the logical name, what either side of the fix shows, and what this side gives."""


def fills(path: str) -> Any:
    """Makes a function the one that gives the arguments of a class."""
    return lambda function: ARGUMENTS.setdefault(path, function)


class Companion(NamedTuple):
    """What a resource comes with: its class, and how it is declared."""

    path: str
    add: Callable[[Scene, Any], object]


def companion(path: str) -> Companion:
    """One of the same logical name, with nothing but compliant arguments."""
    return Companion(path, lambda scene, resource: scene.new(path, logical_name(resource), ...))


def logical_name(resource: pulumi.Resource) -> str:
    """The name in the resource's URN."""
    return str(resource._name)
