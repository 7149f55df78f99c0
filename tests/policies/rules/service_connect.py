"""Changes to what a service offers through Service Connect."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Document, Graph, Ref
from tests.policies.stacks import classic, container, linear, mesh, native
from value import UNKNOWN

CONNECT = "serviceConnectConfiguration"
ENDPOINT = f"{CONNECT}.services[0]"
RULES = f"{ENDPOINT}.clientAlias[0].testTrafficRules"
HEADER = f"{RULES}[0].header"
DEFINITIONS = "containerDefinitions"


def _native(name: str, change: Change, *expected: Any, **more: Any) -> Case:
    return Case(name, change, [*expected], **{"stack": native, **more})


def _disabled(change: Change) -> Change:
    return several(change, put("service", f"{CONNECT}.enabled", False))


RULE_CASES = [
    _native("no rule, but AWS's default header", drop("service", RULES)),
    _native("no alias", drop("service", f"{ENDPOINT}.clientAlias")),
    *(
        _native(
            f"no {part}",
            drop("service", f"{HEADER}.{part}"),
            fail("native-sc-test-rule", "service", f"{HEADER}.{part}"),
            says=f"service: {HEADER}.{part} is not set.",
        )
        for part in ("name", "value.exact")
    ),
    _native(
        "an empty value",
        put("service", f"{HEADER}.value.exact", ""),
        fail("native-sc-test-rule", "service", f"{HEADER}.value.exact"),
    ),
    _native(
        "a second rule without a header",
        put("service", RULES, [{"header": {"name": "x-test", "value": {"exact": "1"}}}, {}]),
        fail("native-sc-test-rule", "service", f"{RULES}[1].header.name"),
        fail("native-sc-test-rule", "service", f"{RULES}[1].header.value.exact"),
    ),
    _native(
        "no rule where one is required",
        put("service", RULES, []),
        fail("native-sc-test-rule", "service", RULES),
        config={"native-sc-test-rule": {"require": True}},
        says=f"service: {RULES} is not set, and a rule is required here.",
    ),
    _native(
        "no alias where a rule is required",
        drop("service", f"{ENDPOINT}.clientAlias"),
        fail("native-sc-test-rule", "service", f"{ENDPOINT}.clientAlias"),
        config={"native-sc-test-rule": {"require": True}},
        says=f"service: {ENDPOINT}.clientAlias has no alias, and so no test traffic rule, which is required here.",
    ),
    _native("a rule where one is required", nothing, config={"native-sc-test-rule": {"require": True}}),
    _native("a broken rule of a disabled mesh", _disabled(put("service", RULES, [{}]))),
    _native("a service outside of any mesh", nothing, stack=linear),
    Case("a mesh that CodeDeploy refuses", put("service", CONNECT, {"enabled": True, "services": [{}]}), []),
    _native(
        "unknown aliases leave the next endpoint judged",
        put(
            "service", f"{CONNECT}.services", [{"clientAlias": UNKNOWN}, {"clientAlias": [{"testTrafficRules": [{}]}]}]
        ),
        undecided("native-sc-test-rule", "service", f"{ENDPOINT}.clientAlias"),
        undecided("native-sc-header-lookalike", "service", f"{ENDPOINT}.clientAlias"),
        fail("native-sc-test-rule", "service", f"{CONNECT}.services[1].clientAlias[0].testTrafficRules[0].header.name"),
        fail(
            "native-sc-test-rule",
            "service",
            f"{CONNECT}.services[1].clientAlias[0].testTrafficRules[0].header.value.exact",
        ),
        fail("native-sc-http-protocol", "service", f"{ENDPOINT}.portName"),
        fail("native-sc-http-protocol", "service", f"{CONNECT}.services[1].portName"),
    ),
    _native(
        "unknown rules leave the next alias judged",
        put("service", f"{ENDPOINT}.clientAlias", [{"testTrafficRules": UNKNOWN}, {"testTrafficRules": [{}]}]),
        undecided("native-sc-test-rule", "service", RULES),
        undecided("native-sc-header-lookalike", "service", RULES),
        fail("native-sc-test-rule", "service", f"{ENDPOINT}.clientAlias[1].testTrafficRules[0].header.name"),
        fail("native-sc-test-rule", "service", f"{ENDPOINT}.clientAlias[1].testTrafficRules[0].header.value.exact"),
    ),
    _native(
        "an unknown name leaves the value judged",
        put("service", HEADER, {"name": UNKNOWN}),
        fail("native-sc-test-rule", "service", f"{HEADER}.value.exact"),
        undecided("native-sc-test-rule", "service", f"{HEADER}.name"),
        undecided("native-sc-header-lookalike", "service", f"{HEADER}.name"),
    ),
]

LOOKALIKE_CASES = [
    *(
        _native(f"the header {name!r}", put("service", f"{HEADER}.name", name))
        for name in ("X-Amzn-ECS-Blue-Green-Test", "x-test", "x-blue-green-test", "x-amzn-trace-id")
    ),
    _native("a header of any length", put("service", f"{HEADER}.name", "x" * 100_000)),
    *(
        _native(
            f"the header {name!r}",
            put("service", f"{HEADER}.name", name),
            fail("native-sc-header-lookalike", "service", f"{HEADER}.name"),
            says=f"service: {HEADER}.name is nearly, but not quite, AWS's default x-amzn-ecs-blue-green-test.",
        )
        for name in (
            "x-amzn-ecs-bluegreen-test",
            "X-Amzn-Ecs-BlueGreen-Test",
            "x-amz-ecs-blue-green-test",
            "x-amzn-ecs-blue_green_test",
            "x-amzn-ecs-blue-green-tests",
        )
    ),
    _native(
        "an unknown header leaves the next judged",
        put(
            "service",
            RULES,
            [
                {"header": {"name": UNKNOWN, "value": {"exact": "1"}}},
                {"header": {"name": "x-amzn-ecs-bluegreen-test", "value": {"exact": "1"}}},
            ],
        ),
        fail("native-sc-header-lookalike", "service", f"{RULES}[1].header.name"),
        undecided("native-sc-header-lookalike", "service", f"{HEADER}.name"),
        undecided("native-sc-test-rule", "service", f"{HEADER}.name"),
    ),
]


def _map(**more: Any) -> Change:
    """Replaces the container's only port mapping."""
    mapping = {"name": "http", "containerPort": 80, **more}
    return put("task", DEFINITIONS, Document([container("app", "app:1.2.3", portMappings=[mapping])]))


