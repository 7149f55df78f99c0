"""Settings of a service's place in the mesh of Service Connect."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from components import service_connect
from components.limits import Refused
from settings.mistake import Model
from settings.types import Port, arn, checked, matching

HeaderName = Annotated[
    str,
    matching(
        r"(?!(?i:host)$)[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}",
        "1 to 40 characters that a header's name may have, and not Host",
    ),
]
HeaderValue = Annotated[str, matching(r"[A-Za-z0-9._/=:-]{1,128}", "1 to 128 letters, digits and . _ / = : -")]


class Header(Model):
    """A header and its exact value, by which test traffic is told."""

    name: HeaderName
    """Name of the header, in any case."""

    value: HeaderValue
    """Value of the header, all of it."""


class Tls(Model):
    """Encryption between the proxies, with certificates of an AWS Private CA."""

    certificate_authority_arn: Annotated[
        str,
        arn("acm-pca", "certificate-authority/.+", "an AWS Private CA"),
    ]
    """AWS Private CA that issues the certificates; it must carry the tag AmazonECSManaged: true."""

    kms_key_arn: Annotated[str, arn("kms", "key/.+", "a KMS key")] | None = None
    """KMS key of the private keys; AWS's own unless set."""


class ProxyAccessLog(Model):
    """Access logs of the proxies, in the log group of the containers."""

    format: Literal["TEXT", "JSON"] = "JSON"
    """Form of a line; JSON unless set."""

    include_query_parameters: bool = False
    """Whether query parameters, which may hold secrets, are logged; not unless set."""


class ServiceConnect(Model):
    """The service's place in the mesh: what it offers to the other services, and which of them it calls."""

    port: Port | None = None
    """Port of a container that the other services reach; none unless set, which makes it a client only."""

    discovery_name: Annotated[str, checked(service_connect.check_discovery_name)] | None = None
    """Name in the namespace; the service's name unless set."""

    dns_name: Annotated[str, checked(service_connect.check_dns_name)] | None = None
    """Name that clients connect to; the discovery name unless set."""

    alias_port: Port | None = None
    """Port that clients connect to; `port` unless set."""

    test_header: Header | None = None
    """Requests that reach the green tasks before the others do; AWS's default header with the value test unless set
    (G22)."""

    idle_timeout_seconds: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    """Seconds that an idle connection is kept, 0 for ever; AWS's default, five minutes with HTTP, unless set."""

    per_request_timeout_seconds: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    """Seconds for a whole reply, 0 for ever; AWS's default unless set."""

    tls: Tls | None = None
    """Encryption between the proxies; none unless set."""

    access_log: ProxyAccessLog | None = None
    """Access logs of the proxies; none unless set."""

    connects_to: list[str] = []
    """Services of this stack that it calls: they are made first, as a task only finds what is there when it starts
    (G24), and let its tasks in; none unless set."""

    @field_validator("connects_to")
    @classmethod
    def _each_once(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if len(value) > len(set(value)):
            raise Refused(", ".join(value), "each service once", "")
        if not value and "port" in info.data and info.data["port"] is None:
            raise Refused(
                "neither a port nor a service to call",
                "port, connectsTo, or no serviceConnect",
                "a service that offers nothing and calls nobody has no place in the mesh",
            )
        return value

    @field_validator(
        "discovery_name",
        "dns_name",
        "alias_port",
        "test_header",
        "idle_timeout_seconds",
        "per_request_timeout_seconds",
        "tls",
    )
    @classmethod
    def _of_a_server(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and "port" in info.data and info.data["port"] is None:
            raise Refused(
                "this key without port",
                "port as well",
                "a service that only calls others offers nothing that this could belong to",
            )
        return value

    model_config = ConfigDict(validate_default=True)
