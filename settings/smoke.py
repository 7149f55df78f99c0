"""What the smoke tests of a stack's services request, and what makes them impossible."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.routing import Conditions
from components.service_connect import TEST_HEADER, TEST_VALUE
from settings.deployment import CodeDeploy
from settings.hook import REQUEST_PATH, Smoke, judges
from settings.mistake import Mistake
from settings.route import conditions

if TYPE_CHECKING:
    from settings.deployment import Deployment
    from settings.route import Route
    from settings.stack import Settings


@dataclass(frozen=True)
class SmokeTest:
    """A request by which a release is tested.

    Attributes:
        port: listener of the load balancer that it comes by.
        path: path and query.
        configuration: what else `runtime/hooks/smoke.py` is to know.
    """

    port: int
    path: str
    configuration: dict[str, Any]


def smoke_test(settings: Settings, name: str, hook: Smoke) -> SmokeTest:
    """The request of a service's hook, in a stack without mistakes."""
    service = settings.services[name]
    route = service.load_balancer
    headers = {}
    path = hook.path or "/"
    if route is None:
        route = settings.services[hook.through or name].load_balancer
        given = service.service_connect and service.service_connect.test_header
        headers = {given.name: given.value} if given else {TEST_HEADER: TEST_VALUE}
        assert route is not None
        port = settings.port(route)
    else:
        path = hook.path or route.health_check.path
        port = route.test_port or settings.port(route)
        if route.test_header:
            headers = {route.test_header.name: route.test_header.value}
    wanted = {
        "headers": headers,
        "host": hook.host,
        "status": hook.status,
        "contains": hook.contains,
        "latencySeconds": hook.latency_seconds,
        "attempts": hook.attempts,
    }
    return SmokeTest(port, path, {key: value for key, value in wanted.items() if value})


def smoke_tests(settings: Settings) -> dict[str, dict[str, SmokeTest]]:
    """The requests of all smoke tests, by service and by the name of the hook's function."""
    return {
        name: {
            judge: smoke_test(settings, name, hook)
            for judge, hook in judges(service.deployment.judging).items()
            if isinstance(hook, Smoke)
        }
        for name, service in settings.services.items()
    }


def smoke_conflicts(settings: Settings, refused: Collection[str] = ()) -> Iterator[Mistake]:
    """Smoke tests that have nothing to request, or no way to it.

    Args:
        settings: those settings that are in order.
        refused: the other services of the stack, by which requests may be passed on.
    """
    for name, service in settings.services.items():
        for number, hook in enumerate(service.deployment.judging):
            if not isinstance(hook, Smoke):
                continue
            at = f"services.{name}.deployment.hooks[{number}]"
            if service.load_balancer:
                yield from _behind(at, name, service.load_balancer, hook, service.deployment)
            elif not refused:
                yield from _passed_on(at, name, hook, settings)
            if settings.load_balancer.certificate_arn and not hook.host:
                yield Mistake(
                    f"{at}.host",
                    "nothing",
                    "a domain name of loadBalancer.certificateArn",
                    "the certificate is not for the load balancer's own name, and the function checks it",
                )
            if settings.network.nat_gateways == "None":
                yield Mistake(
                    at,
                    "SMOKE with network.natGateways None",
                    "natGateways Single or OnePerAz",
                    "the function asks ECS and EC2 from a private subnet",
                )


def _behind(at: str, name: str, route: Route, hook: Smoke, deployment: Deployment) -> Iterator[Mistake]:
    if hook.through:
        yield Mistake(
            f"{at}.through", repr(hook.through), "leaving it out", "the load balancer has a test route of its own"
        )
    if not (route.test_port or route.test_conditions):
        ways = "testPort" if isinstance(deployment, CodeDeploy) else "testPort, testHeader or testPathPatterns"
        yield Mistake(
            at,
            "SMOKE without a test route",
            f"{ways} in services.{name}.loadBalancer",
            "the request would be answered by blue",
        )
    else:
        taken = route.test_conditions or conditions(route.rule)
        yield from _misled(at, hook, route.health_check.path, taken, "no other leads to green")


def _passed_on(at: str, name: str, hook: Smoke, settings: Settings) -> Iterator[Mistake]:
    ways = {caller: settings.routes[caller] for caller in _callers(name, settings) if caller in settings.routes}
    if hook.through in ways:
        taken = conditions(ways[hook.through].rule)
        yield from _misled(at, hook, "/", taken, f"no other leads to services.{hook.through}")
    else:
        yield Mistake(
            f"{at}.through",
            repr(hook.through) if hook.through else "nothing",
            ", ".join(ways) or "a service with loadBalancer that calls it",
            f"services.{name} is only in the mesh, where a service that calls it passes the request on",
        )


def _callers(name: str, settings: Settings) -> list[str]:
    """The services that call one, by others or themselves."""
    found = [name]
    for reached in found:
        found += [caller for caller, called in settings.calls.items() if reached in called and caller not in found]
    return found


def _misled(at: str, hook: Smoke, default: str, taken: Conditions, why: str) -> Iterator[Mistake]:
    """What of a request doesn't match the rule that it is for."""
    path = hook.path or default
    given = repr(path) if hook.path else f"nothing, and so {path!r}"
    if not REQUEST_PATH.fullmatch(path):
        yield Mistake(f"{at}.path", given, "a path without blanks and #", "the function could not request it")
    elif not _matches(taken.path_patterns, path.partition("?")[0]):
        yield Mistake(f"{at}.path", given, f"a path of {', '.join(taken.path_patterns)}", why)
    if not _matches(tuple(map(str.lower, taken.host_headers)), hook.host or ""):
        given = repr(hook.host) if hook.host else "nothing"
        yield Mistake(f"{at}.host", given, f"a name of {', '.join(taken.host_headers)}", why)


def _matches(patterns: tuple[str, ...], value: str) -> bool:
    return Conditions(path_patterns=patterns).covers(Conditions(path_patterns=(value,)))
