"""Settings of how a service is released."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from components import limits
from settings.mistake import Model
from settings.types import arn, checked


class TrafficShift(Model):
    """An own deployment configuration: how production traffic moves to the green tasks."""

    type: Literal["CANARY", "LINEAR"]
    """CANARY moves one step, waits, then the rest; LINEAR moves a step at a time."""

    percentage: Annotated[int, checked(limits.check_shift_percentage)]
    """Percent of the traffic in a step, 1 to 99."""

    interval_minutes: Annotated[int, checked(limits.check_shift_interval)]
    """Minutes between two steps, at least 1."""


class Alarms(Model):
    """What stops a deployment and brings blue back, watched for both target groups."""

    http_5xx_count: Annotated[int, Field(ge=1, le=1_000_000_000, alias="http5xxCount")] = 10
    """5xx replies of the tasks in a minute; 10 unless set."""

    unhealthy_hosts: Annotated[int, Field(ge=1, le=5000)] = 1
    """Unhealthy tasks; 1 unless set."""

    latency_p95_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False, alias="latencyP95Seconds")] = 2.0
    """95th percentile of the reply time; 2 seconds unless set."""

    evaluation_minutes: Annotated[int, Field(ge=1, le=60)] = 2
    """Minutes in a row above a threshold that set an alarm off; 2 unless set."""

    additional_names: Annotated[list[str], Field(max_length=limits.DEPLOYMENT_GROUP_ALARMS - 6)] = []
    """CloudWatch alarms of your own to watch as well, at most 4; none unless set."""


RollbackEvent = Literal["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


class CodeDeploy(Model):
    """Releases by CodeDeploy, which moves the listener between the two target groups."""

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

    hook_function_arns: list[
        Annotated[str, arn("lambda", "function:[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?", "a Lambda function")]
    ] = []
    """Lambda functions that the AppSpec of a release names as hooks; none unless set (G12)."""

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


def _ready_action(given: str | None, wait_minutes: int) -> str:
    return given or ("STOP_DEPLOYMENT" if wait_minutes else "CONTINUE_DEPLOYMENT")
