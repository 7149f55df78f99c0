"""Changes to how many tasks a service runs."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, ignore, put, several, undecided
from tests.policies.graph import Change, Graph, Ref, Text
from tests.policies.stacks import linear, native, two_services
from value import UNKNOWN

COUNT = "desiredCount"
CONTROLLER = "deploymentController.type"


def _as_rolling(graph: Graph) -> None:
    graph.put("service", CONTROLLER, "ECS").drop("service", "deploymentConfiguration")


def _scales(*parts: object) -> Change:
    return lambda graph: graph.put("scaling", "resourceId", Text(parts))


def _with_service_elsewhere(graph: Graph) -> None:
    """A service of the same name in another cluster, which ignores nothing."""
    graph.add("far", "aws:ecs/cluster:Cluster", {"name": "far"}, arn="arn:aws:ecs:eu-west-1:1:cluster/far")
    twin = {**graph["service"], "cluster": Ref("far", "arn")}
    graph.add("twin", graph.resources["service"].type, twin, id="arn:aws:ecs:eu-west-1:1:service/far/app-1")


COUNT_CASES = [
    *(
        Case(
            f"{count} tasks",
            put("service", COUNT, count),
            [fail("bg-desired-count", "service", COUNT)],
            stack=native,
            says=f"service: desiredCount is {said}; it should be at least 2.",
        )
        for count, said in ((0.0, "0"), (1.0, "1"), ("1", "1"), (None, "not set"))
    ),
    Case("two tasks, as text", put("service", COUNT, "2"), [], stack=native),
    Case("one task in dev", put("service", COUNT, 1.0), [], stack=lambda: native("dev")),
    Case(
        "one task where dev counts as production",
        put("service", COUNT, 1.0),
        [fail("bg-desired-count", "service", COUNT)],
        stack=lambda: native("dev"),
        config={"bg-desired-count": {"prodPattern": "^dev$"}},
    ),
    Case("one task, allowed", put("service", COUNT, 1.0), [], stack=native, config={"bg-desired-count": {"min": 1.0}}),
    Case(
        "fewer tasks than asked for",
        put("service", COUNT, 2.0),
        [fail("bg-desired-count", "service", COUNT)],
        stack=native,
        config={"bg-desired-count": {"min": 3.0}},
    ),
    Case(
        "no count where one task is enough",
        drop("service", COUNT),
        [fail("bg-desired-count", "service", COUNT)],
        stack=native,
        config={"bg-desired-count": {"min": 1.0}},
    ),
    Case("no count, left to another", drop("service", COUNT), [], stack=linear),
    Case(
        "one task to start with, left to another",
        put("service", COUNT, 1.0),
        [fail("bg-desired-count", "service", COUNT)],
        stack=linear,
    ),
    Case(
        "one task of a service that is not released blue/green",
        several(put("service", COUNT, 1.0), _as_rolling),
        [],
        stack=native,
    ),
    Case(
        "one task per instance",
        several(put("service", COUNT, 0.0), put("service", "schedulingStrategy", "DAEMON")),
        [],
        stack=native,
    ),
    Case(
        "an unknown count",
        put("service", COUNT, UNKNOWN),
        [undecided("bg-desired-count", "service", COUNT)],
        stack=native,
    ),
    Case(
        "one task under a controller that is unknown",
        several(put("service", COUNT, 1.0), put("service", CONTROLLER, UNKNOWN)),
        [undecided("bg-desired-count", "service", CONTROLLER)],
        stack=native,
    ),
]

SCALING_CASES = [
    *(
        Case(
            f"a count that is scaled and set{' at a first preview' if preview else ''}",
            ignore("service"),
            [fail("bg-autoscaling-owns-count", "service")],
            stack=linear,
            preview=preview,
            says="service does not ignore changes of desiredCount, although scaling scales it.",
        )
        for preview in (False, True)
    ),
    Case("everything ignored", ignore("service", "*"), [], stack=linear),
    Case(
        "the unscaled of two services sets its count",
        ignore("api-service"),
        [],
        stack=two_services,
    ),
    Case(
        "an unknown identity, told by dependencies",
        several(ignore("service"), _scales("service/", Ref("cluster", "id"), "/", Ref("service", "name"))),
        [fail("bg-autoscaling-owns-count", "service")],
        stack=linear,
        preview=True,
    ),
    Case(
        "an unknown identity that nothing tells",
        several(ignore("service"), put("scaling", "resourceId", UNKNOWN)),
        [undecided("bg-autoscaling-owns-count", "scaling", "resourceId")],
        stack=linear,
    ),
    Case("a service of another cluster", several(ignore("service"), _scales("service/far/app-1")), [], stack=linear),
    Case("a service of another stack", several(ignore("service"), _scales("service/main/far")), [], stack=linear),
    Case("no identity", several(ignore("service"), drop("scaling", "resourceId")), [], stack=linear),
    Case("its namesake in another cluster", _with_service_elsewhere, [], stack=linear),
    Case(
        "the default cluster",
        several(ignore("service"), drop("service", "cluster"), _scales("service/default/app-1")),
        [fail("bg-autoscaling-owns-count", "service")],
        stack=linear,
    ),
    *(
        Case(f"another {prop}", several(ignore("service"), put("scaling", prop, value)), [], stack=linear)
        for prop, value in (
            ("serviceNamespace", "dynamodb"),
            ("scalableDimension", "ec2:spot-fleet-request:TargetCapacity"),
        )
    ),
    Case(
        "an unknown dimension",
        several(ignore("service"), put("scaling", "scalableDimension", UNKNOWN)),
        [undecided("bg-autoscaling-owns-count", "scaling", "scalableDimension")],
        stack=linear,
    ),
    Case(
        "a scaled service that is not released blue/green",
        several(ignore("service"), _as_rolling),
        [],
        stack=linear,
    ),
    Case(
        "a scaled service under a controller that is unknown",
        several(ignore("service"), put("service", CONTROLLER, UNKNOWN)),
        [undecided("bg-autoscaling-owns-count", "scaling", CONTROLLER)],
        stack=linear,
    ),
    Case("a scaled service that CodeDeploy releases", ignore("service", COUNT), [], stack=two_services),
    Case(
        "a scaled service that CodeDeploy releases sets its count",
        ignore("service", "taskDefinition", "loadBalancers"),
        [fail("bg-autoscaling-owns-count", "service")],
        stack=two_services,
    ),
]

CASES = [*COUNT_CASES, *SCALING_CASES]
