"""Mistakes that no setting makes alone: services of one stack that get in each other's way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from components import limits
from components.limits import Refused
from components.routing import CATCH_ALL_PRIORITY, Conditions, priority_before
from components.service_connect import COUNTED_PROTOCOLS
from settings.mesh import mesh_conflicts
from settings.mistake import Mistake
from settings.route import conditions
from settings.smoke import smoke_conflicts
from settings.source import CodeCommitSource

if TYPE_CHECKING:
    from settings.pipeline import Pipeline
    from settings.route import Route
    from settings.service import Service
    from settings.stack import Settings


def conflicts(settings: Settings, refused: Collection[str] = ()) -> Iterator[Mistake]:
    """What a stack's services and its shared settings can't be together: the first mistake of each path.

    Args:
        settings: those settings that are in order.
        refused: the other services of the stack, of which is known only that they are there.
    """
    found: dict[str, Mistake] = {}
    for mistake in _conflicts(settings, refused):
        found.setdefault(mistake.path, mistake)
    yield from found.values()


def _conflicts(settings: Settings, refused: Collection[str]) -> Iterator[Mistake]:
    services = settings.services
    for name, service in services.items():
        if service.load_balancer:
            yield from _ports(f"services.{name}.loadBalancer", service.load_balancer, settings)
        yield from _unmeasured(name, service)
        if settings.network.nat_gateways == "None":
            yield from _without_nat(f"services.{name}", service, settings.network.vpc_endpoints)
        if settings.cluster.task_logs and "log_retention_days" in service.model_fields_set:
            yield Mistake(
                f"services.{name}.logRetentionDays",
                str(service.log_retention_days),
                "leaving it out, or no cluster.taskLogs",
                "all containers log into cluster.taskLogs, which has a retention of its own",
            )
    for (one, first), (two, second) in combinations(services.items(), 2):
        yield from _names(one, first, two, second)
        if first.pipeline and second.pipeline:
            yield from _deliveries(settings.name, one, first.pipeline, two, second.pipeline)
    yield from _between_routes(settings)
    yield from mesh_conflicts(services, refused)
    yield from smoke_conflicts(settings, refused)


def _ports(at: str, route: Route, settings: Settings) -> Iterator[Mistake]:
    port = settings.port(route)
    yield from _refused(f"{at}.testPort", limits.check_ports_differ, port, route.test_port)
    if settings.load_balancer.certificate_arn:
        yield from _refused(f"{at}.port", limits.check_not_the_redirect, port)
        yield from _refused(f"{at}.testPort", limits.check_not_the_redirect, route.test_port)


def _refused(path: str, check: Callable[..., None], *values: int | None) -> Iterator[Mistake]:
    try:
        check(*values)
    except Refused as refused:
        yield Mistake.of(path, refused)


def _unmeasured(name: str, service: Service) -> Iterator[Mistake]:
    if service.load_balancer:
        return
    alarms, endpoint = service.deployment.alarms, service.endpoint(name)
    counted = endpoint is not None and endpoint.get("app_protocol") in COUNTED_PROTOCOLS
    measured = {"additional_names"} | ({"http_5xx_count", "evaluation_minutes"} if counted else set())
    for field in alarms.model_fields_set - measured:
        yield Mistake(
            f"services.{name}.deployment.alarms.{type(alarms).model_fields[field].alias}",
            str(getattr(alarms, field)),
            "leaving it out, or loadBalancer",
            "no load balancer measures it, and the proxies of the mesh count the failures of http and http2 only",
        )


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


def _names(first_name: str, first: Service, name: str, second: Service) -> Iterator[Mistake]:
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


def _deliveries(stack: str, first_name: str, first: Pipeline, name: str, second: Pipeline) -> Iterator[Mistake]:
    at, base = f"services.{name}.pipeline", second.base_name(stack, name)
    if base == first.base_name(stack, first_name):
        yield Mistake(
            f"{at}.name",
            repr(base),
            "another name",
            f"names of pipelines of services.{first_name} begin with it, and each name is taken once",
        )
    if first.files and second.files and first.files.place == second.files.place:
        yield Mistake(
            f"{at}.files.repository",
            f"{second.files.repository!r}, branch {second.files.branch}",
            "a repository or a branch of its own",
            f"the files of services.{first_name} are there, under the same names",
        )
        return
    made = {each.repository for each in first.repositories if each.create}
    for key, each in (("source", second.source), ("files", second.files)):
        if isinstance(each, CodeCommitSource) and each.create and each.repository in made:
            yield Mistake(
                f"{at}.{key}.create",
                "true",
                "leaving it out",
                f"services.{first_name} makes repository {each.repository}",
            )


@dataclass(frozen=True)
class _ListenerRule:
    """A rule on a listener, and which settings of which service make it."""

    service: str
    key: str
    """Key of the listener's port."""
    port: int
    priority: int
    conditions: Conditions
    test: str = ""
    """Key that picks test traffic out of the production listener."""

    @property
    def at(self) -> str:
        return f"services.{self.service}.loadBalancer"

    @property
    def place(self) -> tuple[str, str]:
        """Path of what makes the rule, and how its priority looks from there."""
        if self.test:
            return f"{self.at}.{self.test}", f"a test rule with priority {self.priority}"
        return f"{self.at}.rule.priority", str(self.priority)

    def __str__(self) -> str:
        return f"the {'test ' if self.test else ''}rule of services.{self.service}"


