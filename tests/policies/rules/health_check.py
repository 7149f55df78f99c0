"""Changes to how the health of new tasks is checked."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic, native
from value import UNKNOWN

CONTROLLER = "deploymentController.type"


def _as_rolling(graph: Graph) -> None:
    graph.put("service", "deploymentController.type", "ECS")
    del graph.resources["group"], graph.resources["application"]


def _both(prop: str, value: object) -> Change:
    return several(put("blue", prop, value), put("green", prop, value))


GRACE = "healthCheckGracePeriodSeconds"

GRACE_CASES = [
    *(
        Case(
            f"a grace period of {seconds}",
            put("service", GRACE, seconds),
            [fail("bg-health-check-grace", "service", GRACE)],
            stack=stack,
            says=f"service: {GRACE} is {said}; it should be at least 1.",
        )
        for stack in (classic, native)
        for seconds, said in ((0.0, "0"), (None, "not set"), ([], "not set"))
    ),
    Case(
        "a shorter grace period than asked for",
        nothing,
        [fail("bg-health-check-grace", "service", GRACE)],
        config={"bg-health-check-grace": {"min": 61.0}},
        says=f"service: {GRACE} is 60; it should be at least 61.",
    ),
    Case(
        "a longer grace period than asked for",
        nothing,
        [fail("bg-health-check-grace", "service", GRACE)],
        config={"bg-health-check-grace": {"max": 59.0}},
        says=f"service: {GRACE} is 60; it should be at most 59.",
    ),
    *(
        Case(f"a grace period at its {knob}", nothing, [], config={"bg-health-check-grace": {knob: 60.0}})
        for knob in ("min", "max")
    ),
    Case("the longest grace period", put("service", GRACE, 2147483647.0), []),
    Case(
        "no grace period where no load balancer checks health",
        several(drop("service", GRACE), drop("service", "loadBalancers")),
        [],
        stack=native,
    ),
    Case(
        "no grace period in a service that is not released blue/green",
        several(drop("service", GRACE), _as_rolling),
        [fail("bg-controller-required", "service", CONTROLLER)],
    ),
    Case(
        "an unknown grace period",
        put("service", GRACE, UNKNOWN),
        [undecided("bg-health-check-grace", "service", GRACE)],
    ),
    Case(
        "no grace period, and load balancers that are unknown",
        several(drop("service", GRACE), put("service", "loadBalancers", UNKNOWN)),
        [
            undecided("bg-container-port-join", "service", "loadBalancers"),
            undecided("bg-health-check-grace", "service", "loadBalancers"),
            undecided("bg-service-target-in-pair", "service", "loadBalancers"),
        ],
    ),
]

HEALTH = "bg-health-check-parity"

HEALTH_CASES = [
    *(
        Case(
            f"another {field} of health checks",
            put("green", f"healthCheck.{field}", value),
            [fail(HEALTH, "green", f"healthCheck.{field}")],
            stack=stack,
            preview=stack is native,
        )
        for stack in (classic, native)
        for field, value in (
            ("path", "/"),
            ("matcher", "200-299"),
            ("port", "8080"),
            ("port", 81.0),
            ("interval", 10.0),
        )
    ),
    Case(
        "another interval of health checks",
        put("green", "healthCheck.interval", 10.0),
        [fail(HEALTH, "green", "healthCheck.interval")],
        says="green: healthCheck.interval is 10, but that of blue is 30.",
    ),
    Case(
        "another path of health checks",
        put("green", "healthCheck.path", "/secret"),
        [fail(HEALTH, "green", "healthCheck.path")],
        says="green: healthCheck.path differs from that of blue.",
    ),
    *(
        Case(f"the group's own port as {port}", put("green", "healthCheck.port", port), [])
        for port in ("80", 80.0, None)
    ),
    Case("the same port of both, beside the traffic", _both("healthCheck.port", "9000"), []),
    *(
        Case(
            f"the default {field}, written out once",
            several(_both(f"healthCheck.{field}", value), drop("green", f"healthCheck.{field}")),
            [],
        )
        for field, value in (("path", "/"), ("matcher", "200"), ("interval", "30"))
    ),
    Case("another timeout, which is not compared", put("green", "healthCheck.timeout", 10.0), []),
    Case(
        "another timeout, compared by configuration",
        several(put("green", "healthCheck.timeout", 10.0), put("green", "healthCheck.path", "/")),
        [fail(HEALTH, "green", "healthCheck.timeout")],
        config={HEALTH: {"fields": ["timeout"]}},
    ),
    *(
        Case(
            f"no health check, where AWS {'will make' if preview else 'has made'} its own",
            several(
                drop("green", "healthCheck"),
                lambda graph: graph.resources["green"].computed.update(healthCheck={"path": "/", "matcher": "200"}),
            ),
            [fail(HEALTH, "green", "healthCheck")],
            preview=preview,
            says="green: healthCheck is not set: AWS's default check knows nothing of the application.",
        )
        for preview in (False, True)
    ),
    Case(
        "no health check of either group",
        several(drop("blue", "healthCheck"), drop("green", "healthCheck")),
        [fail(HEALTH, "blue", "healthCheck"), fail(HEALTH, "green", "healthCheck")],
        stack=native,
    ),
    Case(
        "an unknown field leaves the others judged",
        several(put("green", "healthCheck.path", UNKNOWN), put("green", "healthCheck.interval", 10.0)),
        [fail(HEALTH, "green", "healthCheck.interval"), undecided(HEALTH, "group", "healthCheck.path")],
    ),
    Case(
        "an unknown path of the other group",
        put("blue", "healthCheck.path", UNKNOWN),
        [undecided(HEALTH, "group", "healthCheck.path")],
    ),
    Case(
        "paths that different resources will tell",
        several(put("blue", "healthCheck.path", Ref("vpc", "id")), put("green", "healthCheck.path", Ref("alb", "id"))),
        [undecided(HEALTH, "group", "healthCheck.path")],
        preview=True,
    ),
    Case(
        "an unknown health check",
        put("green", "healthCheck", UNKNOWN),
        [undecided(HEALTH, "group", "healthCheck")],
    ),
    Case(
        "a path that the same resource will tell of both", _both("healthCheck.path", Ref("vpc", "id")), [], preview=True
    ),
    Case("fields that the provider will fill in of both", _both("healthCheck.path", UNKNOWN), []),
    Case(
        "a group of another stack",
        several(
            put("service", "loadBalancers[0].advancedConfiguration.alternateTargetGroupArn", "arn:elsewhere"),
            put("green", "healthCheck.path", "/"),
        ),
        [],
        stack=native,
    ),
]

CASES = [*GRACE_CASES, *HEALTH_CASES]
