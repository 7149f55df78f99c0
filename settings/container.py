"""Settings of a container."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel

from components.limits import Refused
from settings.mistake import Model
from settings.script import check_script, script_command
from settings.types import Image, Port, SecretReference, checked, matching

VariableName = Annotated[str, matching(r"[^=\x00]+", "a name without =")]


class ContainerHealthCheck(Model):
    """A command that ECS runs inside the container."""

    command: list[str]
    """Command, such as [CMD-SHELL, 'wget -q --spider http://127.0.0.1/ || exit 1']."""

    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 30
    """Seconds between two checks; 30 unless set."""

    timeout_seconds: Annotated[int, Field(ge=2, le=60)] = 5
    """Seconds after which a check has failed; 5 unless set."""

    retries: Annotated[int, Field(ge=1, le=10)] = 3
    """Failures in a row that make the container unhealthy; 3 unless set."""

    start_period_seconds: Annotated[int, Field(ge=0, le=300)] = 0
    """Seconds at the start in which failures don't count; 0 unless set."""

    @field_validator("command")
    @classmethod
    def _how_to_run(cls, value: list[str]) -> list[str]:
        if len(value) < 2 or value[0] not in ("CMD", "CMD-SHELL"):
            raise Refused(repr(value), "a list that starts with CMD or CMD-SHELL, then the command", "")
        return value


class Container(Model):
    """One container of the task."""

    image: Image
    """Image with a tag other than latest, or a digest: what runs until a release brings another one."""

    port: Port | None = None
    """TCP port it listens on; none unless set."""

    port_name: (
        Annotated[str, matching(r"[a-z0-9_][a-z0-9_-]{0,63}", "1 to 64 lower-case letters, digits, _ and -")] | None
    ) = None
    """Name of the port mapping; `<container>-<port>` unless set."""

    app_protocol: Literal["http", "http2", "grpc"] | None = None
    """Protocol of the port, for telemetry and Service Connect; plain TCP unless set."""

    command: list[str] | None = None
    """Command; the image's own unless set."""

    entry_point: list[str] | None = None
    """Entry point; the image's own unless set."""

    script: Annotated[str, checked(check_script)] | None = None
    """Python file of this project that is the command, text and all, so that a small server needs no image but
    Python's; none unless set."""

    environment: dict[VariableName, str] = {}
    """Environment variables, readable by everyone who may describe the task definition; none unless set."""

    secrets: dict[VariableName, SecretReference] = {}
    """Environment variables taken from an SSM parameter (/name or ARN) or a Secrets Manager secret (ARN)."""

    health_check: ContainerHealthCheck | None = None
    """Health check inside the container; none unless set."""

    essential: bool = True
    """Whether the task stops when this container does; it does unless set."""

    user: str | None = None
    """User and group to run as; the image's own unless set."""

    readonly_root_filesystem: bool = True
    """Whether the root file system is read-only; it is unless set."""

    writable_paths: list[Annotated[str, matching(r"(/[A-Za-z0-9_.-]+)+", "an absolute path")]] = []
    """Paths that get an empty, writable volume of their own beside a read-only root; none unless set."""

    stop_timeout_seconds: Annotated[int, Field(ge=2, le=120)] = 30
    """Seconds from SIGTERM to SIGKILL; 30 unless set."""

    @field_validator("script")
    @classmethod
    def _one_command(cls, value: str | None, info: ValidationInfo) -> str | None:
        others = [to_camel(key) for key in ("command", "entry_point") if info.data.get(key)]
        if value is not None and others:
            raise Refused(f"this key beside {' and '.join(others)}", "one of them", "a container runs one command")
        return value

    @field_validator("secrets")
    @classmethod
    def _no_name_twice(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if twice := sorted(value.keys() & info.data.get("environment", {}).keys()):
            raise Refused(
                f"{', '.join(twice)} here and in environment",
                "each name in one of the two",
                "AWS would answer: 'The secret name must be unique and not shared with any new or existing "
                "environment variables set on the container'",
            )
        return value

    def args(self, wanted: type) -> Any:
        """The arguments of a container, whose command may be a script."""
        args = super().args(wanted)
        return args | ({"command": script_command(self.script)} if self.script else {})
