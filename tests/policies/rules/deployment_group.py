"""Changes to a deployment group, its application and its configuration."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic
from value import UNKNOWN

PAIR = "loadBalancerInfo.targetGroupPairInfo"
CONTROLLER = "deploymentController.type"


def _add_second_group(graph: Graph) -> None:
    graph.add("again", graph.resources["group"].type, {**graph["group"]}, computePlatform="ECS")


def _add_twin(graph: Graph) -> None:
    twin = graph.add("twin", graph.resources["service"].type, {**graph["service"], "name": "twin"}, id="twin")
    twin.ignored = ["*"]
    graph["group"]["ecsService"] = {
        "clusterName": "main",
        "serviceName": Ref("service", "id"),
        "also": Ref("twin", "id"),
    }


def _move_group_away(graph: Graph) -> None:
    graph.put("group", "ecsService", {"clusterName": "far", "serviceName": "far"})
    del graph.resources["service"]


GROUP_CASES = [
    *(
        Case(
            f"{prop} of {value or 'nothing'}",
            put("group", f"deploymentStyle.{prop}", value),
            [fail("bg-dg-style", "group", f"deploymentStyle.{prop}")],
        )
        for prop, value in (
            ("deploymentType", "IN_PLACE"),
            ("deploymentOption", "WITHOUT_TRAFFIC_CONTROL"),
            ("deploymentOption", None),
        )
    ),
    Case(
        "no style at all",
        drop("group", "deploymentStyle"),
        [
            fail("bg-dg-style", "group", "deploymentStyle.deploymentOption"),
            fail("bg-dg-style", "group", "deploymentStyle.deploymentType"),
        ],
    ),
    Case(
        "an unknown style",
        put("group", "deploymentStyle", UNKNOWN),
        [undecided("bg-dg-style", "group", "deploymentStyle")],
    ),
    Case(
        "an unknown half of the style leaves the other judged",
        several(
            put("group", "deploymentStyle.deploymentType", UNKNOWN),
            put("group", "deploymentStyle.deploymentOption", "WITHOUT_TRAFFIC_CONTROL"),
        ),
        [
            fail("bg-dg-style", "group", "deploymentStyle.deploymentOption"),
            undecided("bg-dg-style", "group", "deploymentStyle.deploymentType"),
        ],
    ),
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
        "an application for servers",
        put("application", "computePlatform", "Server"),
        [fail("bg-dg-style", "application", "computePlatform")],
    ),
    Case(
        "an unknown platform",
        put("application", "computePlatform", UNKNOWN),
        [undecided("bg-dg-style", "group", "computePlatform")],
    ),
    Case(
        "a service name that does not exist",
        put("group", "ecsService.serviceName", "web"),
        [fail("bg-dg-matches-service", "group", "ecsService"), fail("bg-dg-matches-service", "service")],
    ),
    Case(
        "a service of another cluster",
        put("group", "ecsService.clusterName", "far"),
        [fail("bg-dg-matches-service", "group", "ecsService"), fail("bg-dg-matches-service", "service")],
    ),
    Case(
        "a service elsewhere that is allowed",
        put("group", "ecsService.clusterName", "far"),
        [],
        config={"bg-dg-matches-service": {"allowExternal": True}},
    ),
    Case(
        "an unknown service name that may be one of two",
        _add_twin,
        [
            undecided("bg-dg-matches-service", "group", "ecsService.serviceName"),
            undecided("bg-dg-matches-service", "service", "ecsService.serviceName"),
            undecided("bg-dg-matches-service", "twin", "ecsService.serviceName"),
        ],
        preview=True,
    ),
    Case("a stack without services", _move_group_away, []),
    Case(
        "a second deployment group for one service",
        _add_second_group,
        [fail("bg-dg-matches-service", "service")],
        says="service is named by more than one deployment group: again, group.",
    ),
    Case(
        "a service that ECS releases",
        several(put("service", CONTROLLER, "ECS"), put("service", "deploymentConfiguration", {"strategy": "CANARY"})),
        [fail("bg-dg-matches-service", "group", "ecsService")],
    ),
    Case(
        "an unknown service name that nothing tells",
        put("group", "ecsService", {"clusterName": "main", "serviceName": UNKNOWN}),
        [
            undecided("bg-dg-matches-service", "group", "ecsService.serviceName"),
            undecided("bg-dg-matches-service", "service", "ecsService.serviceName"),
        ],
    ),
    Case(
        "no rollback",
        put("group", "autoRollbackConfiguration.enabled", False),
        [fail("bg-auto-rollback", "group", "autoRollbackConfiguration.enabled")],
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
        [],
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
SHIFT = "deploymentConfigName"


def _own_configuration(kind: str | None) -> Change:
    def change(graph: Graph) -> None:
        routing = {"trafficRoutingConfig": {"type": kind}} if kind else {}
        graph.add(
            "own",
            "aws:codedeploy/deploymentConfig:DeploymentConfig",
            {"deploymentConfigName": "own-1", "computePlatform": "ECS", **routing},
        )
        graph.put("group", SHIFT, Ref("own", SHIFT))

    return change


SHIFT_CASES = [
    *(
        Case(
            f"{name}{' at a first preview' if preview else ''}",
            put("group", SHIFT, name),
            [fail("bg-not-all-at-once", "group", SHIFT)],
            preview=preview,
        )
        for name in ("CodeDeployDefault.ECSAllAtOnce", "CodeDeployDefault.OneAtATime", None)
        for preview in (False, True)
    ),
    Case("all at once in dev", put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"), [], stack=lambda: classic("dev")),
    Case(
        "all at once, allowed",
        put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"),
        [],
        config={"bg-not-all-at-once": {"allowed": ["CodeDeployDefault.ECSAllAtOnce"]}},
    ),
    Case(
        "all at once where dev counts as production",
        put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"),
        [fail("bg-not-all-at-once", "group", SHIFT)],
        stack=lambda: classic("dev"),
        config={"bg-not-all-at-once": {"prodPattern": "^dev$"}},
    ),
    Case("an own configuration in steps", _own_configuration("TimeBasedLinear"), []),
    Case(
        "an own configuration, all at once",
        _own_configuration("AllAtOnce"),
        [fail("bg-not-all-at-once", "own", "trafficRoutingConfig.type")],
    ),
    Case(
        "an own configuration that does not say",
        _own_configuration(None),
        [fail("bg-not-all-at-once", "own", "trafficRoutingConfig.type")],
    ),
    Case(
        "all at once behind a network load balancer",
        several(put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"), put("alb", "loadBalancerType", "network")),
        [],
        preview=True,
    ),
    Case(
        "a configuration that is unknown",
        put("group", SHIFT, UNKNOWN),
        [undecided("bg-not-all-at-once", "group", SHIFT)],
    ),
]


CASES = [*GROUP_CASES, *SHIFT_CASES]
