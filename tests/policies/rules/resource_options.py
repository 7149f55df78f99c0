"""Changes to what resource_options is about."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, ignore, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic, mesh, native, nlb
from value import UNKNOWN

PAIR = "loadBalancerInfo.targetGroupPairInfo"
CONTROLLER = "deploymentController.type"


def _plain(name: str, prop: str) -> Change:
    """Writes references out, so that no dependency tells them."""
    return lambda graph: graph.put(name, prop, graph.inputs(name)[prop])


def _in_component(graph: Graph) -> None:
    graph.resources["service"].parent = "awsx:ecs:FargateService"


IGNORED_CASES = [
    Case(
        "the service ignores nothing",
        ignore("service"),
        [fail("bg-ignore-changes-service", "service")],
        says="service does not ignore changes of taskDefinition, loadBalancers.",
    ),
    Case(
        "nothing is ignored under an unknown controller",
        several(ignore("service"), put("service", CONTROLLER, UNKNOWN), drop("service", "loadBalancers")),
        [
            undecided("bg-container-port-join", "service", CONTROLLER),
            undecided("bg-dg-matches-service", "group", CONTROLLER),
            undecided("bg-dg-matches-service", "service", CONTROLLER),
            undecided("bg-ignore-changes-listener", "service", CONTROLLER),
            undecided("bg-ignore-changes-service", "service", CONTROLLER),
            undecided("bg-service-target-in-pair", "service", CONTROLLER),
            undecided("bg-target-groups-compatible", "service", CONTROLLER),
        ],
    ),
    Case(
        "the service ignores a sub-path",
        ignore("service", "taskDefinition", "loadBalancers[0].targetGroupArn"),
        [fail("bg-ignore-changes-service", "service")],
    ),
    Case(
        "the service of an awsx component ignores nothing",
        several(ignore("service"), _in_component),
        [fail("bg-ignore-changes-service", "service")],
        says="service does not ignore changes of taskDefinition, loadBalancers. "
        "An awsx component does not pass the option on to its service.",
    ),
    Case("the service ignores everything", ignore("service", "*"), []),
    Case("a native service ignores nothing", ignore("service"), [], stack=native),
    Case(
        "an extra property is not ignored",
        nothing,
        [fail("bg-ignore-changes-service", "service")],
        config={"bg-ignore-changes-service": {"extra": ["tags"]}},
    ),
    Case(
        "an unknown production listener leaves the test listener judged",
        several(
            _plain("group", "loadBalancerInfo"),
            put("group", f"{PAIR}.prodTrafficRoute.listenerArns[0]", UNKNOWN),
            ignore("test-rule"),
        ),
        [
            fail("bg-ignore-changes-listener", "test-rule"),
            undecided("bg-ignore-changes-listener", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]"),
            undecided("bg-prod-listener-wired", "group", f"{PAIR}.prodTrafficRoute.listenerArns[0]"),
        ],
    ),
    Case(
        "unknown actions of one rule leave the other judged",
        several(put("prod-rule", "actions", UNKNOWN), ignore("prod-rule"), ignore("test-rule")),
        [
            fail("bg-ignore-changes-listener", "test-rule"),
            undecided("bg-ignore-changes-listener", "group", "actions"),
            undecided("bg-prod-listener-wired", "group", "actions"),
        ],
    ),
    Case(
        "an unknown production rule of a native service leaves the test rule judged",
        several(
            _plain("service", "loadBalancers"),
            put("service", "loadBalancers[0].advancedConfiguration.productionListenerRule", UNKNOWN),
            ignore("test-rule"),
        ),
        [
            fail("bg-ignore-changes-listener", "test-rule"),
            undecided(
                "bg-ignore-changes-listener",
                "service",
                "loadBalancers[0].advancedConfiguration.productionListenerRule",
            ),
        ],
        stack=native,
    ),
    *(
        Case(
            f"{rule} ignores nothing{' at a first preview' if preview else ''}",
            ignore(rule),
            [fail("bg-ignore-changes-listener", rule)],
            stack=stack,
            preview=preview,
        )
        for rule in ("prod-rule", "test-rule")
        for stack in (classic, native)
        for preview in (False, True)
    ),
    *(
        Case(
            f"{rule} of a rolling service that has a pair ignores nothing",
            several(put("service", "deploymentConfiguration", {"strategy": "ROLLING"}), ignore(rule)),
            [fail("bg-ignore-changes-listener", rule)],
            stack=native,
        )
        for rule in ("prod-rule", "test-rule")
    ),
    Case("unknown actions that are ignored", put("prod-rule", "actions", UNKNOWN), []),
    Case(
        "a listener forwards to the pair and ignores nothing",
        put("https", "defaultActions", [{"type": "forward", "targetGroupArn": Ref("green", "arn")}]),
        [fail("bg-ignore-changes-listener", "https")],
    ),
    Case(
        "unknown actions, told by nothing, and not ignored",
        several(put("prod-rule", "actions", UNKNOWN), ignore("prod-rule")),
        [
            undecided("bg-ignore-changes-listener", "group", "actions"),
            undecided("bg-prod-listener-wired", "group", "actions"),
        ],
    ),
]

INEFFECTIVE = "bg-ignore-changes-ineffective"

INEFFECTIVE_CASES = [
    Case(
        "a path in Python's spelling",
        ignore("service", "taskDefinition", "loadBalancers", "load_balancers[0].target_group_arn", "desiredCount"),
        [fail(INEFFECTIVE, "service")],
        says="service ignores changes of load_balancers[0].target_group_arn, which it does not have. "
        "Properties like these are loadBalancers.",
    ),
    Case(
        "several paths, misspelt and of another type",
        ignore("service", "taskDefinitions", "loadBalancers", "taskDefinition", "load_balancer", "xyz", "desiredCount"),
        [fail(INEFFECTIVE, "service")],
        says="service ignores changes of load_balancer, taskDefinitions, xyz, which it does not have. "
        "Properties like these are loadBalancers, taskDefinition.",
    ),
    *(
        Case(f"the path {path}", ignore("alb", path), [])
        for path in (
            "*",
            "tags",
            "accessLogs.bucket",
            "subnets[0]",
            '["tags"].Owner',
            "[tags]",
            ".tags",
            'tags["a.b"]',
            "tagsAll",
        )
    ),
    *(
        Case(f"the path {path}", ignore("alb", path), [fail(INEFFECTIVE, "alb")])
        for path in ("access_logs.bucket", '["access_logs"]', "[0]", "defaultActions", "tags_all")
    ),
    Case(
        "a property that only the twin's module has in its name",
        several(lambda graph: graph.rename("aws:lb/", "aws:alb/"), ignore("prod-rule", "actions", "default_actions")),
        [fail(INEFFECTIVE, "prod-rule")],
        preview=True,
    ),
    Case(
        "a path unlike any property",
        ignore("alb", "xyz"),
        [fail(INEFFECTIVE, "alb")],
        says="alb ignores changes of xyz, which it does not have.",
    ),
    Case(
        "a type that the rules do not know",
        lambda graph: graph.ignore("vpc", "cidr_block"),
        [],
    ),
]

PROTECT = "bg-protect-stateful"


def _unprotected(*names: str) -> Change:
    def change(graph: Graph) -> None:
        for name in names:
            graph.resources[name].protect = False

    return change


def _as_rolling(graph: Graph) -> None:
    graph.put("service", CONTROLLER, "ECS").drop("service", "deploymentConfiguration")


PROTECTED_CASES = [
    *(
        Case(
            f"{name} is not protected{' at a first preview' if preview else ''}",
            _unprotected(name),
            [fail(PROTECT, name)],
            stack=stack,
            preview=preview,
        )
        for stack, names in (
            (classic, ("service", "group", "alb")),
            (native, ("service", "alb")),
            (mesh, ("web-service", "orders-service")),
            (nlb, ("service", "group", "alb")),
        )
        for name in names
        for preview in (False, True)
    ),
    Case("nothing is protected in dev", _unprotected("service", "group", "alb"), [], stack=lambda: classic("dev")),
    *(
        Case(
            f"only {kind} must be protected",
            _unprotected("service", "group", "alb"),
            [fail(PROTECT, name)],
            config={PROTECT: {"types": [kind]}},
            says=says,
        )
        for kind, name, says in (
            ("service", "service", "service is not protected."),
            ("deploymentGroup", "group", "group is not protected."),
            ("loadBalancer", "alb", "alb is not protected, and service is released behind it."),
        )
    ),
    Case(
        "nothing is protected, nor released blue/green",
        several(_unprotected("service", "alb"), _as_rolling),
        [],
        stack=native,
    ),
    Case(
        "a deployment group for servers",
        several(
            _unprotected("group"),
            *(drop("group", prop) for prop in ("ecsService", "loadBalancerInfo")),
            lambda graph: graph.resources["group"].computed.update(computePlatform="Server"),
        ),
        [fail("bg-dg-matches-service", "service")],
    ),
    Case(
        "a load balancer that nothing is released behind",
        lambda graph: graph.add("other", graph.resources["alb"].type, {**graph["alb"]}, arn="arn:other"),
        [],
    ),
    Case(
        "a load balancer behind which another stack's service is released",
        several(
            _unprotected("alb"),
            put("group", "ecsService", {"clusterName": "main", "serviceName": "elsewhere"}),
            lambda graph: graph.resources.pop("service"),
        ),
        [fail(PROTECT, "alb")],
        says="alb is not protected, and group is released behind it.",
    ),
    Case(
        "a controller that is unknown",
        several(_unprotected("service", "alb"), put("service", CONTROLLER, UNKNOWN)),
        [
            undecided("bg-ignore-changes-listener", "service", CONTROLLER),
            undecided("bg-ignore-changes-service", "service", CONTROLLER),
            undecided(PROTECT, "service", CONTROLLER),
            undecided(PROTECT, "alb", CONTROLLER),
        ],
        stack=native,
    ),
    Case(
        "a load balancer that one service is released behind, and another perhaps",
        several(
            _unprotected("alb"),
            lambda graph: graph.add(
                "other", graph.resources["service"].type, {**graph["service"], "deploymentController": UNKNOWN}
            ),
            lambda graph: graph.ignore("other", "*").protect("other"),
        ),
        [fail(PROTECT, "alb"), undecided("bg-ignore-changes-listener", "other", "deploymentController")],
        stack=native,
    ),
    Case(
        "a target that nothing tells",
        several(
            _unprotected("alb"),
            _plain("service", "loadBalancers"),
            put("service", "loadBalancers[0].targetGroupArn", UNKNOWN),
        ),
        [undecided(PROTECT, "alb", "loadBalancers[0].targetGroupArn")],
        stack=native,
    ),
    Case(
        "rules of which nothing tells where they forward to",
        several(_unprotected("alb"), put("prod-rule", "actions", UNKNOWN), put("test-rule", "actions", UNKNOWN)),
        [undecided(PROTECT, "alb", "actions")],
        stack=native,
    ),
    Case(
        "what is protected is not looked at",
        several(put("prod-rule", "actions", UNKNOWN), put("test-rule", "actions", UNKNOWN)),
        [],
        stack=native,
    ),
]

CASES = [*IGNORED_CASES, *INEFFECTIVE_CASES, *PROTECTED_CASES]
