"""How a service is found and reached inside a Service Connect namespace, as plain values.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html
"""

import re
from typing import Any, NotRequired, TypedDict

import pulumi

from components.limits import Refused
from components.location import Location

TEST_HEADER = "x-amzn-ecs-blue-green-test"
"""The header that ECS itself takes for test traffic where no rule names another one (G22)."""

TEST_VALUE = "test"

HTTP_FAMILY = ("http", "http2", "grpc")
"""Protocols whose requests have headers, by which a test is told (G23)."""

NOT_UNDER_CODE_DEPLOY = (
    "AWS would answer: 'Service Connect feature is only supported with ECS (rolling update) deployment controller. "
    "Update to ECS deployment controller and try again.' (G13)"
)

COUNTED_PROTOCOLS = ("http", "http2")
"""Those whose replies the proxies count by status.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html"""


IDLE_SECONDS, REQUEST_SECONDS = 300, 15
"""AWS's own timeouts of a port that speaks one of these protocols.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html"""


class HeaderArgs(TypedDict):
    """A header and its exact value."""

    name: str
    """Name, in any case."""

    value: str
    """The whole value."""


class AccessLogArgs(TypedDict):
    """Access logs of the proxies, beside their own log."""

    format: str
    """TEXT or JSON."""

    include_query_parameters: NotRequired[bool]
    """Whether query parameters, which may hold secrets, are logged too; not unless given."""


class TlsArgs(TypedDict):
    """Encryption between the proxies."""

    certificate_authority_arn: str
    """AWS Private CA that issues the certificates."""

    kms_key_arn: NotRequired[str]
    """KMS key of the private keys in Secrets Manager; AWS's own unless given."""


class EndpointArgs(TypedDict):
    """What a service offers to the others of its namespace."""

    port_name: str
    """Name of the port mapping."""

    port: int
    """Its port, which the proxy in front of the container listens on."""

    app_protocol: NotRequired[str | None]
    """http, http2 or grpc; plain TCP unless given."""

    discovery_name: str
    """Name in the namespace, at most 64 characters."""

    dns_name: NotRequired[str]
    """Name that clients connect to, at most 127 characters; the discovery name unless given."""

    alias_port: NotRequired[int]
    """Port that clients connect to; the container's unless given."""

    test_header: NotRequired[HeaderArgs]
    """Requests that reach green before the others do; AWS's default header with the value test unless given (G22)."""

    idle_timeout_seconds: NotRequired[int]
    """Seconds that an idle connection is kept, 0 for ever; AWS's default unless given, not with plain TCP (G23)."""

    per_request_timeout_seconds: NotRequired[int]
    """Seconds for a whole reply, 0 for ever; AWS's default unless given, not with plain TCP (G23)."""

    tls: NotRequired[TlsArgs]
    """Encryption between the proxies; none unless given."""


class ServiceConnectArgs(TypedDict):
    """A service's place in a Service Connect namespace."""

    namespace_arn: pulumi.Input[str]
    """Cloud Map namespace."""

    log_group_name: pulumi.Input[str]
    """Log group of the proxies."""

    endpoint: NotRequired[EndpointArgs]
    """What the service offers; without it the service only calls others."""

    access_log: NotRequired[AccessLogArgs]
    """Access logs of the proxies; none unless given."""


def address(endpoint: EndpointArgs) -> str:
    """Name and port that clients connect to, such as backend:3000."""
    return f"{endpoint.get('dns_name', endpoint['discovery_name'])}:{endpoint.get('alias_port', endpoint['port'])}"


def check_discovery_name(name: str) -> None:
    """Refuse a name that a service can't have in a namespace (G23)."""
    if not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,63}", name):
        raise Refused(
            repr(name),
            "1 to 64 lower-case letters, digits, _ and -, not starting with -",
            "Service Connect takes no other discovery name (G23)",
        )


def check_dns_name(name: str) -> None:
    """Refuse a name that clients could not connect to (G23)."""
    if not re.fullmatch(r"[a-z0-9_][a-z0-9_.-]{0,126}", name):
        raise Refused(
            repr(name),
            "1 to 127 lower-case letters, digits, _, - and ., not starting with - or .",
            "Service Connect takes no other DNS name (G23)",
        )


def check_protocol(app_protocol: str | None, strategy: str) -> None:
    """Refuse a port without headers where test traffic is told by one (G23)."""
    if app_protocol not in HTTP_FAMILY and strategy != "ROLLING":
        raise Refused(
            "a port that speaks plain TCP",
            f"appProtocol {', '.join(HTTP_FAMILY)} on the port, or strategy ROLLING",
            "the proxies tell test traffic by a header, which plain TCP has none of (G23)",
        )


