"""Settings of lifecycle hooks."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator, field_validator

from components.limits import Refused
from components.release_documents import Event
from components.strategy import (
    LAMBDA_MINUTES,
    PAUSE_MINUTES,
    Stage,
    check_lambda_minutes,
    check_pause_minutes,
    check_stage,
)
from settings.mistake import Model, refused_at, shown
from settings.types import arn, checked, matching

FunctionArn = Annotated[str, arn("lambda", "function:[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?", "a Lambda function")]

REQUEST_PATH = re.compile(r'/[!"$-~]{0,999}')
"""A path, and a query, that can be requested as they are."""

RequestPath = Annotated[str, matching(REQUEST_PATH.pattern, "a path that begins with /, without blanks and #")]

AllowedImage = Annotated[
    str,
    matching(
        r"[\w.-]+(:\d+)?(/[\w.-]+)*(/\*|(:[\w.-]+)?(@sha256:[0-9a-f]{64})?)",
        "REPOSITORY, REGISTRY/*, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST",
    ),
]

Stages = Annotated[list[Stage], Field(min_length=1)]
Events = Annotated[list[Event], Field(min_length=1)]
_WithTasks = Literal["AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic"]
_Tested = Literal["POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"]
_TestedEvent = Literal["AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"]
LambdaMinutes = Annotated[int, checked(check_lambda_minutes)]

EVENT_MINUTES = 60
"""Time that CodeDeploy gives a function at an event (G12)."""

_NO_EVENTS = {"events": "it belongs to controller CODE_DEPLOY; ECS has stages"}
_NO_STAGES = {"stages": "it belongs to controller ECS; CodeDeploy has events"}


class LambdaHook(Model):
    """A Lambda function that judges a release at some of its stages: it answers SUCCEEDED, FAILED or IN_PROGRESS."""

    refused_keys = {
        **_NO_EVENTS,
        "timeoutAction": "it belongs to a hook of type PAUSE; a function that never decides fails (G34)",
    }

    type: Literal["AWS_LAMBDA"]
    """A Lambda function."""

    function_arn: FunctionArn
    """The function, which ECS gets a role to call."""

    stages: Stages
    """Stages at which it is called; also on the first deployment of a service, which has no blue (G35)."""

    details: dict[str, str] = {}
    """What the function is given besides the release itself, readable by everyone who may describe the service; nothing
    unless set."""

    timeout_minutes: LambdaMinutes = LAMBDA_MINUTES
    """Minutes in which it has to decide, 1 to 1,440; 60 unless set."""


class Smoke(Model):
    """A request to the test route, which has to be answered as expected."""

    type: Literal["SMOKE"]
    """A request to the test route."""

    path: RequestPath | None = None
    """Path and query; that of the load balancer's health check unless set."""

    status: Annotated[int, Field(ge=100, le=599)] = 200
    """Status of the reply; 200 unless set."""

    contains: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Text in the reply; any unless set."""

    latency_seconds: Annotated[float, Field(ge=0.1, le=30)] = 2.0
    """Longest time for the reply; 2 seconds unless set."""

    attempts: Annotated[int, Field(ge=1, le=5)] = 3
    """Requests until one is answered so; 3 unless set."""

    host: Annotated[str, matching(r"(?=.{3,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+", "a domain name")] | None = None
    """Name that the request is for, which is in the certificate; the load balancer's own unless set."""

    through: str | None = None
    """Service that passes the request on, with the header of serviceConnect, where this one is only in the mesh; none
    unless set."""


class Admission(Model):
    """A look at the images that are to run: by digest, and from where."""

    type: Literal["ADMISSION"]
    """A look at the images."""

    images: list[AllowedImage] = []
    """Repositories whose images may run by digest, REGISTRY/* for all of one, and single images with a tag or digest;
    the service's own imageRepository, and what the stack file names, unless set."""

    @field_validator("images")
    @classmethod
    def _room(cls, value: list[str]) -> list[str]:
        if (size := len(json.dumps(value))) > _CHARACTERS:
            raise Refused(
                f"{size} characters",
                f"at most {_CHARACTERS} in all",
                "the function has them as an environment variable, for which Lambda has 4 KB",
            )
        return value


_CHARACTERS = 4000
"""Of the names of images. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class SmokeHook(Smoke):
    """A request to the test route, which has to be answered as expected."""

    refused_keys = _NO_EVENTS

    stages: Annotated[list[_Tested], Field(min_length=1)] = ["POST_TEST_TRAFFIC_SHIFT"]
    """Stages at which it is made, once tests reach green; POST_TEST_TRAFFIC_SHIFT unless set."""


class AdmissionHook(Admission):
    """A look at the images that are to run: by digest, and from where."""

    refused_keys = _NO_EVENTS

    stages: Stages = ["PRE_SCALE_UP"]
    """Stages at which it is taken; PRE_SCALE_UP unless set."""


class ApprovalHook(Model):
    """A person's word, asked for at some stages and given as an SSM parameter."""

    type: Literal["APPROVAL"]
    """A person's word."""

    stages: Stages = ["POST_TEST_TRAFFIC_SHIFT"]
    """Stages at which it is waited for; POST_TEST_TRAFFIC_SHIFT unless set."""

    timeout_minutes: LambdaMinutes = 1440
    """Minutes to wait for it, 1 to 1,440; a day unless set."""


