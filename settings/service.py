"""Settings of a service."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from components import limits
from components.limits import Refused
from settings.container import Container
from settings.deployment import CodeDeploy
from settings.mistake import Model
from settings.route import Route
from settings.types import RetentionDays, arn, checked, matching

TaskName = matching(r"[A-Za-z0-9_-]{1,255}", "1 to 255 letters, digits, _ and -")


class ImageRepository(Model):
    """An ECR repository for the images of the service."""

    name: Annotated[
        str,
        matching(r"(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+)*", "2 to 256 lower-case letters, digits and inner . _ / -"),
    ]
    """Name of the repository."""

    keep_images: Annotated[int, Field(ge=2, le=1000)] = 30
    """Tagged images to keep, so that an old revision can still be started; 30 unless set."""

    mutable_tags: Annotated[
        list[Annotated[str, matching(r"(?=.*[^*])[A-Za-z0-9._*-]{1,128}", "a tag or a prefix such as cache-*")]],
        Field(max_length=5),
    ] = []
    """Tags that may move, such as cache-*; none unless set (G60)."""

    force_destroy: bool = False
    """Whether destroying the stack deletes the images too; not unless set."""


class Service(Model):
    """One service: its task, how traffic reaches it, and how it is released."""

    refused_keys = {
        "serviceConnect": "ECS has Service Connect under its own controller only, not under CODE_DEPLOY (G13)"
    }

    family: Annotated[str, TaskName] | None = None
    """Family of its task definition; the service's name unless set."""

    cpu: Annotated[int, checked(limits.check_fargate_cpu)] = 256
    """CPU units of a task, 1024 to a vCPU; 256 unless set."""

    memory: int = 512
    """Memory of a task in MiB; 512 unless set."""

    architecture: Literal["X86_64", "ARM64"] = "X86_64"
    """Processor that the images are built for; X86_64 unless set."""

    containers: Annotated[dict[Annotated[str, TaskName], Container], Field(min_length=1, max_length=10)]
    """Containers of a task by name."""

    desired_count: Annotated[int, Field(ge=0, le=5000)] = 2
    """Tasks to run; 2 unless set."""

    desired_count_owner: Literal["pulumi", "autoscaling"] = "pulumi"
    """Who changes the number of tasks after creation; with autoscaling Pulumi leaves it alone (G55)."""

    log_retention_days: RetentionDays = 30
    """Days that CloudWatch Logs keeps the containers' output; 30 unless set."""

    task_role_policy_arns: list[Annotated[str, arn("iam", "policy/.+", "a managed policy")]] = []
    """Managed policies for what the application itself calls; none unless set."""

    secrets_key_arn: Annotated[str, arn("kms", "key/.+", "a KMS key")] | None = None
    """Customer-managed KMS key of the secrets; the AWS managed ones unless set."""

    execute_command: bool = False
    """Whether ECS Exec may open a shell in a task; not unless set."""

    load_balancer: Route
    """How traffic reaches the service."""

    deployment: CodeDeploy = CodeDeploy()
    """How the service is released."""

    image_repository: ImageRepository | None = None
    """ECR repository for its images; none unless set."""

    @field_validator("containers")
    @classmethod
    def _fit_together(cls, value: dict[str, Container]) -> dict[str, Container]:
        limits.check_containers({name: container.port for name, container in value.items()})
        if not any(container.essential for container in value.values()):
            raise Refused(
                "no essential container",
                "essential: true for one of them",
                "ECS refuses a task without one",
            )
        return value

    @field_validator("memory")
    @classmethod
    def _fargate_size(cls, value: int, info: ValidationInfo) -> int:
        if "cpu" in info.data:
            limits.check_fargate_size(info.data["cpu"], value)
        return value

    @field_validator("load_balancer")
    @classmethod
    def _target_exists(cls, value: Route, info: ValidationInfo) -> Route:
        if "containers" in info.data:
            _target(info.data["containers"], value)
        return value

    model_config = ConfigDict(validate_default=True)

    @property
    def target(self) -> tuple[str, int]:
        """Name and port of the container that takes the load balancer's traffic."""
        return _target(self.containers, self.load_balancer)


def _target(containers: Mapping[str, Container], route: Route) -> tuple[str, int]:
    ports = {name: container.port for name, container in containers.items() if container.port is not None}
    fitting = {
        name: port
        for name, port in ports.items()
        if route.container in (None, name) and route.container_port in (None, port)
    }
    if len(fitting) == 1:
        return fitting.popitem()
    wanted = [("container", route.container), ("containerPort", route.container_port)]
    raise Refused(
        ", ".join(f"{key} {value}" for key, value in wanted if value) or "neither container nor containerPort",
        ", ".join(f"{name}:{port}" for name, port in ports.items()) or "a container with a port",
        "AWS would answer: 'The container does not exist in the task definition', or find the port closed (G51)",
    )
