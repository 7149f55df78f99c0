"""Settings of how a service is released."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pulumi
from pydantic import ConfigDict, Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from components import limits
from components.limits import Refused
from components.strategy import (
    BAKE_MINUTES,
    CANARY_BAKE_MINUTES,
    CANARY_PERCENT,
    NOT_CANARY,
    NOT_LINEAR,
    NOT_ROLLING,
    NOT_WITHOUT_ROLLBACK,
    STEP_BAKE_MINUTES,
    STEP_PERCENT,
    TASKS_MINUTES,
    DeploymentArgs,
    HookArgs,
    check_bake_minutes,
    check_canary_percent,
    check_hook_counts,
    check_step_percent,
    function_name,
)
from settings.hook import EVENT_MINUTES, EventHook, Hook, LambdaHook, judges
from settings.mistake import Model, refused_at, shown
from settings.types import checked


class TrafficShift(Model):
    """An own deployment configuration: how production traffic moves to the green tasks."""

    type: Literal["CANARY", "LINEAR"]
    """CANARY moves one step, waits, then the rest; LINEAR moves a step at a time."""

    percentage: Annotated[int, checked(limits.check_shift_percentage)]
    """Percent of the traffic in a step, 1 to 99."""

    interval_minutes: Annotated[int, checked(limits.check_shift_interval)]
    """Minutes between two steps, at least 1."""


class Alarms(Model):
    """What stops a deployment and brings blue back, watched for both target groups, and in the mesh."""

    http_5xx_count: Annotated[int, Field(ge=1, le=1_000_000_000, alias="http5xxCount")] = 10
    """5xx replies of the tasks in a minute; 10 unless set."""

    unhealthy_hosts: Annotated[int, Field(ge=1, le=5000)] = 1
    """Unhealthy tasks behind the load balancer; 1 unless set."""

    latency_p95_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False, alias="latencyP95Seconds")] = 2.0
    """95th percentile of the reply time behind the load balancer; 2 seconds unless set."""

    evaluation_minutes: Annotated[int, Field(ge=1, le=60)] = 2
    """Minutes in a row above a threshold that set an alarm off; 2 unless set."""

    additional_names: Annotated[list[str], Field(max_length=limits.DEPLOYMENT_GROUP_ALARMS - 6)] = []
    """CloudWatch alarms of your own to watch as well, at most 4; none unless set."""


RollbackEvent = Literal["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


class CodeDeploy(Model):
    """Releases by CodeDeploy, which moves the listener between the two target groups."""

    refused_keys = dict.fromkeys(
        (
            "strategy",
            "bakeMinutes",
            "stepPercent",
            "stepBakeMinutes",
            "canaryPercent",
            "canaryBakeMinutes",
            "taskDefinitionOwner",
            "waitForSteadyState",
            "rollback",
        ),
        "it belongs to controller ECS; docs/migrate.md says how a service moves there",
    )

    controller: Literal["CODE_DEPLOY"] = "CODE_DEPLOY"
    """Who replaces the tasks: CodeDeploy."""

    configuration: str | TrafficShift = limits.DEPLOYMENT_CONFIGURATION
    """How production traffic moves: the name of a predefined configuration, or an own one; a tenth for five minutes,
    then the rest, unless set."""

    action_on_timeout: Literal["CONTINUE_DEPLOYMENT", "STOP_DEPLOYMENT"] | None = None
    """What happens when nobody approves in time; STOP_DEPLOYMENT with a wait, CONTINUE_DEPLOYMENT without one."""

    approval_wait_minutes: int = 0
    """Minutes that green waits for a person before production traffic moves; traffic moves at once unless set."""

    termination_wait_minutes: Annotated[int, checked(limits.check_termination_wait)] = 10
    """Minutes that the old tasks stay after the shift, for an instant rollback; 10 unless set."""

    auto_rollback: list[RollbackEvent] = [*limits.ROLLBACK_EVENTS]
    """Events that bring blue back; all three unless set."""

    hooks: list[EventHook] = []
    """Functions that judge a deployment, as the AppSpec of a release names them; none unless set (G12)."""

    alarms: Alarms = Alarms()
    """Alarms that stop a deployment."""

    @field_validator("configuration", mode="wrap")
    @classmethod
    def _name_or_own(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        # A union reports the errors of all its members; only the one that was meant helps.
        if isinstance(value, Mapping):
            return TrafficShift.model_validate(value)
        limits.check_deployment_configuration(value)
        return handler(value)

    @field_validator("hooks")
    @classmethod
    def _one_an_event(cls, value: list[EventHook]) -> list[EventHook]:
        events = [event for hook in value for event in hook.events]
        if twice := sorted({event for event in events if events.count(event) > 1}):
            raise Refused(f"{', '.join(twice)} twice", "each event once", "an AppSpec names one function for it (G12)")
        return value

    @field_validator("approval_wait_minutes")
    @classmethod
    def _no_contradiction(cls, value: int, info: ValidationInfo) -> int:
        limits.check_ready_option(_ready_action(info.data.get("action_on_timeout"), value), value)
        return value

    model_config = ConfigDict(validate_default=True)

    def args(self, wanted: type) -> Any:
        """The arguments of a `CodeDeployService` that concern its releases."""
        args = super().args(wanted)
        if isinstance(self.configuration, TrafficShift):
            args["traffic_shift"] = args.pop("configuration")
        return {"action_on_timeout": _ready_action(None, self.approval_wait_minutes)} | args

    @property
    def judging(self) -> list[Any]:
        """Its hooks."""
        return self.hooks

    @property
    def longest_minutes(self) -> int:
        """How long a deployment may take: starting tasks, hooks, a person, all steps, and the old tasks' stay."""
        shift = self.configuration
        if isinstance(shift, TrafficShift):
            steps = 1 if shift.type == "CANARY" else math.ceil(100 / shift.percentage) - 1
            moving = steps * shift.interval_minutes
        else:
            moving = limits.shift_minutes(shift)
        hooks = EVENT_MINUTES * sum(len(hook.events) for hook in self.hooks)
        return TASKS_MINUTES + hooks + self.approval_wait_minutes + moving + self.termination_wait_minutes


