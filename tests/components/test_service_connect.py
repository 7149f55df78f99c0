"""A service's place in the mesh: what it may be called, and what is sent."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_aws.ecs import ServiceServiceConnectConfigurationArgsDict

from components import service_connect
from components.limits import Refused
from tests.components.provider_types import misfits

NAMESPACE = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"
AUTHORITY = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
ROLE = "arn:aws:iam::123456789012:role/tls"
ENDPOINT = {"port_name": "api-3000", "port": 3000, "app_protocol": "http", "discovery_name": "api"}

ACCEPTED = [
    *(partial(service_connect.check_discovery_name, name) for name in ("a", "0", "_a-b_", "a" * 64)),
    *(partial(service_connect.check_dns_name, name) for name in ("a", "_a", "api.shop.local", "a" * 127)),
    *(partial(service_connect.check_protocol, protocol, "BLUE_GREEN") for protocol in ("http", "http2", "grpc")),
    partial(service_connect.check_protocol, None, "ROLLING"),
    *(
        partial(check, protocol, seconds)
        for check in (service_connect.check_request_timeout, service_connect.check_idle_timeout)
        for protocol, seconds in (("http", 0), ("http2", 15), ("grpc", None), (None, None))
    ),
    partial(service_connect.check_tls, 3000, None),
    partial(service_connect.check_tls, 3000, 80),
    partial(service_connect.check_endpoint, ENDPOINT, "BLUE_GREEN"),
    partial(service_connect.check_endpoint, {**ENDPOINT, "app_protocol": None}, "ROLLING"),
]


@pytest.mark.parametrize("check", ACCEPTED)
def test_a_limit_itself_is_accepted(check):
    """A check that passes says nothing."""
    assert check() is None


_DISCOVERY = (
    "1 to 64 lower-case letters, digits, _ and -, not starting with -",
    "Service Connect takes no other discovery name (G23)",
)
_DNS = (
    "1 to 127 lower-case letters, digits, _, - and ., not starting with - or .",
    "Service Connect takes no other DNS name (G23)",
)
_TCP = (
    "a port that speaks plain TCP",
    "appProtocol http, http2, grpc on the port, or strategy ROLLING",
    "the proxies tell test traffic by a header, which plain TCP has none of (G23)",
)
_REQUEST = (
    "15 seconds on a port that speaks plain TCP",
    "appProtocol http, http2, grpc on the port, or no such timeout",
    "plain TCP has no requests (G23)",
)
_IDLE = (
    "an idle timeout of 0 seconds on a port that speaks plain TCP",
    "appProtocol http, http2, grpc on the port, or no such timeout",
    "the provider sends both timeouts, and AWS would answer: \"Per request timeout 0 can't be set for tcp "
    'application." (G23)',
)

REFUSED = [
    *(
        (partial(service_connect.check_discovery_name, name), repr(name), *_DISCOVERY)
        for name in ("", "-a", "A", "a.b", "a b", "ä", "a\n", "a" * 65)
    ),
    *(
        (partial(service_connect.check_dns_name, name), repr(name), *_DNS)
        for name in ("", "-a", ".a", "A", "a b", "a\n", "a" * 128)
    ),
    *(
        (partial(service_connect.check_protocol, None, strategy), *_TCP)
        for strategy in ("BLUE_GREEN", "LINEAR", "CANARY")
    ),
    (partial(service_connect.check_request_timeout, None, 15), *_REQUEST),
    (partial(service_connect.check_idle_timeout, None, 0), *_IDLE),
    (
        partial(service_connect.check_tls, 80, 80),
        "encryption of port 80, which the load balancer reaches",
        "another port for the mesh, or no encryption",
        "the proxy would take HTTPS only, and the load balancer's target groups speak HTTP (G23)",
    ),
    *(
        (partial(service_connect.check_endpoint, {**ENDPOINT, **change}, strategy), *refusal)
        for change, strategy, refusal in (
            ({"discovery_name": "Api"}, "ROLLING", ("'Api'", *_DISCOVERY)),
            ({"dns_name": "Api"}, "ROLLING", ("'Api'", *_DNS)),
            ({"app_protocol": None}, "CANARY", _TCP),
            ({"app_protocol": None, "per_request_timeout_seconds": 15}, "ROLLING", _REQUEST),
            ({"app_protocol": None, "idle_timeout_seconds": 0}, "ROLLING", _IDLE),
        )
    ),
]


@pytest.mark.parametrize(("check", "given", "allowed", "why"), REFUSED)
def test_what_lies_beyond_a_limit_is_refused(check, given, allowed, why):
    """What was given, what is allowed, and why, in AWS's own words where they are known."""
    with pytest.raises(Refused) as caught:
        check()
    assert (caught.value.given, caught.value.allowed, caught.value.why) == (given, allowed, why)


def configuration(location, *, role=None, **args):
    """What is sent for the service `shop`."""
    mesh = {"namespace_arn": NAMESPACE, "log_group_name": "shop-logs", **args}
    return service_connect.service_connect_configuration("shop", mesh, location, role)


CLIENT = {
    "enabled": True,
    "namespace": NAMESPACE,
    "log_configuration": {
        "log_driver": "awslogs",
        "options": {
            "awslogs-group": "shop-logs",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "shop-service-connect",
        },
    },
}


def test_a_client_offers_nothing(location):
    """Its proxy has a log, and there are no services."""
    assert configuration(location) == CLIENT


