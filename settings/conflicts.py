"""Mistakes that no setting makes alone: services of one stack that get in each other's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from components import limits
from components.limits import Refused
from settings.mistake import Mistake
from settings.route import conditions

if TYPE_CHECKING:
    from settings.service import Service
    from settings.stack import Settings


def conflicts(settings: Settings) -> Iterator[Mistake]:
    """What a stack's services and its shared settings can't be together: the first mistake of each path."""
    found: dict[str, Mistake] = {}
    for mistake in _conflicts(settings):
        found.setdefault(mistake.path, mistake)
    yield from found.values()


def _conflicts(settings: Settings) -> Iterator[Mistake]:
    services = settings.services
    for name, service in services.items():
        route = service.load_balancer
        port = settings.port(service)
        at = f"services.{name}.loadBalancer"
        yield from _refused(f"{at}.testPort", limits.check_ports_differ, port, route.test_port)
        if settings.load_balancer.certificate_arn:
            yield from _refused(f"{at}.port", limits.check_not_the_redirect, port)
            yield from _refused(f"{at}.testPort", limits.check_not_the_redirect, route.test_port)
        if settings.network.nat_gateways == "None":
            yield from _without_nat(f"services.{name}", service, settings.network.vpc_endpoints)
    for (one, first), (two, second) in combinations(services.items(), 2):
        yield from _between(settings, (one, first), (two, second))


def _refused(path: str, check: Callable[..., None], *values: int | None) -> Iterator[Mistake]:
    try:
        check(*values)
    except Refused as refused:
        yield Mistake.of(path, refused)


def _without_nat(at: str, service: Service, endpoints: Sequence[str]) -> Iterator[Mistake]:
    for name, container in service.containers.items():
        if ".dkr.ecr." not in container.image:
            yield Mistake(
                f"{at}.containers.{name}.image",
                repr(container.image),
                "an image in Amazon ECR, or natGateways Single or OnePerAz",
                "without a NAT gateway no other registry can be reached",
            )
        for variable, reference in container.secrets.items():
            needed = "secretsmanager" if ":secretsmanager:" in reference else "ssm"
            if needed not in endpoints:
                yield Mistake(
                    f"{at}.containers.{name}.secrets.{variable}",
                    repr(reference),
                    f"{needed} in network.vpcEndpoints, or natGateways Single or OnePerAz",
                    "without either, the task could not read it and would never start",
                )
    if service.execute_command and "ssmmessages" not in endpoints:
        yield Mistake(
            f"{at}.executeCommand",
            "true",
            "ssmmessages in network.vpcEndpoints, or natGateways Single or OnePerAz",
            "without either, no session could be opened",
        )


def _between(settings: Settings, one: tuple[str, Service], two: tuple[str, Service]) -> Iterator[Mistake]:
    (first_name, first), (name, second) = one, two
    at = f"services.{name}"
    family = first.family or first_name
    if family == (second.family or name):
        yield Mistake(
            f"{at}.family",
            repr(family),
            "a family of its own",
            f"services.{first_name} registers its revisions under it, and a release would start the wrong one",
        )
    repositories = [service.image_repository and service.image_repository.name for service in (first, second)]
    if repositories[0] and repositories[0] == repositories[1]:
        yield Mistake(
            f"{at}.imageRepository.name",
            repr(repositories[0]),
            "another name",
            f"services.{first_name} makes it; AWS would answer: 'RepositoryAlreadyExistsException'",
        )
    production = (settings.port(first), settings.port(second))
    test = (first.load_balancer.test_port, second.load_balancer.test_port)
    for key, port, other in (("port", production[1], test[0]), ("testPort", test[1], production[0])):
        if port is not None and port == other:
            yield Mistake(
                f"{at}.loadBalancer.{key}",
                str(port),
                "a port that is not a listener for the other kind of traffic",
                f"services.{first_name} uses it, and a listener takes either production or test traffic",
            )
    for key, ports in (("port", production), ("testPort", test)):
        if ports[0] is not None and ports[0] == ports[1]:
            yield from _on_one_listener(f"{at}.loadBalancer", key, ports[0], (first_name, first), second)


def _on_one_listener(at: str, key: str, port: int, one: tuple[str, Service], second: Service) -> Iterator[Mistake]:
    first_name, first = one
    before, after = first.load_balancer.rule, second.load_balancer.rule
    if before is None and after is None:
        yield Mistake(
            f"{at}.{key}",
            f"{port}, on which services.{first_name} takes every request",
            "another port, or a rule on all but one of the services that share it",
            limits.DUPLICATE_LISTENER,
        )
    if before is None or after is None:
        return
    if before.priority == after.priority:
        yield Mistake(
            f"{at}.rule.priority",
            str(after.priority),
            "a priority of its own",
            f"services.{first_name} has it on port {port}; AWS would answer: "
            f"'PriorityInUse: Priority {after.priority} is currently in use'",
        )
        return
    hidden = f"{at}.rule.priority"
    if after.priority < before.priority:
        before, after = after, before
        hidden = f"services.{first_name}.loadBalancer.rule.priority"
    if conditions(before).covers(conditions(after)):
        yield Mistake(
            hidden,
            str(after.priority),
            f"a priority below {before.priority}, or other conditions",
            f"the rule with priority {before.priority} on port {port} takes all of its requests first (G21)",
        )
