"""Changes to who releases a service."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Graph
from tests.policies.stacks import classic, linear, native
from value import UNKNOWN

CONTROLLER = "deploymentController.type"
STRATEGY = "deploymentConfiguration.strategy"
CONNECT = {"enabled": True, "namespace": "mesh", "services": [{"portName": "http"}]}


def _as_rolling(graph: Graph) -> None:
    graph.put("service", "deploymentController.type", "ECS")
    del graph.resources["group"], graph.resources["application"]


CASES = [
    Case(
        "rolling behind a load balancer",
        _as_rolling,
        [fail("bg-controller-required", "service", CONTROLLER)],
        says="service: deploymentController.type is ECS, with strategy ROLLING: releases replace tasks in place.",
    ),
    Case(
        "no controller is ECS, rolling",
        several(_as_rolling, drop("service", "deploymentController")),
        [fail("bg-controller-required", "service", CONTROLLER)],
    ),
    Case(
        "no strategy at a first preview, where AWS will choose it",
        several(_as_rolling, lambda graph: graph.resources["service"].computed.update(deploymentConfiguration={})),
        [fail("bg-controller-required", "service", CONTROLLER)],
        preview=True,
    ),
    Case("rolling without traffic", several(_as_rolling, drop("service", "loadBalancers")), []),
    Case(
        "rolling, serving through Service Connect",
        several(
            _as_rolling,
            drop("service", "loadBalancers"),
            put("service", "serviceConnectConfiguration", CONNECT),
        ),
        [
            fail("bg-controller-required", "service", CONTROLLER),
            fail("sec-task-sg-from-lb", "lb-task", "referencedSecurityGroupId"),
        ],
    ),
    Case(
        "rolling, only a client of Service Connect",
        several(
            _as_rolling,
            drop("service", "loadBalancers"),
            put("service", "serviceConnectConfiguration", {"enabled": True}),
            drop("lb-task", "referencedSecurityGroupId"),
        ),
        [],
    ),
    Case(
        "Service Connect under CODE_DEPLOY",
        put("service", "serviceConnectConfiguration", CONNECT),
        [fail("bg-controller-required", "service", CONTROLLER)],
        says=f"service: {CONTROLLER} is CODE_DEPLOY, but Service Connect works only with controller ECS.",
    ),
    Case(
        "Service Connect under CODE_DEPLOY, out of scope",
        several(put("service", "serviceConnectConfiguration", CONNECT), drop("service", "loadBalancers")),
        [],
        config={"bg-controller-required": {"scope": "loadBalancer"}},
    ),
    Case(
        "rolling, with Service Connect disabled",
        several(
            _as_rolling,
            drop("service", "loadBalancers"),
            put("service", "serviceConnectConfiguration", {**CONNECT, "enabled": False}),
        ),
        [],
    ),
    Case(
        "EXTERNAL",
        several(_as_rolling, put("service", CONTROLLER, "EXTERNAL")),
        [fail("bg-controller-required", "service", CONTROLLER)],
        says=f"service: {CONTROLLER} is EXTERNAL: releases replace tasks in place.",
    ),
    Case(
        "CODE_DEPLOY where only native is allowed",
        nothing,
        [fail("bg-controller-required", "service", CONTROLLER)],
        config={"bg-controller-required": {"allowed": "native"}},
        says=f"service: {CONTROLLER} is CODE_DEPLOY, but only releases by ECS itself are allowed here.",
    ),
    *(
        Case(
            f"{released.__name__} where only {allowed} is allowed, out of scope",
            nothing,
            [],
            stack=released,
            config={"bg-controller-required": {"allowed": allowed, "scope": "serviceConnect"}},
        )
        for released, allowed in ((classic, "native"), (linear, "codedeploy"))
    ),
    *(
        Case(
            f"{released.__name__} where it is allowed",
            nothing,
            [],
            stack=released,
            config={"bg-controller-required": {"allowed": allowed}},
        )
        for released, allowed in ((classic, "codedeploy"), (native, "native"), (native, "both"), (classic, "both"))
    ),
    Case(
        "native where only CodeDeploy is allowed",
        nothing,
        [fail("bg-controller-required", "service", CONTROLLER)],
        stack=native,
        config={"bg-controller-required": {"allowed": "codedeploy"}},
        says=f"service: {CONTROLLER} is ECS, but only releases by CodeDeploy are allowed here.",
    ),
    Case(
        "rolling behind a load balancer, out of scope",
        _as_rolling,
        [],
        config={"bg-controller-required": {"scope": "serviceConnect"}},
    ),
    Case(
        "an unknown controller",
        put("service", CONTROLLER, UNKNOWN),
        [
            undecided("bg-container-port-join", "service", CONTROLLER),
            undecided("bg-controller-required", "service", CONTROLLER),
            undecided("bg-dg-matches-service", "group", CONTROLLER),
            undecided("bg-dg-matches-service", "service", CONTROLLER),
            undecided("bg-ignore-changes-listener", "service", CONTROLLER),
            undecided("bg-service-target-in-pair", "service", CONTROLLER),
            undecided("bg-target-groups-compatible", "service", CONTROLLER),
        ],
    ),
    Case(
        "an unknown strategy, under CODE_DEPLOY a conflict or none",
        put("service", "deploymentConfiguration", {"strategy": UNKNOWN}),
        [undecided("bg-controller-strategy-conflict", "service", STRATEGY)],
    ),
    Case(
        "a strategy under EXTERNAL",
        several(_as_rolling, put("service", CONTROLLER, "EXTERNAL"), put("service", STRATEGY, "LINEAR")),
        [
            fail("bg-controller-required", "service", CONTROLLER),
            fail("bg-controller-strategy-conflict", "service", STRATEGY),
        ],
    ),
    Case(
        "a strategy under CODE_DEPLOY",
        put("service", STRATEGY, "CANARY"),
        [fail("bg-controller-strategy-conflict", "service", STRATEGY)],
        says="service: deploymentConfiguration.strategy is CANARY, but the deployment controller is CODE_DEPLOY.",
    ),
    Case("ROLLING, written out under CODE_DEPLOY", put("service", STRATEGY, "ROLLING"), []),
    Case(
        "an unknown strategy under ECS, which takes each",
        put("service", STRATEGY, UNKNOWN),
        [
            undecided("bg-container-port-join", "service", STRATEGY),
            undecided("bg-controller-required", "service", STRATEGY),
        ],
        stack=native,
    ),
    Case(
        "a strategy under a controller that is unknown",
        put("service", CONTROLLER, UNKNOWN),
        [
            undecided("bg-container-port-join", "service", CONTROLLER),
            undecided("bg-controller-required", "service", CONTROLLER),
            undecided("bg-controller-strategy-conflict", "service", CONTROLLER),
            undecided("bg-service-target-in-pair", "service", CONTROLLER),
        ],
        stack=native,
    ),
]
