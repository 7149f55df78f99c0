"""Physical names: the automatic ones of pulumi-aws, and what the provider refuses in given ones.

An automatic name is `<logical name>-<7 hex digits>`. The digits come from the URN, so that the same
program always gets the same names. Limits and separators: `provider/resource_overrides.go` of
pulumi-aws; https://www.pulumi.com/docs/iac/concepts/resources/names/
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Mapping
from typing import NamedTuple

from offline.value import UNKNOWN, Value


class Rule(NamedTuple):
    """How a type's name is made: the property it goes to, its longest length, what joins the parts."""

    property: str = "name"
    max_length: int = 255
    separator: str = "-"
    lower: bool = False


_RULES: Mapping[str, Rule] = {
    "aws:alb/loadBalancer:LoadBalancer": Rule(max_length=32),
    "aws:alb/targetGroup:TargetGroup": Rule(max_length=32),
    "aws:cloudwatch/eventRule:EventRule": Rule(max_length=64),
    "aws:cloudwatch/eventTarget:EventTarget": Rule("targetId"),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": Rule("deploymentConfigName", 100, "_"),
    "aws:efs/fileSystem:FileSystem": Rule("creationToken"),
    "aws:eks/nodeGroup:NodeGroup": Rule("nodeGroupName"),
    "aws:iam/role:Role": Rule(max_length=64),
    "aws:lambda/function:Function": Rule(max_length=64),
    "aws:lambda/permission:Permission": Rule("statementId", 100),
    "aws:lb/loadBalancer:LoadBalancer": Rule(max_length=32),
    "aws:lb/targetGroup:TargetGroup": Rule(max_length=32),
    "aws:s3/bucket:Bucket": Rule("bucket", 63, lower=True),
    "aws:s3/bucketV2:BucketV2": Rule("bucket", 63, lower=True),
}
_DEFAULT = Rule()
_RANDOM_DIGITS = 7


def rule_for(type_: str) -> Rule | None:
    """The rule of a type, None if it has no automatic name: not every type has an optional `name`."""
    return _RULES.get(type_) or (_DEFAULT if _takes_optional_name(type_) else None)


def automatic_name(type_: str, logical_name: str, digest: str, inputs: Mapping[str, Value]) -> dict:
    """The name property to add to `inputs`; {} if one is given or the type has none.

    Raises ValueError in the provider's words if the name gets too long. `digest`: hex digits.
    """
    rule = rule_for(type_)
    if rule is None or rule.property in inputs or f"{rule.property}Prefix" in inputs:
        return {}
    prefix = (logical_name.lower() if rule.lower else logical_name) + rule.separator
    if len(prefix) + _RANDOM_DIGITS > rule.max_length:
        raise ValueError(
            f"could not make instance of '{type_}': name '{prefix}' plus {_RANDOM_DIGITS} random chars "
            f"is longer than maximum length {rule.max_length}"
        )
    return {rule.property: prefix + digest[:_RANDOM_DIGITS]}


def _takes_optional_name(type_: str) -> bool:
    """Whether the SDK's args class of this type has an optional `name`.

    A program that constructed such a resource has loaded the class's module; of other types nothing is known.
    """
    class_, *modules = _sdk_class(type_)
    for module in modules:
        args = getattr(sys.modules.get(module), class_, None)
        if args is not None:
            return _has_optional_name(args)
    return False


@functools.cache
def _sdk_class(type_: str) -> tuple[str, str, str]:
    """The args class of a type, and the modules that may hold it: Python's keywords get an underscore."""
    _, module, class_ = type_.split(":")
    package, _, file = module.partition("/")
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", file).lower()
    return f"{class_}Args", f"pulumi_aws.{package}.{snake}", f"pulumi_aws.{package}_.{snake}"


@functools.cache
def _has_optional_name(args: type) -> bool:
    name = inspect.signature(args.__init__).parameters.get("name")
    return name is not None and name.default is None


_AT_MOST_64 = {
    "aws:cloudwatch/eventRule:EventRule": ("name", '"name" cannot be longer than 64 characters: "{}"'),
    "aws:cloudwatch/eventTarget:EventTarget": ("targetId", '"target_id" cannot be longer than 64 characters: "{}"'),
    "aws:codestarnotifications/notificationRule:NotificationRule": (
        "name",
        "expected length of name to be in the range (1 - 64), got {}",
    ),
}
"""Names of at most 64 characters, as the provider puts it: automatic ones may get longer."""


def check_name(type_: str, inputs: Mapping[str, Value]) -> None:
    """Refuse what the provider refuses in a name, given or automatic. Raises ValueError in its words."""
    property_, too_long = _AT_MOST_64.get(type_, ("name", ""))
    name = inputs.get(property_)
    if not isinstance(name, str) or name == UNKNOWN:
        return
    if too_long and len(name) > 64:
        raise ValueError(too_long.format(name))
    if type_.split("/")[0] in ("aws:lb", "aws:alb") and type_.endswith((":TargetGroup", ":LoadBalancer")):
        _check_load_balancing(type_, name)


def _check_load_balancing(type_: str, name: str) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html."""
    if len(name) > 32:
        raise ValueError(f'"name" cannot be longer than 32 characters: "{name}"')
    if not re.fullmatch(r"[0-9A-Za-z-]+", name):
        raise ValueError(f'only alphanumeric characters and hyphens allowed in "name": "{name}"')
    if name.startswith("-"):
        raise ValueError(f'"name" cannot begin with a hyphen: "{name}"')
    if name.endswith("-"):
        raise ValueError(f'"name" cannot end with a hyphen: "{name}"')
    if type_.endswith("LoadBalancer") and name.startswith("internal-"):
        raise ValueError(f'"name" cannot begin with "internal-": "{name}"')