@pytest.mark.parametrize(
    ("access_log", "found"),
    [
        ({"format": "JSON"}, {"format": "JSON", "include_query_parameters": "DISABLED"}),
        (
            {"format": "TEXT", "include_query_parameters": True},
            {"format": "TEXT", "include_query_parameters": "ENABLED"},
        ),
        (
            {"format": "TEXT", "include_query_parameters": False},
            {"format": "TEXT", "include_query_parameters": "DISABLED"},
        ),
    ],
)
def test_access_log(location, access_log, found):
    """Query parameters, which may hold secrets, stay out of it unless they are asked for."""
    assert configuration(location, access_log=access_log) == {**CLIENT, "access_log_configuration": found}


def service(location, *, role=None, **change):
    """The one service that is sent for an endpoint."""
    found = configuration(location, role=role, endpoint={**ENDPOINT, **change})
    (endpoint,) = found.pop("services")
    assert found == CLIENT
    return endpoint


DEFAULT_RULE = [{"header": {"name": "x-amzn-ecs-blue-green-test", "value": {"exact": "test"}}}]


def test_endpoint(location):
    """Clients reach it by its discovery name on its port; AWS's own test header is written out (G22)."""
    assert service(location) == {
        "port_name": "api-3000",
        "discovery_name": "api",
        "client_alias": [{"port": 3000, "dns_name": "api", "test_traffic_rules": DEFAULT_RULE}],
    }


def test_names_and_header(location):
    """Clients may know it by another name and on another port, and its tests by another header."""
    found = service(
        location,
        dns_name="api.shop",
        alias_port=80,
        test_header={"name": "x-amzn-ecs-bluegreen-test", "value": "yes"},
    )
    assert found == {
        "port_name": "api-3000",
        "discovery_name": "api",
        "client_alias": [
            {
                "port": 80,
                "dns_name": "api.shop",
                "test_traffic_rules": [{"header": {"name": "x-amzn-ecs-bluegreen-test", "value": {"exact": "yes"}}}],
            }
        ],
    }


@pytest.mark.parametrize("protocol", ["http", "http2", "grpc"])
def test_requests_have_headers(location, protocol):
    """The test header is told by every protocol of requests."""
    assert service(location, app_protocol=protocol)["client_alias"][0]["test_traffic_rules"] == DEFAULT_RULE


def test_plain_tcp_has_no_headers(location):
    """So there is no rule about them (G23)."""
    assert service(location, app_protocol=None)["client_alias"] == [{"port": 3000, "dns_name": "api"}]


@pytest.mark.parametrize(
    ("given", "idle", "request_"),
    [
        ({"idle_timeout_seconds": 60}, 60, 15),
        ({"idle_timeout_seconds": 0}, 0, 15),
        ({"per_request_timeout_seconds": 60}, 300, 60),
        ({"per_request_timeout_seconds": 0}, 300, 0),
        ({"idle_timeout_seconds": 1, "per_request_timeout_seconds": 2}, 1, 2),
    ],
)
def test_timeouts(location, given, idle, request_):
    """The provider would send 0, which is no timeout at all, for the one that is left out."""
    assert service(location, **given)["timeout"] == {
        "idle_timeout_seconds": idle,
        "per_request_timeout_seconds": request_,
    }


@pytest.mark.parametrize("key", [None, KEY])
def test_tls(location, key):
    """Certificates are an authority's, and private keys are encrypted with a key of one's own where there is one."""
    tls = {"certificate_authority_arn": AUTHORITY, **({"kms_key_arn": key} if key else {})}
    assert service(location, tls=tls, role=ROLE)["tls"] == {
        "issuer_cert_authority": {"aws_pca_authority_arn": AUTHORITY},
        "role_arn": ROLE,
        **({"kms_key": key} if key else {}),
    }


_SECONDS = st.integers(0, 2_147_483_647)
_NAMES = st.from_regex(r"[a-z0-9_][a-z0-9_-]{0,63}", fullmatch=True)
_ENDPOINTS = st.fixed_dictionaries(
    {
        "port_name": _NAMES,
        "port": st.integers(1, 65535),
        "app_protocol": st.sampled_from(["http", "http2", "grpc"]),
        "discovery_name": _NAMES,
    },
    optional={
        "dns_name": st.from_regex(r"[a-z0-9_][a-z0-9_.-]{0,126}", fullmatch=True),
        "alias_port": st.integers(1, 65535),
        "test_header": st.fixed_dictionaries({"name": st.text(), "value": st.text()}),
        "idle_timeout_seconds": _SECONDS,
        "per_request_timeout_seconds": _SECONDS,
        "tls": st.fixed_dictionaries(
            {"certificate_authority_arn": st.just(AUTHORITY)}, optional={"kms_key_arn": st.just(KEY)}
        ),
    },
)


@settings(derandomize=True, database=None, deadline=None)
@given(
    endpoint=st.none() | _ENDPOINTS,
    access_log=st.none() | st.fixed_dictionaries({"format": st.sampled_from(["TEXT", "JSON"])}),
)
def test_every_configuration_is_sent_as_the_provider_takes_it(endpoint, access_log):
    """Its properties are the provider's, of the provider's types."""
    location = {"partition": "aws", "region": "eu-west-1", "account_id": "123456789012"}
    args = {"endpoint": endpoint, "access_log": access_log}
    found = configuration(location, role=ROLE, **{key: value for key, value in args.items() if value})
    assert misfits(found, ServiceServiceConnectConfigurationArgsDict) == []
    if endpoint:
        service_connect.check_endpoint(endpoint, "BLUE_GREEN")
