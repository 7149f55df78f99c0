"""Changes to what rollback is about."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph
from tests.policies.stacks import native
from value import UNKNOWN

BG_ALARMS, NATIVE_ALARMS, BOTH, BREAKER = (
    "bg-rollback-alarms",
    "native-rollback-alarms",
    "bg-alarms-cover-both-groups",
    "native-circuit-breaker-only",
)

AUTO_CASES = [
    Case(
        "rollback that may be on leaves its events judged",
        several(
            put("group", "autoRollbackConfiguration.enabled", UNKNOWN),
            put("group", "autoRollbackConfiguration.events", ["DEPLOYMENT_FAILURE"]),
        ),
        [
            fail("bg-auto-rollback", "group", "autoRollbackConfiguration.events"),
            undecided("bg-auto-rollback", "group", "autoRollbackConfiguration.enabled"),
        ],
    ),
    Case(
        "no rollback",
        put("group", "autoRollbackConfiguration.enabled", False),
        [fail("bg-auto-rollback", "group", "autoRollbackConfiguration.enabled")],
    ),
    Case(
        "no rollback and no events",
        put("group", "autoRollbackConfiguration", {"enabled": False, "events": []}),
        [fail("bg-auto-rollback", "group", "autoRollbackConfiguration.enabled")],
        says="group: autoRollbackConfiguration.enabled is not true.",
    ),
    Case(
        "no rollback block",
        drop("group", "autoRollbackConfiguration"),
        [fail("bg-auto-rollback", "group", "autoRollbackConfiguration.enabled")],
    ),
    *(
        Case(
            f"rollback on {events} alone",
            put("group", "autoRollbackConfiguration.events", events),
            [fail("bg-auto-rollback", "group", "autoRollbackConfiguration.events")],
        )
        for events in (["DEPLOYMENT_FAILURE"], ["DEPLOYMENT_STOP_ON_ALARM"])
    ),
    Case(
        "no alarms, no event for them",
        several(
            put("group", "autoRollbackConfiguration.events", ["DEPLOYMENT_FAILURE"]),
            put("group", "alarmConfiguration.alarms", []),
        ),
        [fail(BG_ALARMS, "group", "alarmConfiguration.alarms")],
    ),
    Case(
        "an event more, by configuration",
        nothing,
        [fail("bg-auto-rollback", "group", "autoRollbackConfiguration.events")],
        config={"bg-auto-rollback": {"events": ["DEPLOYMENT_STOP_ON_REQUEST"]}},
    ),
    Case(
        "an unknown event leaves the known one found",
        put("group", "autoRollbackConfiguration.events[1]", UNKNOWN),
        [undecided("bg-auto-rollback", "group", "autoRollbackConfiguration.events[1]")],
    ),
    Case(
        "rollback that may be on",
        put("group", "autoRollbackConfiguration.enabled", UNKNOWN),
        [undecided("bg-auto-rollback", "group", "autoRollbackConfiguration.enabled")],
    ),
]


def _breaker(**alarms: Any) -> Change:
    def change(graph: Graph) -> None:
        graph.put("service", "deploymentCircuitBreaker", {"enable": True, "rollback": True})
        graph["service"]["alarms"].update(alarms)
        del graph["service"]["deploymentConfiguration"]["lifecycleHooks"]

    return change


BREAKER_CASES = [
    Case(
        "a circuit breaker alone",
        _breaker(enable=False),
        [fail(BREAKER, "service", "deploymentCircuitBreaker"), fail(NATIVE_ALARMS, "service", "alarms.enable")],
        stack=native,
    ),
    Case(
        "a circuit breaker alone, no alarm named",
        _breaker(alarmNames=[]),
        [fail(BREAKER, "service", "deploymentCircuitBreaker"), fail(NATIVE_ALARMS, "service", "alarms.alarmNames")],
        stack=native,
    ),
    Case("a circuit breaker beside alarms", _breaker(), [], stack=native),
    Case(
        "a circuit breaker beside a hook",
        several(
            put("service", "deploymentCircuitBreaker", {"enable": True, "rollback": True}),
            put("service", "alarms.enable", False),
        ),
        [fail(NATIVE_ALARMS, "service", "alarms.enable")],
        stack=native,
    ),
    Case(
        "a circuit breaker that is off",
        several(_breaker(enable=False), put("service", "deploymentCircuitBreaker.enable", False)),
        [fail(NATIVE_ALARMS, "service", "alarms.enable")],
        stack=native,
    ),
    Case(
        "a circuit breaker of a rolling service",
        several(_breaker(enable=False), put("service", "deploymentConfiguration.strategy", "ROLLING")),
        [],
        stack=native,
    ),
    Case(
        "a circuit breaker, in full",
        several(_breaker(), put("service", "alarms.alarmNames", [])),
        [fail(BREAKER, "service", "deploymentCircuitBreaker")],
        stack=native,
        config={NATIVE_ALARMS: {"enabled": False}},
        says="service: deploymentCircuitBreaker is all that can stop a bad release: there is no alarm and no "
        "lifecycle hook.",
    ),
    Case(
        "a circuit breaker and alarms that may be on",
        _breaker(enable=UNKNOWN),
        [
            undecided(BREAKER, "service", "alarms.enable"),
            undecided(NATIVE_ALARMS, "service", "alarms.enable"),
            undecided(BOTH, "service", "alarms.enable"),
        ],
        stack=native,
    ),
    Case(
        "a circuit breaker that may be on, beside a hook",
        put("service", "deploymentCircuitBreaker", UNKNOWN),
        [],
        stack=native,
    ),
]


CASES = [*AUTO_CASES, *BREAKER_CASES]