class LambdaEvent(Model):
    """A Lambda function that judges a deployment, and tells CodeDeploy (G12)."""

    refused_keys = {
        **_NO_STAGES,
        "details": "it belongs to controller ECS; CodeDeploy tells a function of the deployment alone",
        **dict.fromkeys(
            ("timeoutMinutes", "timeoutAction"), "it belongs to controller ECS; CodeDeploy waits for an hour (G12)"
        ),
    }

    type: Literal["AWS_LAMBDA"]
    """A Lambda function."""

    function_arn: FunctionArn
    """The function, which CodeDeploy may call."""

    events: Events
    """Events at which it is called."""


class SmokeEvent(Smoke):
    """A request to the test route, which has to be answered as expected."""

    refused_keys = _NO_STAGES

    events: Annotated[list[_TestedEvent], Field(min_length=1)] = ["AfterAllowTestTraffic"]
    """Events at which it is made, once tests reach green; AfterAllowTestTraffic unless set."""


class AdmissionEvent(Admission):
    """A look at the images that are to run: by digest, and from where."""

    refused_keys = _NO_STAGES

    events: Annotated[list[_WithTasks], Field(min_length=1)] = ["AfterInstall"]
    """Events at which it is taken, from AfterInstall on; AfterInstall unless set."""


class PauseHook(Model):
    """A pause at some stages of a release, until somebody continues it or rolls it back (ContinueServiceDeployment)."""

    refused_keys = {
        **_NO_EVENTS,
        **dict.fromkeys(
            ("functionArn", "details"),
            "it belongs to a hook of type AWS_LAMBDA; a pause leaves the judgement to people (G36)",
        ),
    }

    type: Literal["PAUSE"]
    """A pause."""

    stages: Annotated[list[Annotated[Stage, checked(partial(check_stage, "PAUSE"))]], Field(min_length=1)]
    """Stages at which the release waits; not where traffic is being shifted. At PRE_PRODUCTION_TRAFFIC_SHIFT it waits
    before each step of LINEAR and CANARY (G36)."""

    timeout_minutes: Annotated[int, checked(check_pause_minutes)] = PAUSE_MINUTES
    """Minutes to wait for an answer; a day unless set."""

    timeout_action: Literal["ROLLBACK", "CONTINUE"] = "ROLLBACK"
    """What happens when nobody answers in time; ROLLBACK unless set."""


def _of_its_type(kinds: Mapping[str, type[Model]], why: Mapping[str, str], others: str) -> WrapValidator:
    """A validator that reads a hook by the model of its type; a union would report the errors of all its members."""

    def read(value: Any, _: ValidatorFunctionWrapHandler) -> Any:
        if not isinstance(value, Mapping):
            raise Refused(shown(value), "a mapping of keys", "")
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            given = shown(kind) if "type" in value else "nothing"
            raise refused_at("type", Refused(given, ", ".join(kinds), why.get(str(kind), others)))
        return kinds[kind].model_validate(value)

    return WrapValidator(read)


_HOOKS = {
    "AWS_LAMBDA": LambdaHook,
    "PAUSE": PauseHook,
    "SMOKE": SmokeHook,
    "ADMISSION": AdmissionHook,
    "APPROVAL": ApprovalHook,
}

Hook = Annotated[
    LambdaHook | PauseHook | SmokeHook | AdmissionHook | ApprovalHook,
    _of_its_type(_HOOKS, {}, "ECS has no other hooks"),
]
"""A lifecycle hook of ECS."""

_EVENTS = {"AWS_LAMBDA": LambdaEvent, "SMOKE": SmokeEvent, "ADMISSION": AdmissionEvent}

EventHook = Annotated[
    LambdaEvent | SmokeEvent | AdmissionEvent,
    _of_its_type(
        _EVENTS,
        dict.fromkeys(("APPROVAL", "PAUSE"), "CodeDeploy waits for a person by approvalWaitMinutes"),
        "CodeDeploy calls functions only",
    ),
]
"""A hook of the AppSpec of a CodeDeploy deployment."""


def judges(hooks: Sequence[Model]) -> dict[str, Any]:
    """Those hooks whose function is the project's own, by a name for it: `smoke`, and `smoke-2` for another."""
    found: dict[str, Any] = {}
    for hook in hooks:
        if isinstance(hook, Smoke | Admission | ApprovalHook):
            kind, number = hook.type.lower(), 1
            while (name := kind if number == 1 else f"{kind}-{number}") in found:
                number += 1
            found[name] = hook
    return found
