"""Settings of a service."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from components import limits
from components.containers import ContainerArgs, port_name
from components.limits import Refused
from components.service_connect import (
    COUNTED_PROTOCOLS,
    HTTP_FAMILY,
    NOT_UNDER_CODE_DEPLOY,
    EndpointArgs,
    check_idle_timeout,
    check_protocol,
    check_request_timeout,
    check_tls,
)
from components.strategy import check_length
from settings.container import Container
from settings.deployment import CodeDeploy, Deployment, Shifting, deployment_model
from settings.mistake import Model, below, refused_at
from settings.pipeline import Pipeline, check_fit
from settings.route import Route
from settings.service_connect import ServiceConnect
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


def _has(**properties: Any) -> dict[str, Any]:
    """A schema of a mapping that has these keys."""
    return {"properties": properties, "required": list(properties)}


_BY_ECS = _has(deployment=_has(controller={"const": "ECS"}))
_BY_PIPELINE = _has(pipeline={"type": "object"})
_TOGETHER: list[Any] = [
    {
        "if": {"not": _BY_ECS},
        "then": {
            "properties": {"loadBalancer": {"type": "object"}, "serviceConnect": {"type": "null"}},
            "required": ["loadBalancer"],
        },
    },
    {"if": _BY_PIPELINE, "then": _has(imageRepository={"type": "object"})},
    {
        "if": {"allOf": [_BY_ECS, _BY_PIPELINE]},
        "then": {"properties": {"deployment": _has(taskDefinitionOwner={"const": "pipeline"})}},
    },
]
"""What JSON Schema can say about keys that belong together."""


class Service(Model):
    """One service: its task, how it is released, and how traffic reaches it."""

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

    deployment: Deployment = CodeDeploy()
    """How the service is released: by CodeDeploy unless set, or by ECS itself with one of its strategies."""

    load_balancer: Route | None = None
    """How traffic reaches the service through the load balancer; it doesn't unless set."""

    service_connect: ServiceConnect | None = None
    """Its place in the mesh of Service Connect, only with controller ECS; none unless set."""

    image_repository: ImageRepository | None = None
    """ECR repository for its images; none unless set."""

    pipeline: Pipeline | None = None
    """The pipelines that make its images and release them; none unless set."""

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

    @field_validator("deployment", mode="wrap")
    @classmethod
    def _of_its_controller(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        # A union reports the errors of all its members; only the one that was meant helps.
        found = handler(value) if isinstance(value, Model) else deployment_model(value).model_validate(value)
        if isinstance(found, Shifting):
            check_length(found.deployment())
        return found

    @field_validator("load_balancer")
    @classmethod
    def _target_exists(cls, value: Route | None, info: ValidationInfo) -> Route | None:
        if value is not None and "containers" in info.data:
            _target(info.data["containers"], value)
        return value

    @field_validator("load_balancer")
    @classmethod
    def _controller_moves_it(cls, value: Route | None, info: ValidationInfo) -> Route | None:
        if isinstance(info.data.get("deployment"), CodeDeploy):
            if value is None:
                raise Refused(
                    "nothing",
                    "this key, or controller ECS",
                    "CodeDeploy releases a service by moving a listener of its load balancer",
                )
            if value.test_conditions:
                refused = Refused(
                    "this key with controller CODE_DEPLOY",
                    "testPort, or controller ECS first (docs/migrate.md)",
                    "CodeDeploy tells test traffic by its listener, and moves every rule of it that leads to the pair",
                )
                raise refused_at("testHeader" if value.test_header else "testPathPatterns", refused)
            events = {event for hook in info.data["deployment"].hooks for event in hook.events}
            if "AfterAllowTestTraffic" in events and value.test_port is None:
                refused = Refused("nothing", "a port", "a hook at AfterAllowTestTraffic needs test traffic (G12)")
                raise refused_at("testPort", refused)
        return value

    @field_validator("service_connect")
    @classmethod
    def _controller_knows_it(cls, value: ServiceConnect | None, info: ValidationInfo) -> ServiceConnect | None:
        if value is not None and isinstance(info.data.get("deployment"), CodeDeploy):
            raise Refused(
                "this key with controller CODE_DEPLOY",
                "leaving it out, or controller ECS first (docs/migrate.md)",
                NOT_UNDER_CODE_DEPLOY,
            )
        return value

    @field_validator("service_connect")
    @classmethod
    def _endpoint_exists(cls, value: ServiceConnect | None, info: ValidationInfo) -> ServiceConnect | None:
        if value is None or value.port is None or "containers" not in info.data:
            return value
        with below("port"):
            protocol = _protocol(info.data["containers"], value.port)
        with below("perRequestTimeoutSeconds"):
            check_request_timeout(protocol, value.per_request_timeout_seconds)
        with below("idleTimeoutSeconds"):
            check_idle_timeout(protocol, value.idle_timeout_seconds)
        if value.tls and (route := info.data.get("load_balancer")):
            with below("tls"):
                check_tls(value.port, _target(info.data["containers"], route)[1])
        deployment = info.data.get("deployment")
        if isinstance(deployment, Shifting):
            with below("port"):
                check_protocol(protocol, "BLUE_GREEN")
                watched = info.data.get("load_balancer", value) or deployment.alarms.additional_names
                if protocol not in COUNTED_PROTOCOLS and not watched:
                    raise Refused(
                        f"a port that speaks {protocol}, with no alarm to stop a release",
                        "appProtocol http or http2 on the port, deployment.alarms.additionalNames, or loadBalancer",
                        "the proxies count the failures of http and http2 only",
                    )
        elif value.test_header and protocol not in HTTP_FAMILY:
            refused = Refused(
                "this key with a port that speaks plain TCP",
                f"appProtocol {', '.join(HTTP_FAMILY)} on the port, or no testHeader",
                "plain TCP has no headers (G23)",
            )
            raise refused_at("testHeader", refused)
        return value

    @field_validator("service_connect")
    @classmethod
    def _something_to_shift(cls, value: ServiceConnect | None, info: ValidationInfo) -> ServiceConnect | None:
        offers = info.data.get("load_balancer", value) or (value and value.port)
        if isinstance(info.data.get("deployment"), Shifting) and "load_balancer" in info.data and not offers:
            raise Refused(
                "neither loadBalancer nor a port of serviceConnect",
                "one of them, or strategy ROLLING",
                "without traffic there is nothing to shift",
            )
        return value

    @field_validator("pipeline")
    @classmethod
    def _releases_it(cls, value: Pipeline | None, info: ValidationInfo) -> Pipeline | None:
        if value is not None:
            check_fit(value, info.data)
        return value

    @field_validator("pipeline")
    @classmethod
    def _finds_its_container(cls, value: Pipeline | None, info: ValidationInfo) -> Pipeline | None:
        if value is not None and {"containers", "load_balancer", "service_connect"} <= info.data.keys():
            with below("container"):
                _released(value, **{key: info.data[key] for key in ("containers", "load_balancer", "service_connect")})
        return value

    model_config = ConfigDict(validate_default=True, json_schema_extra={"allOf": _TOGETHER})

    @property
    def target(self) -> tuple[str, int]:
        """Name and port of the container that takes the load balancer's traffic."""
        assert self.load_balancer is not None
        return _target(self.containers, self.load_balancer)

    @property
    def released_container(self) -> str:
        """Name of the container whose image a pipeline releases."""
        assert self.pipeline is not None
        return _released(self.pipeline, self.containers, self.load_balancer, self.service_connect)

    def released_containers(self) -> dict[str, ContainerArgs]:
        """The containers as a pipeline releases them: its own image knows its command, so that a script makes way."""
        containers = {name: each.args(ContainerArgs) for name, each in self.containers.items()}
        released = self.released_container
        if self.containers[released].script:
            del containers[released]["command"]
        return containers

    def endpoint(self, name: str) -> EndpointArgs | None:
        """What the service, called `name` in this stack, offers to the others, if it offers anything."""
        mesh = self.service_connect
        if mesh is None or mesh.port is None:
            return None
        ((container, found),) = ((n, c) for n, c in self.containers.items() if c.port == mesh.port)
        return EndpointArgs(
            port_name=port_name(container, found.args(ContainerArgs)),
            app_protocol=found.app_protocol,
            **{"discovery_name": name, **mesh.args(EndpointArgs)},
        )

    def args(self, wanted: type) -> Any:
        """The arguments of `wanted` that concern the service as such; its parts have arguments of their own."""
        args = super().args(wanted)
        if "containers" in args:
            args["containers"] = {name: each.args(ContainerArgs) for name, each in self.containers.items()}
        return {key: value for key, value in args.items() if key not in _PARTS}


_PARTS = ("deployment", "load_balancer", "service_connect", "image_repository", "pipeline")


def _protocol(containers: Mapping[str, Container], port: int) -> str | None:
    """What the container behind a port speaks, where Service Connect can tell it from the others."""
    names = {each.port: port_name(name, each.args(ContainerArgs)) for name, each in containers.items() if each.port}
    if port not in names:
        raise Refused(
            str(port),
            ", ".join(map(str, names)) or "a container with a port",
            "Service Connect finds a container by its port mapping (G23)",
        )
    if others := [other for other, name in names.items() if name == names[port] and other != port]:
        raise Refused(
            f"{port}, which has the portName {names[port]} of port {others[0]}",
            "a portName of its own",
            "Service Connect finds a container by the name of its port mapping (G23)",
        )
    return next(each.app_protocol for each in containers.values() if each.port == port)


def _released(
    pipeline: Pipeline,
    containers: Mapping[str, Container],
    load_balancer: Route | None,
    service_connect: ServiceConnect | None,
) -> str:
    if pipeline.container is not None:
        if pipeline.container in containers:
            return pipeline.container
        raise Refused(repr(pipeline.container), ", ".join(containers), "the task has no other containers")
    if load_balancer is not None:
        return _target(containers, load_balancer)[0]
    port = service_connect.port if service_connect else None
    found = [name for name, each in containers.items() if port is None or each.port == port]
    if len(found) == 1:
        return found[0]
    raise Refused("nothing", ", ".join(containers), "the pipeline makes the image of one container")


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