def _between_routes(settings: Settings) -> Iterator[Mistake]:
    rules = [rule for name, route in settings.routes.items() for rule in _rules(name, route, settings.port(route))]
    for first, second in combinations(rules, 2):
        if first.port != second.port:
            continue
        if first.key != second.key:
            yield Mistake(
                f"{second.at}.{second.key}",
                str(second.port),
                "a port that is not a listener for the other kind of traffic",
                f"services.{first.service} uses it, and a listener takes either production or test traffic",
            )
        else:
            yield from _on_one_listener(first, second)


def _rules(name: str, route: Route, port: int) -> Iterator[_ListenerRule]:
    own = conditions(route.rule)
    yield _ListenerRule(name, "port", port, route.priority, own)
    if route.test_port is not None:
        yield _ListenerRule(name, "testPort", route.test_port, route.priority, own)
    if picked := route.test_conditions:
        key = "testHeader" if route.test_header else "testPathPatterns"
        yield _ListenerRule(name, "port", port, priority_before(route.priority), picked, key)


def _on_one_listener(first: _ListenerRule, second: _ListenerRule) -> Iterator[Mistake]:
    if first.priority < second.priority:
        yield from _hidden(first, second)
    elif first.priority > second.priority:
        yield from _hidden(second, first)
    elif first.priority == CATCH_ALL_PRIORITY:
        yield Mistake(
            f"{second.at}.{second.key}",
            f"{second.port}, on which services.{first.service} takes every request",
            "another port, or a rule on all but one of the services that share it",
            limits.DUPLICATE_LISTENER,
        )
    # Two test rules have one priority where the rules behind them have, too.
    elif not (first.test and second.test):
        yield Mistake(
            *second.place,
            f"a rule.priority other than {second.priority + 1}" if second.test else "a priority of its own",
            f"{first} has it on port {second.port}; AWS would answer: "
            f"'PriorityInUse: Priority {second.priority} is currently in use'",
        )


def _hidden(before: _ListenerRule, after: _ListenerRule) -> Iterator[Mistake]:
    # What hides a rule with a header hides the rule behind it, too.
    if after.test != "testHeader" and before.conditions.covers(after.conditions):
        yield Mistake(
            *after.place,
            f"a rule.priority below {before.priority}, or other conditions"
            if before.priority > 1
            else "other conditions",
            f"{before} with priority {before.priority} on port {after.port} takes all of its requests first (G21)",
        )