def _ready_action(given: str | None, wait_minutes: int) -> str:
    return given or ("STOP_DEPLOYMENT" if wait_minutes else "CONTINUE_DEPLOYMENT")


class Native(Model):
    """Releases by ECS itself."""

    refused_keys = dict.fromkeys(
        (
            "configuration",
            "actionOnTimeout",
            "approvalWaitMinutes",
            "terminationWaitMinutes",
            "autoRollback",
        ),
        "it belongs to controller CODE_DEPLOY; docs/migrate.md says what takes its place",
    )

    controller: Literal["ECS"]
    """Who replaces the tasks: ECS itself."""

    task_definition_owner: Literal["pulumi", "pipeline"] = "pulumi"
    """Who makes releases: `pulumi up`, unless a pipeline does and Pulumi leaves the revision alone."""

    wait_for_steady_state: bool = False
    """Whether `pulumi up` waits for the end of a release; not unless set. It may report success after a rollback:
    `aws ecs list-service-deployments` tells what became of the release (G38)."""

    alarms: Alarms = Alarms()
    """Alarms that stop a release and bring blue back."""

    @property
    def judging(self) -> list[Any]:
        """Its hooks."""
        return []

    def deployment(self, function_arns: Mapping[str, pulumi.Input[str]] | None = None) -> DeploymentArgs:
        """How a release goes, as a `NativeService` takes it.

        Args:
            function_arns: functions of the project's own hooks, by their names in `judges`.
        """
        args = self.args(DeploymentArgs)
        if not self.judging:
            return args
        names = {id(hook): name for name, hook in judges(self.judging).items()}
        arns: Mapping[str, pulumi.Input[str]] = function_arns or {}

        def own(hook: Model) -> dict[str, Any]:
            name = names.get(id(hook))
            if name is None:
                return {}
            return {"type": "AWS_LAMBDA", "function_name": name, "function_arn": arns.get(name, name)}

        return args | {"hooks": [hook.args(HookArgs) | own(hook) for hook in self.judging]}


def _without(*keys: str) -> dict[str, str]:
    foreign = {
        "stepPercent": NOT_LINEAR,
        "stepBakeMinutes": NOT_LINEAR,
        "canaryPercent": NOT_CANARY,
        "canaryBakeMinutes": NOT_CANARY,
        "bakeMinutes": NOT_ROLLING,
        "hooks": NOT_ROLLING,
        "rollback": NOT_WITHOUT_ROLLBACK,
    }
    return {**Native.refused_keys, **{key: foreign[key] for key in keys}}


_TOLD_APART = "the roles by which ECS calls them are told apart by the names of the functions"