PORT_CASES = [
    *(_native(f"a port that speaks {word}", _map(appProtocol=word)) for word in ("http", "http2", "grpc")),
    _native(
        "a port of plain TCP",
        _map(),
        fail("native-sc-http-protocol", "service", f"{ENDPOINT}.portName"),
        preview=True,
        says=f"service: {ENDPOINT}.portName is a port of task definition task whose appProtocol is not set.",
    ),
    _native(
        "a port of another protocol",
        _map(appProtocol="tcp"),
        fail("native-sc-http-protocol", "service", f"{ENDPOINT}.portName"),
        says=f"service: {ENDPOINT}.portName is a port of task definition task whose appProtocol is another value.",
    ),
    _native(
        "a port without a name",
        _map(name=None, appProtocol="http"),
        fail("native-sc-http-protocol", "service", f"{ENDPOINT}.portName"),
        says=f"service: {ENDPOINT}.portName names no port mapping of task definition task.",
    ),
    *(
        _native(
            f"the port {name!r}",
            put("service", f"{ENDPOINT}.portName", name),
            fail("native-sc-http-protocol", "service", f"{ENDPOINT}.portName"),
        )
        for name in ("https", "", None)
    ),
    _native("a mesh of two, first preview", nothing, stack=mesh, preview=True),
    _native(
        "one of a mesh of two",
        put("orders-service", f"{ENDPOINT}.portName", "grpc"),
        fail("native-sc-http-protocol", "orders-service", f"{ENDPOINT}.portName"),
        stack=mesh,
    ),
    _native("a task definition of another stack", put("service", "taskDefinition", "far:7")),
    _native("a client of others", several(_map(), drop("service", f"{CONNECT}.services"))),
    _native(
        "containers that are not told yet",
        put("task", DEFINITIONS, Document([{**container("app", "", 80), "image": Ref("alb", "dnsName")}])),
        undecided("native-sc-http-protocol", "service", DEFINITIONS),
        preview=True,
    ),
    _native(
        "an unknown port leaves the next judged",
        put("service", f"{CONNECT}.services", [{"portName": UNKNOWN}, {"portName": "far"}]),
        fail("native-sc-http-protocol", "service", f"{CONNECT}.services[1].portName"),
        undecided("native-sc-http-protocol", "service", f"{ENDPOINT}.portName"),
    ),
]


def _namespace(graph: Graph) -> None:
    graph.add(
        "private",
        "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        {"name": "shop.internal"},
        arn="arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-2",
    )


MISSING = f"service: {CONNECT}.namespace is not set, and cluster cluster has no default."
NAMESPACE_CASES = [
    *(
        _native(
            f"no namespace{', first preview' if preview else ''}",
            drop("service", f"{CONNECT}.namespace"),
            fail("native-sc-namespace", "service", f"{CONNECT}.namespace"),
            preview=preview,
            says=MISSING,
        )
        for preview in (False, True)
    ),
    *(
        _native(
            f"the {place}'s namespace{', first preview' if preview else ''}",
            several(
                _namespace,
                drop("service", f"{CONNECT}.namespace"),
                put(holder, path, Ref("private", "arn")),
            ),
            preview=preview,
        )
        for place, holder, path in (
            ("service", "service", f"{CONNECT}.namespace"),
            ("cluster", "cluster", "serviceConnectDefaults.namespace"),
        )
        for preview in (False, True)
    ),
    _native(
        "the cluster's default, lost",
        drop("cluster", "serviceConnectDefaults"),
        fail("native-sc-namespace", "orders-service", f"{CONNECT}.namespace"),
        fail("native-sc-namespace", "web-service", f"{CONNECT}.namespace"),
        stack=mesh,
    ),
    _native(
        "a client without a namespace",
        put("service", CONNECT, {"enabled": True}),
        fail("native-sc-namespace", "service", f"{CONNECT}.namespace"),
    ),
    _native(
        "a cluster of another stack",
        several(drop("service", f"{CONNECT}.namespace"), put("service", "cluster", "far")),
    ),
    _native("a disabled mesh", _disabled(drop("service", f"{CONNECT}.namespace"))),
    _native(
        "an unknown namespace that nothing tells",
        put("service", f"{CONNECT}.namespace", UNKNOWN),
        undecided("native-sc-namespace", "service", f"{CONNECT}.namespace"),
    ),
    _native(
        "a mesh that may be disabled",
        put("service", f"{CONNECT}.enabled", UNKNOWN),
        *(
            undecided(rule, "service", f"{CONNECT}.enabled")
            for rule in (
                "native-sc-header-lookalike",
                "native-sc-http-protocol",
                "native-sc-namespace",
                "native-sc-test-rule",
            )
        ),
    ),
    Case("a service that CodeDeploy releases", put("service", CONNECT, {"enabled": True}), [], stack=classic),
]


CASES = [*RULE_CASES, *LOOKALIKE_CASES, *PORT_CASES, *NAMESPACE_CASES]
