"""The mesh of a stack: who offers what, who calls whom, and what makes that impossible."""

from __future__ import annotations

from typing import Any

import pytest

import settings
from tests.settings.stack_files import merged, mesh, message, native, refusal, service, stack


def calling(*others: str, **changes: Any) -> dict[str, Any]:
    """A service in the mesh that calls others."""
    return mesh(serviceConnect={"port": 8080, "connectsTo": list(others), **changes})


def web(port: int, **changes: Any) -> dict[str, Any]:
    """A container that speaks HTTP on a port."""
    return {"image": "nginx:1.27", "port": port, "appProtocol": "http"} | changes


def test_an_endpoint_is_the_port_of_a_container_and_what_is_said_about_it():
    """The name in the namespace is the service's own, and the port's name and protocol those of the container."""
    parsed = settings.parse(stack(shop=native(serviceConnect={"port": 8080})))
    assert parsed.services["shop"].endpoint("shop") == {
        "port_name": "web-8080",
        "port": 8080,
        "app_protocol": "http",
        "discovery_name": "shop",
    }


@pytest.mark.parametrize("service", [native(), native(serviceConnect={"connectsTo": ["blog"]})], ids=["none", "client"])
def test_a_service_that_only_calls_others_has_no_endpoint(service):
    """Nothing is offered that nobody asked for."""
    assert settings.parse(stack(shop=service, blog=mesh())).services["shop"].endpoint("shop") is None


@pytest.mark.parametrize(
    ("calls", "order"),
    [
        ({"a": [], "b": []}, ["a", "b"]),
        ({"a": ["b"], "b": []}, ["b", "a"]),
        ({"a": ["b"], "b": ["c"], "c": []}, ["c", "b", "a"]),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, ["d", "b", "c", "a"]),
    ],
    ids=["none", "one", "chain", "diamond"],
)
def test_services_come_after_those_that_they_call(calls, order):
    """A task only finds what was there when it started."""
    parsed = settings.parse(stack(**{name: calling(*others) for name, others in calls.items()}))
    assert parsed.calls == calls
    assert parsed.in_order == order


def test_services_outside_the_mesh_call_nobody():
    """Every service of the stack has its place in the order."""
    parsed = settings.parse(stack(shop=service(), api=mesh()))
    assert parsed.calls == {"shop": [], "api": []}
    assert parsed.in_order == ["shop", "api"]


@pytest.mark.parametrize(
    ("changes", "namespace"),
    [
        ({}, None),
        ({"name": "shop", "cluster__namespace": "shop.internal"}, None),
        ({"services__api": mesh()}, "blue-green.local"),
        ({"name": "shop", "services__api": mesh()}, "shop.local"),
        ({"cluster__namespace": "internal", "services__api": mesh()}, "internal"),
    ],
    ids=["unused", "named but unused", "used", "of a named stack", "named and used"],
)
def test_there_is_a_namespace_where_a_service_uses_it(changes, namespace):
    """It is called after the stack unless it has a name of its own."""
    assert settings.parse(merged(stack(), **changes)).namespace == namespace


