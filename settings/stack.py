"""The settings of one stack, read from Pulumi's configuration."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from typing import Annotated, Any, TypeVar

import pulumi
from pulumi.runtime.config import CONFIG
from pydantic import Field, ValidationError

from components import limits
from settings.cluster import Cluster
from settings.conflicts import conflicts
from settings.load_balancer import LoadBalancer
from settings.mesh import calls
from settings.mistake import PROJECT, Mistake, Model, SettingsError, mistakes_of
from settings.network import Network
from settings.route import Route
from settings.service import Service
from settings.smoke import SmokeTest, smoke_tests
from settings.types import ServiceName, checked, matching

TEXTS = ("name", "encryptionKey")
"""Keys whose values are text even where they look like something else."""

_M = TypeVar("_M", bound=Model)


@dataclass(frozen=True)
class Listener:
    """A listener that the load balancer needs, and the IPv4 networks that may reach it."""

    port: int
    cidrs: list[str]


class Settings(Model):
    """The settings of one stack."""

    name: Annotated[str, checked(partial(limits.check_name, longest=limits.SHARED_NAME, what="the load balancer"))] = (
        "blue-green"
    )
    """Name of what the services share (network, cluster, load balancer); blue-green unless set."""

    tags: Annotated[
        dict[
            Annotated[str, matching(r"(?!aws:).{1,128}", "1 to 128 characters, not starting with aws:")],
            Annotated[str, matching(r".{0,256}", "at most 256 characters")],
        ],
        Field(max_length=40),
    ] = {}
    """Tags of every resource that takes tags; none unless set."""

    encryption_key: Annotated[
        str,
        matching(r"aws|create|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/.+", "aws, create or the ARN of a KMS key"),
    ] = "aws"
    """KMS key of logs and images: create makes one, an ARN names one that CloudWatch Logs may use, aws leaves it to
    AWS; aws unless set. Changing it replaces repositories."""

    protect: bool = False
    """Whether Pulumi refuses to delete or replace the load balancer, the services and their deployment groups; not
    unless set."""

    network: Network = Network()
    """The VPC."""

    cluster: Cluster = Cluster()
    """The ECS cluster that all services run in, and what they share there: a namespace, a log group."""

    load_balancer: LoadBalancer = LoadBalancer()
    """The load balancer."""

    services: Annotated[dict[ServiceName, Service], Field(min_length=1)]
    """The services by name."""

    def port(self, route: Route) -> int:
        """The production listener's port of a route."""
        return route.port or (443 if self.load_balancer.certificate_arn else 80)

    @property
    def routes(self) -> dict[str, Route]:
        """How traffic reaches the services that are behind the load balancer, by name."""
        return {name: service.load_balancer for name, service in self.services.items() if service.load_balancer}

    @property
    def listeners(self) -> list[Listener]:
        """The listeners that the services need, by port. Test listeners are open to the VPC and whoever is named,
        others to the VPC as well where smoke tests come by them."""
        own, anybody = self.network.cidr_block, "0.0.0.0/0"
        test_cidrs = [own, *self.load_balancer.test_ingress_cidrs]
        cidrs = self.load_balancer.ingress_cidrs
        found = {self.port(route): cidrs for route in self.routes.values()}
        if anybody not in cidrs:
            found |= {test.port: [own, *cidrs] for tests in self.smoke_tests.values() for test in tests.values()}
        found |= {route.test_port: test_cidrs for route in self.routes.values() if route.test_port}
        return [Listener(port, list(dict.fromkeys(cidrs))) for port, cidrs in sorted(found.items())]

    @property
    def namespace(self) -> str | None:
        """Name of the Service Connect namespace, if a service uses it."""
        used = any(service.service_connect for service in self.services.values())
        return (self.cluster.namespace or f"{self.name}.local") if used else None

    @property
    def calls(self) -> dict[str, list[str]]:
        """The services that each service calls by name."""
        return calls(self.services)

    @property
    def pipelines(self) -> bool:
        """Whether a service has a pipeline."""
        return any(service.pipeline for service in self.services.values())

    @property
    def smoke_tests(self) -> dict[str, dict[str, SmokeTest]]:
        """The requests by which releases are tested, by service and hook."""
        return smoke_tests(self)

    @property
    def in_order(self) -> list[str]:
        """The services' names, each after those that it calls (G24)."""
        return list(TopologicalSorter(self.calls).static_order())


def parse(raw: Mapping[str, Any]) -> Settings:
    """The settings that a stack's configuration describes.

    Args:
        raw: values by key, as the stack file has them without the project's prefix.

    Raises:
        SettingsError: with every mistake, sorted by path.
    """
    try:
        settings = Settings.model_validate(dict(raw))
    except ValidationError as error:
        raise SettingsError([*mistakes_of(error), *conflicts(*_usable(raw))]) from None
    if found := list(conflicts(settings)):
        raise SettingsError(found)
    return settings


def _usable(raw: Mapping[str, Any]) -> tuple[Settings, set[str]]:
    """Those parts of a refused stack file that are in order, so that what lies between them is checked as well.

    Beside them the names of the services that are not.
    """

    def valid(model: type[_M], value: Any) -> _M | None:
        try:
            return model.model_validate(value)
        except ValidationError:
            return None

    services = raw.get("services")
    services = services if isinstance(services, Mapping) else {}
    usable = {name: service for name, value in services.items() if (service := valid(Service, value))}
    settings = Settings.model_construct(
        name=str(raw.get("name", Settings.model_fields["name"].default)),
        cluster=valid(Cluster, raw.get("cluster", {})) or Cluster(),
        load_balancer=valid(LoadBalancer, raw.get("loadBalancer", {})) or LoadBalancer(),
        network=valid(Network, raw.get("network", {})) or Network(),
        services=usable,
    )
    return settings, services.keys() - usable.keys()


def load() -> Settings:
    """The settings of the current stack, from Pulumi's configuration.

    Raises:
        SettingsError: with every mistake, sorted by path.
    """
    config = pulumi.Config(PROJECT)
    raw: dict[str, Any] = {}
    mistakes = []
    prefix = f"{PROJECT}:"
    for key in sorted(key.removeprefix(prefix) for key in CONFIG.get() if key.startswith(prefix)):
        text = config.get(key) or ""
        if pulumi.runtime.is_config_secret(prefix + key):
            mistakes.append(
                Mistake(
                    key,
                    "an encrypted value",
                    "the value in SSM Parameter Store or Secrets Manager, and its name or ARN under `secrets:`",
                    "everyone who may describe a task definition could read it",
                )
            )
        elif key in TEXTS:
            raw[key] = text
        else:
            try:
                raw[key] = json.loads(text)
            except ValueError:
                raw[key] = text
    if mistakes:
        raise SettingsError(mistakes)
    return parse(raw)


def schema() -> dict[str, Any]:
    """JSON Schema of a stack file, for editors: `Pulumi.<stack>.yaml` with the keys of this project."""
    models = Settings.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Stack file of {PROJECT}",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {f"{PROJECT}:{key}": value for key, value in models["properties"].items()},
                "patternProperties": {f"^{PROJECT}:(?!({'|'.join(models['properties'])})$)": False},
                "required": [f"{PROJECT}:{key}" for key in models["required"]],
            },
        },
        "$defs": models["$defs"],
    }
