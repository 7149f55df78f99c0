"""The property names that the pack carries are those of the provider."""

from __future__ import annotations

import aws
from properties import PROPERTIES
from tests.policies import properties


def test_the_pack_knows_the_properties_of_the_installed_provider() -> None:
    """`policies/properties.py` is what its generator writes."""
    assert properties.FILE.read_text(encoding="utf-8") == properties.module()


def test_every_type_has_properties() -> None:
    """No token of `aws.py` is misspelt: the provider knows each."""
    assert [kind for kind, names in PROPERTIES.items() if not names] == []


def test_names_are_those_of_the_wire() -> None:
    """A service has `desiredCount`; `desired_count` is Python's name for it."""
    assert "desiredCount" in PROPERTIES[aws.SERVICE]
    assert "desired_count" not in PROPERTIES[aws.SERVICE]
    assert "tags" in PROPERTIES[aws.SERVICE]
    assert "tags" not in PROPERTIES[aws.DEPLOYMENT_CONFIG]
