"""Smoke tests: what they request, by which listener, and which of them find their way."""

from __future__ import annotations

from typing import Any

import pytest

import settings
from settings import SmokeTest
from settings.stack import Listener
from tests.settings.stack_files import merged, mesh, message, native, refusal, service, stack

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
HEADER = {"name": "x-test", "value": "yes"}
EXPECTED = {"status": 200, "latencySeconds": 2.0, "attempts": 3}


def judged(route: dict[str, Any], **smoke: Any) -> dict[str, Any]:
    """A service of the ECS controller with this route, whose releases a smoke test judges."""
    return native(loadBalancer=route, deployment={"controller": "ECS", "hooks": [{"type": "SMOKE", **smoke}]})


def classic(route: dict[str, Any], **smoke: Any) -> dict[str, Any]:
    """The same under CodeDeploy."""
    return service(loadBalancer=route, deployment={"hooks": [{"type": "SMOKE", **smoke}]})


def backend(**changes: Any) -> dict[str, Any]:
    """A service in the mesh alone, which is tested through another one."""
    hooks = [{"type": "SMOKE", "through": "web"}]
    return mesh(deployment={"controller": "ECS", "hooks": hooks}) | changes


def calling(*others: str, **changes: Any) -> dict[str, Any]:
    """A service behind the load balancer that calls others."""
    return native(serviceConnect={"connectsTo": list(others)}, **changes)


REQUESTS: dict[str, tuple[dict[str, Any], SmokeTest]] = {
    "a test port": (stack(shop=classic({"testPort": 8081})), SmokeTest(8081, "/", EXPECTED)),
    "the path of the health check": (
        stack(shop=classic({"testPort": 8081, "healthCheck": {"path": "/health?deep=1"}})),
        SmokeTest(8081, "/health?deep=1", EXPECTED),
    ),
    "a path of its own": (
        stack(shop=classic({"testPort": 8081, "healthCheck": {"path": "/health"}}, path="/cart")),
        SmokeTest(8081, "/cart", EXPECTED),
    ),
    "a test port of the ECS controller": (stack(shop=judged({"testPort": 8081})), SmokeTest(8081, "/", EXPECTED)),
    "a test header": (
        stack(shop=judged({"testHeader": HEADER})),
        SmokeTest(80, "/", {"headers": {"x-test": "yes"}, **EXPECTED}),
    ),
    "paths for tests": (
        stack(shop=judged({"port": 81, "testPathPatterns": ["/test/*"]}, path="/test/cart")),
        SmokeTest(81, "/test/cart", EXPECTED),
    ),
    "all that is expected": (
        stack(shop=judged({"testPort": 81}, status=404, contains="no", latencySeconds=0.5, attempts=1)),
        SmokeTest(81, "/", {"status": 404, "contains": "no", "latencySeconds": 0.5, "attempts": 1}),
    ),
    "a certificate": (
        stack(shop=judged({"testHeader": HEADER}, host="shop.example.com"))
        | {"loadBalancer": {"certificateArn": CERTIFICATE}},
        SmokeTest(443, "/", {"headers": {"x-test": "yes"}, "host": "shop.example.com", **EXPECTED}),
    ),
    "a rule": (
        stack(
            shop=judged(
                {"testPort": 81, "rule": {"priority": 2, "pathPatterns": ["/a?"], "hostHeaders": ["*.Example.com"]}},
                path="/ab?c=/d",
                host="a.example.com",
            )
        ),
        SmokeTest(81, "/ab?c=/d", {"host": "a.example.com", **EXPECTED}),
    ),
    "through a service that calls it": (
        stack(shop=backend(), web=calling("shop", loadBalancer={"port": 81})),
        SmokeTest(81, "/", {"headers": {"x-amzn-ecs-blue-green-test": "test"}, **EXPECTED}),
    ),
    "through one with a test port, which is not for this service's tests": (
        stack(shop=backend(), web=calling("shop", loadBalancer={"testPort": 8081})),
        SmokeTest(80, "/", {"headers": {"x-amzn-ecs-blue-green-test": "test"}, **EXPECTED}),
    ),
    "by the service's own header": (
        stack(shop=backend(serviceConnect={"port": 8080, "testHeader": HEADER}), web=calling("shop")),
        SmokeTest(80, "/", {"headers": {"x-test": "yes"}, **EXPECTED}),
    ),
    "through two services": (
        stack(shop=backend(), api=mesh(serviceConnect={"port": 8080, "connectsTo": ["shop"]}), web=calling("api")),
        SmokeTest(80, "/", {"headers": {"x-amzn-ecs-blue-green-test": "test"}, **EXPECTED}),
    ),
}