def check_request_timeout(app_protocol: str | None, seconds: int | None) -> None:
    """Refuse a timeout for requests on a port that knows of no requests (G23)."""
    if seconds is not None and app_protocol not in HTTP_FAMILY:
        raise Refused(
            f"{seconds} seconds on a port that speaks plain TCP",
            f"appProtocol {', '.join(HTTP_FAMILY)} on the port, or no such timeout",
            "plain TCP has no requests (G23)",
        )


def check_idle_timeout(app_protocol: str | None, seconds: int | None) -> None:
    """Refuse a timeout for connections on a port without requests: the provider sends one for requests with it.

    https://github.com/pulumi/pulumi-aws/issues/4265
    """
    if seconds is not None and app_protocol not in HTTP_FAMILY:
        raise Refused(
            f"an idle timeout of {seconds} seconds on a port that speaks plain TCP",
            f"appProtocol {', '.join(HTTP_FAMILY)} on the port, or no such timeout",
            "the provider sends both timeouts, and AWS would answer: \"Per request timeout 0 can't be set for tcp "
            'application." (G23)',
        )


def check_tls(port: int, load_balancer_port: int | None) -> None:
    """Refuse to encrypt the port that the load balancer reaches: the proxy in front of it takes HTTPS only.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-tls.html
    """
    if port == load_balancer_port:
        raise Refused(
            f"encryption of port {port}, which the load balancer reaches",
            "another port for the mesh, or no encryption",
            "the proxy would take HTTPS only, and the load balancer's target groups speak HTTP (G23)",
        )


def check_endpoint(endpoint: EndpointArgs, strategy: str) -> None:
    """Refuse an endpoint that ECS or Cloud Map does not accept (G23)."""
    check_discovery_name(endpoint["discovery_name"])
    check_dns_name(endpoint.get("dns_name", endpoint["discovery_name"]))
    check_protocol(endpoint.get("app_protocol"), strategy)
    check_request_timeout(endpoint.get("app_protocol"), endpoint.get("per_request_timeout_seconds"))
    check_idle_timeout(endpoint.get("app_protocol"), endpoint.get("idle_timeout_seconds"))


def service_connect_configuration(
    name: str, args: ServiceConnectArgs, location: Location, tls_role_arn: pulumi.Input[str] | None
) -> dict[str, Any]:
    """The provider's `service_connect_configuration`.

    The proxies log beside the containers of the service `name`, under a stream prefix of their own; without a log
    configuration AWS refuses access logs (G23).
    """
    found: dict[str, Any] = {
        "enabled": True,
        "namespace": args["namespace_arn"],
        "log_configuration": {
            "log_driver": "awslogs",
            "options": {
                "awslogs-group": args["log_group_name"],
                "awslogs-region": location["region"],
                "awslogs-stream-prefix": f"{name}-service-connect",
            },
        },
    }
    if access_log := args.get("access_log"):
        found["access_log_configuration"] = {
            "format": access_log["format"],
            "include_query_parameters": (
                "ENABLED" if access_log.get("include_query_parameters", False) else "DISABLED"
            ),
        }
    if endpoint := args.get("endpoint"):
        found["services"] = [_endpoint(endpoint, tls_role_arn)]
    return found


def _endpoint(endpoint: EndpointArgs, tls_role_arn: pulumi.Input[str] | None) -> dict[str, Any]:
    alias: dict[str, Any] = {
        "port": endpoint.get("alias_port", endpoint["port"]),
        "dns_name": endpoint.get("dns_name", endpoint["discovery_name"]),
    }
    if endpoint.get("app_protocol") in HTTP_FAMILY:
        header = endpoint.get("test_header", {"name": TEST_HEADER, "value": TEST_VALUE})
        alias["test_traffic_rules"] = [{"header": {"name": header["name"], "value": {"exact": header["value"]}}}]
    found: dict[str, Any] = {
        "port_name": endpoint["port_name"],
        "discovery_name": endpoint["discovery_name"],
        "client_alias": [alias],
    }
    idle, request = endpoint.get("idle_timeout_seconds"), endpoint.get("per_request_timeout_seconds")
    if idle is not None or request is not None:
        # The provider sends 0, for ever, in place of the one that isn't written out.
        found["timeout"] = {
            "idle_timeout_seconds": IDLE_SECONDS if idle is None else idle,
            "per_request_timeout_seconds": REQUEST_SECONDS if request is None else request,
        }
    if tls := endpoint.get("tls"):
        found["tls"] = {
            "issuer_cert_authority": {"aws_pca_authority_arn": tls["certificate_authority_arn"]},
            "role_arn": tls_role_arn,
        }
        if key := tls.get("kms_key_arn"):
            found["tls"]["kms_key"] = key
    return found
