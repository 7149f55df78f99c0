"""Settings of lifecycle hooks."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from components.limits import Refused
from components.strategy import PAUSE_MINUTES, Stage, check_pause_minutes, check_stage
from settings.mistake import Model, refused_at, shown
from settings.types import arn, checked

FunctionArn = Annotated[str, arn("lambda", "function:[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?", "a Lambda function")]


class LambdaHook(Model):
    """A Lambda function that judges a release at some of its stages: it answers SUCCEEDED, FAILED or IN_PROGRESS."""

    refused_keys = dict.fromkeys(
        ("timeoutMinutes", "timeoutAction"),
        "it belongs to a hook of type PAUSE; a function is asked until it decides (G34)",
    )

    type: Literal["AWS_LAMBDA"]
    """A Lambda function."""

    function_arn: FunctionArn
    """The function, which ECS gets a role to call."""

    stages: Annotated[list[Stage], Field(min_length=1)]
    """Stages at which it is called; also on the first deployment of a service, which has no blue (G35)."""

    details: dict[str, str] = {}
    """What the function is given besides the release itself, readable by everyone who may describe the service; nothing
    unless set."""


class PauseHook(Model):
    """A pause at some stages of a release, until somebody continues it or rolls it back (ContinueServiceDeployment)."""

    refused_keys = dict.fromkeys(
        ("functionArn", "details"),
        "it belongs to a hook of type AWS_LAMBDA; a pause leaves the judgement to people (G36)",
    )

    type: Literal["PAUSE"]
    """A pause."""

    stages: Annotated[list[Annotated[Stage, checked(partial(check_stage, "PAUSE"))]], Field(min_length=1)]
    """Stages at which the release waits; not where traffic is being shifted. At PRE_PRODUCTION_TRAFFIC_SHIFT it waits
    before each step of LINEAR and CANARY (G36)."""

    timeout_minutes: Annotated[int, checked(check_pause_minutes)] = PAUSE_MINUTES
    """Minutes to wait for an answer; a day unless set."""

    timeout_action: Literal["ROLLBACK", "CONTINUE"] = "ROLLBACK"
    """What happens when nobody answers in time; ROLLBACK unless set."""


def _hook_of_its_type(value: Any, _: ValidatorFunctionWrapHandler) -> LambdaHook | PauseHook:
    # A union reports the errors of all its members; only the one that was meant helps.
    if not isinstance(value, Mapping):
        raise Refused(shown(value), "a mapping of keys", "")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _HOOKS:
        given = shown(kind) if "type" in value else "nothing"
        raise refused_at("type", Refused(given, " or ".join(_HOOKS), "ECS has no other hooks"))
    return _HOOKS[kind].model_validate(value)


_HOOKS = {"AWS_LAMBDA": LambdaHook, "PAUSE": PauseHook}

Hook = Annotated[LambdaHook | PauseHook, WrapValidator(_hook_of_its_type)]