ALARMED = {
    "controller": "ECS",
    "alarms": {
        "http5xxCount": 5,
        "unhealthyHosts": 2,
        "latencyP95Seconds": 0.5,
        "evaluationMinutes": 3,
        "additionalNames": ["other"],
    },
}
ONE_WAY = (
    "calls in one direction; a task only finds what was there when it started, so that one of them has to be made "
    "first (G24)"
)
REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a port that has another one's name": (
        stack(one=mesh(containers={name: web(port, portName="http") for name, port in (("a", 8080), ("b", 81))})),
        [
            "services.one.serviceConnect.port: given 8080, which has the portName http of port 81; allowed: a portName "
            "of its own; Service Connect finds a container by the name of its port mapping (G23)"
        ],
    ),
    "alarms of a load balancer that is not there": (
        stack(one=mesh(deployment=ALARMED)),
        [
            f"services.one.deployment.alarms.{key}: given {given}; allowed: leaving it out, or loadBalancer; no load "
            "balancer measures it, and the proxies of the mesh count the failures of http and http2 only"
            for key, given in (("latencyP95Seconds", 0.5), ("unhealthyHosts", 2))
        ],
    ),
    "alarms of a service that only calls others": (
        stack(one=calling("two", port=None) | {"deployment": {**ALARMED, "strategy": "ROLLING"}}, two=mesh()),
        [
            f"services.one.deployment.alarms.{key}: given {given}; allowed: leaving it out, or loadBalancer; no load "
            "balancer measures it, and the proxies of the mesh count the failures of http and http2 only"
            for key, given in (
                ("evaluationMinutes", 3),
                ("http5xxCount", 5),
                ("latencyP95Seconds", 0.5),
                ("unhealthyHosts", 2),
            )
        ],
    ),
    "a client that nobody reaches, released by colours": (
        stack(one=calling("two", port=None), two=mesh()),
        [
            "services.one.serviceConnect: given neither loadBalancer nor a port of serviceConnect; allowed: one of "
            "them, or strategy ROLLING; without traffic there is nothing to shift"
        ],
    ),
    "a call to a service that is not there": (
        stack(one=calling("three"), two=mesh()),
        [
            "services.one.serviceConnect.connectsTo[0]: given 'three'; allowed: two; there is no such service in this "
            "stack"
        ],
    ),
    "calls to services that offer nothing": (
        stack(
            one=calling("four", "two", "three"),
            two=service(),
            three=native(loadBalancer={"port": 81}, serviceConnect={"connectsTo": ["four"]}),
            four=mesh(),
            five=mesh(),
        ),
        [
            f"services.one.serviceConnect.connectsTo[{number}]: given '{name}'; allowed: five, four; it offers nothing "
            "in the mesh"
            for number, name in ((1, "two"), (2, "three"))
        ],
    ),
    "a call to itself": (
        stack(one=calling("one"), two=mesh()),
        [
            "services.one.serviceConnect.connectsTo[0]: given 'one'; allowed: two; a service can't be there before "
            "itself (G24)"
        ],
    ),
    "a circle of two": (
        stack(one=calling("two"), two=calling("one")),
        [f"services.one.serviceConnect.connectsTo: given one -> two -> one; allowed: {ONE_WAY}"],
    ),
    "a circle of three, and one that calls it": (
        stack(zero=calling("one"), one=calling("two"), two=calling("three"), three=calling("one")),
        [f"services.one.serviceConnect.connectsTo: given one -> two -> three -> one; allowed: {ONE_WAY}"],
    ),
    "two circles": (
        stack(one=calling("two"), two=calling("one"), three=calling("four"), four=calling("three")),
        [
            f"services.one.serviceConnect.connectsTo: given one -> two -> one; allowed: {ONE_WAY}",
            f"services.three.serviceConnect.connectsTo: given three -> four -> three; allowed: {ONE_WAY}",
        ],
    ),
    "one name in the namespace": (
        stack(one=calling(discoveryName="two"), two=mesh()),
        [
            "services.two.serviceConnect.discoveryName: given 'two'; allowed: a name of its own; services.one has it "
            "in the namespace (G23)"
        ],
    ),
    "one name for clients": (
        stack(one=mesh(), two=calling(dnsName="one")),
        [
            "services.two.serviceConnect.dnsName: given 'one' on port 8080; allowed: a name or a port of its own; "
            "clients reach services.one by it (G23)"
        ],
    ),
    "one name and port for clients, by an alias": (
        stack(one=calling(dnsName="api", aliasPort=80), two=calling(dnsName="api", aliasPort=80)),
        [
            "services.two.serviceConnect.dnsName: given 'api' on port 80; allowed: a name or a port of its own; "
            "clients reach services.one by it (G23)"
        ],
    ),
    "both names": (
        stack(one=calling(discoveryName="api", dnsName="a"), two=calling(discoveryName="api", dnsName="a")),
        [
            "services.two.serviceConnect.discoveryName: given 'api'; allowed: a name of its own; services.one has it "
            "in the namespace (G23)",
            "services.two.serviceConnect.dnsName: given 'a' on port 8080; allowed: a name or a port of its own; "
            "clients reach services.one by it (G23)",
        ],
    ),
}


@pytest.mark.parametrize(("file", "lines"), REFUSED.values(), ids=REFUSED)
def test_calls_and_names_that_lead_nowhere_are_refused(file, lines):
    """The line stands at the setting to change, and names the service on the other side."""
    assert refusal(file) == message(*lines)


ACCEPTED: dict[str, dict[str, Any]] = {
    "alarms of a service behind the load balancer": stack(one=native(deployment=ALARMED)),
    "gRPC, with alarms of the load balancer": stack(
        one=native(containers={"web": web(8080, appProtocol="grpc")}, serviceConnect={"port": 8080})
    ),
    "gRPC, with an alarm of one's own": stack(
        one=mesh(
            containers={"web": web(8080, appProtocol="grpc")},
            deployment={"controller": "ECS", "alarms": {"additionalNames": ["shop-errors"]}},
        )
    ),
    "gRPC, old and new tasks side by side": stack(
        one=mesh(
            containers={"web": web(8080, appProtocol="grpc")},
            deployment={"controller": "ECS", "strategy": "ROLLING"},
        )
    ),
    "a client without traffic of its own, replaced in place": stack(
        one=calling("two", port=None) | {"deployment": {"controller": "ECS", "strategy": "ROLLING"}}, two=mesh()
    ),
    "one name for clients on two ports": stack(
        one=calling(dnsName="api", aliasPort=80), two=calling(dnsName="api", aliasPort=81)
    ),
    "the other's name as an alias, which has another": stack(one=calling(dnsName="two"), two=calling(dnsName="one")),
    "two ways to one service": stack(one=calling("two", "three"), two=calling("three"), three=mesh()),
}


@pytest.mark.parametrize("file", ACCEPTED.values(), ids=ACCEPTED)
def test_what_only_looks_alike_is_accepted(file):
    """Services that AWS would take side by side are not refused."""
    assert settings.parse(file).services.keys() == file["services"].keys()
