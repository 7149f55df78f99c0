"""Settings of how traffic reaches a service."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel

from components import limits
from components.limits import Refused
from components.routing import CATCH_ALL_PRIORITY, CONDITION_VALUES, Conditions, priority_before
from settings.mistake import Model
from settings.service_connect import Header
from settings.types import Port, matching

PathPattern = matching(r"[/*?].{0,127}", "a pattern that starts with /, * or ?, at most 128 characters")


class TargetHealthCheck(Model):
    """How the load balancer finds out whether a task can take traffic."""

    path: Annotated[str, matching(r"/.{0,1023}", "a path that starts with /")] = "/"
    """Path that is requested; / unless set."""

    matcher: Annotated[
        str, matching(r"[2-4]\d\d([-,][2-4]\d\d)*", "codes of 200 to 499 such as 200 or 200,302 or 200-299")
    ] = "200"
    """Status codes that mean healthy, such as 200-299; 200 unless set."""

    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 15
    """Seconds between two checks; 15 unless set."""

    timeout_seconds: Annotated[int, Field(ge=2, le=120)] = 5
    """Seconds after which a check has failed; 5 unless set."""

    healthy_threshold: Annotated[int, Field(ge=2, le=10)] = 2
    """Successes in a row that make a task healthy; 2 unless set."""

    unhealthy_threshold: Annotated[int, Field(ge=2, le=10)] = 3
    """Failures in a row that make a task unhealthy; 3 unless set."""

    @field_validator("timeout_seconds")
    @classmethod
    def _shorter_than_interval(cls, value: int, info: ValidationInfo) -> int:
        interval = info.data.get("interval_seconds", value + 1)
        if value >= interval:
            raise Refused(
                f"{value} with an interval of {interval}",
                f"less than {interval}",
                "Elastic Load Balancing refuses a timeout as long as the interval",
            )
        return value

    model_config = ConfigDict(validate_default=True)


class Rule(Model):
    """Which requests of the listener go to the service."""

    priority: Annotated[int, Field(ge=limits.RULE_PRIORITIES[0], lt=priority_before(CATCH_ALL_PRIORITY))]
    """Priority of the rule on its listener; lower numbers are tried first."""

    host_headers: list[Annotated[str, matching(r"[A-Za-z0-9.*?-]{1,128}", "a host name, * and ? allowed")]] = []
    """Host names, * and ? allowed; every host unless set."""

    path_patterns: list[Annotated[str, PathPattern]] = []
    """Path patterns, * and ? allowed; every path unless set."""

    @field_validator("path_patterns")
    @classmethod
    def _something(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if "host_headers" not in info.data:
            return value
        hosts = info.data["host_headers"]
        own = Conditions(tuple(hosts), tuple(value))
        if own.catch_all:
            raise Refused(
                "a rule that takes every request",
                "hostHeaders or pathPatterns, or no rule",
                "a service without a rule takes all that no other service takes",
            )
        _check_values(own, "hosts and paths")
        return value

    model_config = ConfigDict(validate_default=True)


class Route(Model):
    """How traffic reaches the service through the load balancer."""

    port: Port | None = None
    """Production listener; 443 with a certificate and 80 without one unless set."""

    rule: Rule | None = None
    """Requests that go to this service where several share a listener; all of them unless set."""

    test_port: Port | None = None
    """Test listener, which shows the green tasks before production traffic moves; none unless set."""

    test_header: Header | None = None
    """Header by which requests on the production listener reach the green tasks first; none unless set, only with
    controller ECS. Its rule has the priority before the service's own."""

    test_path_patterns: list[Annotated[str, PathPattern]] = []
    """Paths by which requests on the production listener reach the green tasks first; none unless set, only with
    controller ECS."""

    container: str | None = None
    """Container that takes the traffic; the only one with a port unless set."""

    container_port: Port | None = None
    """Port of that container; the one it listens on unless set."""

    health_check: TargetHealthCheck = TargetHealthCheck()
    """Health check of both target groups."""

    deregistration_delay_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    """Seconds that open requests have to finish when a task leaves; 30 unless set."""

    health_check_grace_period_seconds: Annotated[int, Field(ge=1, le=2_147_483_647)] = 60
    """Seconds after a task's start in which ECS ignores failed checks; 60 unless set."""

    @field_validator("test_port")
    @classmethod
    def _another_port(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("port") is not None:
            limits.check_ports_differ(info.data["port"], value)
        return value

    @field_validator("test_header", "test_path_patterns")
    @classmethod
    def _one_way_to_test(cls, value: Any, info: ValidationInfo) -> Any:
        others = [key for key in ("test_port", "test_header") if key != info.field_name and info.data.get(key)]
        if value and others:
            raise Refused(
                f"this key beside {' and '.join(map(to_camel, others))}",
                "one of testPort, testHeader and testPathPatterns",
                "ECS moves one test rule of a service",
            )
        if value and "rule" in info.data:
            _check_picked(Route.picked(info.data["rule"], value), info.data["rule"])
        return value

    @staticmethod
    def picked(rule: Rule | None, test: Header | list[str]) -> Conditions:
        """What the test rule on the production listener takes: the rule's requests with the header, or other paths."""
        if isinstance(test, Header):
            own = conditions(rule)
            return Conditions(own.host_headers, own.path_patterns, {test.name: (test.value,)})
        return Conditions(conditions(rule).host_headers, tuple(test))

    @property
    def test_conditions(self) -> Conditions | None:
        """What the test rule on the production listener takes, if there is one."""
        test = self.test_header or self.test_path_patterns
        return self.picked(self.rule, test) if test else None

    @property
    def priority(self) -> int:
        """Priority of the production rule."""
        return self.rule.priority if self.rule else CATCH_ALL_PRIORITY

    def args(self, wanted: type) -> Any:
        """The arguments that concern the route itself; where it leads is `Service.target`."""
        args = super().args(wanted)
        args.pop("container_port", None)
        return args

    model_config = ConfigDict(validate_default=True)


def _check_values(taken: Conditions, what: str) -> None:
    if taken.values > CONDITION_VALUES:
        raise Refused(
            f"{taken.values} {what}",
            f"at most {CONDITION_VALUES} in all",
            "Elastic Load Balancing allows five values over all conditions of a rule",
        )


def _check_picked(picked: Conditions, rule: Rule | None) -> None:
    if picked.covers(conditions(rule)):
        raise Refused(
            "paths that take every request of the service",
            "paths that only tests use",
            "the test rule comes first, so that no request would be left for the production rule (G21)",
        )
    _check_values(picked, "hosts, paths and headers")
    if rule and priority_before(rule.priority) < limits.RULE_PRIORITIES[0]:
        raise Refused(
            f"this key with rule.priority {rule.priority}",
            f"a rule.priority of {rule.priority + 1} or more",
            "the test rule has the priority before it (G21)",
        )


def conditions(rule: Rule | None) -> Conditions:
    """What a request must match to reach the service; everything where there is no rule."""
    return Conditions(tuple(rule.host_headers), tuple(rule.path_patterns)) if rule else Conditions()
