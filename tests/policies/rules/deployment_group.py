"""Changes to a deployment group, its application and its configuration."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Graph, Ref
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


CASES = [
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
        "a service whose deployment group is another stack's",
        lambda graph: graph.resources.pop("group"),
        [],
    ),
    Case(
        "a group that names no service",
        put("group", "ecsService.serviceName", "web"),
        [fail("bg-dg-matches-service", "group", "ecsService")],
        config={"bg-dg-matches-service": {"excludeFor": ["service"]}},
        says="group: ecsService names no service of this stack, by cluster and service name.",
    ),
    Case(
        "a service that no group names",
        put("group", "ecsService.serviceName", "web"),
        [fail("bg-dg-matches-service", "service")],
        config={"bg-dg-matches-service": {"excludeFor": ["group"]}},
        says="service is named by no deployment group of this stack.",
    ),
    Case("an application of another stack", put("group", "appName", "elsewhere"), []),
    Case(
        "a deployment group for servers, of an application for servers",
        several(
            *(drop("group", prop) for prop in ("ecsService", "loadBalancerInfo", "deploymentStyle")),
            lambda graph: graph.resources["group"].computed.update(computePlatform="Server"),
            put("application", "computePlatform", "Server"),
        ),
        [fail("bg-dg-matches-service", "service")],
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
]