@pytest.mark.parametrize(("file", "request_"), REQUESTS.values(), ids=REQUESTS)
def test_a_smoke_test_comes_by_the_test_route_of_its_service(file, request_):
    """A port, a header or paths, whichever the service has; what isn't set is not said."""
    assert settings.parse(file).smoke_tests["shop"] == {"smoke": request_}


def test_each_smoke_test_of_a_service_is_a_request_of_its_own():
    """They have the names of their functions; other hooks request nothing."""
    hooks = [{"type": "ADMISSION"}, {"type": "SMOKE"}, {"type": "SMOKE", "path": "/cart"}, {"type": "APPROVAL"}]
    shop = native(loadBalancer={"testPort": 81}, deployment={"controller": "ECS", "hooks": hooks})
    assert settings.parse(stack(shop=shop, blog=service(loadBalancer={"port": 82}))).smoke_tests == {
        "shop": {"smoke": SmokeTest(81, "/", EXPECTED), "smoke-2": SmokeTest(81, "/cart", EXPECTED)},
        "blog": {},
    }


@pytest.mark.parametrize(
    ("changes", "listeners"),
    [
        ({}, [Listener(80, ["0.0.0.0/0"])]),
        ({"loadBalancer__ingressCidrs": ["192.0.2.0/24"]}, [Listener(80, ["10.0.0.0/16", "192.0.2.0/24"])]),
        (
            {"loadBalancer__ingressCidrs": ["192.0.2.0/24", "10.0.0.0/16"]},
            [Listener(80, ["10.0.0.0/16", "192.0.2.0/24"])],
        ),
        (
            {
                "loadBalancer__ingressCidrs": ["192.0.2.0/24"],
                "services__blog": service(loadBalancer={"port": 81, "testPort": 8081}),
            },
            [
                Listener(80, ["10.0.0.0/16", "192.0.2.0/24"]),
                Listener(81, ["192.0.2.0/24"]),
                Listener(8081, ["10.0.0.0/16"]),
            ],
        ),
    ],
    ids=["open to everybody", "open to some", "open to the VPC as well", "beside others"],
)
def test_a_listener_that_smoke_tests_come_by_is_open_to_the_vpc(changes, listeners):
    """Where it isn't open to everybody, and no other listener is."""
    file = merged(stack(shop=judged({"testHeader": HEADER})), **changes)
    assert settings.parse(file).listeners == listeners


def test_what_is_wrong_with_the_way_to_a_service_is_said_once():
    """A service that is refused may be the one that passes requests on."""
    file = stack(shop=backend(), web=calling("shop", cpu=1))
    assert refusal(file) == message(
        "services.web.cpu: given cpu 1; allowed: 256, 512, 1024, 2048, 4096, 8192, 16384; AWS would answer: 'No "
        "Fargate configuration exists for given values'"
    )


def test_each_of_two_smoke_tests_is_judged_at_its_place():
    """The number is that of the hook in the stack file."""
    hooks = [{"type": "SMOKE", "path": "/test/a"}, {"type": "APPROVAL"}, {"type": "SMOKE", "path": "/a"}]
    shop = native(loadBalancer={"testPathPatterns": ["/test/*"]}, deployment={"controller": "ECS", "hooks": hooks})
    assert refusal(stack(shop=shop)) == message(
        "services.shop.deployment.hooks[2].path: given '/a'; allowed: a path of /test/*; no other leads to green"
    )
