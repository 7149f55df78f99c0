"""How the releases that ECS makes by itself can be broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws import CLUSTER, ROLE_POLICY_ATTACHMENT, SERVICE
from tests.policies.graph import Graph, Ref
from tests.policies.mutants.places import (
    Break,
    Mutator,
    application,
    apps,
    behind_balancer,
    both,
    each,
    edit,
    has,
    in_mesh,
    inside,
    lacks,
    named,
    native,
    network,
    strategy,
    to,
    without,
)

ADVANCED = "loadBalancers[0].advancedConfiguration"
CONFIGURATION = "deploymentConfiguration"
HOOK = f"{CONFIGURATION}.lifecycleHooks[0]"
ENDPOINT = "serviceConnectConfiguration.services[0]"
HEADER = f"{ENDPOINT}.clientAlias[0].testTrafficRules[0].header"
balanced = both(native, behind_balancer)
hooked = has("deploymentConfiguration", "lifecycleHooks")


def _alternate_is_primary(graph: Graph, name: str) -> None:
    app = name.removesuffix("service")
    graph.put(name, f"{ADVANCED}.alternateTargetGroupArn", Ref(f"{app}blue", "arn"))


def _test_is_production(graph: Graph, name: str) -> None:
    block = graph[name]["loadBalancers"][0]["advancedConfiguration"]
    block["testListenerRule"] = block["productionListenerRule"]


def _production_is_a_listener(graph: Graph, name: str) -> None:
    graph.put(name, f"{ADVANCED}.productionListenerRule", Ref("https", "arn")).ignore("https", "defaultActions")


def _production_is_a_rule(graph: Graph, name: str) -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/net/alb-1/0a/https/1"
    actions = graph["https"]["defaultActions"]
    rule = {"listenerArn": Ref("https", "arn"), "priority": 1.0, "actions": actions}
    graph.add("rule", "aws:lb/listenerRule:ListenerRule", rule, arn=arn).ignored = ["actions"]
    graph.put(name, f"{ADVANCED}.productionListenerRule", Ref("rule", "arn"))


def _nobody_reaches_green(graph: Graph) -> Iterator[Break]:
    for app in apps(graph):
        advanced = graph[f"{app}service"].get("loadBalancers", [{}])[0].get("advancedConfiguration")
        if advanced and application(graph, app):

            def change(g: Graph, app: str = app) -> None:
                for rule in (f"{app}prod-rule", f"{app}test-rule"):
                    del g[rule]["actions"][0]["forward"]["targetGroups"][1]

            yield Break(f"{app}rules: only to blue", change)


def _hidden_test_rule(graph: Graph) -> Iterator[Break]:
    for app in apps(graph):
        if f"{app}test-rule" in graph.resources and balanced(graph, f"{app}service"):

            def change(g: Graph, app: str = app) -> None:
                rule = g.resources[f"{app}test-rule"]
                elsewhere = [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain"}}]
                g.add("hiding", rule.type, {**rule.inputs, "priority": 5.0, "actions": elsewhere}, arn="arn:hiding")

            yield Break(f"{app}test-rule: another rule hides it", change)


def _trusts_another(document: Any) -> None:
    document["Statement"][0]["Principal"]["Service"] = "ec2.amazonaws.com"


def _infrastructure_role_trusts_another(graph: Graph) -> Iterator[Break]:
    edited = inside("assumeRolePolicy", "trusts another", _trusts_another)
    if "infrastructure-role" in graph.resources:
        yield Break("infrastructure-role: trusts EC2", lambda g: edited.do(g, "infrastructure-role"))


def _only_the_circuit_breaker(graph: Graph, name: str) -> None:
    graph.drop(name, "alarms").put(name, "deploymentCircuitBreaker", {"enable": True, "rollback": True})


def _pause(*stages: str) -> dict[str, Any]:
    return {"targetType": "PAUSE", "lifecycleStages": list(stages)}


def _no_protocol(document: Any) -> None:
    del document[0]["portMappings"][0]["appProtocol"]


def _other_port_name(document: Any) -> None:
    document[0]["portMappings"][0]["name"] = "web"


def _ports(graph: Graph) -> Iterator[Break]:
    for app in apps(graph):
        if in_mesh(graph, f"{app}service"):
            for change in (_no_protocol, _other_port_name):
                edited = inside("containerDefinitions", change.__name__, change)
                yield Break(f"{app}task: {change.__name__}", lambda g, e=edited, app=app: e.do(g, f"{app}task"))


NATIVE: dict[str, list[Mutator]] = {
    "native-advanced-config": [
        each(
            SERVICE,
            without(ADVANCED),
            without(f"{ADVANCED}.alternateTargetGroupArn"),
            without(f"{ADVANCED}.productionListenerRule"),
            without(f"{ADVANCED}.roleArn"),
            edit("the alternate group is the primary one", _alternate_is_primary),
            when=balanced,
        )
    ],
    "native-prod-rule-wired": [
        each(
            SERVICE, edit("a listener instead of its rule", _production_is_a_listener), when=both(balanced, application)
        ),
        each(SERVICE, edit("a rule instead of the listener", _production_is_a_rule), when=both(balanced, network)),
        _nobody_reaches_green,
    ],
    "native-test-rule": [
        each(
            SERVICE,
            without(f"{ADVANCED}.testListenerRule"),
            edit("production is the test rule", _test_is_production),
            when=balanced,
        ),
        _hidden_test_rule,
    ],
    "native-infra-role": [
        _infrastructure_role_trusts_another,
        each(
            ROLE_POLICY_ATTACHMENT,
            to("policyArn", "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForVolumes"),
            edit("is missing", lambda g, name: g.resources.pop(name)),
            when=named("infrastructure-role-attachment"),
        ),
    ],
    "native-bake-time": [
        each(
            SERVICE,
            without(f"{CONFIGURATION}.bakeTimeInMinutes"),
            to(f"{CONFIGURATION}.bakeTimeInMinutes", "1441"),
            when=strategy("BLUE_GREEN"),
        ),
        each(
            SERVICE,
            to(f"{CONFIGURATION}.bakeTimeInMinutes", "0", "bg-drain-fits-wait"),
            when=both(strategy("BLUE_GREEN"), behind_balancer),
        ),
        each(
            SERVICE,
            to(f"{CONFIGURATION}.bakeTimeInMinutes", "0"),
            when=both(strategy("BLUE_GREEN"), lacks(behind_balancer)),
        ),
    ],
    "native-shift-config": [
        each(
            SERVICE,
            without(f"{CONFIGURATION}.linearConfiguration"),
            to(f"{CONFIGURATION}.linearConfiguration.stepPercent", 2.0),
            to(f"{CONFIGURATION}.canaryConfiguration", {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": "5"}),
            when=strategy("LINEAR"),
        ),
        each(
            SERVICE,
            without(f"{CONFIGURATION}.canaryConfiguration"),
            to(f"{CONFIGURATION}.canaryConfiguration.canaryPercent", 0.0),
            to(f"{CONFIGURATION}.canaryConfiguration.canaryBakeTimeInMinutes", "1441"),
            when=strategy("CANARY"),
        ),
        each(
            SERVICE,
            to(f"{CONFIGURATION}.linearConfiguration", {"stepPercent": 10.0, "stepBakeTimeInMinutes": "5"}),
            when=strategy("BLUE_GREEN"),
        ),
    ],
    "native-rollback-alarms": [
        each(
            SERVICE,
            to("alarms.enable", False),
            to("alarms.rollback", False),
            to("alarms.alarmNames", []),
            without("alarms"),
            when=native,
        )
    ],
    "native-circuit-breaker-only": [
        each(
            SERVICE,
            edit("only the circuit breaker", _only_the_circuit_breaker, "native-rollback-alarms"),
            when=both(native, lacks(hooked)),
        )
    ],
    "native-hooks-complete": [
        each(
            SERVICE,
            without(f"{HOOK}.hookTargetArn"),
            without(f"{HOOK}.roleArn"),
            to(f"{HOOK}.lifecycleStages", ["AFTER_ALL"]),
            to(f"{HOOK}.lifecycleStages", []),
            to(HOOK, _pause("TEST_TRAFFIC_SHIFT")),
            to(HOOK, _pause("PRE_SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT")),
            when=hooked,
        )
    ],
    "native-sc-test-rule": [
        each(
            SERVICE,
            without(f"{HEADER}.name"),
            without(f"{HEADER}.value"),
            to(f"{HEADER}.value.exact", ""),
            when=both(native, in_mesh),
        )
    ],
    "native-sc-header-lookalike": [
        each(SERVICE, to(f"{HEADER}.name", "x-amzn-ecs-bluegreen-test"), when=both(native, in_mesh))
    ],
    "native-sc-http-protocol": [
        each(SERVICE, to(f"{ENDPOINT}.portName", "grpc"), when=both(native, in_mesh)),
        _ports,
    ],
    "native-sc-namespace": [
        each(
            SERVICE,
            without("serviceConnectConfiguration.namespace"),
            when=has("serviceConnectConfiguration", "namespace"),
        ),
        each(CLUSTER, without("serviceConnectDefaults"), when=has("serviceConnectDefaults")),
    ],
    "native-min-max-percent": [
        each(
            SERVICE,
            to("deploymentMinimumHealthyPercent", 50.0),
            to("deploymentMaximumPercent", 150.0),
            when=native,
        )
    ],
}
