"""What a program gives the engine to call back."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
import pytest

from offline.deployment import Deployment
from offline.errors import OfflineError

GROUP = "aws:lb/targetGroup:TargetGroup"


def watched() -> None:
    """A program with a named hook, a function as hook, and a hook for errors."""
    named = pulumi.ResourceHook("named", lambda _: None, pulumi.ResourceHookOptions(on_dry_run=True))
    binding = pulumi.ResourceHookBinding(
        before_update=[named],
        after_create=[lambda _: None, named],
        on_error=[pulumi.ErrorHook("again", lambda _: False)],
    )
    aws.lb.TargetGroup("web", port=80, opts=pulumi.ResourceOptions(hooks=binding))
    aws.lb.TargetGroup("plain", port=80)


def test_hooks_are_recorded(preview):
    """By type and name, as the engine keeps them in the state, and with what they call."""
    deployment = preview(watched)
    assert {resource.name: resource.hooks for resource in deployment.of_type(GROUP)} == {
        "web": {
            "AfterCreate": [f"{GROUP}_web_after_create_0", "named"],
            "BeforeUpdate": ["named"],
            "OnError": ["again"],
        },
        "plain": {},
    }
    assert sorted(deployment.hooks) == ["again", f"{GROUP}_web_after_create_0", "named"]


def test_an_export_has_them(preview):
    """They survive being written and read."""
    deployment = preview(watched)
    exported = json.loads(deployment.dump())["deployment"]["resources"]
    assert [resource["resourceHooks"]["BeforeUpdate"] for resource in exported if "resourceHooks" in resource] == [
        ["named"]
    ]
    assert Deployment.load(deployment.dump()).find(GROUP, "web").hooks == deployment.find(GROUP, "web").hooks


def transformed() -> None:
    aws.lb.TargetGroup("web", port=80, opts=pulumi.ResourceOptions(transforms=[lambda _: None]))


def transforming() -> None:
    pulumi.runtime.register_resource_transform(lambda _: None)
    aws.lb.TargetGroup("web", port=80)


def looked_up() -> None:
    pulumi.runtime.register_invoke_transform(lambda _: None)
    aws.get_region()


@pytest.mark.parametrize("program", [transformed, transforming, looked_up])
def test_transforms_are_refused(preview, program):
    """They call back into the program before a resource is registered, and may change it beyond recognition."""
    with pytest.raises(OfflineError) as error:
        preview(program)
    assert str(error.value) == "transforms aren't run offline; transformations are"
