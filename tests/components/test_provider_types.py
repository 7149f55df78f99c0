"""Misfits are found wherever a value isn't what the provider's types allow."""

from __future__ import annotations

import pytest
from pulumi_aws.ecs import ServiceDeploymentConfigurationArgsDict, ServiceLoadBalancerArgsDict

from tests.components.provider_types import misfits


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, []),
        ({"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"}, []),
        ({"strategy": None}, []),
        ({"bakeTimeInMinutes": "10"}, [".bakeTimeInMinutes"]),
        ({"bake_time_in_minutes": 10}, [".bake_time_in_minutes"]),
        ({"linear_configuration": {"step_percent": 10}}, [".linear_configuration.step_percent"]),
        ({"linear_configuration": {"step_percent": 10.0, "steps": 3}}, [".linear_configuration.steps"]),
        ({"lifecycle_hooks": [{"lifecycle_stages": []}, {}]}, [".lifecycle_hooks[1].lifecycle_stages"]),
        ({"lifecycle_hooks": [{"lifecycle_stages": [1]}]}, [".lifecycle_hooks[0].lifecycle_stages[0]"]),
        ({"lifecycle_hooks": {}}, [".lifecycle_hooks"]),
        ("BLUE_GREEN", [""]),
    ],
)
def test_deployment_configuration(value, found):
    """Unknown and missing properties, texts for numbers and whole numbers for fractions."""
    assert misfits(value, ServiceDeploymentConfigurationArgsDict) == found


def test_required_properties():
    """What has no default must be there."""
    assert misfits({"container_port": 80}, ServiceLoadBalancerArgsDict) == [".container_name"]