class Shifting(Native):
    """Releases that move traffic from blue to green."""

    bake_minutes: Annotated[int, checked(check_bake_minutes)] = BAKE_MINUTES
    """Minutes that both colours run after the shift, for an instant way back; 10 unless set."""

    hooks: list[Hook] = []
    """Lifecycle hooks: functions that judge a release, and pauses for people to do so; none unless set."""

    @property
    def judging(self) -> list[Any]:
        """Its hooks."""
        return self.hooks

    @field_validator("hooks")
    @classmethod
    def _each_with_a_role(cls, value: list[Hook]) -> list[Hook]:
        check_hook_counts(["PAUSE" if hook.type == "PAUSE" else "AWS_LAMBDA" for hook in value])
        functions = {hook.function_arn for hook in value if isinstance(hook, LambdaHook)}
        names = {function_name(function) for function in functions}
        if len(functions) > len(names):
            raise Refused(", ".join(sorted(functions)), "functions of one account and region", _TOLD_APART)
        own = judges(value)
        if both := sorted(names & own.keys()):
            raise Refused(f"function {both[0]} beside a hook of type {own[both[0]].type}", "another name", _TOLD_APART)
        return value


class BlueGreen(Shifting):
    """Releases by ECS itself, all traffic at once."""

    refused_keys = _without("stepPercent", "stepBakeMinutes", "canaryPercent", "canaryBakeMinutes", "rollback")

    strategy: Literal["BLUE_GREEN"] = "BLUE_GREEN"
    """All production traffic moves at once, after the tests."""


class Linear(Shifting):
    """Releases by ECS itself, a step at a time."""

    refused_keys = _without("canaryPercent", "canaryBakeMinutes", "rollback")

    strategy: Literal["LINEAR"]
    """Production traffic moves in equal steps."""

    step_percent: Annotated[float, checked(check_step_percent)] = STEP_PERCENT
    """Percent of the traffic in a step, 3 to 100 in tenths; 10 unless set."""

    step_bake_minutes: Annotated[int, checked(check_bake_minutes)] = STEP_BAKE_MINUTES
    """Minutes between two steps; 6 unless set."""


class Canary(Shifting):
    """Releases by ECS itself, a part first."""

    refused_keys = _without("stepPercent", "stepBakeMinutes", "rollback")

    strategy: Literal["CANARY"]
    """A part of the production traffic moves first, then the rest."""

    canary_percent: Annotated[float, checked(check_canary_percent)] = CANARY_PERCENT
    """Percent of the traffic that moves first, 0.1 to 100 in tenths; 5 unless set."""

    canary_bake_minutes: Annotated[int, checked(check_bake_minutes)] = CANARY_BAKE_MINUTES
    """Minutes until the rest follows; 10 unless set."""


class Rolling(Native):
    """Releases by ECS itself that replace tasks in place, for services that need no second colour."""

    refused_keys = _without(
        "bakeMinutes", "hooks", "stepPercent", "stepBakeMinutes", "canaryPercent", "canaryBakeMinutes"
    )

    strategy: Literal["ROLLING"]
    """Old and new tasks serve side by side until the last old one is replaced."""

    rollback: bool = True
    """Whether the alarms and the circuit breaker bring the old tasks back; they do unless set. A service that is to
    leave the ECS controller does without them first (G46)."""


Deployment = CodeDeploy | BlueGreen | Linear | Canary | Rolling

STRATEGIES = {"BLUE_GREEN": BlueGreen, "LINEAR": Linear, "CANARY": Canary, "ROLLING": Rolling}


def deployment_model(value: Any) -> type[Deployment]:
    """The model of a deployment that `value` asks for by its controller and, with controller ECS, its strategy.

    Raises:
        Refused: for what is no mapping.
        ValidationError: if there is no such controller or strategy.
    """
    if not isinstance(value, Mapping):
        raise Refused(shown(value), "a mapping of keys", "")
    controller = value.get("controller", "CODE_DEPLOY")
    if controller == "CODE_DEPLOY":
        return CodeDeploy
    if controller != "ECS":
        why = "a service is released by CodeDeploy or by ECS itself"
        raise refused_at("controller", Refused(shown(controller), "CODE_DEPLOY or ECS", why))
    name = value.get("strategy", "BLUE_GREEN")
    if not isinstance(name, str) or name not in STRATEGIES:
        why = "ECS has no other deployment strategy"
        raise refused_at("strategy", Refused(shown(name), ", ".join(STRATEGIES), why))
    return STRATEGIES[name]
