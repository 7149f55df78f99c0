"""The stand-in for AWS computes all that the project's own stacks use."""

from __future__ import annotations

import pytest

from offline.resource_types import TYPES
from offline.value import is_known


@pytest.fixture(params=["dev", "prod", "mesh", "deliveries"])
def stack(request):
    """A preview of a stack of the project, or of every way to deliver a service."""
    return request.getfixturevalue(request.param)


def test_every_type_has_a_stand_in(stack):
    """None gets an id that is made of its name only."""
    assert {resource.type for resource in stack if resource.type.startswith("aws:")} - TYPES.keys() == set()


def test_nothing_is_made_of_an_unknown(stack):
    """Neither inputs, nor what components and the stack give out."""
    used = {
        (resource.type, resource.name, key): value
        for resource in stack
        for key, value in (resource.inputs if resource.custom else resource.outputs).items()
    }
    assert [where for where, value in used.items() if not is_known(value)] == []
